# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaling policies at work: an alarm or a user calls one, and the group wants another capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..cloudwatch.alarms import Alarm, alarms
from ..core.errors import Refused
from ..core.lab import Lab
from .activities import moment
from .groups import Group, Policy, Scene, every_group
from .groups import scene as look
from .policies import Step, adjusted, matching, step_capacity, tracked_capacity

HIGH, LOW = "AlarmHigh", "AlarmLow"


@dataclass(frozen=True)
class Signal:
    """What calls a policy: an alarm and what it saw, or (without a name) a user who says the same."""

    alarm: str | None
    value: float | None
    threshold: float | None

    @property
    def breach(self) -> float | None:
        """How far the metric is above the threshold."""
        return None if self.value is None or self.threshold is None else self.value - self.threshold


def steps(policy: Policy) -> tuple[Step, ...]:
    """The step adjustments of a policy."""
    return tuple(
        Step(s.get("MetricIntervalLowerBound"), s.get("MetricIntervalUpperBound"), int(s["ScalingAdjustment"]))
        for s in policy.given.get("StepAdjustments") or []
    )


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
    if group.deleting or not group.runs("AlarmNotification") or policy.given.get("Enabled") is False:
        return
    if policy.kind == "SimpleScaling" and _cooling(scene, group):
        return
    execute(scene, group, policy, signal, states)


def call(scene: Scene, group: Group, policy: Policy, signal: Signal, honor_cooldown: bool) -> None:
    """A user calls a policy (ExecutePolicy); ScalingActivityInProgress where the cooldown is to be honored."""
    if policy.kind == "TargetTrackingScaling":
        raise Refused("ValidationError", "ExecutePolicy is not supported for TargetTrackingScaling policies")
    if policy.kind == "StepScaling" and signal.breach is None:
        raise Refused("ValidationError", "MetricValue and BreachThreshold are required for StepScaling policies")
    if policy.kind == "SimpleScaling" and honor_cooldown and _cooling(scene, group):
        raise Refused("ScalingActivityInProgress", f"Cooldown of AutoScalingGroup {group.name} is not over yet")
    execute(scene, group, policy, signal, {})


def _cooling(scene: Scene, group: Group) -> bool:
    return group.busy or group.cooldown is not None or scene.now < group.cooldown_until


def execute(scene: Scene, group: Group, policy: Policy, signal: Signal, states: Mapping[str, str]) -> None:
    """Sets the capacity the policy wants, within the group's bounds."""
    wanted = _wanted(scene, group, policy, signal, states)
    if wanted is None:
        return
    before = group.desired
    wanted = min(max(wanted, int(group["MinSize"])), int(group["MaxSize"]))
    if wanted == before:
        return
    who = f"monitor alarm {signal.alarm} in state ALARM triggered" if signal.alarm else "user request executed"
    why = (
        f"At {moment(scene.when)} a {who} policy {policy.name} changing the desired capacity from {before} to {wanted}."
    )
    details: dict[str, Any] = {"InvokingAlarms": [{"AlarmName": signal.alarm}]} if signal.alarm else {}
    group.want(wanted, why, details, by_policy=wanted > before)
    if policy.kind == "SimpleScaling":
        cooldown = policy.given.get("Cooldown")
        group.cooldown = int(group["DefaultCooldown"] if cooldown is None else cooldown)


def _wanted(scene: Scene, group: Group, policy: Policy, signal: Signal, states: Mapping[str, str]) -> int | None:
    given = policy.given
    if policy.kind == "TargetTrackingScaling":
        return _tracked(scene, group, policy, signal, states)
    kind, magnitude = given["AdjustmentType"], given.get("MinAdjustmentMagnitude") or given.get("MinAdjustmentStep")
    least = int(magnitude) if magnitude else None
    if policy.kind == "SimpleScaling":
        return adjusted(group.desired, kind, int(given["ScalingAdjustment"]), least)
    step = None if signal.breach is None else matching(steps(policy), signal.breach)
    if step is None:
        return None
    return step_capacity(group.desired, len(group.warming(scene.now, policy)), step, kind, least)


def _tracked(scene: Scene, group: Group, policy: Policy, signal: Signal, states: Mapping[str, str]) -> int | None:
    """Out from the capacity that is warm; in when every policy that may scale in agrees and nothing warms up."""
    target = float(policy.given["TargetTrackingConfiguration"]["TargetValue"])
    warming = group.warming(scene.now, policy)
    if signal.value is None or signal.alarm is None:
        return None
    if HIGH in signal.alarm:
        warm = len(group.active) - len(warming)
        return max(group.desired, tracked_capacity(warm, signal.value, target))
    if warming or not _all_want_in(group, states):
        return None
    return min(group.desired, tracked_capacity(group.desired, signal.value, target))


def _all_want_in(group: Group, states: Mapping[str, str]) -> bool:
    """Whether every target tracking policy with scale-in enabled sees its low alarm."""
    policies = [p for p in group.policies.values() if p.kind == "TargetTrackingScaling" and may_scale_in(p)]
    return bool(policies) and all(states.get(name) == "ALARM" for p in policies for name in p.alarms if LOW in name)


def may_scale_in(policy: Policy) -> bool:
    """Whether a target tracking policy may remove instances."""
    return not policy.given["TargetTrackingConfiguration"].get("DisableScaleIn")
