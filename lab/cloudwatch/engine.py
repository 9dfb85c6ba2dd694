# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch's engine: the processors' load put on record, alarms evaluated, their actions run."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ..autoscaling.demand import Signal, notify, policy_of
from ..autoscaling.groups import Group, Member, groups, scene
from ..core import backends as state
from .alarms import Alarm, alarms, metric_key, metrics
from .metrics import Sample, points, single
from .metrics import state as judged

if TYPE_CHECKING:
    from ..core.lab import Lab

MINUTE = 60
BASIC, DETAILED = 300, 60  # seconds between an instance's metrics
QUICK = 10  # alarms of shorter periods are evaluated this often


class AlarmEngine:
    """Once an AWS minute. Its state is in CloudWatch's records, but for the minutes it has done."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
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
            loads = {i.id: self.lab.machines.cpu(i.id) for i in running}
            with self.lab.lock:
                self._note(region, running, loads, began)

    def _running(self) -> list[tuple[str, list[Any]]]:
        with self.lab.lock:
            return [
                (backend.region_name, [i for r in backend.reservations.values() for i in r.instances if i.is_running()])
                for backend in state.existing("ec2")
            ]

    def _note(self, region: str, running: list[Any], loads: dict[str, float], began: int) -> None:
        store = metrics(region)
        by_group: dict[str, list[Sample]] = defaultdict(list)
        counted = {
            member.instance_id: group.name
            for group in groups(region).values()
            for member in _warm(group, began + MINUTE)
        }
        for instance in running:
            told = self._told(instance, loads[instance.id], began)
            if told is None:
                continue
            store.add(metric_key("AWS/EC2", "CPUUtilization", [_dimension("InstanceId", instance.id)]), told)
            if instance.id in counted:
                by_group[counted[instance.id]].append(told)
        for name, samples in by_group.items():
            store.add(
                metric_key("AWS/EC2", "CPUUtilization", [_dimension("AutoScalingGroupName", name)]), _together(samples)
            )
        store.trim(began)

    def _told(self, instance: Any, load: float, began: int) -> Sample | None:
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
            act(self.lab, region, alarm)
        elif any(":autoscaling:" in action for action in alarm.actions()):
            act(self.lab, region, alarm)

    def reset(self) -> None:
        """Nothing recorded, no minute done."""
        self._minute, self._load = 0, {}

    def close(self) -> None:
        """Nothing to release."""


def _warm(group: Group, now: float) -> list[Member]:
    """The members that count for the group's metrics: in service and warm."""
    warming = {member.instance_id for member in group.warming(now)}
    return [m for m in group.members.values() if m.lifecycle == "InService" and m.instance_id not in warming]


def act(lab: Lab, region: str, alarm: Alarm, value: float | None = None) -> None:
    """Runs the actions of the alarm's state, on what it saw last unless a value is given.

    Those of Auto Scaling are run again each minute the state lasts, all others on a transition only.
    """
    seen = scene(lab, region)
    states = {name: other.value for name, other in alarms(region).items()}
    for action in alarm.actions():
        found = policy_of(action)
        if found is not None:
            signal = Signal(alarm.name, alarm.last if value is None else value, float(alarm.given["Threshold"]))
            notify(seen, *found, signal, states)


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
