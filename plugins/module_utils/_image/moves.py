# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How images come to be, change, are copied, retired and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Move, Step, Wait
from .rules import refuse
from .value import BROKEN, COMING, IMAGE, Copy, Image, Images, Volume, Want, ref, show

__all__ = ["complete", "foresee", "moves", "refuse", "settle", "show", "superfluous"]


def complete(_have: Images, want: Want | None) -> Want | None:
    """The want without gaps: left out is what is there, else the creation default."""
    return want


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
            found.extend(_adjust(there, replace(want, name=copy.name), copy.region))
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
        learns={ref(want.name, None): "ImageId"},
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
    source = ref(want.name, None) if image is None or image.image_id == LATER else image.image_id
    description = want.description or (image.description if image else "")
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
        region=step.region,
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
