# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images that a stack's group launches from, as far back as AWS knows, and those that match their name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base_image import api as _base_images
from .._base_image.value import BaseImage, BaseWant
from .._core.aws import Aws
from .freshness import Freshness


def read_freshness(aws: Aws, launched: Mapping[str, Any] | None, base: Mapping[str, Any] | None) -> Freshness:
    """What the group launches, `launched` being its template's data or its configuration, as AWS answers.

    `base`: `name` and `owner` by which base images are looked for; {}: none are; None: no image is read at all.
    """
    if base is None:
        return Freshness()
    image = _by_id(aws, (launched or {}).get("ImageId"))
    if image is None:
        return Freshness()
    matches = _matches(aws, base)
    source = image.raw.get("SourceImageId")
    found = next((one for one in matches if one.image_id == source), None) or _by_id(aws, source)
    return Freshness(image, found, matches)


def _by_id(aws: Aws, image_id: str | None) -> BaseImage | None:
    if not image_id or not image_id.startswith("ami-"):
        return None
    return next(iter(_base_images.read_images(aws, BaseWant(aws.region, image_id=image_id))), None)


def _matches(aws: Aws, base: Mapping[str, Any]) -> tuple[BaseImage, ...]:
    name, owner = base.get("name"), base.get("owner")
    return _base_images.read_images(aws, BaseWant(aws.region, name=name, owner=owner)) if name and owner else ()
