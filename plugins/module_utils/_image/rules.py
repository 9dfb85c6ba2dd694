# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be asked of an image. Limits: EC2 CreateImage, CopyImage, ModifyImageAttribute."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._core import tags as _tags
from .._core.errors import Refusal
from .._core.instances import ENDED
from .._core.limits import LEAST_IOPS
from .._core.step import LATER
from .value import BROKEN, DISABLED, NAME, Image, Images, ImageVolume, ImageWant

ORGANIZATION = re.compile(r"arn:aws[a-z-]*:organizations::\d{12}:organization/o-[a-z0-9]+")


def refuse(have: Images, want: ImageWant | None) -> Refusal | None:
    """Why the want cannot be, or None. Limits: EC2 CreateImage, CopyImage, ModifyImageAttribute."""
    if want is None:
        return _refuse_removal(have)
    reasons = _limits(want) or _immutable(have, want) or _source(have, want)
    if reasons:
        return Refusal("make", "image", want.name, *reasons)
    return None


def _refuse_removal(have: Images) -> Refusal | None:
    for image_id, template in have.users:
        reason = f"launch template '{template}' names {image_id}, and could launch no node any more"
        return Refusal("remove", "image", have.name, reason, "Give it another image first")
    for image in (have.image, *have.copies.values()):
        if image is not None and _tags.STACK not in image.tags and not have.adopt:
            reason = f"{image.image_id} is not tagged {_tags.STACK}, so it is not managed by this collection"
            return Refusal("remove", "image", image.name, reason, "Set O(adopt): true to remove it nevertheless")
        if image is not None and image.protected:
            reason = f"{image.image_id} has deregistration protection"
            way_out = (
                "Turn it off first (aws ec2 disable-image-deregistration-protection); one "
                "with a cooldown lasts a day more"
            )
            return Refusal("remove", "image", image.name, reason, way_out)
    return None


def _limits(want: ImageWant) -> tuple[str, str] | None:
    rules: Sequence[tuple[bool, str, str]] = (
        (
            bool(NAME.match(want.name)),
            "a name has 3 to 128 letters, digits, spaces or ()[]./-'@_",
            "Choose another O(name)",
        ),
        (len(want.description or "") <= 255, "O(description) is longer than 255 characters", "Shorten it"),
        (
            all(re.fullmatch(r"\d{12}", user) for user in want.user_ids or ()),
            "an account in O(launch_permissions.user_ids) is not 12 digits",
            "Give account IDs of 12 digits, quoted",
        ),
        (
            all(ORGANIZATION.fullmatch(arn) for arn in want.organization_arns or ()),
            "an entry of O(launch_permissions.organization_arns) is not the ARN of an organization",
            "Give ARNs like arn:aws:organizations::123456789012:organization/o-exampleorgid, none of a unit of one",
        ),
        (
            all(one.iops is None or one.type in (None, *LEAST_IOPS) for one in want.volumes or ()),
            "a volume of O(volumes) has iops, which only gp3, io1 and io2 have",
            "Leave iops out, or choose such a type",
        ),
        (
            all(one.throughput is None or one.type in (None, "gp3") for one in want.volumes or ()),
            "a volume of O(volumes) has throughput, which only gp3 has",
            "Leave throughput out, or choose that type",
        ),
        (want.keep is None or want.keep >= 1, "O(keep) is less than 1", "Keep at least 1 image"),
        (
            want.keep is None or want.family is not None,
            "O(keep) needs O(family)",
            "Set O(family): only its images are removed",
        ),
        (
            len({copy.region for copy in want.copies or ()} - {want.region}) == len(want.copies or ()),
            "O(copies) names a Region twice, or the image's own",
            "Name each other Region once",
        ),
        (
            all(NAME.match(copy.name) for copy in want.copies or ()),
            "a name in O(copies) is not 3 to 128 letters, digits, spaces or ()[]./-'@_",
            "Choose another name",
        ),
    )
    for holds, reason, way_out in rules:
        if not holds:
            return reason, way_out
    if problem := _tags.problem(want.tags, 47):
        return problem, "Correct O(tags)"
    return None


def _immutable(have: Images, want: ImageWant) -> tuple[str, str] | None:
    image = have.image
    if image is None or image.state in BROKEN:
        return None
    if not _tags.is_marked(image.tags, want.owner) and not want.adopt:
        there = image.tags.get(_tags.STACK)
        why = f"is not tagged {_tags.STACK}, so it is not managed by this collection"
        if there is not None:
            why = f"is tagged {_tags.STACK}={there}, so it is not of stack '{want.owner}'"
        return (
            f"{image.image_id} has the name but {why}",
            "Set O(adopt): true to take it over, or choose another O(name)",
        )
    for one in (image, *have.copies.values()):
        if one is not None and one.state == DISABLED:
            return f"{one.image_id} of that name is disabled, and launches nothing", "Enable it (aws ec2 enable-image)"
    other = "Choose another O(name), or remove the image first (O(state): absent): an image cannot be changed"
    if want.instance_id not in (None, LATER) and image.source_instance_id not in (None, want.instance_id):
        return (
            f"{image.image_id} of that name was made from {image.source_instance_id}, not from {want.instance_id}",
            other,
        )
    if differing := _differing(image, want.volumes):
        return f"{image.image_id} of that name has other volumes ({differing})", other
    return None


def _differing(image: Image, volumes: Sequence[ImageVolume] | None) -> str:
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


def _source(have: Images, want: ImageWant) -> tuple[str, str] | None:
    if have.image is not None and have.image.state not in BROKEN:
        return None
    if want.instance_id is None:
        return "there is no image of that name, and no instance to make it from", "Set O(instance_id)"
    if any(volume.encrypted is not None for volume in want.volumes or ()):
        return (
            "O(volumes.encrypted) is set, and AWS images a volume as encrypted as the instance has it",
            "Leave encrypted out of O(volumes), or have the image copied with encrypted: true (O(copies))",
        )
    if want.instance_id == LATER or have.source is None:
        return None
    if have.source.state is None:
        return f"instance {want.instance_id} does not exist in this Region", "Correct O(instance_id)"
    if have.source.state in ENDED:
        return (
            (
                f"instance {want.instance_id} is {have.source.state}; AWS makes images of "
                "running, stopping or stopped ones"
            ),
            "Set O(instance_id) to another one",
        )
    return None
