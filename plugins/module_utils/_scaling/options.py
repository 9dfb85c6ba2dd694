# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling policies, hooks and scheduled actions as a user asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.options import FLAG, FLOAT, NAME, NUMBER, TEXT, choice, each
from . import hooks as _hooks
from . import metrics as _metrics
from . import policies as _policies
from . import schedules as _schedules
from .alarms import Alarm
from .hooks import Hook
from .metrics import Metric, Query
from .policies import Policy, StepAdjustment
from .schedules import Schedule

COMPARISONS = {
    ">=": "GreaterThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
PLAIN_KEYS = ("namespace", "name", "statistic", "dimensions", "unit", "period")
PREDEFINED_KEYS = ("predefined", "resource_label")
METRIC_KEYS = (*PLAIN_KEYS, *PREDEFINED_KEYS, "math")
LINE_KEYS = ("id", "expression", "metric", "label", "return_data")

ALARM: dict[str, Any] = {
    "metric": {"type": "raw"},
    "comparison": choice(*COMPARISONS.values(), *COMPARISONS),
    "threshold": FLOAT,
    "period": NUMBER,
    "evaluation_periods": NUMBER,
    "datapoints_to_alarm": NUMBER,
    "treat_missing_data": choice("missing", "ignore", "breaching", "notBreaching"),
}
POLICIES = each(
    name=NAME,
    type=choice("target_tracking", "step", "simple", "predictive", required=True),
    metric={"type": "raw"},
    target=FLOAT,
    disable_scale_in=FLAG,
    adjustment_type=choice("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"),
    steps=each(lower_bound=FLOAT, upper_bound=FLOAT, adjustment={"type": "int", "required": True}),
    adjustment=NUMBER,
    min_adjustment_magnitude=NUMBER,
    metric_aggregation=choice("Average", "Minimum", "Maximum"),
    cooldown=NUMBER,
    estimated_instance_warmup=NUMBER,
    enabled=FLAG,
    alarm={"type": "dict", "options": ALARM},
)
SCHEDULES = each(
    name=NAME,
    recurrence=TEXT,
    time_zone=TEXT,
    start_time=TEXT,
    end_time=TEXT,
    min_size=NUMBER,
    max_size=NUMBER,
    desired_capacity=NUMBER,
)


def policies(group: str, options: Sequence[Mapping[str, Any]]) -> tuple[Policy, ...]:
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
    """The metric of an option; `tracked`: of target tracking, not of an alarm."""
    if option == "cpu":
        return Metric(predefined=_metrics.CPU_TRACKED) if tracked else _metrics.cpu(group)
    if option == "sessions":
        return _metrics.sessions(group)
    given = _mapping(policy, option, "its metric", METRIC_KEYS)
    kinds = [key for key in ("name", "predefined", "math") if key in given]
    if not kinds or (kinds == ["predefined"] and not tracked):
        raise _unusable(policy, "its metric needs both namespace and name")
    allowed = {"name": PLAIN_KEYS, "predefined": PREDEFINED_KEYS, "math": ("math",)}[kinds[0]]
    if strange := sorted(set(given) - set(allowed)):
        raise _unusable(policy, f"its metric has both '{kinds[0]}' and '{strange[0]}'")
    if kinds == ["math"]:
        return _math(policy, given["math"], tracked=tracked)
    if kinds == ["name"] and "period" in given and not tracked:
        raise _unusable(policy, "its metric has 'period', which is an option of the alarm")
    return _plain_metric(policy, given)


def _plain_metric(policy: str, given: dict[str, Any]) -> Metric:
    if "predefined" not in given and "namespace" not in given:
        raise _unusable(policy, "its metric needs both namespace and name")
    dimensions = given.pop("dimensions", None) or {}
    if not isinstance(dimensions, Mapping):
        raise _unusable(policy, "the dimensions of its metric are not a dictionary")
    pairs = tuple(sorted((str(key), str(value)) for key, value in dimensions.items()))
    period = _whole(policy, given.pop("period", None))
    named: dict[str, Any] = {key: str(value) for key, value in given.items()}
    return Metric(**named, dimensions=pairs, period=period)


def _math(policy: str, option: Any, *, tracked: bool) -> Metric:
    """Of lines that do not say which returns data it is the last."""
    if not isinstance(option, Sequence) or isinstance(option, str) or not option:
        raise _unusable(policy, "the math of its metric is not a list of metrics and expressions")
    lines = [_line(policy, line, tracked=tracked) for line in option]
    if all(line.return_data is None for line in lines):
        lines = [replace(line, return_data=line is lines[-1]) for line in lines]
    return _metrics.combined(lines)


def _line(policy: str, option: Any, *, tracked: bool) -> Query:
    given = _mapping(policy, option, "a line of its math", LINE_KEYS)
    if "id" not in given or ("metric" in given) == ("expression" in given):
        raise _unusable(policy, "a line of its math needs an id, and either metric or expression")
    metric = None
    if "metric" in given:
        parts = _mapping(policy, given["metric"], "a metric of its math", PLAIN_KEYS)
        if "name" not in parts:
            raise _unusable(policy, "a metric of its math needs both namespace and name")
        metric = _plain_metric(policy, parts if tracked else {"period": _metrics.PERIOD, **parts})
    returned = given.get("return_data")
    flag = None if returned is None else str(returned).casefold() in ("true", "yes", "on", "1")
    expression, label = given.get("expression"), given.get("label")
    texts = [None if text is None else str(text) for text in (expression, label)]
    return Query(str(given["id"]), texts[0], metric, texts[1], flag)


def _mapping(policy: str, option: Any, what: str, keys: Sequence[str]) -> dict[str, Any]:
    if not isinstance(option, Mapping):
        raise _unusable(policy, f"{what} is '{option}'")
    given = {str(key): value for key, value in option.items() if value is not None}
    if strange := sorted(set(given) - set(keys)):
        raise _unusable(policy, f"{what} has '{strange[0]}'")
    return given


def _whole(policy: str, value: Any) -> int | None:
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        raise _unusable(policy, f"the period of its metric is '{value}'") from None


def _unusable(policy: str, reason: str) -> Failure:
    way_out = (
        "In O(scaling_policies) set metric to cpu or sessions, to a dictionary of namespace, name and optionally "
        "statistic, dimensions, unit and period, or to one of math, whose lines have an id and a metric or an "
        "expression"
    )
    return Failure(Refusal("use", "scaling policy", policy, reason, way_out))


def hooks(options: Sequence[Mapping[str, Any]]) -> tuple[Hook, ...]:
    """The hooks that the option asks for, by name."""
    return tuple(sorted(map(_hook, options), key=lambda hook: hook.name))


def _hook(option: Mapping[str, Any]) -> Hook:
    given: dict[str, Any] = {name: option.get(name) for name in _hooks.KEYS}
    return Hook(**given)


def schedules(options: Sequence[Mapping[str, Any]]) -> tuple[Schedule, ...]:
    """The scheduled actions that the option asks for, by name."""
    return tuple(sorted(map(_schedule, options), key=lambda one: one.name))


def _schedule(option: Mapping[str, Any]) -> Schedule:
    given: dict[str, Any] = {name: option.get(name) for name in _schedules.KEYS}
    return Schedule(**{**given, **{key: _schedules.utc(given[key]) for key in _schedules.TIMES}})
