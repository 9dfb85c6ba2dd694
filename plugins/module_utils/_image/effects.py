# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS makes of images with each call, and what it does alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Step, Wait
from .value import Image, Images


def foresee(have: Images, step: Step) -> Images:
    """The images after the step."""
    if step.operation in ("CreateImage", "CopyImage"):
        return _with(have, step.region, _new_image(step, have))
    if step.operation == "DeregisterImage":
        return _without(have, step)
    if step.operation == "DeleteSnapshot":
        left = tuple(item for item in have.strays if item[1] != step.args["SnapshotId"])
        return replace(have, strays=left)
    image = have.image if step.region is None else have.copies.get(step.region)
    if image is None:
        raise ValueError(f"no image to change in {step}")
    return _with(have, step.region, _changed(image, step))


def _new_image(step: Step, have: Images) -> Image:
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
