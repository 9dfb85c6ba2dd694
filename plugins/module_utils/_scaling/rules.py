# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling policies as a user asks for them, and what AWS would refuse of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from . import alarms as _alarms
from . import policies as _policies
from .alarms import Alarm
from .metrics import Metric
from .policies import Policy, StepAdjustment

TRACKED_PERIODS = (10, 30, 60)
LONGEST, ALARMED = 255, 200
"""Characters of a policy's name, and of one whose name is in that of an alarm."""
STEPS_A_POLICY = 20
POLICIES_A_GROUP = 50
ONLY_CUSTOM = "which AWS allows only for custom metrics"
ONLY_PERCENT = f"which only goes with {_policies.PERCENT}"
LOOK_BACK = "and AWS allows at most a day (a week with a period of 3600 and more)"


def problems(policies: Sequence[Policy]) -> Iterator[str]:
    """What is wrong with the options themselves. Limits: PutScalingPolicy, PutMetricAlarm, Auto Scaling quotas."""
    if len({policy.name for policy in policies}) < len(policies):
        yield "O(scaling_policies) names a policy twice"
    if len(policies) > POLICIES_A_GROUP:
        yield f"O(scaling_policies) has {len(policies)} policies; AWS allows at most {POLICIES_A_GROUP} per group"
    for policy in policies:
        for text in _policy_problems(policy):
            yield f"policy '{policy.name}' of O(scaling_policies) {text}"
        for text in _alarm_problems(policy.alarm) if policy.alarm else ():
            yield f"the alarm of policy '{policy.name}' of O(scaling_policies) {text}"


def _policy_problems(policy: Policy) -> Iterator[str]:
    longest = ALARMED if policy.alarm else LONGEST
    if not 1 <= len(policy.name) <= longest or (policy.alarm and ":" in policy.name):
        yield f"needs a name of 1 to {longest} characters{', without a colon' if policy.alarm else ''}"
    for name in (name for names in _policies.FIELDS.values() for name in names):
        if name not in _policies.FIELDS.get(policy.type, ()) and getattr(policy, name) is not None:
            yield f"is of type {policy.type}, which has no {name}"
    if policy.type in ("target_tracking", "predictive") and policy.alarm:
        yield f"is of type {policy.type}, whose alarms AWS manages"
    if policy.metric is not None and policy.metric.period not in (None, *TRACKED_PERIODS):
        yield f"has a metric with period {policy.metric.period}; AWS allows 10, 30 and 60"
    yield from _math_problems(policy.metric)
    if policy.target is not None and policy.target <= 0:
        yield f"has target {policy.target:g}; AWS allows more than 0"
    if policy.min_adjustment_magnitude is not None and policy.adjustment_type not in (None, _policies.PERCENT):
        yield f"has min_adjustment_magnitude, {ONLY_PERCENT}"
    if policy.steps is not None:
        yield from _step_problems(policy.steps)


def _math_problems(metric: Metric | None) -> Iterator[str]:
    """PutScalingPolicy, PutMetricAlarm: lines have names of their own, and one of them is the result."""
    lines = metric.math if metric else ()
    names = [line.id for line in lines]
    if wrong := next((name for name in names if not re.fullmatch("[a-z][A-Za-z0-9_]{0,254}", name)), None):
        yield f"has math with the id '{wrong}'; AWS allows a lower case letter, then letters, digits and _"
    if len(set(names)) < len(names):
        yield "has math that gives two lines the same id"
    if lines and [line.return_data is not False for line in lines].count(True) != 1:
        yield "has math in which not exactly one line returns data"


def _step_problems(steps: Sequence[StepAdjustment]) -> Iterator[str]:
    """Auto Scaling guide, step and simple scaling: no gap, no overlap, at most one open bound a side."""
    if not 1 <= len(steps) <= STEPS_A_POLICY:
        yield f"has {len(steps)} steps; AWS allows 1 to {STEPS_A_POLICY}"
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
    yield from _math_problems(alarm.metric)
    if alarm.period is not None and alarm.metric and alarm.metric.math:
        yield "has a period beside math, whose metrics have their own"
    period, count, needed = alarm.period, alarm.evaluation_periods, alarm.datapoints_to_alarm
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        yield f"has period {period}; AWS allows 10, 20, 30 and multiples of 60"
    if not _alarms.measured(alarm.metric, period):
        yield f"has period {period}, {ONLY_CUSTOM}"
    if count is not None and count < 1:
        yield f"has evaluation_periods {count}; AWS allows 1 and more"
    if needed is not None and not 1 <= needed <= (count or needed):
        yield f"has datapoints_to_alarm {needed}, which is not between 1 and its evaluation_periods"


def lacking(goal: Sequence[Policy]) -> Iterator[str]:
    """What a policy lacks even with what is there."""
    needed = {"target_tracking": ("metric", "target"), "step": ("steps",), "simple": ("adjustment",)}
    for policy in goal:
        for name in needed.get(policy.type, ()):
            if getattr(policy, name) is None:
                yield f"policy '{policy.name}' of O(scaling_policies) is of type {policy.type} and has no {name}"
        for name in ("comparison", "threshold") if policy.alarm else ():
            if getattr(policy.alarm, name) is None:
                yield f"the alarm of policy '{policy.name}' of O(scaling_policies) has no {name}"
        alarm = policy.alarm
        if alarm and (alarm.datapoints_to_alarm or 0) > (alarm.evaluation_periods or 0):
            of = f"the alarm of policy '{policy.name}' of O(scaling_policies)"
            yield f"{of} has more datapoints_to_alarm than evaluation_periods"
        span = (alarm.period or 0) * (alarm.evaluation_periods or 0) if alarm else 0
        if alarm and span > (7 * 86400 if (alarm.period or 0) >= 3600 else 86400):
            yield f"the alarm of policy '{policy.name}' of O(scaling_policies) looks back {span} s, {LOOK_BACK}"


def clashing(want: Sequence[Policy], goal: Sequence[Policy]) -> Iterator[str]:
    """What AWS does not take of the wanted values beside those that are there."""
    for one, policy in zip(want, goal, strict=True):
        of = f"policy '{policy.name}' of O(scaling_policies)"
        if one.min_adjustment_magnitude is not None and policy.adjustment_type != _policies.PERCENT:
            yield f"{of} has min_adjustment_magnitude, {ONLY_PERCENT}"
        asked, alarm = one.alarm, policy.alarm
        if asked and alarm and asked.period is not None and not _alarms.measured(alarm.metric, alarm.period):
            yield f"the alarm of {of} has period {alarm.period}, {ONLY_CUSTOM}"


def foreign(have: Sequence[Policy], want: Sequence[Policy]) -> Iterator[tuple[str, str]]:
    """What is asked of policies of a type that is shown and left alone, with the way out."""
    there = {policy.name: policy for policy in have}
    for policy in want:
        one = there.get(policy.name)
        if not policy.managed and (one is None or one.type != policy.type):
            reason = (
                f"scaling policy '{policy.name}' is of type {policy.type}, and this module "
                "does not create such policies"
            )
            yield reason, "Remove it from O(scaling_policies), or create it first"
        elif policy.managed and one is not None and not one.managed:
            reason = (
                f"scaling policy '{policy.name}' exists with type {one.type}, and this module "
                "does not change such policies"
            )
            yield reason, "Choose another name, or delete that policy first"
