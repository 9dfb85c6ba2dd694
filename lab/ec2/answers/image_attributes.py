# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image's attributes: each is kept and answered by its name; protection against deregistering, deprecation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.errors import Refused
from .. import images

Ami.tpm_support = Ami.uefi_data = Ami.ramdisk_id = Ami.last_launched_time = Ami.deprecation_time = None
Ami.ena_support = True
Ami.platform_details, Ami.usage_operation = "Linux/UNIX", "RunInstances"
Ami.deregistration_protection = "disabled"

ATTRIBUTES: dict[str, tuple[str, Callable[[Any], Any]]] = {  # asked for: (member of the answer, what an image has)
    "description": ("Description", lambda image: image.description),
    "kernel": ("KernelId", lambda image: image.kernel_id),
    "ramdisk": ("RamdiskId", lambda image: image.ramdisk_id),
    "sriovNetSupport": ("SriovNetSupport", lambda image: image.sriov_net_support),
    "bootMode": ("BootMode", lambda image: image.boot_mode),
    "tpmSupport": ("TpmSupport", lambda image: image.tpm_support),
    "uefiData": ("UefiData", lambda image: image.uefi_data),
    "lastLaunchedTime": ("LastLaunchedTime", lambda image: image.last_launched_time),
    "imdsSupport": ("ImdsSupport", lambda image: image.imds_support),
    "deregistrationProtection": ("DeregistrationProtection", lambda image: image.deregistration_protection),
}


@answers(
    "An image's attributes are answered to its owner only, each by its name; blockDeviceMapping to nobody.",
    EC2Response,
)
def describe_image_attribute(ask: Ask) -> dict[str, Any]:
    """{ImageId, and the attribute}; an attribute that is not set is empty."""
    image = images.find(state.backend("ec2", ask.region), ask["ImageId"], own=True)
    asked = ask["Attribute"]
    if asked == "launchPermission":
        return {"ImageId": image.id, "LaunchPermissions": image.launch_permissions}
    if asked == "productCodes":
        return {"ImageId": image.id, "ProductCodes": list(image.product_codes or ())}
    if asked == "blockDeviceMapping":
        raise Refused("AuthFailure", "Unauthorized attempt to access restricted resource")
    if asked not in ATTRIBUTES:
        raise Refused("InvalidParameterValue", f"Value ({asked}) for parameter attribute is invalid.")
    member, look = ATTRIBUTES[asked]
    value = look(image)
    return {"ImageId": image.id, member: {"Value": value} if value is not None else {}}


@answers("ResetImageAttribute takes all launch permissions away.", EC2Response)
def reset_image_attribute(ask: Ask) -> None:
    """Nothing."""
    image = images.find(state.backend("ec2", ask.region), ask["ImageId"], own=True)
    if ask["Attribute"] != "launchPermission":
        raise Refused("InvalidParameterValue", f"Value ({ask['Attribute']}) for parameter attribute is invalid.")
    image.launch_permissions = []


@answers("An image may be protected against deregistering.", EC2Response)
def enable_image_deregistration_protection(ask: Ask) -> dict[str, Any]:
    """{Return}: the state of the protection."""
    return _protect(ask, "enabled-with-cooldown" if ask.get("WithCooldown") else "enabled-without-cooldown")


@answers("The protection against deregistering is taken off.", EC2Response)
def disable_image_deregistration_protection(ask: Ask) -> dict[str, Any]:
    """{Return}: the state of the protection."""
    return _protect(ask, "disabled")


def _protect(ask: Ask, protection: str) -> dict[str, Any]:
    image = images.find(state.backend("ec2", ask.region), ask["ImageId"], own=True)
    image.deregistration_protection = protection
    return {"Return": protection}


@answers("An image may be deprecated from a time on.", EC2Response)
def enable_image_deprecation(ask: Ask) -> dict[str, Any]:
    """{Return}."""
    image = images.find(state.backend("ec2", ask.region), ask["ImageId"], own=True)
    image.deprecation_time = ask["DeprecateAt"].strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"Return": True}


@answers("An image's deprecation is taken back.", EC2Response)
def disable_image_deprecation(ask: Ask) -> dict[str, Any]:
    """{Return}."""
    images.find(state.backend("ec2", ask.region), ask["ImageId"], own=True).deprecation_time = None
    return {"Return": True}
