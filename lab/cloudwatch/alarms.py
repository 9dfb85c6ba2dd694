# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CloudWatch keeps: metrics and alarms, where moto would keep its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plugins.module_utils._forecast.alarms import AlarmRule, Sample, from_aws

from ..core import backends as state

KEPT = 3 * 3600.0  # AWS seconds of data kept of a metric that is not looked at by an alarm
KEPT_SAMPLES = 2000
HISTORY = 100

Key = tuple[str, str, frozenset[tuple[str, str]]]  # namespace, name, dimensions


def metric_key(namespace: str, name: str, dimensions: Iterable[Mapping[str, str]]) -> Key:
    """What distinguishes one metric from another."""
    return namespace, name, frozenset((d["Name"], d.get("Value", "")) for d in dimensions)


class Metrics:
    """The samples of every metric, oldest first."""

    def __init__(self) -> None:
        self.series: dict[Key, deque[Sample]] = {}

    def add(self, key: Key, sample: Sample) -> None:
        """Keeps one sample."""
        self.series.setdefault(key, deque(maxlen=KEPT_SAMPLES)).append(sample)

    def of(self, key: Key) -> list[Sample]:
        """The samples of a metric."""
        return list(self.series.get(key, ()))

    def trim(self, now: float) -> None:
        """Forgets metrics that were not reported for long."""
        old = [key for key, samples in self.series.items() if not samples or samples[-1].at < now - KEPT]
        for key in old:
            del self.series[key]


@dataclass
class Alarm:
    """A metric alarm; `given` are the parameters it was put with. `acted_at` is when its actions were last run."""

    name: str
    arn: str
    given: dict[str, Any]
    configured: datetime
    changed: datetime
    value: str = "INSUFFICIENT_DATA"
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = "{}"
    evaluate_at: float = 0.0
    acted_at: float = 0.0
    last: float | None = None
    forced: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rule(self) -> AlarmRule:
        """How it judges."""
        return from_aws(self.given)

    @property
    def key(self) -> Key:
        """The metric it looks at."""
        return metric_key(self.given["Namespace"], self.given["MetricName"], self.given.get("Dimensions") or [])

    def actions(self) -> list[str]:
        """What its present state calls."""
        names = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
        return list(self.given.get(names[self.value]) or []) if self.given.get("ActionsEnabled", True) else []

    def turn(self, value: str, reason: str, reason_data: str, when: datetime) -> None:
        """Changes its state and notes that."""
        text = f"Alarm updated from {self.value} to {value}"
        self.value, self.reason, self.reason_data, self.changed = value, reason, reason_data, when
        self.history.insert(
            0,
            {"Timestamp": when, "HistoryItemType": "StateUpdate", "HistorySummary": text, "HistoryData": reason_data},
        )
        del self.history[HISTORY:]

    def show(self) -> dict[str, Any]:
        """Its row in DescribeAlarms."""
        lists = ("OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions")
        return {
            "ActionsEnabled": True,
            **dict.fromkeys(lists, ()),
            **self.given,
            "AlarmName": self.name,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.configured,
            "StateValue": self.value,
            "StateReason": self.reason,
            "StateReasonData": self.reason_data,
            "StateUpdatedTimestamp": self.changed,
            "StateTransitionedTimestamp": self.changed,
        }


def alarms(region: str) -> dict[str, Alarm]:
    """The alarms of a Region, by name."""
    found: dict[str, Alarm] = state.backend("cloudwatch", region).alarms
    return found


def metrics(region: str) -> Metrics:
    """The metrics of a Region."""
    backend = state.backend("cloudwatch", region)
    kept: Metrics | None = backend.__dict__.get("lab_metrics")
    if kept is None:
        kept = backend.__dict__["lab_metrics"] = Metrics()
    return kept


def arn_of(region: str, name: str) -> str:
    """An alarm's ARN."""
    return f"arn:aws:cloudwatch:{region}:{state.ACCOUNT_ID}:alarm:{name}"


def put(region: str, name: str, given: Mapping[str, Any], when: datetime) -> Alarm:
    """The alarm with that configuration: a new one begins without data, one there is keeps its state."""
    known = alarms(region)
    alarm = known.get(name)
    if alarm is None:
        alarm = known[name] = Alarm(name, arn_of(region, name), dict(given), when, when)
    alarm.given, alarm.configured, alarm.evaluate_at = dict(given), when, 0.0
    return alarm


def drop(region: str, names: Iterable[str]) -> None:
    """Deletes alarms; names that are not there are passed over."""
    for name in names:
        alarms(region).pop(name, None)
