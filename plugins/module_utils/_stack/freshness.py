# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How old what a stack runs is: base image, image with WCS and Java, certificates; and what is newer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._base_image.value import BaseImage, usable
from .._core.plain import DAY, plural, seconds_of


@dataclass(frozen=True)
class Freshness:
    """What the group launches: its `image`, the `base` that one was made from, and the `matches` of the base's name.

    `certificates`: when those that were seen end, in seconds since 1970.
    """

    image: BaseImage | None = None
    base: BaseImage | None = None
    matches: Sequence[BaseImage] = ()
    certificates: Sequence[float] = ()

    @property
    def newer(self) -> BaseImage | None:
        """The newest match, where that is newer than the base."""
        newest = next(iter(usable(self.matches)), None)
        if newest is None or self.base is None or newest.image_id == self.base.image_id:
            return None
        return newest if newest.created > self.base.created else None


def show(seen: Freshness, now: float) -> dict[str, Any]:
    """What modules return of it."""
    return {"freshness": lines(seen, now), "newer_base_image": seen.newer.image_id if seen.newer else None}


def lines(seen: Freshness, now: float) -> list[str]:
    """A sentence each; what is not known is left out."""
    return [*_images(seen, now), *_certificates(seen.certificates, now)]


def _images(seen: Freshness, now: float) -> Iterator[str]:
    if seen.image is not None:
        what = f"WCS and Java are those of image '{seen.image.name}', made"
        yield f"{what} {_ago(seen.image.created, now)}."
    if seen.base is not None:
        base = f"Its base image {seen.base.image_id} '{seen.base.name}' was made {_ago(seen.base.created, now)}"
        newer = seen.newer
        if newer is None:
            yield f"{base}." if not seen.matches else f"{base}; no newer one matches its name."
        else:
            yield f"{base}; a newer base image matches: {newer.listed}. Take it as the seed's image, and run update."


def _certificates(ends: Sequence[float], now: float) -> Iterator[str]:
    if ends:
        left = (min(ends) - now) / DAY
        yield (
            f"The certificate that ends first is valid for {_days(left)} more."
            if left >= 0
            else (f"The certificate that ends first ended {_days(-left)} ago.")
        )


def _ago(created: str, now: float) -> str:
    try:
        made = seconds_of(created)
    except ValueError:
        return "on an unknown day"
    return f"{_days(max(0.0, now - made) / DAY)} ago ({created[:10]})"


def _days(days: float) -> str:
    whole = int(days)
    return "less than a day" if whole < 1 else plural(whole, "day")
