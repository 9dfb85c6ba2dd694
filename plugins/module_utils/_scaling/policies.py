# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling policies: what they are, what they are named, and how AWS writes them.

A policy belongs to its group by name. A step or simple policy has an alarm, `<group>:<policy>:<out|in>`, that calls it
by its ARN; a target tracking policy has alarms of AWS's own, which nobody else touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core import surplus as _surplus
from .._core.plain import merged, without
from .._core.step import LATER
from .._core.surplus import ScaleOut
from . import alarms as _alarms
from . import metrics as _metrics
from .alarms import Alarm
from .metrics import Metric

AWS_TYPES = {
    "target_tracking": "TargetTrackingScaling",
    "step": "StepScaling",
    "simple": "SimpleScaling",
    "predictive": "PredictiveScaling",
}
PERCENT = "PercentChangeInCapacity"
TYPES = {value: key for key, value in AWS_TYPES.items()}


@dataclass(frozen=True)
class StepAdjustment:
    """What to do while the metric is between the bounds, which count from the alarm's threshold; None is open."""

    lower_bound: float | None
    upper_bound: float | None
    adjustment: int


@dataclass(frozen=True)
class Policy:
    """A scaling policy. None: as a want, left out; as what is there, not set. `alarms` are AWS's own, by name.

    `rest` holds its other settings, under AWS's names; they are kept.
    """

    name: str
    type: str
    metric: Metric | None = None
    target: float | None = None
    disable_scale_in: bool | None = None
    adjustment_type: str | None = None
    adjustment: int | None = None
    steps: tuple[StepAdjustment, ...] | None = None
    min_adjustment_magnitude: int | None = None
    metric_aggregation: str | None = None
    cooldown: int | None = None
    estimated_instance_warmup: int | None = None
    enabled: bool | None = None
    alarm: Alarm | None = None
    arn: str = LATER
    alarms: tuple[str, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def managed(self) -> bool:
        """Whether it is of a type that is made here; others are shown and left alone."""
        return self.type in FIELDS


DEFAULTS = {
    "target_tracking": Policy("", "target_tracking", disable_scale_in=True, enabled=True),
    "step": Policy("", "step", adjustment_type="ChangeInCapacity", metric_aggregation="Average", enabled=True),
    "simple": Policy("", "simple", adjustment_type="ChangeInCapacity", enabled=True),
}
"""Used only when a policy of that type is made."""

FIELDS = {
    "target_tracking": ("metric", "target", "disable_scale_in", "estimated_instance_warmup", "enabled"),
    "step": (
        "adjustment_type",
        "steps",
        "min_adjustment_magnitude",
        "metric_aggregation",
        "estimated_instance_warmup",
        "enabled",
    ),
    "simple": ("adjustment_type", "adjustment", "min_adjustment_magnitude", "cooldown", "enabled"),
}
"""What a policy of each type has; the alarm aside."""


def alarm_name(group: str, policy: Policy) -> str:
    """`<group>:<policy>:<out|in>`."""
    return f"{group}:{policy.name}:{'out' if adds(policy, policy.alarm) else 'in'}"


def adds(policy: Policy, alarm: Alarm | None) -> bool:
    """Whether the alarm makes the policy add nodes: by the sign of the adjustments, else by the comparison."""
    changes = [step.adjustment for step in policy.steps or ()] or [policy.adjustment or 0]
    return upwards(policy.adjustment_type, changes, (alarm.comparison if alarm else None) or "")


def upwards(adjustment_type: str | None, changes: Iterable[int], comparison: str) -> bool:
    """Whether such adjustments, called at such a comparison, are to add nodes."""
    sign = 0 if adjustment_type == "ExactCapacity" else sum(changes)
    return not (sign < 0 or (sign == 0 and comparison.startswith("Less")))


def scale_out(policy: Policy, alarm: Alarm, rings: bool) -> ScaleOut:
    """An alarm by which the policy adds nodes; what its metric is of late is left to be read, where it can be."""
    metric = alarm.metric or Metric()
    if not metric.name or not metric.namespace:
        return ScaleOut(policy.name, alarm.name, rings, unknown="goes by metric math")
    by_sessions = (metric.namespace, metric.name, metric.statistic) == (*_metrics.SESSIONS, "Average")
    found = _surplus.scale_out(policy.name, alarm.name, alarm.comparison or "", alarm.threshold or 0.0, by_sessions)
    return replace(found, rings=rings)


def complete(
    group: str, have: Sequence[Policy], alarms: Mapping[str, Alarm], want: Sequence[Policy]
) -> tuple[Policy, ...]:
    """Left out is what is there, else the creation default; of another type nothing is taken over."""
    there = {policy.name: policy for policy in have}
    return tuple(_completed(group, there.get(policy.name), alarms, policy) for policy in want)


def _completed(group: str, have: Policy | None, alarms: Mapping[str, Alarm], want: Policy) -> Policy:
    if not want.managed:
        return want
    base = have if have is not None and have.type == want.type else DEFAULTS[want.type]
    filled = {n: getattr(want, n) if getattr(want, n) is not None else getattr(base, n) for n in FIELDS[want.type]}
    if want.min_adjustment_magnitude is None and want.adjustment_type not in (None, PERCENT):
        filled["min_adjustment_magnitude"] = None  # AWS takes it beside no other
    policy = replace(want, **{**filled, "metric": _metrics.over(base.metric, want.metric)}, rest=base.rest)
    if policy.alarm is None:
        return policy
    name = alarm_name(group, policy)
    return replace(policy, alarm=_alarms.completed(group, alarms.get(name), policy.alarm, name))


# In AWS's words


def to_aws(policy: Policy) -> dict[str, Any]:
    """The arguments of PutScalingPolicy that say what the policy does."""
    args: dict[str, Any] = {"EstimatedInstanceWarmup": policy.estimated_instance_warmup, "Enabled": policy.enabled}
    if policy.type == "target_tracking":
        args["TargetTrackingConfiguration"] = {
            **_metrics.tracked_to_aws(policy.metric or Metric(predefined=_metrics.CPU_TRACKED)),
            "TargetValue": policy.target,
            "DisableScaleIn": bool(policy.disable_scale_in),
        }
        return merged(policy.rest, args)
    args |= {
        "AdjustmentType": policy.adjustment_type,
        "MinAdjustmentMagnitude": policy.min_adjustment_magnitude,
        "ScalingAdjustment": policy.adjustment,
        "Cooldown": policy.cooldown,
        "MetricAggregationType": policy.metric_aggregation,
        "StepAdjustments": [_step_to_aws(step) for step in policy.steps or ()],
    }
    return merged(policy.rest, args)


def _step_to_aws(step: StepAdjustment) -> dict[str, Any]:
    """With a bound of 0, which is a bound; None is open."""
    bounds = {"MetricIntervalLowerBound": step.lower_bound, "MetricIntervalUpperBound": step.upper_bound}
    return merged({}, {**bounds, "ScalingAdjustment": step.adjustment})


NAMED = {
    "target_tracking": (
        *("EstimatedInstanceWarmup", "TargetTrackingConfiguration.TargetValue"),
        "TargetTrackingConfiguration.DisableScaleIn",
    ),
    "step": (
        *("AdjustmentType", "MinAdjustmentMagnitude", "MetricAggregationType", "StepAdjustments"),
        "EstimatedInstanceWarmup",
    ),
    "simple": ("AdjustmentType", "MinAdjustmentMagnitude", "ScalingAdjustment", "Cooldown"),
}
"""What of a policy of each type has a name here, the metric aside."""
ALWAYS = ("AutoScalingGroupName", "PolicyName", "PolicyType", "PolicyARN", "Alarms", "Enabled")


def _rest(kind: str, raw: Mapping[str, Any], tracking: Mapping[str, Any]) -> dict[str, Any]:
    read = (f"TargetTrackingConfiguration.{_metrics.tracked_in(tracking)}",) if kind == "target_tracking" else ()
    return without(raw, (*ALWAYS, *NAMED.get(kind, ()), *read))


def from_aws(raw: Mapping[str, Any]) -> Policy:
    """The policy of DescribePolicies, or of the arguments that make one; what is null is AWS's default."""
    kind = TYPES.get(raw.get("PolicyType") or "SimpleScaling", str(raw.get("PolicyType")))
    tracking = raw.get("TargetTrackingConfiguration") or {}
    return Policy(
        name=raw["PolicyName"],
        type=kind,
        metric=_metrics.tracked_from_aws(tracking) if kind == "target_tracking" else None,
        target=_float(tracking.get("TargetValue")) if kind == "target_tracking" else None,
        disable_scale_in=bool(tracking.get("DisableScaleIn")) if kind == "target_tracking" else None,
        adjustment_type=raw.get("AdjustmentType") if kind != "target_tracking" else None,
        adjustment=raw.get("ScalingAdjustment") if kind == "simple" else None,
        steps=sort_steps(map(_step_from_aws, raw.get("StepAdjustments") or ())) if kind == "step" else None,
        min_adjustment_magnitude=raw.get("MinAdjustmentMagnitude") if kind != "target_tracking" else None,
        metric_aggregation=(raw.get("MetricAggregationType") or "Average") if kind == "step" else None,
        cooldown=raw.get("Cooldown") if kind == "simple" else None,
        estimated_instance_warmup=raw.get("EstimatedInstanceWarmup") if kind != "simple" else None,
        enabled=raw.get("Enabled", True),
        arn=raw.get("PolicyARN") or LATER,
        alarms=tuple(sorted(filter(None, (alarm.get("AlarmName") for alarm in raw.get("Alarms") or ())))),
        rest=_rest(kind, raw, tracking),
    )


def _step_from_aws(step: Mapping[str, Any]) -> StepAdjustment:
    low, high = _float(step.get("MetricIntervalLowerBound")), _float(step.get("MetricIntervalUpperBound"))
    return StepAdjustment(low, high, int(step["ScalingAdjustment"]))


def sort_steps(steps: Iterable[StepAdjustment]) -> tuple[StepAdjustment, ...]:
    """The steps from the lowest to the highest."""
    low = float("-inf")
    return tuple(sorted(steps, key=lambda step: low if step.lower_bound is None else step.lower_bound))


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def show(group: str, policy: Policy, alarms: Mapping[str, Alarm]) -> dict[str, Any]:
    """The policy with its alarm under the names of its options."""
    shown: dict[str, Any] = {"name": policy.name, "type": policy.type, "arn": policy.arn}
    shown |= {name: getattr(policy, name) for name in FIELDS.get(policy.type, ())}
    if policy.type == "target_tracking":
        return shown | {"metric": _metrics.show(group, policy.metric)}
    if not policy.managed:
        return shown
    if policy.type == "step":
        shown["steps"] = [dict(vars(step)) for step in policy.steps or ()]
    own = next((one for one in alarms.values() if one.name == alarm_name(group, replace(policy, alarm=one))), None)
    return shown | {"alarm": None if own is None else _alarms.show(group, own)}
