# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two alarms that AWS makes for a policy of target tracking.

AWS does not publish their windows. Those of groups were seen with three and fifteen periods, the low threshold at nine
tenths of the target; a forecast shows what others would change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HIGH, LOW = "AlarmHigh", "AlarmLow"
"""What their names have in them."""


@dataclass(frozen=True)
class Windows:
    """How many periods must be above the target, and how many under which share of it."""

    high: int = 3
    low: int = 15
    low_share: float = 0.9


SEEN = Windows()


def alarms(target: float, windows: Windows = SEEN) -> dict[str, dict[str, Any]]:
    """The members of PutMetricAlarm that say when the alarms ring, by HIGH and LOW; the metric aside."""
    return {
        HIGH: {
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": windows.high,
            "Threshold": target,
        },
        LOW: {
            "ComparisonOperator": "LessThanThreshold",
            "EvaluationPeriods": windows.low,
            "Threshold": target * windows.low_share,
        },
    }
