# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaling policies of Auto Scaling groups and the alarms that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse

from plugins.module_utils._forecast.adjustments import overlap
from plugins.module_utils._forecast.decide import Signal, from_aws
from plugins.module_utils._forecast.tracking import HIGH, LOW
from plugins.module_utils._forecast.tracking import alarms as tracking_alarms

from ...cloudwatch.alarms import alarms, arn_of, drop, put
from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.errors import Refused
from ..demand import call
from ..groups import Group, Policy, find, groups, new_id, scene
from .settings import modifiable

KINDS = ("SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling")
ADJUSTMENTS = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
PREDEFINED = {
    "ASGAverageCPUUtilization": "CPUUtilization",
    "ASGAverageNetworkIn": "NetworkIn",
    "ASGAverageNetworkOut": "NetworkOut",
}
STEP_ONLY = "StepAdjustments"
LEFT_OUT = {
    "SimpleScaling": (STEP_ONLY, "EstimatedInstanceWarmup", "TargetTrackingConfiguration", "MetricAggregationType"),
    "StepScaling": ("ScalingAdjustment", "Cooldown", "TargetTrackingConfiguration"),
    "TargetTrackingScaling": (
        "ScalingAdjustment",
        "Cooldown",
        STEP_ONLY,
        "AdjustmentType",
        "MinAdjustmentMagnitude",
        "MetricAggregationType",
    ),
}


@answers(
    "A policy belongs to its group, has an ARN with a UUID that an update keeps, and tells its alarms.",
    AutoScalingResponse,
)
def put_scaling_policy(ask: Ask) -> dict[str, Any]:
    """{PolicyARN, Alarms}."""
    group, name = modifiable(ask.region, ask["AutoScalingGroupName"]), ask["PolicyName"]
    given = {key: value for key, value in ask.given.items() if value is not None}
    given.setdefault("PolicyType", "SimpleScaling")
    _check(given)
    present = group.policies.get(name)
    if present is not None and present.kind != given["PolicyType"]:
        # AWS does not say whether a type can be changed in place: nobody may rely on it
        raise Refused("ValidationError", f"The policy type of {name} cannot be changed from {present.kind}")
    policy = present or Policy(name, _arn(group, name), {})
    policy.given = given
    group.policies[name] = policy
    if policy.kind == "TargetTrackingScaling":
        _put_alarms(ask, group, policy)
    return {"PolicyARN": policy.arn, "Alarms": _alarms_of(group, policy)}


def _arn(group: Group, name: str) -> str:
    prefix = f"arn:aws:autoscaling:{group.region}:{state.ACCOUNT_ID}:scalingPolicy:{new_id()}"
    return f"{prefix}:autoScalingGroupName/{group.name}:policyName/{name}"


def _check(given: Mapping[str, Any]) -> None:
    kind = given["PolicyType"]
    if kind not in KINDS:
        raise Refused("ValidationError", f"Valid policy types are: [{', '.join(KINDS)}]")
    for name in LEFT_OUT.get(kind, ()):
        if given.get(name):
            raise Refused("ValidationError", f"{name} cannot be specified for a {kind} policy")
    if kind == "TargetTrackingScaling":
        _check_tracking(given.get("TargetTrackingConfiguration"))
    elif kind in ("SimpleScaling", "StepScaling"):
        _check_adjustment(kind, given)


def _check_adjustment(kind: str, given: Mapping[str, Any]) -> None:
    if given.get("AdjustmentType") not in ADJUSTMENTS:
        raise Refused("ValidationError", f"Valid adjustment types are: [{', '.join(ADJUSTMENTS)}]")
    if kind == "SimpleScaling" and given.get("ScalingAdjustment") is None:
        raise Refused("ValidationError", "Scaling increment must be specified for a SimpleScaling policy")
    if given.get("MinAdjustmentMagnitude") and given["AdjustmentType"] != "PercentChangeInCapacity":
        raise Refused("ValidationError", "MinAdjustmentMagnitude is only for PercentChangeInCapacity")
    if kind == "StepScaling":
        wrong = overlap(from_aws(given).steps)
        if wrong:
            raise Refused("ValidationError", wrong)


def _check_tracking(given: Mapping[str, Any] | None) -> None:
    if not given or bool(given.get("PredefinedMetricSpecification")) == bool(
        given.get("CustomizedMetricSpecification")
    ):
        raise Refused(
            "ValidationError", "TargetTrackingConfiguration must have one of a predefined and a customized metric"
        )
    if given.get("CustomizedMetricSpecification"):
        _check_customized(given["CustomizedMetricSpecification"])
    predefined = given.get("PredefinedMetricSpecification")
    if predefined and predefined["PredefinedMetricType"] not in (*PREDEFINED, "ALBRequestCountPerTarget"):
        raise Refused("ValidationError", f"Predefined metric type {predefined['PredefinedMetricType']} is not valid")


def _check_customized(given: Mapping[str, Any]) -> None:
    """A customized metric is named in whole, or worked out of others: of one and only one of them."""
    named = [name for name in ("MetricName", "Namespace", "Statistic") if given.get(name)]
    queries = given.get("Metrics") or []
    if bool(named) == bool(queries) or (named and len(named) < 3):
        raise Refused(
            "ValidationError",
            "CustomizedMetricSpecification must have either MetricName, Namespace and Statistic, or Metrics",
        )
    if queries and sum(query.get("ReturnData") is not False for query in queries) != 1:
        raise Refused("ValidationError", "Exactly one element of Metrics must return data")


