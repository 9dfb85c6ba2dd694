# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling policies, alarms, hooks and schedules in AWS: the one place that asks for them.

A value that is read keeps what has no name here, as far as the call can say it that writes the thing again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from .._core.aws import Aws
from .._core.surplus import ScaleOut
from . import alarms as _alarms
from . import hooks as _hooks
from . import metrics as _metrics
from . import policies as _policies
from . import schedules as _schedules
from .alarms import Alarm
from .hooks import Hook
from .metrics import Metric
from .policies import Policy
from .schedules import Schedule

NO_GROUP = ("ValidationError~not found",)
"""A group that was there a moment ago may be gone, and one just made may not be known everywhere."""
ALARM_NAMES = 100
"""The most that AWS takes in one call."""
QUERIES = 500
"""The most of GetMetricData, by its call."""


def describe_policies(aws: Aws, group: str) -> list[dict[str, Any]]:
    """The group's policies as AWS answers."""
    return _of_group(aws, group, "DescribePolicies", "ScalingPolicies")


def read_policies(aws: Aws, group: str) -> tuple[Policy, ...]:
    """The group's policies by name."""
    found = map(_policies.from_aws, describe_policies(aws, group))
    kept = (replace(one, rest=aws.writable("autoscaling", "PutScalingPolicy", one.rest)) for one in found)
    return tuple(sorted(kept, key=lambda policy: policy.name))


