# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling policies as a user asks for them, and what AWS would refuse of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .._core.errors import Failure, Refusal
from . import alarms as _alarms
from . import policies as _policies
from .alarms import Alarm, Metric
from .policies import Policy, StepAdjustment

COMPARISONS = {
    ">=": "GreaterThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
METRIC_KEYS = ("namespace", "name", "statistic", "dimensions", "unit", "predefined", "resource_label")
STEPS_A_POLICY = 20
POLICIES_A_GROUP = 50
LOOK_BACK = "and AWS takes at most a day (with a period of 3600 and more a week)"


def wanted(group: str, options: Sequence[Mapping[str, Any]]) -> tuple[Policy, ...]:
    """The policies that the option asks for, gaps left None. Failure for a metric that has no such shape."""
    return tuple(_policy(group, option) for option in options)


def _policy(group: str, option: Mapping[str, Any]) -> Policy:
    given = {key: value for key, value in option.items() if value is not None}
    if "metric" in given:
        given["metric"] = _metric(group, given["name"], given["metric"], tracked=True)
    if "target" in given:
        given["target"] = float(given["target"])
    if "steps" in given:
        given["steps"] = _policies.sort_steps(StepAdjustment(**step) for step in given["steps"])
    if "alarm" in given:
        given["alarm"] = _alarm(group, given["name"], given["alarm"])
    return Policy(**given)


def _alarm(group: str, policy: str, option: Mapping[str, Any]) -> Alarm:
    given = {key: value for key, value in option.items() if value is not None}
    if "metric" in given:
        given["metric"] = _metric(group, policy, given["metric"], tracked=False)
    if "comparison" in given:
        given["comparison"] = COMPARISONS.get(given["comparison"], given["comparison"])
    return Alarm(**given)


def _metric(group: str, policy: str, option: Any, *, tracked: bool) -> Metric:
    if option == "cpu":
        return Metric(predefined=_alarms.CPU_TRACKED) if tracked else _alarms.cpu(group)
    if not isinstance(option, Mapping):
        raise _unusable(policy, f"its metric is '{option}'")
    given = {str(key): value for key, value in option.items() if value is not None}
    if strange := sorted(set(given) - set(METRIC_KEYS)):
        raise _unusable(policy, f"its metric has '{strange[0]}'")
    named = {"namespace", "name"} <= set(given)
    if named == ("predefined" in given) or ("predefined" in given and not tracked):
        raise _unusable(policy, "its metric has not both namespace and name")
    dimensions = given.pop("dimensions", None) or {}
    if not isinstance(dimensions, Mapping):
        raise _unusable(policy, "the dimensions of its metric are no mapping")
    pairs = tuple(sorted((str(key), str(value)) for key, value in dimensions.items()))
    return Metric(**{key: str(value) for key, value in given.items()}, dimensions=pairs)


def _unusable(policy: str, reason: str) -> Failure:
    way_out = "Give cpu, or a mapping of namespace, name and, where need be, statistic, dimensions and unit"
    return Failure(Refusal("use", "scaling policy", policy, reason, way_out))


def problems(policies: Sequence[Policy]) -> Iterator[str]:
    """What is wrong with the options themselves. Limits: PutScalingPolicy, PutMetricAlarm, Auto Scaling quotas."""
    if len({policy.name for policy in policies}) < len(policies):
        yield "scaling_policies names a policy twice"
    if len(policies) > POLICIES_A_GROUP:
        yield f"scaling_policies has {len(policies)} policies, and AWS takes at most {POLICIES_A_GROUP} a group"
    for policy in policies:
        for text in _policy_problems(policy):
            yield f"scaling policy '{policy.name}' {text}"
        for text in _alarm_problems(policy.alarm) if policy.alarm else ():
            yield f"the alarm of scaling policy '{policy.name}' {text}"


def _policy_problems(policy: Policy) -> Iterator[str]:
    if ":" in policy.name or not 1 <= len(policy.name) <= 200:
        yield "needs a name of 1 to 200 characters without a colon"
    for name in (name for names in _policies.FIELDS.values() for name in names):
        if name not in _policies.FIELDS[policy.type] and getattr(policy, name) is not None:
            yield f"is of type {policy.type}, which has no {name}"
    if policy.type == "target_tracking" and policy.alarm:
        yield "is of type target_tracking, whose alarms are AWS's own"
    if policy.target is not None and policy.target <= 0:
        yield f"has target {policy.target:g}, and AWS takes more than 0"
    if policy.min_adjustment_magnitude is not None and policy.adjustment_type not in (None, "PercentChangeInCapacity"):
        yield "has min_adjustment_magnitude, which only PercentChangeInCapacity takes"
    if policy.steps is not None:
        yield from _step_problems(policy.steps)


def _step_problems(steps: Sequence[StepAdjustment]) -> Iterator[str]:
    """Auto Scaling guide, step and simple scaling: no gap, no overlap, at most one open bound a side."""
    if not 1 <= len(steps) <= STEPS_A_POLICY:
        yield f"has {len(steps)} steps, and AWS takes 1 to {STEPS_A_POLICY}"
    for step in steps:
        low, high = step.lower_bound, step.upper_bound
        if low is None and high is None:
            yield "has a step without bounds; give lower_bound: 0 for 'from the threshold up', upper_bound: 0 for down"
        elif low is not None and high is not None and low >= high:
            yield f"has a step whose lower_bound {low:g} is not below its upper_bound {high:g}"
    for before, after in pairwise(steps):
        if before.upper_bound is None or after.lower_bound is None or before.upper_bound > after.lower_bound:
            yield "has steps that overlap"
        elif before.upper_bound < after.lower_bound:
            yield f"has a gap between its steps, from {before.upper_bound:g} to {after.lower_bound:g}"


def _alarm_problems(alarm: Alarm) -> Iterator[str]:
    period, count, needed = alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        yield f"has period {period}, and AWS takes 10, 20, 30 and multiples of 60"
    if period is not None and period < 60 and alarm.metric and (alarm.metric.namespace or "").startswith("AWS/"):
        yield f"has period {period}, which AWS takes only for metrics of your own"
    if count is not None and count < 1:
        yield f"has evaluation_periods {count}, and AWS takes 1 and more"
    if needed is not None and not 1 <= needed <= (count or needed):
        yield f"has datapoints_to_alarm {needed}, which is not between 1 and its evaluation_periods"


def lacking(goal: Sequence[Policy]) -> Iterator[str]:
    """What a policy lacks even with what is there."""
    needed = {"target_tracking": ("metric", "target"), "step": ("steps",), "simple": ("adjustment",)}
    for policy in goal:
        for name in needed[policy.type]:
            if getattr(policy, name) is None:
                yield f"scaling policy '{policy.name}' is of type {policy.type} and has no {name}"
        for name in ("comparison", "threshold") if policy.alarm else ():
            if getattr(policy.alarm, name) is None:
                yield f"the alarm of scaling policy '{policy.name}' has no {name}"
        alarm = policy.alarm
        if alarm and (alarm.datapoints_to_alarm or 0) > (alarm.evaluation_periods or 0):
            yield f"the alarm of scaling policy '{policy.name}' has more datapoints_to_alarm than evaluation_periods"
        span = (alarm.period or 0) * (alarm.evaluation_periods or 0) if alarm else 0
        if alarm and span > (7 * 86400 if (alarm.period or 0) >= 3600 else 86400):
            yield f"the alarm of scaling policy '{policy.name}' looks back {span} s, {LOOK_BACK}"
