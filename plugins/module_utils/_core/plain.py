# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS answers as plain data: text for dates, and names with underscores."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

NOTHING: tuple[Any, ...] = (None, [], {})
"""What says nothing."""
ISO = "%Y-%m-%dT%H:%M:%SZ"
DAY = 86_400
"""In seconds."""
Item = Mapping[str, Any]
"""A thing as AWS answers it, or as a module returned it, in plain data."""


def plain(value: Any) -> Any:
    """The value with nothing in it that JSON cannot say: dates and bytes are text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return utc(value).astimezone(timezone.utc).strftime(ISO)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def without(value: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The value without what lies at the paths (`Ebs.VolumeSize`), and without what says nothing."""
    left: dict[str, Any] = dict(value)
    for path in paths:
        head, _, rest = path.partition(".")
        if rest and isinstance(left.get(head), Mapping):
            left[head] = without(left[head], [rest])
        elif not rest:
            left.pop(head, None)
    return {key: item for key, item in left.items() if item not in NOTHING}


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both together at any depth, sorted; where both say something `more` counts. What says nothing is left out."""
    both: dict[str, Any] = {}
    for key in sorted({*base, *more}):
        one, other = base.get(key), more.get(key)
        both[key] = merged(one, other) if isinstance(one, Mapping) and isinstance(other, Mapping) else other
        both[key] = one if both[key] in NOTHING else both[key]
    return {key: value for key, value in both.items() if value not in NOTHING}


def snake_case(name: str) -> str:
    """`VPCZoneIdentifier` as `vpc_zone_identifier`, `TargetGroupARNs` as `target_group_arns`."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name.replace("ARNs", "Arns"))
    return re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", spaced).lower()


def span(seconds: float) -> str:
    """1 h 5 min, 4 min 10 s, 8 s."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def noun(number: float | None, thing: str) -> str:
    """`node` of one, `nodes` of others; of a thing in -y `activities`."""
    if number == 1:
        return thing
    return f"{thing[:-1]}ies" if re.search("[^aeiou]y$", thing) else f"{thing}s"


def plural(number: int, thing: str) -> str:
    """`1 node`, `3 nodes`."""
    return f"{number} {noun(number, thing)}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """`a, b and 3 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def iso(seconds: float) -> str:
    """The time as AWS, tags and people have it, from seconds since 1970: 2026-11-23T10:00:00Z."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(ISO)


def rounded(value: float | None) -> float | int | None:
    """The number as people write it: whole where it is, else with at most two decimals. None stays None."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 2)


def time_of(text: str) -> datetime:
    """The time of an ISO 8601 text, without a zone where that has none; ValueError where it is no time."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def utc(time: datetime) -> datetime:
    """The time with its zone: UTC where it has none."""
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def seconds_of(text: str) -> float:
    """The time of an ISO 8601 text, in seconds since 1970; ValueError where it is none."""
    return utc(time_of(text)).timestamp()
