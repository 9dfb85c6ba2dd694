# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machine images: what one is, and how it comes to be, changes, is copied, retired and removed.

An image is made of an instance and is immutable but for its tags, description, permissions and IMDS support. Its name
is its identity: unique in an account and Region. A stack's images bear `<stack>-<12 hex of the fingerprint>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import _tags
from ._errors import Refusal
from ._plan import LATER, Move, Ref, Step, Wait

IMAGE = f"{_tags.PREFIX}image"
"""A tag on snapshots: the name of the image they were made for, so that they are found when the image is gone."""

NAME = re.compile(r"^[A-Za-z0-9()\[\] ./\-'@_]{3,128}$")
STACK_IMAGE = re.compile(r"^(?P<stack>[a-z][a-z0-9-]{0,19})-[0-9a-f]{12}$")
USABLE = ("available",)
COMING = ("pending", "transient")
BROKEN = ("failed", "error", "invalid")


@dataclass(frozen=True)
class Volume:
    """One block device of an image; None: as the source has it."""

    device_name: str
    size: int | None = None
    type: str | None = None
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    delete_on_termination: bool | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are not None."""
        return {key: value for key, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Image:
    """An image as AWS has it. `user_ids` and `organization_arns` are None when they were not read."""

    image_id: str
    name: str
    state: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    snapshot_ids: tuple[str, ...] | str = ()
    volumes: tuple[Volume, ...] | str = ()
    source_instance_id: str | None = None
    creation_date: str = ""
    reason: str = ""
    imds_support: str | None = None
    user_ids: tuple[str, ...] | None = None
    organization_arns: tuple[str, ...] | None = None
    public: bool = False

    @property
    def resources(self) -> list[str | Ref]:
        """The ids that bear the image's tags: its own and its snapshots'."""
        snapshots = () if isinstance(self.snapshot_ids, str) else self.snapshot_ids
        own = Ref("image", self.name, "id") if self.image_id == LATER else self.image_id
        return [own, *snapshots]


@dataclass(frozen=True)
class Source:
    """The instance to make an image of; `state` None: there is no such instance."""

    instance_id: str
    state: str | None


@dataclass(frozen=True)
class Images:
    """What there is: the image of that name (main Region), its copies by Region, its relatives, its leftovers.

    `permissions`: launch permissions are managed, and so were read. `adopt`: an unmarked image may be removed, too.
    """

    name: str
    permissions: bool = False
    adopt: bool = False
    image: Image | None = None
    source: Source | None = None
    copies: Mapping[str, Image | None] = field(default_factory=dict)
    relatives: Mapping[str | None, tuple[Image, ...]] = field(default_factory=dict)
    in_use: frozenset[str] = frozenset()
    strays: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True)
class Copy:
    """A copy in another Region."""

    region: str
    name: str
    encrypted: bool = False
    kms_key_id: str | None = None


@dataclass(frozen=True)
class Want:
    """An image that shall be. None: not managed."""

    name: str
    instance_id: str | None = None
    description: str | None = None
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    reboot: bool = True
    volumes: tuple[Volume, ...] | None = None
    user_ids: tuple[str, ...] | None = None
    organization_arns: tuple[str, ...] | None = None
    copies: tuple[Copy, ...] | None = None
    imds_support: str | None = None
    family: str | None = None
    keep: int | None = None
    adopt: bool = False
    region: str = ""

    @property
    def marks(self) -> dict[str, str]:
        """The tags by which it is ours."""
        return _tags.marks(stack_of(self.name, self.family), self.family)


def stack_of(name: str, family: str | None = None) -> str:
    """The stack an image belongs to: its family, else the name less its fingerprint, else the name."""
    match = STACK_IMAGE.match(name)
    return family or (match["stack"] if match else name)


# What may be asked for


def refuse(have: Images, want: Want | None) -> Refusal | None:
    """Why the want cannot be, or None. Limits: EC2 CreateImage, CopyImage, ModifyImageAttribute."""
    if want is None:
        return _refuse_removal(have)
    reasons = _limits(want) or _immutable(have, want) or _source(have, want)
    if reasons:
        return Refusal("make", "image", want.name, *reasons)
    return None


def _refuse_removal(have: Images) -> Refusal | None:
    for image in (have.image, *have.copies.values()):
        if image is not None and _tags.STACK not in image.tags and not have.adopt:
            reason = f"{image.image_id} does not bear our mark ({_tags.STACK}), so it may be somebody else's"
            return Refusal("remove", "image", image.name, reason, "Set adopt: true to remove it all the same")
    return None


def _limits(want: Want) -> tuple[str, str] | None:
    rules: Sequence[tuple[bool, str, str]] = (
        (
            bool(NAME.match(want.name)),
            "the name needs 3 to 128 letters, digits, spaces or ()[]./-'@_",
            "Choose such a name",
        ),
        (len(want.description or "") <= 255, "the description is longer than 255 characters", "Shorten it"),
        (
            all(re.fullmatch(r"\d{12}", user) for user in want.user_ids or ()),
            "an account in launch_permissions.user_ids has not 12 digits",
            "Give account numbers of 12 digits, quoted",
        ),
        (want.keep is None or want.keep >= 1, "keep is less than 1", "Keep at least 1 image"),
        (
            want.keep is None or want.family is not None,
            "keep needs a family",
            "Set family: only its images are retired",
        ),
        (
            len({copy.region for copy in want.copies or ()} - {want.region}) == len(want.copies or ()),
            "copies name a Region twice, or the image's own",
            "Name each other Region once",
        ),
        (
            all(NAME.match(copy.name) for copy in want.copies or ()),
            "the name of a copy needs 3 to 128 letters, digits, spaces or ()[]./-'@_",
            "Choose such a name",
        ),
    )
    for holds, reason, way_out in rules:
        if not holds:
            return reason, way_out
    if problem := _tags.problem(want.tags, 47):
        return problem, "Correct the tags"
    return None


def _immutable(have: Images, want: Want) -> tuple[str, str] | None:
    image = have.image
    if image is None or image.state in BROKEN:
        return None
    if _tags.STACK not in image.tags and not want.adopt:
        return (
            f"{image.image_id} bears the name but not our mark ({_tags.STACK})",
            "Set adopt: true to take it over, or choose another name",
        )
    other = "Choose another name, or remove the image first (state: absent): an image cannot be changed in place"
    if want.instance_id not in (None, LATER) and image.source_instance_id not in (None, want.instance_id):
        return f"{image.image_id} of that name was made of {image.source_instance_id}, not of {want.instance_id}", other
    if differing := _differing(image, want.volumes):
        return f"{image.image_id} of that name has other volumes ({differing})", other
    return None


def _differing(image: Image, volumes: Sequence[Volume] | None) -> str:
    there = {} if isinstance(image.volumes, str) else {volume.device_name: volume.given() for volume in image.volumes}
    comparable = ("size", "type", "encrypted", "delete_on_termination")
    for volume in volumes or ():
        have = there.get(volume.device_name)
        if have is None:
            return f"no {volume.device_name}"
        for key, value in volume.given().items():
            if key in comparable and have.get(key) != value:
                return f"{volume.device_name}: {key} is {have.get(key)}, not {value}"
    return ""


def _source(have: Images, want: Want) -> tuple[str, str] | None:
    if have.image is not None and have.image.state not in BROKEN:
        return None
    if want.instance_id is None:
        return "there is no image of that name, and no instance to make it of is given", "Set instance_id"
    if want.instance_id == LATER or have.source is None:
        return None
    if have.source.state is None:
        return f"instance {want.instance_id} does not exist in this Region", "Give an instance of this Region"
    if have.source.state in ("terminated", "shutting-down"):
        return (
            f"instance {want.instance_id} is {have.source.state}; AWS takes running, stopping or stopped ones",
            "Give another instance",
        )
    return None


def complete(_have: Images, want: Want | None) -> Want | None:
    """The want without gaps: left out is what is there, else the creation default."""
    return want


# How it changes


def moves(have: Images, want: Want | None) -> Sequence[Move]:
    """What can be done from here: remove, or make, wait, adjust, copy, retire; () when done."""
    if want is None:
        return _removal(have)
    image = have.image
    if image is None:
        return (_create(want),)
    if image.state in BROKEN:
        return (_deregister(image, None),)
    if adjusting := _adjust(image, want, None):
        return adjusting
    if image.state in COMING:
        return (Wait(f"image '{want.name}'", "available", ("image", "")),)
    return _copying(have, want) or _retiring(have, want)


def _removal(have: Images) -> Sequence[Move]:
    gone: list[Move] = [_deregister(copy, region) for region, copy in sorted(have.copies.items()) if copy is not None]
    if have.image is not None:
        gone.append(_deregister(have.image, None))
    return gone or [_delete_snapshot(snapshot, region, have.name) for region, snapshot in have.strays]


def _copying(have: Images, want: Want) -> Sequence[Move]:
    found: list[Move] = []
    for copy in want.copies or ():
        there = have.copies.get(copy.region)
        if there is None:
            found.append(_copy(have, want, copy))
        elif there.state in BROKEN:
            found.append(_deregister(there, copy.region))
        else:
            found.extend(
                _adjust(there, replace(want, name=copy.name, description=None, imds_support=None), copy.region)
            )
    if found:
        return found
    return [
        Wait(f"image '{copy.name}' in {copy.region}", "available", ("image", copy.region))
        for copy in want.copies or ()
        if (there := have.copies.get(copy.region)) is not None and there.state in COMING
    ]


def _retiring(have: Images, want: Want) -> Sequence[Move]:
    return [_deregister(image, region) for region, image in superfluous(have, want.keep)]


def superfluous(have: Images, keep: int | None) -> list[tuple[str | None, Image]]:
    """The relatives beyond the newest `keep` of each Region that nobody uses and that are not shared."""
    found: list[tuple[str | None, Image]] = []
    for region, relatives in sorted(have.relatives.items(), key=lambda item: item[0] or ""):
        own = have.image if region is None else have.copies.get(region)
        others = sorted(
            (image for image in relatives if own is None or image.name != own.name),
            key=lambda image: (image.creation_date, image.image_id),
            reverse=True,
        )
        for image in others[max((keep or len(others) + 1) - 1, 0) :]:
            shared = image.public or image.user_ids or image.organization_arns
            if image.state == "available" and image.image_id not in have.in_use and not shared:
                found.append((region, image))
    return found


def _create(want: Want) -> Step:
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
        learns={Ref("image", want.name, "id"): "ImageId"},
        exists=("InvalidAMIName.Duplicate",),
        not_yet=("InvalidParameterValue~is not in state",),
    )


def _tag_specifications(want: Want) -> list[dict[str, Any]]:
    tags = _tags.aimed({}, want.tags or {}, True, want.marks)
    return [
        {"ResourceType": "image", "Tags": _tags.to_aws(tags)},
        {"ResourceType": "snapshot", "Tags": _tags.to_aws(tags | {IMAGE: want.name})},
    ]


def _mapping(volume: Volume) -> dict[str, Any]:
    names = {
        "size": "VolumeSize",
        "type": "VolumeType",
        "iops": "Iops",
        "throughput": "Throughput",
        "encrypted": "Encrypted",
        "delete_on_termination": "DeleteOnTermination",
    }
    ebs = {names[key]: value for key, value in volume.given().items() if key in names}
    return {"DeviceName": volume.device_name, "Ebs": ebs}


def _copy(have: Images, want: Want, copy: Copy) -> Step:
    image = have.image
    source = Ref("image", want.name, "id") if image is None or image.image_id == LATER else image.image_id
    args: dict[str, Any] = {
        "Name": copy.name,
        "SourceImageId": source,
        "SourceRegion": want.region,
        "TagSpecifications": _tag_specifications(replace(want, name=copy.name)),
    }
    if want.description:
        args["Description"] = want.description
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
        learns={Ref("image", f"{copy.name}@{copy.region}", "id"): "ImageId"},
        exists=("InvalidAMIName.Duplicate",),
    )


def _deregister(image: Image, region: str | None) -> Step:
    return Step(
        "ec2",
        "DeregisterImage",
        ("image", image.name),
        {"ImageId": image.image_id, "DeleteAssociatedSnapshots": True},
        region=region,
        lost="repeat",
        gone=("InvalidAMIID.Unavailable", "InvalidAMIID.NotFound"),
    )


def _delete_snapshot(snapshot: str, region: str | None, name: str) -> Step:
    return Step(
        "ec2",
        "DeleteSnapshot",
        ("snapshot", f"{snapshot} of image {name}"),
        {"SnapshotId": snapshot},
        region=region,
        lost="repeat",
        gone=("InvalidSnapshot.NotFound",),
        not_yet=("InvalidSnapshot.InUse",),
    )


def _adjust(image: Image, want: Want, region: str | None) -> list[Move]:
    """What changes on an image that is there: tags, description, permissions, IMDS support."""
    found: list[Move] = []
    subject = ("image", image.name)
    # snapshots of a pending image are not known yet; its tags were set when it was made
    aim = _tags.aimed(image.tags, want.tags, want.purge_tags, want.marks)
    if add := _tags.added(image.tags, aim):
        args = {"Resources": image.resources, "Tags": _tags.to_aws(add)}
        found.append(Step("ec2", "CreateTags", subject, args, region, "repeat"))
    if drop := _tags.removed(image.tags, aim):
        args = {"Resources": image.resources, "Tags": [{"Key": key} for key in drop]}
        found.append(Step("ec2", "DeleteTags", subject, args, region, "repeat"))
    if want.description is not None and want.description != image.description:
        found.append(_attribute(image, region, Description={"Value": want.description}))
    if image.state in COMING:
        return found
    if permissions := _permissions(image, want):
        found.append(_attribute(image, region, LaunchPermission=permissions))
    if want.imds_support and want.imds_support != image.imds_support:
        found.append(_attribute(image, region, ImdsSupport={"Value": want.imds_support}))
    return found


def _attribute(image: Image, region: str | None, **args: Any) -> Step:
    own = image.resources[0]
    return Step("ec2", "ModifyImageAttribute", ("image", image.name), {"ImageId": own, **args}, region, "repeat")


def _permissions(image: Image, want: Want) -> dict[str, list[dict[str, str]]]:
    add: list[dict[str, str]] = []
    remove: list[dict[str, str]] = []
    for key, have, aim in (
        ("UserId", image.user_ids, want.user_ids),
        ("OrganizationArn", image.organization_arns, want.organization_arns),
    ):
        if aim is not None:
            add += [{key: item} for item in sorted(set(aim) - set(have or ()))]
            remove += [{key: item} for item in sorted(set(have or ()) - set(aim))]
    return {name: items for name, items in (("Add", add), ("Remove", remove)) if items}


# What it is like afterwards


def foresee(have: Images, step: Step) -> Images:
    """The images after the step."""
    if step.operation in ("CreateImage", "CopyImage"):
        return _with(have, step.region, _made(step, have))
    if step.operation == "DeregisterImage":
        return _without(have, step)
    if step.operation == "DeleteSnapshot":
        left = tuple(item for item in have.strays if item[1] != step.args["SnapshotId"])
        return replace(have, strays=left)
    image = have.image if step.region is None else have.copies.get(step.region)
    if image is None:
        raise ValueError(f"no image to change in {step}")
    return _with(have, step.region, _changed(image, step))


def _made(step: Step, have: Images) -> Image:
    original = have.image if step.operation == "CopyImage" else None
    tags = _tags.from_aws(step.args["TagSpecifications"][0]["Tags"])
    shared: tuple[str, ...] | None = () if have.permissions else None
    return Image(
        image_id=LATER,
        name=step.args["Name"],
        state="pending",
        description=step.args.get("Description", ""),
        tags=tags,
        snapshot_ids=LATER,
        volumes=LATER,
        source_instance_id=step.args.get("InstanceId"),
        creation_date=LATER,
        imds_support=original.imds_support if original else None,
        user_ids=shared,
        organization_arns=shared,
    )


def _with(have: Images, region: str | None, image: Image | None) -> Images:
    if region is None:
        return replace(have, image=image)
    return replace(have, copies={**have.copies, region: image})


def _without(have: Images, step: Step) -> Images:
    gone = step.args["ImageId"]
    relatives = {
        region: tuple(image for image in images if image.image_id != gone) for region, images in have.relatives.items()
    }
    have = replace(have, relatives=relatives)
    own = have.image if step.region is None else have.copies.get(step.region)
    return _with(have, step.region, None) if own is not None and own.image_id == gone else have


def _changed(image: Image, step: Step) -> Image:
    args = step.args
    if step.operation == "CreateTags":
        return replace(image, tags={**image.tags, **_tags.from_aws(args["Tags"])})
    if step.operation == "DeleteTags":
        drop = {tag["Key"] for tag in args["Tags"]}
        return replace(image, tags={key: value for key, value in image.tags.items() if key not in drop})
    if "Description" in args:
        return replace(image, description=args["Description"]["Value"])
    if "ImdsSupport" in args:
        return replace(image, imds_support=args["ImdsSupport"]["Value"])
    change = args["LaunchPermission"]
    return replace(
        image,
        user_ids=_after(image.user_ids, change, "UserId"),
        organization_arns=_after(image.organization_arns, change, "OrganizationArn"),
    )


def _after(have: tuple[str, ...] | None, change: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    add = {item[key] for item in change.get("Add", ()) if key in item}
    remove = {item[key] for item in change.get("Remove", ()) if key in item}
    if not add and not remove:
        return have
    return tuple(sorted((set(have or ()) | add) - remove))


def settle(have: Images, wait: Wait) -> Images:
    """The images after the wait: the pending one is available."""
    region = wait.subject[1] or None
    image = have.image if region is None else have.copies.get(region)
    return _with(have, region, replace(image, state="available")) if image else have


def show(have: Images) -> dict[str, Any] | None:
    """The managed fields of the image and its copies; None when there is none."""
    image = have.image
    if image is None:
        return None
    shown = _shown(image)
    shown["copies"] = [{"region": region, **_shown(copy)} for region, copy in sorted(have.copies.items()) if copy]
    return shown


def _shown(image: Image) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": image.name,
        "image_id": image.image_id,
        "state": image.state,
        "description": image.description,
        "stack": image.tags.get(_tags.STACK),
        "family": image.tags.get(_tags.FAMILY),
        "tags": {key: value for key, value in sorted(image.tags.items()) if not key.startswith((_tags.PREFIX, "aws:"))},
        "snapshot_ids": image.snapshot_ids if isinstance(image.snapshot_ids, str) else list(image.snapshot_ids),
        "volumes": image.volumes if isinstance(image.volumes, str) else [volume.given() for volume in image.volumes],
        "source_instance_id": image.source_instance_id,
        "creation_date": image.creation_date,
        "imds_support": image.imds_support,
    }
    if image.user_ids is not None:
        shown["launch_permissions"] = {
            "user_ids": list(image.user_ids),
            "organization_arns": list(image.organization_arns or ()),
        }
    return shown
