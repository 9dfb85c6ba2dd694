# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When things are: dates of requests as AWS seconds."""

from __future__ import annotations

from datetime import datetime, timezone

from .lab import Lab


def aws_seconds(lab: Lab, when: datetime) -> float:
    """The AWS second of a date (naive ones are UTC): on a fast clock the same way off, so many times farther."""
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    away = (when - lab.clock.stamp()).total_seconds()
    return lab.clock.now() + away * getattr(lab.clock, "speed", 1.0)
