# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's volumes: what holds one to its instance, and what lets it go."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.elastic_block_store import EBSBackend, VolumeAttachment
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.corrections import correction
from ...core.errors import Refused


@answers(
    "DetachVolume finds the instance by itself; a volume that is not attached and a running instance's root stay.",
    EC2Response,
)
def detach_volume(ask: Ask) -> dict[str, Any]:
    """The attachment: detaching."""
    ec2, volume_id = state.backend("ec2", ask.region), ask["VolumeId"]
    attachment = ec2.get_volume(volume_id).attachment
    if attachment is None:
        raise Refused("IncorrectState", f"Volume '{volume_id}' is in the 'available' state.")
    instance = attachment.instance
    if ask.get("InstanceId", instance.id) != instance.id or ask.get("Device", attachment.device) != attachment.device:
        raise Refused("InvalidAttachment.NotFound", f"Volume '{volume_id}' is not attached as asked.")
    if attachment.device == instance.root_device_name and instance.state != "stopped":
        raise Refused(
            "OperationNotPermitted", f"Unable to detach root volume '{volume_id}' from instance '{instance.id}'"
        )
    ec2.detach_volume(volume_id, instance.id, attachment.device)
    return {
        "VolumeId": volume_id,
        "InstanceId": instance.id,
        "Device": attachment.device,
        "State": "detaching",
        "AttachTime": attachment.attach_time,
    }


@correction("A volume has one instance at a time, in its zone, and a device one volume.", EBSBackend, "attach_volume")
def attach_volume(attach: Any, ec2: Any, volume_id: str, instance_id: str, *rest: Any, **more: Any) -> Any:
    """The attachment."""
    volume, instance = ec2.get_volume(volume_id), ec2.get_instance(instance_id)
    device = rest[0] if rest else more["device_path"]
    if volume.attachment is not None:
        raise Refused("VolumeInUse", f"{volume_id} is already attached to an instance")
    if volume.zone.name != instance.availability_zone:
        raise Refused("InvalidVolume.ZoneMismatch", f"The volume '{volume_id}' is not in the instance's zone")
    if device in instance.block_device_mapping:
        raise Refused(
            "InvalidParameterValue",
            f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        )
    return attach(ec2, volume_id, instance_id, *rest, **more)


def _delete_on_termination(attachment: Any) -> bool:
    block = attachment.instance.block_device_mapping.get(attachment.device)
    return bool(block and block.delete_on_termination)


VolumeAttachment.delete_on_termination = property(_delete_on_termination)
