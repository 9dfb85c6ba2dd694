# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which capacity a scaling policy wants when it is called, and what becomes of several that want different ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .adjustments import Adjustment, adjusted, matching, step_capacity, tracked_capacity
from .tracking import HIGH

SIMPLE, STEP, TRACKING = "SimpleScaling", "StepScaling", "TargetTrackingScaling"


@dataclass(frozen=True)
class ScalingRule:
    """What a policy does when it is called; `kind` and `adjustment_type` in AWS's words, None is not set."""

    kind: str = SIMPLE
    enabled: bool = True
    adjustment_type: str = "ChangeInCapacity"
    adjustment: int = 0
    magnitude: int | None = None
    steps: tuple[Adjustment, ...] = ()
    cooldown: int | None = None
    target: float | None = None
    disable_scale_in: bool = False
    warmup: int | None = None

    @property
    def agrees_on_scale_in(self) -> bool:
        """Whether target tracking scales in only once this policy wants that, too."""
        return self.kind == TRACKING and not self.disable_scale_in


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


@dataclass(frozen=True)
class Capacity:
    """What a policy counts from. `active`: the nodes that count as capacity, those on their way and `warming` too."""

    desired: int
    active: int
    warming: int = 0


def from_aws(given: Mapping[str, Any]) -> ScalingRule:
    """What the policy does that these arguments of PutScalingPolicy make."""
    tracking = given.get("TargetTrackingConfiguration") or {}
    magnitude = given.get("MinAdjustmentMagnitude") or given.get("MinAdjustmentStep")
    return ScalingRule(
        kind=str(given.get("PolicyType") or SIMPLE),
        enabled=given.get("Enabled") is not False,
        adjustment_type=given.get("AdjustmentType") or "ChangeInCapacity",
        adjustment=int(given.get("ScalingAdjustment") or 0),
        magnitude=int(magnitude) if magnitude else None,
        steps=tuple(map(_step_from_aws, given.get("StepAdjustments") or ())),
        cooldown=given.get("Cooldown"),
        target=float(tracking["TargetValue"]) if tracking else None,
        disable_scale_in=bool(tracking.get("DisableScaleIn")),
        warmup=given.get("EstimatedInstanceWarmup"),
    )


def _step_from_aws(raw: Mapping[str, Any]) -> Adjustment:
    bounds = raw.get("MetricIntervalLowerBound"), raw.get("MetricIntervalUpperBound")
    return Adjustment(*bounds, int(raw["ScalingAdjustment"]))


def wanted(rule: ScalingRule, capacity: Capacity, signal: Signal, agreed: bool) -> int | None:
    """The capacity that the policy wants, the group's bounds aside; None: none.

    `agreed`: whether all policies of target tracking that may scale in want to.
    """
    if rule.kind == TRACKING:
        return _tracked(rule, capacity, signal, agreed)
    if rule.kind == SIMPLE:
        return adjusted(capacity.desired, rule.adjustment_type, rule.adjustment, rule.magnitude)
    step = None if signal.breach is None else matching(rule.steps, signal.breach)
    if step is None:
        return None
    return step_capacity(capacity.desired, capacity.warming, step, rule.adjustment_type, rule.magnitude)


def _tracked(rule: ScalingRule, capacity: Capacity, signal: Signal, agreed: bool) -> int | None:
    """Out from the capacity that is warm; in when every policy that may scale in agrees and nothing warms up."""
    if signal.value is None or signal.alarm is None or rule.target is None:
        return None
    if HIGH in signal.alarm:
        return max(capacity.desired, tracked_capacity(capacity.active - capacity.warming, signal.value, rule.target))
    if capacity.warming or not agreed:
        return None
    return min(capacity.desired, tracked_capacity(capacity.desired, signal.value, rule.target))


def agreed(low: Iterable[tuple[ScalingRule, bool]]) -> bool:
    """Whether target tracking may scale in, from its policies and whether each sees its low alarm."""
    asked = [is_low for rule, is_low in low if rule.agrees_on_scale_in]
    return bool(asked) and all(asked)


def bounded(wanted: int, least: int, most: int) -> int:
    """The capacity within the group's bounds."""
    return min(max(wanted, least), most)


def largest(before: int, wants: Sequence[int]) -> int:
    """The capacity after policies that were called at the same time: the largest that one of them wants."""
    return max(wants, default=before)


def cooling(busy: bool, pending: bool, until: float, now: float) -> bool:
    """Whether a simple policy is called in vain: while an activity is under way, and until its cooldown is over.

    `pending`: the cooldown has not begun, for what it counts from has not ended.
    """
    return busy or pending or now < until


def pause(rule: ScalingRule, default: int) -> int:
    """The cooldown that follows a simple policy, in seconds, counted from the end of what it started."""
    return default if rule.cooldown is None else int(rule.cooldown)


def warmup(
    rules: Iterable[ScalingRule], rule: ScalingRule | None, scaled: bool, default: int | None, cooldown: int
) -> int:
    """Seconds that a node warms up in the eyes of a policy (None: of the group's metrics).

    The group's default warm-up is every node's. Without one, only what policies launched (`scaled`) warms up.
    """
    if rule is not None and rule.warmup is not None:
        own = [rule.warmup]
    else:
        own = [one.warmup for one in rules if one.warmup is not None]
    if scaled and own:
        return int(max(own))
    if default is not None:
        return int(default)
    return cooldown if scaled and rule is not None else 0
