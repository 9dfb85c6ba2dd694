# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a scheduled action is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NAMES = {name: number for number, name in enumerate(DAYS)} | {name: n for n, name in enumerate(MONTHS, start=1)}
HORIZON = 366 * 4


def _numbers(text: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        low = least if first == "*" else _number(first)
        high = most if first == "*" or (step and not last) else _number(last) if last else low
        every = _number(step) if step else 1
        if every < 1:
            raise ValueError(f"{part} has no step of 1 or more")
        if not least <= low <= high <= most:
            raise ValueError(f"{part} is not within {least}-{most}")
        found.update(range(low, high + 1, every))
    return frozenset(found)


def _number(text: str) -> int:
    found = NAMES.get(text, text)
    try:
        return int(found)
    except ValueError:
        raise ValueError(f"'{text}' is no number, day or month") from None


def parse(recurrence: str) -> tuple[frozenset[int], ...]:
    """The five sets of numbers of a cron expression; ValueError where it is not one."""
    parts = recurrence.split()
    if len(parts) != len(FIELDS):
        raise ValueError("a recurrence has five fields: minute hour day month weekday")
    return tuple(_numbers(part, least, most) for part, (_, least, most) in zip(parts, FIELDS, strict=True))


def following(recurrence: str, after: float, zone: str | None = None) -> float | None:
    """The first second later than `after` (both AWS seconds) at which the expression matches; None within four years.

    As in cron, a day matches by month day or by weekday where both are restricted.
    """
    minutes, hours, days, months, weekdays = parse(recurrence)
    either = "*" not in (recurrence.split()[2][0], recurrence.split()[4][0])
    local = ZoneInfo(zone) if zone else timezone.utc
    start = datetime.fromtimestamp(after, local)
    for offset in range(HORIZON):
        day = (start + timedelta(days=offset)).date()
        by_date, by_week = day.day in days, bool({day.isoweekday() % 7, day.isoweekday()} & weekdays)
        if day.month not in months or not ((by_date or by_week) if either else (by_date and by_week)):
            continue
        for hour in sorted(hours):
            for minute in sorted(minutes):
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local).timestamp()
                if at > after:
                    return at
    return None


def next_due(action: Mapping[str, Any], after: float) -> float | None:
    """When a scheduled action is due next, later than `after`; None when never again.

    First at its `start`, where it has one, then by its recurrence; not after its `end`.
    """
    start, end = action.get("start"), action.get("end")
    due = start
    if start is None or start <= after:
        due = following(action["Recurrence"], after, action.get("TimeZone")) if action.get("Recurrence") else None
    return None if due is None or (end is not None and due > end) else due
