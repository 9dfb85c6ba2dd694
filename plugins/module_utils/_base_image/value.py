# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A base image: what a seed is launched from, how one is asked for, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BaseImage:
    """A base image as AWS has it. `products`: its product codes of AWS Marketplace; `raw`: AWS's whole answer."""

    image_id: str
    name: str
    owner: str
    state: str
    created: str
    architecture: str
    products: tuple[str, ...]
    raw: Mapping[str, Any]

    @property
    def listed(self) -> str:
        """The image in a list of several."""
        return f"{self.image_id} '{self.name}' of {self.created[:10] or 'an unknown day'}"


@dataclass(frozen=True)
class BaseWant:
    """The base image that is asked for: one of that id, or of that name and owner (`newest`: of several, the last).

    `region`: where; `instance_type`: what it should run on, None where that does not matter now.
    """

    region: str
    image_id: str | None = None
    name: str | None = None
    owner: str | None = None
    newest: bool = False
    instance_type: str | None = None

    @property
    def called(self) -> str:
        """What is asked for, in words."""
        return self.image_id or f"{self.name}"


def newest_first(images: tuple[BaseImage, ...]) -> tuple[BaseImage, ...]:
    """The images by the day they were made, the last one first."""
    return tuple(sorted(images, key=lambda one: (one.created, one.image_id), reverse=True))


def usable(images: Sequence[BaseImage]) -> tuple[BaseImage, ...]:
    """Those that can be launched, the last one first."""
    return newest_first(tuple(one for one in images if one.state == "available"))


def show(image: BaseImage) -> dict[str, Any]:
    """The image as the module returns it."""
    return {
        "image_id": image.image_id,
        "name": image.name,
        "owner_id": image.owner,
        "creation_date": image.created,
        "architecture": image.architecture,
        "product_codes": list(image.products),
    }
