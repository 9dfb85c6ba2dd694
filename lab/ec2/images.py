# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image is made of and how it is created: snapshots, a copied disk, a while of being pending."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.utils import random_ami_id, random_snapshot_id

from ..core.errors import Refused
from ..core.lab import Lab
from .instances import is_over, machine_spec
from .volumes import PERFORMANCE

NAME = re.compile(r"[a-zA-Z0-9 ()\[\]./\-'@_]{3,128}")
NAME_RULE = (
    "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, "
    "'(', ')', '.', '-', '/' and '_'"
)
INHERITED = (
    "product_codes",
    "imds_support",
    "tpm_support",
    "boot_mode",
    "uefi_data",
    "ramdisk_id",
    "sriov_net_support",
)
SOURCE_STATES = ("running", "stopping", "stopped")

Tags = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Wanted:
    """The name and tags that an image is to get. `tags` are by resource type ("image", "snapshot")."""

    name: str
    description: str
    tags: Tags = field(default_factory=dict)
    devices: Sequence[Mapping[str, Any]] = ()


def find(ec2: Any, image_id: str, own: bool = False) -> Any:
    """The image; Refused where there is none, or none any more, or (`own`) where it is somebody else's."""
    image = ec2.amis.get(image_id)
    if image is None and image_id in ec2.deleted_amis:
        raise Refused("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is no longer available")
    if image is None and not image_id.startswith("ami-"):
        raise Refused("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    if image is None:
        raise Refused("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if own and image.owner_id != ec2.account_id:
        raise Refused("AuthFailure", f"Not authorized for image:{image_id}")
    return image


def check_name(ec2: Any, name: str) -> None:
    """Refuses a name that AWS would not take, or that an own image has (a failed one keeps its name)."""
    if not NAME.fullmatch(name):
        raise Refused("InvalidAMIName.Malformed", NAME_RULE)
    for image in ec2.amis.values():
        if image.name == name and image.owner_id == ec2.account_id:
            raise Refused("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image.id}")


def check_source(instance: Any) -> None:
    """Refuses an instance that no image can be made of in its present state."""
    if instance.state not in SOURCE_STATES:
        raise Refused(
            "InvalidParameterValue",
            f"Invalid value '{instance.id}' for instanceId. "
            "Instance is not in state 'running' or 'stopping' or 'stopped'",
        )


def tags_by_type(specifications: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Tags by resource type; Refused for a type that an image does not consist of."""
    tags: dict[str, dict[str, str]] = {}
    for spec in specifications:
        kind = spec["ResourceType"]
        if kind not in ("image", "snapshot"):
            raise Refused(
                "InvalidParameterValue", f"'{kind}' is not a valid taggable resource type for this operation."
            )
        tags.setdefault(kind, {}).update({tag["Key"]: tag.get("Value", "") for tag in spec.get("Tags", [])})
    return tags


def record(ec2: Any, name: str, description: str, instance: Any = None, source: Any = None) -> Any:
    """A new image in moto, available, without block devices and snapshots."""
    image = Ami(ec2, random_ami_id(), instance=instance, source_ami=source, name=name, description=description)
    ec2.snapshots.pop(image.ebs_snapshot.id)
    like = source or (ec2.amis.get(instance.image_id) if instance else None)
    image.virtualization_type = image.virtualization_type or "hvm"
    image.architecture = image.architecture or "x86_64"
    image.root_device_type, image.hypervisor = "ebs", "xen"
    image.root_device_name = like.root_device_name if like else "/dev/xvda"
    for name in INHERITED:
        setattr(image, name, getattr(like, name, None) if like else None)
    image.architecture = like.architecture if like else image.architecture
    image.ena_support = like.ena_support if like else True
    image.image_location = f"{image.owner_id}/{image.name}"
    ec2.amis[image.id] = image
    return image


def snapshot(ec2: Any, volume: Any, description: str, image_id: str, tags: Mapping[str, str]) -> Any:
    """A new snapshot in moto, pending."""
    made = Snapshot(ec2, random_snapshot_id(), volume, description, encrypted=volume.encrypted, from_ami=image_id)
    made.status = "pending"
    made.add_tags(dict(tags))
    ec2.snapshots[made.id] = made
    return made


def from_instance(lab: Lab, ec2: Any, instance: Any, wanted: Wanted, reboot: bool) -> Any:
    """The new image of an instance, pending, with a snapshot of each of its volumes."""
    overrides = {device.get("DeviceName"): device for device in wanted.devices}
    kept = {n: b for n, b in instance.block_device_mapping.items() if overrides.get(n, {}).get("NoDevice") is None}
    mappings = {
        name: _mapping(ec2.volumes[block.volume_id], block, name, (overrides.get(name) or {}).get("Ebs") or {})
        for name, block in kept.items()
    }
    image = record(ec2, wanted.name, wanted.description, instance=instance)
    image.source_image_id, image.source_image_region = instance.image_id, ec2.region_name
    image.add_tags(dict(wanted.tags.get("image", {})))
    image.devices = [
        dict(device)
        for name, device in overrides.items()
        if name not in instance.block_device_mapping and device.get("NoDevice") is None
    ]
    for number, (name, ebs) in enumerate(mappings.items()):
        volume, note = ec2.volumes[kept[name].volume_id], f"Created by CreateImage({instance.id}) for {image.id}"
        made = snapshot(ec2, volume, note, image.id, wanted.tags.get("snapshot", {}))
        image.devices.insert(number, {"DeviceName": name, "Ebs": {"SnapshotId": made.id, **ebs}})
    _finish_later(lab, image, lab.delays.image_pending, _capture(lab, instance, image, reboot), instance)
    return image


def _mapping(volume: Any, block: Any, name: str, override: Mapping[str, Any]) -> dict[str, Any]:
    if override.get("Encrypted") is not None:
        raise Refused(
            "InvalidBlockDeviceMapping",
            f"the encrypted flag cannot be specified since device {name} has a snapshot specified.",
        )
    if int(override.get("VolumeSize") or volume.size) < volume.size:
        raise Refused(
            "InvalidBlockDeviceMapping",
            f"Volume of size {override['VolumeSize']}GB is smaller than the snapshot of {name}, "
            f"expect size >= {volume.size}GB",
        )
    performance = {key: getattr(volume, attribute) for key, attribute in PERFORMANCE.items()}
    return {
        "VolumeSize": volume.size,
        "VolumeType": volume.volume_type,
        "DeleteOnTermination": bool(block.delete_on_termination),
        "Encrypted": bool(volume.encrypted),
        **{key: value for key, value in performance.items() if value},
        **{key: value for key, value in override.items() if value is not None},
    }


def copied(lab: Lab, ec2: Any, source: Any, wanted: Wanted, encrypted: bool, kms_key_id: str | None) -> Any:
    """The copy of an image in another Region (or the same), pending, with snapshots of its own."""
    image = record(ec2, wanted.name, wanted.description, source=source)
    image.source_image_id, image.source_image_region = source.id, source.ec2_backend.region_name
    image.add_tags(dict(wanted.tags.get("image", {})))
    image.devices = []
    for device in source.devices:
        ebs = dict(device.get("Ebs") or {})
        if ebs.get("SnapshotId"):
            note = f"Copied for DestinationAmi {image.id} from SourceAmi {source.id}"
            origin = source.ec2_backend.snapshots.get(ebs["SnapshotId"]) or source.ebs_snapshot
            made = snapshot(ec2, origin.volume, note, image.id, wanted.tags.get("snapshot", {}))
            made.encrypted = bool(encrypted or ebs.get("Encrypted"))
            made.kms_key_id = kms_key_id if made.encrypted else None
            ebs.update(SnapshotId=made.id, Encrypted=made.encrypted)
        image.devices.append({**device, "Ebs": ebs})
    lab.machines.copy_image(source.id, image.id)
    _finish_later(lab, image, lab.delays.image_copy, lambda: True)
    return image


def _capture(lab: Lab, instance: Any, image: Any, reboot: bool) -> Any:
    """Copies the disk as soon as it may be; returns a function that says whether that is done or hopeless."""
    done: list[bool] = []
    restart = reboot and instance.state == "running"
    if restart:
        lab.machines.stop(instance.id)

    def copy() -> None:
        try:
            if not is_over(instance):
                lab.machines.capture(instance.id, image.id)
            if restart and instance.state == "running":
                lab.machines.boot(machine_spec(instance))
        except (KeyError, OSError):  # terminated at this very moment
            image.trouble = ("Server.InternalError", "Internal error on creation")
        done.append(True)

    lab.later(0, copy, ready=lambda: not restart or lab.machines.state(instance.id) != "running")
    return lambda: bool(done)


def _finish_later(lab: Lab, image: Any, seconds: float, ready: Any, instance: Any = None) -> None:
    image.state = "pending"
    image.trouble = lab.image_failures.pop(0) if lab.image_failures else None

    def finish() -> None:
        with lab.lock:
            gone = instance is not None and is_over(instance)
            why = ("Client.InstanceTerminated", "Instance is terminated.") if gone else image.trouble
            image.state = "failed" if why else "available"
            image.state_reason = {"Code": why[0], "Message": f"{why[0]}: {why[1]}"} if why else None
            for snapshot_id in snapshot_ids(image):
                if snapshot_id in image.ec2_backend.snapshots:
                    image.ec2_backend.snapshots[snapshot_id].status = "completed"

    lab.later(seconds, finish, ready)


def snapshot_ids(image: Any) -> list[str]:
    """The snapshots that an image consists of."""
    ids = [(device.get("Ebs") or {}).get("SnapshotId") for device in image.devices]
    return [snapshot_id for snapshot_id in ids if snapshot_id]


def user_of(ec2: Any, snapshot_id: str) -> str | None:
    """The id of a registered image that uses a snapshot; None where none does."""
    return next((image.id for image in ec2.amis.values() if snapshot_id in snapshot_ids(image)), None)


def permissions(asked: Mapping[str, Any]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(launch permissions to add, to remove) that a request asks for, in either way of giving them."""
    given = asked.get("LaunchPermission") or {}
    add, remove = list(given.get("Add") or []), list(given.get("Remove") or [])
    named = [
        *({"UserId": user} for user in asked.get("UserIds") or []),
        *({"Group": group} for group in asked.get("UserGroups") or []),
        *({"OrganizationArn": arn} for arn in asked.get("OrganizationArns") or []),
        *({"OrganizationalUnitArn": arn} for arn in asked.get("OrganizationalUnitArns") or []),
    ]
    (remove if asked.get("OperationType") == "remove" else add).extend(named)
    return add, remove
