# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images in AWS: the one place that asks for them, and reads the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import api as _ec2
from .._core import tags as _tags
from .._core.aws import Aws
from .._core.plain import NOTHING, plain, snake_case
from .value import IMAGE, Image, ImageVolume

NO_IMAGE = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable")


def read_by_id(aws: Aws, image_id: str, region: str | None) -> list[Image]:
    """The own image of that id, if it is there."""
    return _read(aws, region, missing=NO_IMAGE, ImageIds=[image_id])


def read_by_name(aws: Aws, name: str, region: str | None) -> list[Image]:
    """The own images of that name."""
    return _read(aws, region, filters=[selected("name", name)])


def read_family(aws: Aws, family: str, stack: str, region: str | None) -> list[Image]:
    """The own images of the stack's family, by their tags."""
    return _read(aws, region, filters=[selected(f"tag:{_tags.FAMILY}", family), selected(f"tag:{_tags.STACK}", stack)])


def _read(aws: Aws, region: str | None, filters: Any = (), **args: Any) -> list[Image]:
    """Disabled ones, too: they keep their names."""
    found = _ec2.describe(aws, "image", filters, region=region, Owners=["self"], IncludeDisabled=True, **args)
    return [from_aws(one, region) for one in found if one.get("State") != "deregistered"]


def read_granted(aws: Aws, image_id: str, region: str | None) -> list[Any] | None:
    """Whom the image is shared with; None where AWS does not show the image itself any more, or not yet."""
    args = {"ImageId": image_id, "Attribute": "launchPermission"}
    reply = aws.read("ec2", "DescribeImageAttribute", region=region, missing=NO_IMAGE, **args)
    return None if reply is None else list(reply.get("LaunchPermissions") or ())


def read_snapshots(aws: Aws, name: str, region: str | None) -> list[str]:
    """The ids of the snapshots that were made for an image of that name."""
    found = _ec2.snapshots(aws, [selected(f"tag:{IMAGE}", name)], region=region)
    return [snapshot["SnapshotId"] for snapshot in found]


def in_use(aws: Aws, image_id: str, region: str | None) -> bool:
    """Whether an instance that has not ended names the image."""
    alive = selected("instance-state-name", "pending", "running", "stopping", "stopped")
    return bool(_ec2.instances(aws, [selected("image-id", image_id), alive], region=region))


def from_aws(image: Mapping[str, Any], region: str | None) -> Image:
    """The frozen value of one image of DescribeImages."""
    mappings = [item for item in image.get("BlockDeviceMappings") or () if "Ebs" in item]
    return Image(
        image_id=image["ImageId"],
        name=image.get("Name") or "",
        state=image.get("State") or "",
        region=region,
        description=image.get("Description") or "",
        tags=_tags.from_aws(image.get("Tags")),
        snapshot_ids=tuple(sorted(item["Ebs"]["SnapshotId"] for item in mappings if item["Ebs"].get("SnapshotId"))),
        volumes=tuple(_volume(item) for item in sorted(mappings, key=lambda item: str(item["DeviceName"]))),
        source_instance_id=image.get("SourceInstanceId"),
        creation_date=image.get("CreationDate") or "",
        reason=(image.get("StateReason") or {}).get("Message") or "",
        imds_support=image.get("ImdsSupport"),
        public=bool(image.get("Public")),
        protected=str(image.get("DeregistrationProtection") or "").startswith("enabled"),
        foreign=_foreign(image),
    )


FACTS = {
    *("Architecture", "BlockDeviceMappings", "CreationDate", "Description", "Hypervisor", "ImageId", "ImageLocation"),
    *("ImageType", "ImdsSupport", "Name", "OwnerId", "PlatformDetails", "RootDeviceName", "RootDeviceType"),
    *("SourceImageId", "SourceImageRegion", "SourceInstanceId", "State", "StateReason", "Tags", "UsageOperation"),
    "VirtualizationType",
}
"""What an answer says that is managed, or no setting."""


def _foreign(image: Mapping[str, Any]) -> dict[str, Any]:
    """What is left over: shown and left alone."""
    left = {key: value for key, value in image.items() if key not in FACTS and value not in (*NOTHING, False, "")}
    return {snake_case(key): plain(value) for key, value in sorted(left.items())}


def _volume(mapping: Mapping[str, Any]) -> ImageVolume:
    ebs = mapping["Ebs"]
    return ImageVolume(
        device_name=mapping["DeviceName"],
        size=ebs.get("VolumeSize"),
        type=ebs.get("VolumeType"),
        iops=ebs.get("Iops"),
        throughput=ebs.get("Throughput"),
        encrypted=ebs.get("Encrypted"),
        delete_on_termination=ebs.get("DeleteOnTermination"),
    )


def selected(name: str, *values: str) -> dict[str, Any]:
    """A filter of EC2."""
    return {"Name": name, "Values": list(values)}
