# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CloudWatch metrics that policies track and alarms watch: one metric, metric math, or one that AWS has predefined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core.plain import merged, without

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
CPU_TRACKED = "ASGAverageCPUUtilization"
PERIOD = 60
"""Seconds that a data point covers where nothing is said."""


@dataclass(frozen=True)
class Metric:
    """A metric of CloudWatch, one that AWS has `predefined`, or what metric `math` makes of several.

    `rest` holds its other settings, under AWS's names; they are kept.
    """

    namespace: str | None = None
    name: str | None = None
    statistic: str | None = "Average"
    dimensions: tuple[tuple[str, str], ...] = ()
    unit: str | None = None
    period: int | None = None
    predefined: str | None = None
    resource_label: str | None = None
    math: tuple[Query, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Query:
    """One line of metric math: a metric, or an expression over other lines. One line alone returns data."""

    id: str
    expression: str | None = None
    metric: Metric | None = None
    label: str | None = None
    return_data: bool | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


def cpu(group: str) -> Metric:
    """The average load of the group's processors, as EC2 reports it."""
    return Metric("AWS/EC2", "CPUUtilization", "Average", (("AutoScalingGroupName", group),))


def in_service(group: str) -> Metric:
    """The number of the group's nodes in service, where it collects metrics of its own."""
    return Metric("AWS/AutoScaling", "GroupInServiceInstances", "Average", (("AutoScalingGroupName", group),))


SESSIONS = ("WCS", "connections_websocket")
"""Namespace and name of the metric that wcs-metrics publishes on each node."""


def sessions(group: str, period: int | None = None) -> Metric:
    """The average number of sessions of the group's nodes: each of them publishes its own once a period."""
    return Metric(*SESSIONS, "Average", (("AutoScalingGroupName", group),), period=period)


def sessions_of(group: str, instance_id: str) -> Metric:
    """The sessions of one node, which it publishes beside those of its group."""
    return Metric(*SESSIONS, "Average", (("AutoScalingGroupName", group), ("InstanceId", instance_id)))


def combined(queries: Iterable[Query]) -> Metric:
    """The metric that metric math makes."""
    return Metric(statistic=None, math=tuple(queries))


def over(have: Metric | None, want: Metric | None) -> Metric | None:
    """The wanted metric; the one that is there where it is the same in all that is said of it."""
    return have if want is None or (have is not None and _says(have, want)) else want


def _says(have: Metric, want: Metric) -> bool:
    """Whether `have` says what `want` says; a period that is left out is as it is."""
    known = _plain(have) == _plain(want)
    period = want.period in (None, have.period or PERIOD)
    alike = len(have.math) == len(want.math) and all(map(_same_line, have.math, want.math))
    return known and period and alike


def _plain(metric: Metric) -> Metric:
    statistic = metric.statistic or ("Average" if metric.name else None)
    return replace(metric, statistic=statistic, rest={}, math=(), period=None)


def _same_line(have: Query, want: Query) -> bool:
    if (have.metric is None) != (want.metric is None):
        return False
    metric = have.metric is None or want.metric is None or _says(have.metric, want.metric)
    returned = (have.return_data is not False) == (want.return_data is not False)
    label = want.label in (None, have.label)
    return metric and returned and label and (have.id, have.expression) == (want.id, want.expression)


# In AWS's words

FLAT = ("Namespace", "MetricName", "Dimensions", "Unit", "Period")
PREDEFINED, CUSTOMIZED = "PredefinedMetricSpecification", "CustomizedMetricSpecification"


def flat_to_aws(metric: Metric) -> dict[str, Any]:
    """The members that name a metric."""
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
    }


def flat_from_aws(raw: Mapping[str, Any], statistic: str | None) -> Metric:
    """The metric of an alarm, of a customized specification, or of a line of metric math."""
    pairs = tuple(sorted((one["Name"], one["Value"]) for one in raw.get("Dimensions") or ()))
    return Metric(raw.get("Namespace"), raw.get("MetricName"), statistic, pairs, raw.get("Unit"))


def math_to_aws(queries: Sequence[Query]) -> list[dict[str, Any]]:
    """The lines of metric math."""
    return [_line_to_aws(query) for query in queries]


