# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences: how many servers run at a time, and whether there are licences for so many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import Why
from .plain import plural

MARKETPLACE = "marketplace"
"""The type of a product code of AWS Marketplace: it wants a subscription, and has the licence in its price."""


@dataclass(frozen=True)
class Licences:
    """How many there are (None: not given), and whether a run may exceed it."""

    limit: int | None = None
    allow_over: bool = False

    @property
    def bind(self) -> bool:
        """Whether a run is refused that needs more."""
        return self.limit is not None and not self.allow_over


UNCOUNTED = Licences()
"""Nobody says how many there are."""


@dataclass(frozen=True)
class Servers:
    """So many servers of one kind: `Servers(4, "node", "at most")`."""

    count: int
    thing: str
    more: str = ""

    def __str__(self) -> str:
        """As a sum names them."""
        return f"{plural(self.count, self.thing)} {self.more}".strip()


def over(servers: Sequence[Servers], licences: Licences, way_out: str) -> Why | None:
    """Why servers that run at the same time are too many, with the sum, and what would do; None where they are not."""
    total, limit = sum(one.count for one in servers), licences.limit
    if not licences.bind or limit is None or total <= limit:
        return None
    parts = " + ".join(str(one) for one in servers if one.count)
    reason = f"{parts} = {plural(total, 'licence')}, O(licence_limit) is {limit}"
    return reason, f"{way_out}, raise O(licence_limit), or set O(licence_allow_over): true"


def marketplace_codes(image: Mapping[str, Any]) -> tuple[str, ...]:
    """The product codes of AWS Marketplace of an image as AWS answers it: those that AWS says to be of this type."""
    codes = image.get("ProductCodes") or ()
    return tuple(str(one.get("ProductCodeId")) for one in codes if one.get("ProductCodeType") == MARKETPLACE)


def of_marketplace(image: Mapping[str, Any]) -> bool:
    """Whether an image as AWS answers it is of AWS Marketplace, where the price of the hour has the licence in it."""
    return bool(marketplace_codes(image))


def all_of_marketplace(named: Iterable[str | None], images: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether nodes of the images that are named need no licence: each of them is known, and of AWS Marketplace."""
    found = [images.get(one or "") for one in named]
    return bool(found) and all(image is not None and of_marketplace(image) for image in found)
