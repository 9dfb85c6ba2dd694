# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch: alarms that begin without data and keep their state, metrics that are there for everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse

from plugins.module_utils._forecast.alarms import COMPARE, Sample, single, statistic

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.dates import aws_seconds
from ...core.errors import Refused
from ...iam import principals
from .. import alarms as cloudwatch
from ..alarms import Alarm, alarms, metric_key, metrics
from ..engine import AlarmEngine

MISSING = ("missing", "ignore", "breaching", "notBreaching")
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
NEEDED = ("ComparisonOperator", "EvaluationPeriods", "MetricName", "Namespace", "Period", "Threshold")


@answers("A new alarm begins as INSUFFICIENT_DATA; an update keeps its state and its tags.", CloudWatchResponse)
def put_metric_alarm(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    given = {key: value for key, value in ask.given.items() if value is not None and key not in ("Tags", "AlarmName")}
    if "Metrics" not in given:
        _check(given)
    name = ask["AlarmName"]
    new = name not in alarms(ask.region)
    alarm = cloudwatch.put(ask.region, name, given, ask.lab.clock.stamp())
    if new and ask.get("Tags"):
        _tagger(ask).tag_resource(alarm.arn, ask["Tags"])
    return {}


def _check(given: Mapping[str, Any]) -> None:
    for name in NEEDED:
        if given.get(name) is None:
            raise Refused("ValidationError", f"The parameter {name} is required")
    if given["ComparisonOperator"] not in COMPARE:
        raise Refused("ValidationError", f"ComparisonOperator must be one of [{', '.join(COMPARE)}]")
    if given.get("TreatMissingData", "missing") not in MISSING:
        raise Refused("ValidationError", f"Option {given['TreatMissingData']} is not supported for TreatMissingData")
    if bool(given.get("Statistic")) == bool(given.get("ExtendedStatistic")):
        raise Refused("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified")
    period, periods = int(given["Period"]), int(given["EvaluationPeriods"])
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise Refused("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
    if period < 60 and given["Namespace"].startswith("AWS/"):
        raise Refused("ValidationError", "Period must not be less than 60 for metrics of the AWS/ namespaces")
    if period * periods > 86400 * (7 if period >= 3600 else 1):
        raise Refused(
            "ValidationError", "Metrics cannot be checked across more than a day (EvaluationPeriods * Period)"
        )
    needed = given.get("DatapointsToAlarm")
    if needed is not None and not 1 <= int(needed) <= periods:
        raise Refused("ValidationError", "DatapointsToAlarm must be between 1 and EvaluationPeriods")


@answers("Alarms are described by name, prefix, state or action, page by page.", CloudWatchResponse)
def describe_alarms(ask: Ask) -> dict[str, Any]:
    """{MetricAlarms, CompositeAlarms, NextToken}."""
    names, prefix = ask.get("AlarmNames", []), ask.get("AlarmNamePrefix", "")
    value, action = ask.get("StateValue"), ask.get("ActionPrefix", "")
    found = [
        alarm.show()
        for alarm in alarms(ask.region).values()
        if (not names or alarm.name in names)
        and alarm.name.startswith(prefix)
        and (not value or alarm.value == value)
        and (not action or any(arn.startswith(action) for arn in alarm.given.get("AlarmActions") or []))
    ]
    rows, token = page(ask, found, 50)
    return {"MetricAlarms": rows, "CompositeAlarms": [], "NextToken": token}


@answers("Alarms are found by the metric they look at.", CloudWatchResponse)
def describe_alarms_for_metric(ask: Ask) -> dict[str, Any]:
    """{MetricAlarms}."""
    key = metric_key(ask["Namespace"], ask["MetricName"], ask.get("Dimensions", []))
    found = [a for a in alarms(ask.region).values() if "MetricName" in a.given and a.key == key]
    return {"MetricAlarms": [alarm.show() for alarm in found]}


@answers("Alarms are deleted by name; those that are not there are passed over.", CloudWatchResponse)
def delete_alarms(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    for name in ask["AlarmNames"]:
        if name in alarms(ask.region):
            _tagger(ask).delete_all_tags_for_resource(cloudwatch.arn_of(ask.region, name))
    cloudwatch.drop(ask.region, ask["AlarmNames"])
    return {}


def _find(ask: Ask, name: str) -> Alarm:
    alarm = alarms(ask.region).get(name)
    if alarm is None:
        raise Refused("ResourceNotFound", "Unknown", 404)
    return alarm


@answers("A state set by hand runs its actions and lasts until the next evaluation.", CloudWatchResponse)
def set_alarm_state(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    alarm, value = _find(ask, ask["AlarmName"]), ask["StateValue"]
    data = ask.get("StateReasonData", "{}")
    try:
        seen = json.loads(data).get("recentDatapoints") or [None]
    except (ValueError, AttributeError) as wrong:
        raise Refused("InvalidFormat", "TokenizeError: StateReasonData is not JSON") from wrong
    if value != alarm.value:
        alarm.turn(value, ask["StateReason"], data, ask.lab.clock.stamp())
        ask.lab.engine(AlarmEngine).act(ask.lab, ask.region, alarm, seen[-1])
    return {}


@answers("An alarm's actions are switched on.", CloudWatchResponse)
def enable_alarm_actions(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    return _switch(ask, True)


@answers("An alarm's actions are switched off.", CloudWatchResponse)
def disable_alarm_actions(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    return _switch(ask, False)


def _switch(ask: Ask, on: bool) -> dict[str, Any]:
    for name in ask["AlarmNames"]:
        if name in alarms(ask.region):
            alarms(ask.region)[name].given["ActionsEnabled"] = on
    return {}


@answers("An alarm's history tells its changes of state.", CloudWatchResponse)
def describe_alarm_history(ask: Ask) -> dict[str, Any]:
    """{AlarmHistoryItems, NextToken}, newest first."""
    name = ask.get("AlarmName")
    items = [
        {"AlarmName": alarm.name, "AlarmType": "MetricAlarm", **item}
        for alarm in alarms(ask.region).values()
        for item in alarm.history
        if not name or alarm.name == name
    ]
    rows, token = page(ask, items, 50)
    return {"AlarmHistoryItems": rows, "NextToken": token}


def _tagger(ask: Ask) -> Any:
    return state.backend("cloudwatch", ask.region).tagger


def _tagged(ask: Ask) -> str:
    arn = str(ask["ResourceARN"])
    if not any(alarm.arn == arn for alarm in alarms(ask.region).values()):
        raise Refused("ResourceNotFoundException", f"Unknown resource {arn}", 404)
    return arn


@answers("An alarm's tags are changed by TagResource.", CloudWatchResponse)
def tag_resource(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    _tagger(ask).tag_resource(_tagged(ask), ask["Tags"])
    return {}


@answers("An alarm's tags are taken away by UntagResource.", CloudWatchResponse)
def untag_resource(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    _tagger(ask).untag_resource_using_names(_tagged(ask), ask["TagKeys"])
    return {}


@answers("An alarm's tags are listed.", CloudWatchResponse)
def list_tags_for_resource(ask: Ask) -> dict[str, Any]:
    """{Tags}."""
    return {"Tags": _tagger(ask).list_tags_for_resource(_tagged(ask))["Tags"]}


@answers("The AWS/ namespaces are AWS's: users put metrics elsewhere.", CloudWatchResponse)
def put_metric_data(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    if ask["Namespace"].startswith("AWS/"):
        raise Refused("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    context = {"cloudwatch:namespace": str(ask["Namespace"])}
    if denied := principals.refused(ask.lab, ask.lab.asker, "cloudwatch:PutMetricData", context):
        raise denied
    for datum in ask["MetricData"]:
        at = aws_seconds(ask.lab, datum["Timestamp"]) if datum.get("Timestamp") else ask.now
        key = metric_key(ask["Namespace"], datum["MetricName"], datum.get("Dimensions") or [])
        for sample in _samples(datum, at):
            metrics(ask.region).add(key, sample)
    return {}


def _samples(datum: Mapping[str, Any], at: float) -> list[Sample]:
    answer = datum.get("StatisticValues")
    if answer:
        names = ("SampleCount", "Sum", "Minimum", "Maximum")
        return [Sample(at, *(float(answer[name]) for name in names))]
    if datum.get("Values"):
        values = [float(value) for value in datum["Values"]]
        counts = [float(count) for count in datum.get("Counts") or [1] * len(values)]
        return [Sample(at, n, n * value, value, value) for value, n in zip(values, counts, strict=True)]
    return [single(at, float(datum.get("Value", 0)))]


def _series(ask: Ask, metric: Mapping[str, Any], start: float, end: float, period: int) -> dict[float, list[Sample]]:
    key = metric_key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions") or [])
    found: dict[float, list[Sample]] = {}
    for sample in metrics(ask.region).of(key):
        if start <= sample.at < end:
            found.setdefault(sample.at // period * period, []).append(sample)
    return found


@answers("Statistics are of whatever was reported, also by AWS itself.", CloudWatchResponse)
def get_metric_statistics(ask: Ask) -> dict[str, Any]:
    """{Label, Datapoints}."""
    wanted = ask.get("Statistics", [])
    if not wanted and not ask.get("ExtendedStatistics"):
        raise Refused("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    start, end = (aws_seconds(ask.lab, ask[name]) for name in ("StartTime", "EndTime"))
    if start >= end:
        raise Refused("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.")
    rows = [
        {"Timestamp": ask.lab.clock.stamp(at), "Unit": ask.get("Unit", "None")}
        | {name: statistic(samples, name) for name in STATISTICS if name in wanted}
        for at, samples in sorted(_series(ask, ask.given, start, end, int(ask["Period"])).items())
    ]
    return {"Label": ask["MetricName"], "Datapoints": rows}


@answers("Data of several metrics come in one answer.", CloudWatchResponse)
def get_metric_data(ask: Ask) -> dict[str, Any]:
    """{MetricDataResults}; expressions are not worked out."""
    start, end = (aws_seconds(ask.lab, ask[name]) for name in ("StartTime", "EndTime"))
    results = []
    for query in ask["MetricDataQueries"]:
        asked = query.get("MetricStat")
        if asked is None:
            raise Refused("ValidationError", "The lab answers queries with a MetricStat only")
        found = sorted(_series(ask, asked["Metric"], start, end, int(asked["Period"])).items())
        if ask.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found.reverse()
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or asked["Metric"]["MetricName"],
                "Timestamps": [ask.lab.clock.stamp(at) for at, _ in found],
                "Values": [statistic(samples, asked["Stat"]) for _, samples in found],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results}


@answers("Metrics are listed that were reported of late.", CloudWatchResponse)
def list_metrics(ask: Ask) -> dict[str, Any]:
    """{Metrics, NextToken}."""
    namespace, name = ask.get("Namespace"), ask.get("MetricName")
    wanted = [(d["Name"], d.get("Value")) for d in ask.get("Dimensions", [])]
    found = [
        {"Namespace": key[0], "MetricName": key[1], "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(key[2])]}
        for key in metrics(ask.region).series
        if (not namespace or key[0] == namespace)
        and (not name or key[1] == name)
        and all(any(n == have and v in (None, value) for have, value in key[2]) for n, v in wanted)
    ]
    rows, token = page(ask, found, 500)
    return {"Metrics": rows, "NextToken": token}
