# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images in AWS: how they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.aws import Aws
from .._core.errors import Refusal
from .._core.step import LATER, Ref, Step, Wait, WaitState
from . import value as _image
from .moves import superfluous
from .value import Copy, Image, Images, Source, Volume, Want

NO_IMAGE = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable")


class ImageWorld:
    """The images that a want (or a removal by name or id) is about."""

    def __init__(
        self, aws: Aws, want: Want | None, name: str, image_id: str | None, copies: Sequence[Copy], adopt: bool
    ) -> None:
        """`image_id` is for a removal by id; `copies` say where to look besides."""
        self.aws, self.want, self.name, self.image_id, self.adopt = aws, want, name, image_id, adopt
        self.names = {copy.region: copy.name for copy in copies}
        self._seen: dict[str | None, Image | None] = {}

    def read(self) -> Images:
        """What there is; parts just seen by a wait are not read again."""
        image = self._image(None)
        name = image.name if image is not None and self.image_id else self.name
        copies = {region: self._image(region) for region in self.names}
        have = Images(name=name, permissions=self._with_permissions, adopt=self.adopt, image=image, copies=copies)
        have = replace(have, source=self._source(have))
        if self.want is None:
            return replace(have, strays=self._strays(have))
        return self._with_relatives(have)

    def look(self, wait: Wait) -> WaitState:
        """Whether the image is available; hopeless when it failed."""
        region = wait.subject[1] or None
        image = self._seen[region] = self._find(region)
        if image is None:
            return WaitState(False, f"{wait.what} is not to be seen yet")
        if image.state in _image.BROKEN:
            way_out = "Look at the reason; running again removes the failed image and makes a new one"
            return WaitState(
                False, hopeless=Refusal("make", "image", image.name, f"AWS says {image.state}: {image.reason}", way_out)
            )
        return WaitState(image.state in _image.USABLE, f"{wait.what} is {image.state}")

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        self._seen.clear()
        return self.aws.write(step, known)

    @property
    def _with_permissions(self) -> bool:
        return self.want is not None and (self.want.user_ids is not None or self.want.organization_arns is not None)

    def _image(self, region: str | None) -> Image | None:
        return self._seen.pop(region) if region in self._seen else self._find(region)

    def _find(self, region: str | None) -> Image | None:
        by_id = self.image_id if region is None else None
        args: dict[str, Any] = {"ImageIds": [by_id]} if by_id else {"Filters": [_filter("name", self._name(region))]}
        images = self.aws.pages(
            "ec2", "DescribeImages", "Images", region=region, missing=NO_IMAGE, Owners=["self"], **args
        )
        found = [image for image in images if image.get("State") != "deregistered"]
        return self._permitted(shaped(found[0], region), region) if found else None

    def _name(self, region: str | None) -> str:
        return self.name if region is None else self.names[region] or self.name

    def _permitted(self, image: Image, region: str | None) -> Image:
        if not self._with_permissions:
            return image
        if image.state not in _image.USABLE:
            return replace(image, user_ids=(), organization_arns=())
        granted = self._granted(image.image_id, region) or ()
        return replace(
            image,
            user_ids=tuple(sorted(item["UserId"] for item in granted if item.get("UserId"))),
            organization_arns=tuple(sorted(item["OrganizationArn"] for item in granted if "OrganizationArn" in item)),
        )

    def _source(self, have: Images) -> Source | None:
        want = self.want
        made = have.image is not None and have.image.state not in _image.BROKEN
        if want is None or made or want.instance_id in (None, LATER):
            return None
        missing = ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed")
        ids = [want.instance_id]
        parts = self.aws.pages("ec2", "DescribeInstances", "Reservations", missing=missing, InstanceIds=ids)
        instances = [item for part in parts for item in part["Instances"]]
        return Source(str(want.instance_id), instances[0]["State"]["Name"] if instances else None)

    def _strays(self, have: Images) -> tuple[tuple[str | None, str], ...]:
        found: list[tuple[str | None, str]] = []
        for region in (None, *self.names):
            image = have.image if region is None else have.copies.get(region)
            if image is not None:
                continue
            name = have.name if region is None else self._name(region)
            filters = [_filter(f"tag:{_image.IMAGE}", name)]
            snapshots = self.aws.pages(
                "ec2", "DescribeSnapshots", "Snapshots", region=region, OwnerIds=["self"], Filters=filters
            )
            found += [(region, snapshot["SnapshotId"]) for snapshot in snapshots]
        return tuple(found)

    def _with_relatives(self, have: Images) -> Images:
        want = self.want
        if want is None or want.keep is None or want.family is None:
            return have
        relatives = {region: self._family(region, want.family) for region in (None, *self.names)}
        have = replace(have, relatives=relatives)
        doomed = superfluous(have, want.keep)
        used = {image.image_id for region, image in doomed if self._used(region, image.image_id)}
        return replace(have, in_use=frozenset(used))

    def _family(self, region: str | None, family: str) -> tuple[Image, ...]:
        filters = [_filter(f"tag:{_tags.FAMILY}", family), _filter(f"tag:{_tags.STACK}", family)]
        images = self.aws.pages("ec2", "DescribeImages", "Images", region=region, Owners=["self"], Filters=filters)
        found = []
        for image in images:
            granted = self._granted(image["ImageId"], region)
            if granted is not None:
                found.append(replace(shaped(image, region), user_ids=tuple(map(str, granted))))
        return tuple(found)

    def _granted(self, image_id: str, region: str | None) -> list[Any] | None:
        """Whom the image is shared with; None where AWS does not show the image itself any more, or not yet."""
        args = {"ImageId": image_id, "Attribute": "launchPermission"}
        reply = self.aws.read("ec2", "DescribeImageAttribute", region=region, missing=NO_IMAGE, **args)
        return None if reply is None else list(reply.get("LaunchPermissions") or ())

    def _used(self, region: str | None, image_id: str) -> bool:
        """Whether any instance, template version, or launch configuration names the image."""
        filters = [
            _filter("image-id", image_id),
            _filter("instance-state-name", "pending", "running", "stopping", "stopped"),
        ]
        if self.aws.pages("ec2", "DescribeInstances", "Reservations", region=region, Filters=filters):
            return True
        versions = self.aws.pages(
            "ec2",
            "DescribeLaunchTemplateVersions",
            "LaunchTemplateVersions",
            region=region,
            Versions=["$Latest", "$Default"],
        )
        names = {version["LaunchTemplateId"] for version in versions}
        every = [
            version
            for template in sorted(names)
            for version in self.aws.pages(
                "ec2",
                "DescribeLaunchTemplateVersions",
                "LaunchTemplateVersions",
                region=region,
                LaunchTemplateId=template,
            )
        ]
        if any(version.get("LaunchTemplateData", {}).get("ImageId") == image_id for version in every):
            return True
        configurations = self.aws.pages(
            "autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations", region=region
        )
        return any(configuration.get("ImageId") == image_id for configuration in configurations)


def shaped(image: Mapping[str, Any], region: str | None) -> Image:
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
    )


def _volume(mapping: Mapping[str, Any]) -> Volume:
    ebs = mapping["Ebs"]
    return Volume(
        device_name=mapping["DeviceName"],
        size=ebs.get("VolumeSize"),
        type=ebs.get("VolumeType"),
        iops=ebs.get("Iops"),
        throughput=ebs.get("Throughput"),
        encrypted=ebs.get("Encrypted"),
        delete_on_termination=ebs.get("DeleteOnTermination"),
    )


def _filter(name: str, *values: str) -> dict[str, Any]:
    return {"Name": name, "Values": list(values)}