def _line_to_aws(query: Query) -> dict[str, Any]:
    line = {"Id": query.id, "Expression": query.expression, "Label": query.label, "ReturnData": query.return_data}
    return merged(query.rest, {**line, "MetricStat": {} if query.metric is None else _stat_to_aws(query.metric)})


def _stat_to_aws(metric: Metric) -> dict[str, Any]:
    stat = {"Stat": metric.statistic, "Unit": metric.unit, "Period": metric.period}
    return merged(metric.rest, {**stat, "Metric": merged({}, flat_to_aws(metric))})


def math_from_aws(raw: Iterable[Mapping[str, Any]]) -> Metric:
    """The metric that lines of metric math make."""
    return combined(map(_line_from_aws, raw))


def _line_from_aws(raw: Mapping[str, Any]) -> Query:
    stat, metric = raw.get("MetricStat") or {}, None
    if stat:
        inner = stat.get("Metric") or {}
        named = ("Metric.Namespace", "Metric.MetricName", "Metric.Dimensions", "Stat", "Unit", "Period")
        found = flat_from_aws({**inner, "Unit": stat.get("Unit")}, stat.get("Stat"))
        metric = replace(found, period=stat.get("Period"), rest=without(stat, named))
    rest = without(raw, ("Id", "Expression", "Label", "ReturnData", "MetricStat"))
    return Query(raw["Id"], raw.get("Expression"), metric, raw.get("Label"), raw.get("ReturnData"), rest)


def tracked_to_aws(metric: Metric) -> dict[str, Any]:
    """The specification in a TargetTrackingConfiguration."""
    if metric.predefined:
        named = {"PredefinedMetricType": metric.predefined, "ResourceLabel": metric.resource_label}
        return {PREDEFINED: merged(metric.rest, named)}
    if metric.math:
        return {CUSTOMIZED: merged(metric.rest, {"Metrics": math_to_aws(metric.math)})}
    more = {"Statistic": metric.statistic, "Unit": metric.unit, "Period": metric.period}
    return {CUSTOMIZED: merged(metric.rest, {**flat_to_aws(metric), **more})}


def tracked_from_aws(tracking: Mapping[str, Any]) -> Metric | None:
    """The metric of a TargetTrackingConfiguration."""
    if spec := tracking.get(PREDEFINED):
        rest = without(spec, ("PredefinedMetricType", "ResourceLabel"))
        return Metric(predefined=spec.get("PredefinedMetricType"), resource_label=spec.get("ResourceLabel"), rest=rest)
    spec = tracking.get(CUSTOMIZED) or {}
    if not spec.get("MetricName") and spec.get("Metrics"):
        return replace(math_from_aws(spec["Metrics"]), rest=without(spec, ["Metrics"]))
    rest = without(spec, (*FLAT, "Statistic"))
    return replace(flat_from_aws(spec, spec.get("Statistic")), period=spec.get("Period"), rest=rest) if spec else None


def tracked_in(tracking: Mapping[str, Any]) -> str:
    """The member of a TargetTrackingConfiguration that its metric was read from."""
    return PREDEFINED if tracking.get(PREDEFINED) else CUSTOMIZED


# As it is shown


def show(group: str, metric: Metric | None) -> str | dict[str, Any] | None:
    """`cpu`, or the metric's parts, under the names of the option."""
    if metric is None:
        return None
    if replace(metric, rest={}) in (cpu(group), Metric(predefined=CPU_TRACKED)):
        return "cpu"
    if replace(metric, rest={}, period=metric.period or PERIOD) == sessions(group, PERIOD):
        return "sessions"
    if metric.math:
        return {"math": [_show_line(query) for query in metric.math]}
    if metric.predefined:
        return _given(predefined=metric.predefined, resource_label=metric.resource_label)
    named = {"namespace": metric.namespace, "name": metric.name, "statistic": metric.statistic}
    return _given(**named, unit=metric.unit, period=metric.period) | {"dimensions": dict(metric.dimensions)}


def _show_line(query: Query) -> dict[str, Any]:
    shown = _given(id=query.id, expression=query.expression, label=query.label, return_data=query.return_data)
    return shown if query.metric is None else {**shown, "metric": show("", query.metric)}


def _given(**parts: Any) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if value is not None}
