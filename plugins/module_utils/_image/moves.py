# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How images are created, change, are copied, retired and removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .._core import tags as _tags
from .._core.step import Move, Step, Wait
from . import calls
from .effects import foresee, settle
from .rules import refuse
from .value import BROKEN, COMING, Image, Images, ImageWant, show

__all__ = ["complete", "foresee", "leaving", "moves", "refuse", "settle", "show", "superfluous"]


def complete(_have: Images, want: ImageWant | None) -> ImageWant | None:
    """The want without gaps: left out is what is there, else the creation default."""
    return want


def moves(have: Images, want: ImageWant | None) -> Sequence[Move]:
    """What can be done from here: remove, or make, wait, adjust, copy, retire; () when done."""
    if want is None:
        return _removal(have)
    image = have.image
    if image is None:
        return (calls.create(want),)
    if image.state in BROKEN:
        return (calls.deregister(image, None),)
    if adjusting := _adjust(image, want, None):
        return adjusting
    if image.state in COMING:
        return (Wait(f"image '{want.name}'", "available", ("image", "")),)
    return _copying(have, want) or _retiring(have, want)


def _removal(have: Images) -> Sequence[Move]:
    gone: list[Move] = [
        calls.deregister(copy, region) for region, copy in sorted(have.copies.items()) if copy is not None
    ]
    if have.image is not None:
        gone.append(calls.deregister(have.image, None))
    return gone or [calls.delete_snapshot(snapshot, region, have.name) for region, snapshot in have.strays]


def _copying(have: Images, want: ImageWant) -> Sequence[Move]:
    found: list[Move] = []
    for copy in want.copies or ():
        there = have.copies.get(copy.region)
        if there is None:
            found.append(calls.copy(have, want, copy))
        elif there.state in BROKEN:
            found.append(calls.deregister(there, copy.region))
        else:
            found.extend(_adjust(there, replace(want, name=copy.name), copy.region))
    if found:
        return found
    return [
        Wait(f"image '{copy.name}' in {copy.region}", "available", ("image", copy.region))
        for copy in want.copies or ()
        if (there := have.copies.get(copy.region)) is not None and there.state in COMING
    ]


def _retiring(have: Images, want: ImageWant) -> Sequence[Move]:
    return [calls.deregister(image, region) for region, image in superfluous(have, want.keep)]


def leaving(have: Images, want: ImageWant | None) -> list[tuple[str | None, Image]]:
    """The images that go on the way to the want, with their Regions: all of that name, else broken and retired ones."""
    named = [(region, image) for region, image in ((None, have.image), *have.copies.items()) if image is not None]
    if want is None:
        return named
    return [(region, image) for region, image in named if image.state in BROKEN] + superfluous(have, want.keep)


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
            if image.state == "available" and image.image_id not in have.in_use and not shared and not image.protected:
                found.append((region, image))
    return found


def _adjust(image: Image, want: ImageWant, region: str | None) -> list[Move]:
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
        found.append(calls.attribute(image, region, Description={"Value": want.description}))
    if image.state in COMING:
        return found
    if permissions := _permissions(image, want):
        found.append(calls.attribute(image, region, LaunchPermission=permissions))
    if want.imds_support and want.imds_support != image.imds_support:
        found.append(calls.attribute(image, region, ImdsSupport={"Value": want.imds_support}))
    return found


def _permissions(image: Image, want: ImageWant) -> dict[str, list[dict[str, str]]]:
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
