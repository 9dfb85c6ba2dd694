# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an alarm is in ALARM: statistics of periods, M out of N, missing data. Pure."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

EXTRA_PERIODS = 2  # more periods than needed are looked at, so that a late point does not count as missing


@dataclass(frozen=True)
class Sample:
    """What one metric reported at one time: a statistic set (a single value is a set of one)."""

    at: float
    count: float
    total: float
    least: float
    most: float


def single(at: float, value: float) -> Sample:
    """The sample of one value."""
    return Sample(at, 1, value, value, value)


@dataclass(frozen=True)
class AlarmRule:
    """How an alarm judges: `needed` of the last `periods` periods must breach the threshold."""

    comparison: str
    threshold: float
    period: int
    periods: int
    needed: int
    statistic: str = "Average"
    missing: str = "missing"


def from_aws(given: Mapping[str, Any]) -> AlarmRule:
    """How the alarm judges that these arguments of PutMetricAlarm make."""
    periods = int(given["EvaluationPeriods"])
    return AlarmRule(
        comparison=given["ComparisonOperator"],
        threshold=float(given["Threshold"]),
        period=int(given.get("Period") or 60),
        periods=periods,
        needed=int(given.get("DatapointsToAlarm") or periods),
        statistic=given.get("Statistic") or "Average",
        missing=given.get("TreatMissingData") or "missing",
    )


COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def statistic(samples: Sequence[Sample], name: str) -> float | None:
    """Sum, Average, Minimum, Maximum or SampleCount of the samples; None of none."""
    if not samples:
        return None
    count = sum(sample.count for sample in samples)
    total = sum(sample.total for sample in samples)
    if name == "Sum":
        return total
    if name == "SampleCount":
        return count
    if name == "Minimum":
        return min(sample.least for sample in samples)
    if name == "Maximum":
        return max(sample.most for sample in samples)
    return total / count if count else None


def points(samples: Sequence[Sample], rule: AlarmRule, end: float) -> tuple[float | None, ...]:
    """The statistic of each period that ends at or before `end`, oldest first; None where nothing was reported."""
    span = rule.periods + EXTRA_PERIODS
    start = end - span * rule.period
    buckets: list[list[Sample]] = [[] for _ in range(span)]
    for sample in samples:
        if start <= sample.at < end:
            buckets[int((sample.at - start) // rule.period)].append(sample)
    return tuple(statistic(bucket, rule.statistic) for bucket in buckets)


def state(rule: AlarmRule, values: Sequence[float | None], present: str) -> str:
    """OK, ALARM or INSUFFICIENT_DATA from the periods' values, oldest first (CloudWatch guide, missing data).

    Real points count first, missing ones are filled in only as many as needed. What is undecided keeps `present`.
    """
    breaches = COMPARE[rule.comparison]
    real = [(len(values) - at, value) for at, value in enumerate(values) if value is not None][-rule.periods :]
    if not real:
        filled = {"missing": "INSUFFICIENT_DATA", "ignore": present, "breaching": "ALARM", "notBreaching": "OK"}
        return filled[rule.missing]
    bad = [age for age, value in real if breaches(value, rule.threshold)]
    filled_in = rule.periods - len(real)
    if len(bad) + (filled_in if rule.missing == "breaching" else 0) >= rule.needed:
        return "ALARM"
    if len(bad) < len(real) or rule.missing in ("breaching", "notBreaching"):
        return "OK"
    if rule.missing == "missing" and bad[0] >= rule.needed:
        return "ALARM"
    return present


class Window:
    """The latest values of an alarm's metric, and its state: what `state` gives, without counting all of them anew."""

    def __init__(self, rule: AlarmRule) -> None:
        """No value yet."""
        self.rule = rule
        self.last: float | None = None
        self._values: deque[float | None] = deque([None] * (rule.periods + EXTRA_PERIODS), rule.periods + EXTRA_PERIODS)
        self._all, self._bad = (1 << rule.periods) - 1, 0  # a bit for each of the last periods: whether it breaches
        self._gap = rule.periods  # so many periods more, and there is a value in each that is looked at
        self._breaches, self._threshold = COMPARE[rule.comparison], rule.threshold

    def add(self, value: float | None) -> None:
        """Takes the value of one more period; None where there is none."""
        self._values.append(value)
        if value is None:
            self._bad, self._gap = self._bad << 1 & self._all, self.rule.periods
            self.last = next(
                (one for one in islice(reversed(self._values), self.rule.periods) if one is not None), None
            )
            return
        self._bad = (self._bad << 1 | self._breaches(value, self._threshold)) & self._all
        self._gap -= 1
        self.last = value

    def state(self, present: str) -> str:
        """OK, ALARM or INSUFFICIENT_DATA."""
        if self._gap > 0:
            return state(self.rule, tuple(self._values), present)
        return "ALARM" if self._bad.bit_count() >= self.rule.needed else "OK"