def describe_alarms(aws: Aws, prefixes: Sequence[str], names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The alarms whose names begin so, or are one of the names, as AWS answers."""
    kinds: dict[str, Any] = {"AlarmTypes": ["MetricAlarm"]}
    found: list[dict[str, Any]] = []
    for prefix in prefixes:
        found += aws.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNamePrefix=prefix, **kinds)
    for at in range(0, len(names), ALARM_NAMES):
        some = list(names[at : at + ALARM_NAMES])
        found += aws.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNames=some, **kinds)
    return found


def in_alarm(aws: Aws, group: str) -> tuple[str, ...]:
    """The names of the alarms in state ALARM, of those with the group's name and of its target tracking."""
    found = describe_alarms(aws, [f"{group}:", f"TargetTracking-{group}-"])
    return tuple(sorted(str(one["AlarmName"]) for one in found if one.get("StateValue") == "ALARM"))


def read_alarms(aws: Aws, group: str) -> dict[str, Alarm]:
    """The alarms with the group's name, by theirs."""
    found = map(_alarms.from_aws, describe_alarms(aws, [f"{group}:"]))
    own = [alarm for alarm in found if _alarms.policy_of(group, alarm.name)]
    return {one.name: replace(one, rest=aws.writable("cloudwatch", "PutMetricAlarm", one.rest)) for one in own}


def read_callers(aws: Aws, group: str) -> dict[ScaleOut, Metric | None]:
    """The alarms by which policies of the group add nodes, each with its metric where that is to be read.

    It is not where the alarm is in ALARM, goes by the sessions of each node, or by what does not say how many nodes it
    takes.
    """
    policies = [one for one in map(_policies.from_aws, describe_policies(aws, group)) if one.enabled is not False]
    names = sorted({name for policy in policies for name in policy.alarms})
    found: dict[ScaleOut, Metric | None] = {}
    for raw in describe_alarms(aws, (), names):
        alarm = _alarms.from_aws(raw)
        callable_by = [one for one in policies if alarm.name in one.alarms and _policies.adds(one, alarm)]
        for policy in callable_by if raw.get("ActionsEnabled", True) else ():
            one = _policies.scale_out(policy, alarm, raw.get("StateValue") == "ALARM")
            metric = alarm.metric if one.measurable else None
            found[one] = metric and replace(metric, period=_minutes(alarm.period))
    return found


def _minutes(period: int | None) -> int:
    """The period of an alarm, as long as any metric has it."""
    return max(_metrics.PERIOD, period or 0)


Points = list[tuple[float, float]]
"""Of a metric: when the period of each begins, in seconds since 1970, and its value."""


def read_sessions(
    aws: Aws, group: str, nodes: Sequence[str], period: int, start: float, end: float
) -> dict[str, Points]:
    """By node the points of its sessions between two times, in no order; [] of one that published none."""
    return read_points(aws, {name: _metrics.sessions_of(group, name) for name in nodes}, period, start, end)


def read_group_points(
    aws: Aws, group: str, nodes: Sequence[str], period: int, start: float, end: float
) -> tuple[Points, Points, dict[str, Points]]:
    """The points of nodes in service ([] where the group does not collect them), of CPU, and by node of sessions."""
    wanted = {"": _metrics.in_service(group), "cpu": _metrics.cpu(group)}
    of_nodes = {name: _metrics.sessions_of(group, name) for name in nodes}
    found = read_points(aws, {**wanted, **of_nodes}, period, start, end)
    return found[""], found["cpu"], {name: found[name] for name in nodes}


def read_points(aws: Aws, metrics: Mapping[str, Metric], period: int, start: float, end: float) -> dict[str, Points]:
    """By name the points of each metric between two times, in no order.

    `period`: of those that have none of their own.
    """
    found: dict[str, Points] = {name: [] for name in metrics}
    names = sorted(found)
    for at in range(0, len(names), QUERIES):
        some = dict(zip((f"m{number}" for number in range(QUERIES)), names[at : at + QUERIES], strict=False))
        queries = [_query(key, metrics[name], period) for key, name in some.items()]
        asked: dict[str, Any] = {"MetricDataQueries": queries, "StartTime": _moment(start), "EndTime": _moment(end)}
        for row in aws.pages("cloudwatch", "GetMetricData", "MetricDataResults", **asked):
            points = zip(row.get("Timestamps") or (), row.get("Values") or (), strict=False)
            found[some[row["Id"]]] += [(when.timestamp(), float(value)) for when, value in points]
    return found


def read_publishers(aws: Aws, group: str) -> list[str]:
    """The nodes of the group that published their sessions in the last two weeks, also those that are gone."""
    namespace, name = _metrics.SESSIONS
    asked: dict[str, Any] = {"Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}]}
    rows = aws.pages("cloudwatch", "ListMetrics", "Metrics", Namespace=namespace, MetricName=name, **asked)
    of_each = [{one["Name"]: one["Value"] for one in row.get("Dimensions") or ()} for row in rows]
    return sorted({one["InstanceId"] for one in of_each if "InstanceId" in one})


def _query(key: str, metric: Metric, period: int) -> dict[str, Any]:
    named = {key: value for key, value in _metrics.flat_to_aws(metric).items() if value}
    return {"Id": key, "MetricStat": {"Metric": named, "Period": metric.period or period, "Stat": metric.statistic}}


def _moment(date: float) -> datetime:
    return datetime.fromtimestamp(date, timezone.utc)


def describe_hooks(aws: Aws, group: str) -> list[dict[str, Any]]:
    """The group's hooks as AWS answers."""
    return _of_group(aws, group, "DescribeLifecycleHooks", "LifecycleHooks")


def read_hooks(aws: Aws, group: str) -> tuple[Hook, ...]:
    """The group's hooks by name."""
    found = map(_hooks.from_aws, describe_hooks(aws, group))
    kept = (replace(one, rest=aws.writable("autoscaling", "PutLifecycleHook", one.rest)) for one in found)
    return tuple(sorted(kept, key=lambda hook: hook.name))


def describe_schedules(aws: Aws, group: str) -> list[dict[str, Any]]:
    """The group's scheduled actions as AWS answers."""
    return _of_group(aws, group, "DescribeScheduledActions", "ScheduledUpdateGroupActions")


def read_schedules(aws: Aws, group: str) -> tuple[Schedule, ...]:
    """The group's scheduled actions by name."""
    found = map(_schedules.from_aws, describe_schedules(aws, group))
    put = "PutScheduledUpdateGroupAction"
    kept = (replace(one, rest=aws.writable("autoscaling", put, one.rest)) for one in found)
    return tuple(sorted(kept, key=lambda one: one.name))


def _of_group(aws: Aws, group: str, operation: str, key: str) -> list[dict[str, Any]]:
    return aws.pages("autoscaling", operation, key, missing=NO_GROUP, AutoScalingGroupName=group)
