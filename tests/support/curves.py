"""Loads and groups for the tests of forecasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from plugins.module_utils._forecast.alarms import AlarmRule
from plugins.module_utils._forecast.decide import SIMPLE, STEP, TRACKING, Adjustment, ScalingRule
from plugins.module_utils._forecast.value import Curve, GroupModel, NodeModel, ReplayedPolicy

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z, a Thursday


def load(sessions: Sequence[float], step: int = 60) -> Curve:
    return Curve(START, step, list(sessions))


def day(least: float, most: float, days: int = 1) -> list[float]:
    """Least at midnight, most at noon, a point a minute."""
    middle, swing = (least + most) / 2, (most - least) / 2
    return [round(middle - swing * math.cos(minute / 1440 * 2 * math.pi)) for minute in range(1440 * days)]


def tracking(target: float, metric: Any = "sessions", **more: Any) -> ReplayedPolicy:
    return ReplayedPolicy("target", ScalingRule(TRACKING, target=target, **more), metric)


def steps(
    threshold: float, *changes: tuple[float, float | None, int], less: bool = False, **more: Any
) -> ReplayedPolicy:
    comparison = "LessThanOrEqualToThreshold" if less else "GreaterThanOrEqualToThreshold"
    rule = ScalingRule(STEP, steps=tuple(Adjustment(*one) for one in changes), **more)
    return ReplayedPolicy("in" if less else "out", rule, "sessions", AlarmRule(comparison, threshold, 60, 2, 2))


def simple(threshold: float, change: int, **more: Any) -> ReplayedPolicy:
    rule = ScalingRule(SIMPLE, adjustment=change, **more)
    return ReplayedPolicy("simple", rule, "sessions", AlarmRule("GreaterThanOrEqualToThreshold", threshold, 60, 2, 2))


def group(*policies: ReplayedPolicy, node: NodeModel | None = None, **given: Any) -> GroupModel:
    sizes = {"min_size": 1, "max_size": 10, **given}
    return GroupModel(policies=policies, node=node or NodeModel(capacity=100, launch_seconds=120), **sizes)
