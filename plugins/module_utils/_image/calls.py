# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The write calls of images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Step
from .value import IMAGE, Copy, Image, Images, ImageVolume, ImageWant, ref


def create(want: ImageWant) -> Step:
    """Makes the image of the instance."""
    args: dict[str, Any] = {
        "InstanceId": want.instance_id,
        "Name": want.name,
        "NoReboot": not want.reboot,
        "TagSpecifications": _tag_specifications(want),
    }
    if want.description:
        args["Description"] = want.description
    if want.volumes:
        args["BlockDeviceMappings"] = [_mapping(volume) for volume in want.volumes]
    return Step(
        "ec2",
        "CreateImage",
        ("image", want.name),
        args,
        learns={ref(want.name, None): "ImageId"},
        exists=("InvalidAMIName.Duplicate",),
        not_yet=("InvalidParameterValue~is not in state",),
    )


def _tag_specifications(want: ImageWant) -> list[dict[str, Any]]:
    tags = _tags.aimed({}, want.tags or {}, True, want.marks)
    return [
        {"ResourceType": "image", "Tags": _tags.to_aws(tags)},
        {"ResourceType": "snapshot", "Tags": _tags.to_aws(tags | {IMAGE: want.name})},
    ]


def _mapping(volume: ImageVolume) -> dict[str, Any]:
    names = {
        "size": "VolumeSize",
        "type": "VolumeType",
        "iops": "Iops",
        "throughput": "Throughput",
        "delete_on_termination": "DeleteOnTermination",
    }
    ebs = {names[key]: value for key, value in volume.given().items() if key in names}
    return {"DeviceName": volume.device_name, "Ebs": ebs}


def copy(have: Images, want: ImageWant, copy: Copy) -> Step:
    """Copies the image into another Region."""
    image = have.image
    source = ref(want.name, None) if image is None or image.image_id == LATER else image.image_id
    description = (image.description if image else "") if want.description is None else want.description
    args: dict[str, Any] = {
        "Name": copy.name,
        "SourceImageId": source,
        "SourceRegion": want.region,
        "TagSpecifications": _tag_specifications(replace(want, name=copy.name)),
    }
    if description:
        args["Description"] = description
    if copy.encrypted:
        args["Encrypted"] = True
    if copy.kms_key_id:
        args["KmsKeyId"] = copy.kms_key_id
    return Step(
        "ec2",
        "CopyImage",
        ("image", copy.name),
        args,
        region=copy.region,
        learns={ref(copy.name, copy.region): "ImageId"},
        exists=("InvalidAMIName.Duplicate",),
    )


def deregister(image: Image, region: str | None) -> Step:
    """Removes the image with its snapshots."""
    return Step(
        "ec2",
        "DeregisterImage",
        ("image", image.name),
        {"ImageId": image.image_id, "DeleteAssociatedSnapshots": True},
        region=region,
        lost="repeat",
        gone=("InvalidAMIID.Unavailable", "InvalidAMIID.NotFound"),
    )


def delete_snapshot(snapshot: str, region: str | None, name: str) -> Step:
    """Removes a snapshot that an image left."""
    return Step(
        "ec2",
        "DeleteSnapshot",
        ("snapshot", f"{snapshot} of image {name}"),
        {"SnapshotId": snapshot},
        region=region,
        lost="repeat",
        gone=("InvalidSnapshot.NotFound",),
        soon=("InvalidSnapshot.InUse",),
    )


def attribute(image: Image, region: str | None, **args: Any) -> Step:
    """Changes one attribute of the image."""
    own = image.resources[0]
    return Step("ec2", "ModifyImageAttribute", ("image", image.name), {"ImageId": own, **args}, region, "repeat")
