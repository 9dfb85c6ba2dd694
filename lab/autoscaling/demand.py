# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaling policies at work: an alarm or a user calls one, and the group wants another capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plugins.module_utils._forecast.decide import (
    SIMPLE,
    STEP,
    TRACKING,
    Signal,
    bounded,
    cooling,
    largest,
    pause,
    wanted,
)
from plugins.module_utils._forecast.decide import agreed as policies_agree
from plugins.module_utils._forecast.tracking import LOW

from ..cloudwatch.alarms import Alarm, alarms
from ..core.errors import Refused
from ..core.lab import Lab
from .activities import moment
from .groups import Group, Policy, Round, Scene, every_group
from .groups import scene as look

ROUND = 10.0  # seconds: alarms are evaluated no oftener, all of a round at its begin


def policy_of(arn: str) -> tuple[Group, Policy] | None:
    """The group and policy behind a policy's ARN."""
    for group in every_group():
        for policy in group.policies.values():
            if policy.arn == arn:
                return group, policy
    return None


def act(lab: Lab, region: str, alarm: Alarm, value: float | None = None) -> None:
    """Calls the policies that the alarm's state calls, on what it saw last unless a value is given."""
    seen = look(lab, region)
    states = {name: other.value for name, other in alarms(region).items()}
    for action in alarm.actions():
        found = policy_of(action)
        if found is not None:
            signal = Signal(alarm.name, alarm.last if value is None else value, float(alarm.given["Threshold"]))
            notify(seen, *found, signal, states)


def notify(scene: Scene, group: Group, policy: Policy, signal: Signal, states: Mapping[str, str]) -> None:
    """An alarm calls a policy; `states` are those of all alarms. What is called in vain is dropped."""
    if group.deleting or not group.runs("AlarmNotification") or not policy.rule.enabled:
        return
    if policy.kind == SIMPLE and _cooling(scene, group):
        return
    execute(scene, group, policy, signal, states)


def call(scene: Scene, group: Group, policy: Policy, signal: Signal, honor_cooldown: bool) -> None:
    """A user calls a policy (ExecutePolicy); ScalingActivityInProgress where the cooldown is to be honored."""
    if policy.kind == TRACKING:
        raise Refused("ValidationError", "ExecutePolicy is not supported for TargetTrackingScaling policies")
    if policy.kind == STEP and signal.breach is None:
        raise Refused("ValidationError", "MetricValue and BreachThreshold are required for StepScaling policies")
    if policy.kind == SIMPLE and honor_cooldown and _cooling(scene, group):
        raise Refused("ScalingActivityInProgress", f"Cooldown of AutoScalingGroup {group.name} is not over yet")
    execute(scene, group, policy, signal, {})


def _cooling(scene: Scene, group: Group) -> bool:
    return cooling(group.busy, group.cooldown is not None, group.cooldown_until, scene.now)


def execute(scene: Scene, group: Group, policy: Policy, signal: Signal, states: Mapping[str, str]) -> None:
    """Sets the capacity the policy wants, within the group's bounds.

    Policies that alarms call in the same round count from the same capacity, and the largest one wins.
    """
    capacity, earlier = group.capacity(scene.now, policy), group.round
    same = signal.alarm is not None and earlier.at == scene.now // ROUND and earlier.after == group.desired
    if same:
        capacity = replace(capacity, desired=earlier.before)
    want = wanted(policy.rule, capacity, signal, _agreed(group, states))
    if want is None:
        return
    want = bounded(want, int(group["MinSize"]), int(group["MaxSize"]))
    want = largest(want, [want, group.desired] if same else [want])
    if signal.alarm is not None:
        group.round = Round(scene.now // ROUND, capacity.desired, want)
    if want != group.desired:
        _change(scene, group, policy, signal, want)


def _change(scene: Scene, group: Group, policy: Policy, signal: Signal, want: int) -> None:
    before = group.desired
    who = f"monitor alarm {signal.alarm} in state ALARM triggered" if signal.alarm else "user request executed"
    why = f"At {moment(scene.when)} a {who} policy {policy.name} changing the desired capacity from {before} to {want}."
    details: dict[str, Any] = {"InvokingAlarms": [{"AlarmName": signal.alarm}]} if signal.alarm else {}
    group.want(want, why, details, by_policy=want > before)
    if policy.kind == SIMPLE:
        group.cooldown = pause(policy.rule, int(group["DefaultCooldown"]))


def _agreed(group: Group, states: Mapping[str, str]) -> bool:
    return policies_agree(
        (policy.rule, all(states.get(name) == "ALARM" for name in policy.alarms if LOW in name))
        for policy in group.policies.values()
    )
