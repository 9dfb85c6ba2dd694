# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which base image is meant, and what is refused of it before anything is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._core.errors import Refusal
from .._core.machines import unfit
from .value import BaseImage, BaseWant, newest_first, usable

SUPPORTED = "x86_64"
"""The architecture that Web Call Server is made for."""
LINK = re.compile(r"https?://[^\s\"'<>]+")


def unnamed(want: BaseWant) -> Refusal | None:
    """That no image is named, or by half of its name."""
    if want.image_id or (want.name and want.owner):
        return None
    return Refusal("launch", "a seed", "", "no image is named", "Set O(image_id), or O(name) and O(owner)")


def choose(images: tuple[BaseImage, ...], want: BaseWant) -> BaseImage | Refusal:
    """The image that is meant, or why there is none."""
    found = usable(images)
    if not found:
        return _none(images, want)
    if len(found) == 1 or want.newest:
        return found[0]
    many = f"{len(found)} of that name and owner are there, newest first: {', '.join(one.listed for one in found)}"
    way_out = "Give the full name or the id of one, or take the first (O(newest): true)"
    return Refusal("choose", "the base image", want.called, many, way_out)


def _none(images: tuple[BaseImage, ...], want: BaseWant) -> Refusal:
    whose = f" of {want.owner}" if want.owner and not want.image_id else ""
    reason = f"there is none{whose} in {want.region}"
    if images:
        reason = ", ".join(f"{one.image_id} is {one.state}" for one in newest_first(images))
    way_out = "Images belong to a Region: give one of this Region that your account may use"
    return Refusal("choose", "the base image", want.called, reason, way_out)


def refuse(image: BaseImage, machine: Mapping[str, Any] | None, want: BaseWant) -> Refusal | None:
    """Why no seed can be launched from the image on the instance type `machine`; None: there is no such type."""
    if want.instance_type and machine is None:
        reason = f"there is no instance type '{want.instance_type}' in {want.region}"
        return Refusal("use", "the base image", want.called, reason, "Give an instance type of this Region")
    if image.architecture and image.architecture != SUPPORTED:
        reason = f"{image.image_id} is for {image.architecture}, and Web Call Server is made for {SUPPORTED} alone"
        return Refusal("use", "the base image", want.called, reason, f"Give an image for {SUPPORTED}")
    if machine and (reason := unfit(image.raw, machine)):
        kinds = (
            f"Give an image and an instance type that fit; Web Call Server is made for {SUPPORTED}, not for Graviton"
        )
        return Refusal("use", "the base image", want.called, reason, kinds)
    return None


def unsubscribed(image: str, called: str, answer: str) -> Refusal:
    """That AWS wants the account to subscribe to the image's product, with the link that its answer has."""
    found = LINK.search(answer)
    where = found[0].rstrip(".,)") if found else "https://aws.amazon.com/marketplace"
    reason = f"this account has not subscribed to the AWS Marketplace product of {image}"
    way_out = f"Accept its terms and subscribe at {where}, then run again"
    return Refusal("use", "the base image", called, reason, way_out)
