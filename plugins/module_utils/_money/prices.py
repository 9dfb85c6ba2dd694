# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prices in USD: a dated table, over it AWS's price list where it was asked, and over both the user's own.

A price that is not known is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .._core.errors import Failure, Refusal

DATE = "2025-06"
SOURCE = f"the table of {DATE}"
"""AWS's public on-demand prices for Linux, as they were listed then: to be checked before they are relied on."""
HOURS = 730.0
"""AWS counts a month as so many hours."""
METRICS = 7
"""So many metrics has an instance with detailed monitoring, each of which is charged."""

SIZES: Mapping[str, float] = MappingProxyType(
    {
        "nano": 1 / 16,
        "micro": 1 / 8,
        "small": 1 / 4,
        "medium": 1 / 2,
        "large": 1,
        "xlarge": 2,
        **{f"{count}xlarge": count * 2.0 for count in (2, 4, 8, 9, 12, 16, 18, 24, 32, 48)},
    }
)
"""The price of a size, with that of `large` as 1: so AWS has them in the families below."""
LARGE = ("large", "xlarge", "2xlarge", "4xlarge")
FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "t3": ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"),
        "c5": (*LARGE, "9xlarge", "12xlarge", "18xlarge", "24xlarge"),
        "c6i": (*LARGE, "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"),
        "c7i": (*LARGE, "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"),
        "m5": (*LARGE, "8xlarge", "12xlarge", "16xlarge", "24xlarge"),
        "m6i": (*LARGE, "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"),
        "m7i": (*LARGE, "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"),
    }
)
_OREGON = {"t3": 0.0832, "c5": 0.085, "c6i": 0.085, "c7i": 0.08925, "m5": 0.096, "m6i": 0.096, "m7i": 0.1008}
LARGE_HOUR: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "us-east-1": _OREGON,
        "us-east-2": _OREGON,
        "us-west-2": _OREGON,
        "eu-west-1": {"t3": 0.0912, "c5": 0.096, "c6i": 0.0912, "m5": 0.107, "m6i": 0.107},
        "eu-central-1": {"t3": 0.096, "c5": 0.097, "c6i": 0.097, "m5": 0.115, "m6i": 0.115},
    }
)
"""By Region and family, an hour of its size `large`."""

_AMERICA = {
    "load_balancer_hour": 0.025,
    "volume_gb_month": {"gp3": 0.08, "gp2": 0.10},
    "snapshot_gb_month": 0.05,
}
REGIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "us-east-1": _AMERICA,
        "us-east-2": _AMERICA,
        "us-west-2": _AMERICA,
        "eu-west-1": {
            "load_balancer_hour": 0.028,
            "volume_gb_month": {"gp3": 0.088, "gp2": 0.11},
            "snapshot_gb_month": 0.05,
        },
        "eu-central-1": {
            "load_balancer_hour": 0.03,
            "volume_gb_month": {"gp3": 0.0952, "gp2": 0.119},
            "snapshot_gb_month": 0.054,
        },
    }
)
"""By Region, what is not priced by instance type."""
EVERYWHERE: Mapping[str, float] = MappingProxyType(
    {"public_address_hour": 0.005, "monitoring_month": METRICS * 0.30, "licence_month": 145.0}
)
"""What costs the same in all of these Regions. The licence of a server for a month: the vendor's list of 2026-11."""

SINGLE = ("load_balancer_hour", "public_address_hour", "monitoring_month", "snapshot_gb_month", "licence_month")
BY_TYPE = ("instance_hour", "volume_gb_month")
NAMES = (*BY_TYPE, *SINGLE)
"""The names of prices, as the user gives them: some are dictionaries by type of instance or volume."""
Own = Mapping[str, Any]
NONE: Own = MappingProxyType({})


def hour(instance_type: str, region: str, own: Own | None = None) -> float | None:
    """An hour of an instance of that type in that Region; None where that is not known. `own` goes over the table."""
    return Prices(region, own or NONE).hour(instance_type)


def licence_month(own: Own | None = None) -> float:
    """A licence for a month, in which the greatest number of servers at a time is billed."""
    given = (own or NONE).get("licence_month")
    return float(EVERYWHERE["licence_month"] if given is None else given)


@dataclass(frozen=True)
class Prices:
    """The prices of a Region: `own` are the user's, `listed` what AWS's price list answered.

    `refused`: why AWS's price list was asked and gave nothing.
    """

    region: str
    own: Own = field(default_factory=dict)
    listed: Own = field(default_factory=dict)
    refused: str | None = None

    def hour(self, instance_type: str) -> float | None:
        """An hour of an instance of that type; None where that is not known."""
        found = self._given("instance_hour", instance_type)
        return _listed_hour(instance_type, self.region) if found is None else found

    def volume_month(self, volume_type: str) -> float | None:
        """A GiB of a volume of that type for a month; None where that is not known."""
        found = self._given("volume_gb_month", volume_type)
        return REGIONS.get(self.region, {}).get("volume_gb_month", {}).get(volume_type) if found is None else found

    def one(self, name: str) -> float | None:
        """The price of that name, one of SINGLE; None where that is not known."""
        if (found := self._given(name)) is not None:
            return found
        table = {**REGIONS[self.region], **EVERYWHERE} if self.region in REGIONS else {}
        value = table.get(name, EVERYWHERE["licence_month"] if name == "licence_month" else None)
        return None if value is None else float(value)

    def _given(self, name: str, key: str | None = None) -> float | None:
        """What the user or AWS's price list says, in this order."""
        for source in (self.own, self.listed):
            found = source.get(name)
            found = (found or {}).get(key) if key is not None else found
            if found is not None:
                return float(found)
        return None

    @property
    def source(self) -> str:
        """Where prices come from, in words; the first that has one counts."""
        parts = ["your own"] if self.own else []
        parts += ["AWS's price list"] if self.listed else []
        words = ", then ".join([*parts, SOURCE])
        return f"{words} (AWS's price list: {self.refused})" if self.refused else words


def _listed_hour(instance_type: str, region: str) -> float | None:
    family, _, size = instance_type.partition(".")
    large = LARGE_HOUR.get(region, {}).get(family)
    return None if large is None or size not in FAMILIES[family] else round(large * SIZES[size], 6)


def own_prices(given: Mapping[str, Any] | None, option: str = "prices") -> Own:
    """The user's own prices as numbers. Failure for a name that is none, and for what is no price."""
    return dict(_checked(given or {}, option))


def _checked(given: Mapping[str, Any], option: str) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if name not in NAMES:
            raise _unusable(f"{option}.{name}", "there is no price of that name", f"Use {', '.join(NAMES)}")
        if value is None:
            continue
        if name in SINGLE:
            yield name, _price(value, f"{option}.{name}")
        elif isinstance(value, Mapping):
            yield name, {str(key): _price(one, f"{option}.{name}[{key}]") for key, one in value.items()}
        else:
            raise _unusable(f"{option}.{name}", "it is no dictionary of prices by type", "Write {type: price}")


def _price(value: Any, path: str) -> float:
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found) or found < 0:
        raise _unusable(path, f"'{value}' is no price", "Set it to a number of USD, 0 or more")
    return found


def _unusable(path: str, reason: str, way_out: str) -> Failure:
    return Failure(Refusal("use", "option", f"O({path})", reason, way_out))
