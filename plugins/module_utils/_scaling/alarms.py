# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alarms that call scaling policies: what they are, what they are named, and how AWS writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core import tags as _tags
from .._core.plain import merged, without
from .._core.step import LATER, Ref, Step
from . import metrics as _metrics
from .metrics import STATISTICS, Metric

MARK = f"({_tags.STACK}="
"""In an alarm's description: a read of alarms does not show their tags."""

NAMES_A_CALL = 100  # CloudWatch DeleteAlarms


@dataclass(frozen=True)
class Alarm:
    """An alarm. None: as a want, left out. `rest` holds its other settings, under AWS's names; they are kept."""

    name: str = ""
    metric: Metric | None = None
    comparison: str | None = None
    threshold: float | None = None
    period: int | None = None
    evaluation_periods: int | None = None
    datapoints_to_alarm: int | None = None
    treat_missing_data: str | None = None
    description: str = ""
    actions: tuple[str, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)


DEFAULTS = Alarm(period=60, evaluation_periods=2, treat_missing_data="missing")
"""Used only when an alarm is made."""

FIELDS = (
    "metric",
    "comparison",
    "threshold",
    "period",
    "evaluation_periods",
    "datapoints_to_alarm",
    "treat_missing_data",
)
"""What a user says of an alarm."""


def policy_of(group: str, alarm: str) -> str | None:
    """The policy that an alarm of that name belongs to; None when it is no alarm of the group."""
    parts = alarm.removeprefix(f"{group}:").rsplit(":", 1)
    own = alarm.startswith(f"{group}:") and len(parts) == 2 and parts[1] in ("out", "in")
    return parts[0] if own and parts[0] and ":" not in parts[0] else None


def completed(group: str, there: Alarm | None, want: Alarm, name: str) -> Alarm:
    """Left out is what is there, else the creation default, else the group's CPU."""
    base = there or DEFAULTS
    filled = {one: getattr(want, one) if getattr(want, one) is not None else getattr(base, one) for one in FIELDS}
    metric = _metrics.over(base.metric, want.metric) or _metrics.cpu(group)
    period = filled["period"]
    if there is None or metric != there.metric:
        fits = want.period is not None or measured(metric, period)
        period = want.period if metric.math else (period if fits else None) or DEFAULTS.period
    return Alarm(**{**filled, "name": name, "metric": metric, "period": period})


def measured(metric: Metric | None, period: int | None) -> bool:
    """Whether a metric has points of so many seconds: AWS's own have none of less than a minute."""
    return (period or 60) >= 60 or not (metric and (metric.namespace or "").startswith("AWS/"))


def rings(group: str, have: Alarm | None, goal: Alarm, arn: str) -> bool:
    """Whether the alarm says what the goal says and calls that policy, and no other of the group."""
    if have is None:
        return False
    same = all(getattr(goal, name) in (None, getattr(have, name)) for name in FIELDS)
    return same and have.actions == (arn, *_other_actions(group, have, arn))


def _other_actions(group: str, have: Alarm | None, arn: str | Ref) -> tuple[str, ...]:
    """Its actions that are no policy of the group: a notification, say."""
    own = f":autoScalingGroupName/{group}:policyName/"
    return tuple(one for one in (have.actions if have else ()) if one not in (LATER, arn) and own not in one)


def put(group: str, policy: str, arn: str | Ref, goal: Alarm, have: Alarm | None, stack: str | None = None) -> Step:
    """Makes the alarm, or replaces all it says; what others added to it is said again.

    `stack`: whose tag a new one gets, the group's name where left out.
    """
    args: dict[str, Any] = {
        "AlarmName": goal.name,
        "AlarmActions": [arn, *_other_actions(group, have, arn)],
        **to_aws(goal),
    }
    if have is None:
        args["Tags"] = _tags.to_aws(_tags.marks(stack or group))
        args["AlarmDescription"] = f"Calls scaling policy {policy} of group {group} {MARK}{stack or group})"
    else:
        args |= {"AlarmDescription": have.description} if have.description else {}
        args = merged(have.rest, args)
    return Step("cloudwatch", "PutMetricAlarm", ("alarm", goal.name), args, lost="repeat")


def delete(group: str, names: Sequence[str]) -> list[Step]:
    """Removes alarms."""
    return [
        Step(
            "cloudwatch",
            "DeleteAlarms",
            ("alarms of group", group),
            {"AlarmNames": list(names[at : at + NAMES_A_CALL])},
            lost="repeat",
            gone=("ResourceNotFound",),
        )
        for at in range(0, len(names), NAMES_A_CALL)
    ]


def after_put(alarms: Mapping[str, Alarm], args: Mapping[str, Any]) -> dict[str, Alarm]:
    """The alarms after PutMetricAlarm."""
    actions = [LATER if isinstance(action, Ref) else action for action in args["AlarmActions"]]
    return {**alarms, args["AlarmName"]: from_aws({**args, "AlarmActions": actions})}


def to_aws(alarm: Alarm) -> dict[str, Any]:
    """The arguments of PutMetricAlarm that say when it rings."""
    metric = alarm.metric or Metric()
    watched = {"Metrics": _metrics.math_to_aws(metric.math)} if metric.math else _one_to_aws(metric)
    when = {
        "ComparisonOperator": alarm.comparison,
        "Threshold": alarm.threshold,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "TreatMissingData": alarm.treat_missing_data,
    }
    return merged(watched, when)


def _one_to_aws(metric: Metric) -> dict[str, Any]:
    kind = "Statistic" if metric.statistic in STATISTICS else "ExtendedStatistic"
    return {**_metrics.flat_to_aws(metric), kind: metric.statistic, "Unit": metric.unit}


NAMED = (
    *("AlarmName", "AlarmActions", "AlarmDescription", "Tags", "ComparisonOperator", "Threshold", "EvaluationPeriods"),
    *("DatapointsToAlarm", "TreatMissingData", "Period"),
)
"""What of an alarm has a name here, its metric aside."""


def from_aws(raw: Mapping[str, Any]) -> Alarm:
    """The alarm of DescribeAlarms, or of the arguments that make one."""
    threshold = raw.get("Threshold")
    metric, read = _metric_from_aws(raw)
    return Alarm(
        name=raw["AlarmName"],
        metric=metric,
        comparison=raw.get("ComparisonOperator"),
        threshold=None if threshold is None else float(threshold),
        period=raw.get("Period"),
        evaluation_periods=raw.get("EvaluationPeriods"),
        datapoints_to_alarm=raw.get("DatapointsToAlarm"),
        treat_missing_data=raw.get("TreatMissingData") or "missing",
        description=raw.get("AlarmDescription") or "",
        actions=tuple(raw.get("AlarmActions") or ()),
        rest=without(raw, (*NAMED, *read)),
    )


def _metric_from_aws(raw: Mapping[str, Any]) -> tuple[Metric, tuple[str, ...]]:
    """The metric, and the members that it was read from."""
    if raw.get("Metrics") and not raw.get("MetricName"):
        return _metrics.math_from_aws(raw["Metrics"]), ("Metrics",)
    kind = "Statistic" if raw.get("Statistic") else "ExtendedStatistic"
    return _metrics.flat_from_aws(raw, raw.get(kind)), ("Namespace", "MetricName", "Dimensions", "Unit", kind)


def show(group: str, alarm: Alarm) -> dict[str, Any]:
    """The alarm under the names of its options, with its name."""
    shown = {name: getattr(alarm, name) for name in FIELDS}
    return {"name": alarm.name, **shown, "metric": _metrics.show(group, alarm.metric)}
