# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch's engine: the processors' load put on record, alarms evaluated, their actions run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from plugins.module_utils._forecast.alarms import Sample, points, single
from plugins.module_utils._forecast.alarms import state as judged

from ..core import backends as state
from ..core.lab import Lab
from .alarms import Alarm, alarms, metric_key, metrics

MINUTE = 60
BASIC, DETAILED = 300, 60  # seconds between an instance's metrics
QUICK = 10  # alarms of shorter periods are evaluated this often

Act = Callable[[Lab, str, Alarm, "float | None"], None]  # of a Region's alarm
Counted = Callable[[str, float], Mapping[str, str]]  # of a Region at a time: instance ids to names of groups


class AlarmEngine:
    """Once an AWS minute. Its state is in CloudWatch's records, but for the minutes it has done.

    `act` runs the actions of an alarm's state, on what it saw last unless a value is given. `counted` says which
    instances count for the metrics of which group.
    """

    def __init__(self, lab: Lab, act: Act, counted: Counted) -> None:
        self.lab, self.act, self._counted = lab, act, counted
        self._minute = 0
        self._load: dict[str, Sample] = {}

    def tick(self, now: float) -> None:
        """Records the minutes that have ended and evaluates the alarms that are due."""
        minute = int(now // MINUTE)
        if self._minute and minute > self._minute:
            for ended in range(max(self._minute, minute - BASIC // MINUTE), minute):
                self._record(ended * MINUTE)
        self._minute = minute
        with self.lab.lock:
            for backend in state.existing("cloudwatch"):
                self._evaluate(backend.region_name, now)

    def _record(self, began: int) -> None:
        """The load of every running instance in the minute that began at `began`."""
        for region, running in self._running():
            loads = {}
            for instance in running:
                with self.lab.guarded(f"load of {instance.id}"):
                    loads[instance.id] = self.lab.machines.cpu(instance.id)
            with self.lab.lock, self.lab.guarded(f"metrics of {region}"):
                self._note(region, [instance for instance in running if instance.id in loads], loads, began)

    def _running(self) -> list[tuple[str, list[Any]]]:
        with self.lab.lock:
            return [
                (backend.region_name, [i for r in backend.reservations.values() for i in r.instances if i.is_running()])
                for backend in state.existing("ec2")
            ]

    def _note(self, region: str, running: list[Any], loads: dict[str, float], began: int) -> None:
        store = metrics(region)
        by_group: dict[str, list[Sample]] = defaultdict(list)
        counted = self._counted(region, began + MINUTE)
        for instance in running:
            answer = self._answer(instance, loads[instance.id], began)
            if answer is None:
                continue
            store.add(metric_key("AWS/EC2", "CPUUtilization", [_dimension("InstanceId", instance.id)]), answer)
            if instance.id in counted:
                by_group[counted[instance.id]].append(answer)
        for name, samples in by_group.items():
            store.add(
                metric_key("AWS/EC2", "CPUUtilization", [_dimension("AutoScalingGroupName", name)]), _together(samples)
            )
        store.trim(began)

    def _answer(self, instance: Any, load: float, began: int) -> Sample | None:
        """What an instance reports of a minute: with basic monitoring one point for five minutes."""
        if instance.monitored:
            return single(began, load)
        kept = self._load.get(instance.id)
        so_far = single(began, load) if kept is None else _together([kept, single(began, load)])
        if (began + MINUTE) % BASIC:
            self._load[instance.id] = so_far
            return None
        self._load.pop(instance.id, None)
        return single(began + MINUTE - BASIC, so_far.total / so_far.count)

    def _evaluate(self, region: str, now: float) -> None:
        for alarm in list(alarms(region).values()):
            if now < alarm.evaluate_at or "MetricName" not in alarm.given:
                continue
            with self.lab.guarded(f"alarm {alarm.name}"):
                rhythm = MINUTE if alarm.rule.period >= MINUTE else QUICK
                alarm.evaluate_at = (now // rhythm + 1) * rhythm
                self._judge(region, alarm, now - now % rhythm)

    def _judge(self, region: str, alarm: Alarm, end: float) -> None:
        rule = alarm.rule
        values = points(metrics(region).of(alarm.key), rule, end)
        seen = [value for value in values[-rule.periods :] if value is not None]
        alarm.last = seen[-1] if seen else None
        found = judged(rule, values, alarm.value)
        if found != alarm.value:
            data = {"version": "1.0", "statistic": rule.statistic, "period": rule.period, "recentDatapoints": seen}
            reason = (
                f"Threshold Crossed: {len(seen)} datapoints {seen} were evaluated ({rule.comparison} {rule.threshold})."
            )
            alarm.turn(found, reason, json.dumps({**data, "threshold": rule.threshold}), self.lab.clock.stamp())
            self.act(self.lab, region, alarm, None)
        elif any(":autoscaling:" in action for action in alarm.actions()):
            self.act(self.lab, region, alarm, None)

    def reset(self) -> None:
        """Nothing recorded, no minute done."""
        self._minute, self._load = 0, {}

    def close(self) -> None:
        """Nothing to release."""


def _dimension(name: str, value: str) -> dict[str, str]:
    return {"Name": name, "Value": value}


def _together(samples: list[Sample]) -> Sample:
    return Sample(
        samples[0].at,
        sum(sample.count for sample in samples),
        sum(sample.total for sample in samples),
        min(sample.least for sample in samples),
        max(sample.most for sample in samples),
    )
