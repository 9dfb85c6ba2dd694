# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What CloudWatch has of a metric: its values by when the minute of each begins, in seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PERIOD = 60
ON_THE_WAY = 120
"""Seconds that what was published may take to be shown."""

Minutes = Mapping[float, float]


def value_at(values: Minutes, at: float) -> float | None:
    """The value of a minute; where one alone was left out the more of those beside it. None where it is not known."""
    if at in values:
        return values[at]
    before, after = values.get(at - PERIOD), values.get(at + PERIOD)
    return None if before is None or after is None else max(before, after)


def highest(points: Iterable[tuple[float, float]], changed: float, at: float, stable_for: float) -> float | None:
    """The highest that a metric was in the last while, at least its newest value; None where there is none.

    What was before the nodes `changed` says nothing of those that are there now.
    """
    after = sorted(point for point in points if point[0] >= changed)
    return max((value for begin, value in after if begin >= at - stable_for), default=after[-1][1] if after else None)
