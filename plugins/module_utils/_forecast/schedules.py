# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a scheduled action is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from .._core.cron import parse

__all__ = ["following", "next_due", "parse"]

HORIZON = 366 * 4


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