def _metric(group: Group, tracking: Mapping[str, Any]) -> dict[str, Any]:
    own = tracking.get("CustomizedMetricSpecification")
    if own and own.get("Metrics"):
        return {"Metrics": own["Metrics"]}
    if own:
        names = ("Namespace", "MetricName", "Dimensions", "Statistic", "Unit", "Period")
        return {"Dimensions": [], "Period": 60, **{name: own[name] for name in names if own.get(name)}}
    kind = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    return {
        "Namespace": "AWS/EC2",
        "MetricName": PREDEFINED.get(kind, kind),
        "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group.name}],
        "Statistic": "Average",
        "Period": 60,
    }


def _put_alarms(ask: Ask, group: Group, policy: Policy) -> None:
    """Target tracking's own two alarms."""
    tracking = policy.given["TargetTrackingConfiguration"]
    if not policy.alarms:
        policy.alarms = [f"TargetTracking-{group.name}-{side}-{new_id()}" for side in (HIGH, LOW)]
    for name, rule in zip(policy.alarms, tracking_alarms(float(tracking["TargetValue"])).values(), strict=True):
        put(
            ask.region,
            name,
            {
                **_metric(group, tracking),
                "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}.",
                **rule,
                "AlarmActions": [policy.arn],
            },
            ask.lab.clock.stamp(),
        )


def _alarms_of(group: Group, policy: Policy) -> list[dict[str, str]]:
    return [
        {"AlarmName": alarm.name, "AlarmARN": arn_of(group.region, alarm.name)}
        for alarm in alarms(group.region).values()
        if policy.arn in (alarm.given.get("AlarmActions") or [])
    ]


@answers("Policies are described by group, with their alarms.", AutoScalingResponse)
def describe_policies(ask: Ask) -> dict[str, Any]:
    """{ScalingPolicies, NextToken}."""
    names, kinds = ask.get("PolicyNames", []), ask.get("PolicyTypes", [])
    wanted = ask.get("AutoScalingGroupName")
    among = [find(ask.region, wanted)] if wanted else list(groups(ask.region).values())
    found = [
        _show(group, policy)
        for group in among
        for policy in group.policies.values()
        if (not names or policy.name in names or policy.arn in names) and (not kinds or policy.kind in kinds)
    ]
    rows, token = page(ask, found, 50)
    return {"ScalingPolicies": rows, "NextToken": token}


def _show(group: Group, policy: Policy) -> dict[str, Any]:
    shown: dict[str, Any] = {"Enabled": True, STEP_ONLY: [], **policy.given}
    if policy.kind == "StepScaling":
        shown.setdefault("MetricAggregationType", "Average")
    if policy.kind == "TargetTrackingScaling":
        shown["TargetTrackingConfiguration"] = {"DisableScaleIn": False, **policy.given["TargetTrackingConfiguration"]}
    return {
        **shown,
        "AutoScalingGroupName": group.name,
        "PolicyName": policy.name,
        "PolicyARN": policy.arn,
        "Alarms": _alarms_of(group, policy),
    }


def _find(ask: Ask) -> tuple[Group, Policy]:
    """The policy by name in its group, or by ARN."""
    asked, wanted = ask["PolicyName"], ask.get("AutoScalingGroupName")
    if not wanted and not asked.startswith("arn:"):
        raise Refused("ValidationError", "A policy name needs the name of its AutoScalingGroup")
    for group in [modifiable(ask.region, wanted)] if wanted else list(groups(ask.region).values()):
        for policy in group.policies.values():
            if asked in (policy.name, policy.arn):
                return group, policy
    raise Refused("ValidationError", f"PolicyName not found - {asked}")


@answers("With target tracking its alarms go; from others only the action does, the alarm stays.", AutoScalingResponse)
def delete_policy(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group, policy = _find(ask)
    del group.policies[policy.name]
    _unlink(group.region, policy)
    return {}


def _unlink(region: str, policy: Policy) -> list[str]:
    """Takes the policy's own alarms and its ARN out of others; the names of those changed."""
    drop(region, policy.alarms)
    changed = []
    for alarm in alarms(region).values():
        for kind in ACTIONS:
            if policy.arn in (alarm.given.get(kind) or []):
                alarm.given[kind] = [arn for arn in alarm.given[kind] if arn != policy.arn]
                changed.append(alarm.name)
    return changed


def forget_policies(group: Group) -> None:
    """With a group go its policies, their actions, and every alarm that has no action left."""
    changed = [name for policy in group.policies.values() for name in _unlink(group.region, policy)]
    group.policies.clear()
    drop(group.region, _idle(group.region, changed))


def _idle(region: str, names: Iterable[str]) -> list[str]:
    known = alarms(region)
    return [name for name in names if name in known and not any(known[name].given.get(kind) for kind in ACTIONS)]


@answers("A policy is executed within the group's bounds; simple ones may honor the cooldown.", AutoScalingResponse)
def execute_policy(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group, policy = _find(ask)
    signal = Signal(None, ask.get("MetricValue"), ask.get("BreachThreshold"))
    call(scene(ask.lab, ask.region), group, policy, signal, bool(ask.get("HonorCooldown")))
    return {}
