"""Scaling policies and alarms as plain values: names, completion, what changes in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._core.step import LATER, Ref
from plugins.module_utils._scaling import alarms as _alarms
from plugins.module_utils._scaling import metrics as _metrics
from plugins.module_utils._scaling import moves as _scaling
from plugins.module_utils._scaling import options as _scaling_options
from plugins.module_utils._scaling import policies as _policies
from plugins.module_utils._scaling.alarms import Alarm
from plugins.module_utils._scaling.metrics import Metric
from plugins.module_utils._scaling.policies import Policy, StepAdjustment

GROUP = "wcs"
ALARM = Alarm(comparison="GreaterThanThreshold", threshold=70.0)
STEP = Policy("out", "step", steps=(StepAdjustment(0.0, None, 1),), alarm=ALARM)


def walked(have: list[Policy], alarms: dict[str, Alarm], want: list[Policy], purge: bool = True) -> list[str]:
    """The operations from `have` to `want`, folded as a run would."""
    policies, found = tuple(have), []
    goal = _policies.complete(GROUP, policies, alarms, want)
    while steps := _scaling.moves(GROUP, policies, alarms, goal, purge):
        for step in steps:
            found.append(f"{step.operation} {step.args.get('PolicyName') or step.subject[1]}")
            if step.operation == "PutScalingPolicy":
                policies = _scaling.after_put(policies, step.args)
            elif step.operation == "DeletePolicy":
                policies, alarms = _scaling.after_delete(GROUP, policies, alarms, step.args["PolicyName"])
            elif step.operation == "PutMetricAlarm":
                alarms = _alarms.after_put(alarms, step.args)
            else:
                alarms = {name: alarm for name, alarm in alarms.items() if name not in step.args["AlarmNames"]}
        assert len(found) < 50, found
    return found


def made(*want: Policy) -> tuple[list[Policy], dict[str, Alarm]]:
    """The policies and alarms as AWS has them after they were made."""
    goal = _policies.complete(GROUP, (), {}, want)
    policies, alarms = [], {}
    for policy in goal:
        arn = f"arn:aws:autoscaling:r:1:scalingPolicy:u:autoScalingGroupName/{GROUP}:policyName/{policy.name}"
        policies.append(replace(policy, arn=arn, alarm=None))
        if policy.alarm:
            marked = f"Calls it {_alarms.MARK}{GROUP})"
            alarms[policy.alarm.name] = replace(policy.alarm, actions=(arn,), description=marked)
    return policies, alarms


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        (STEP, "wcs:out:out"),
        (replace(STEP, steps=(StepAdjustment(None, 0.0, -1),)), "wcs:out:in"),
        (replace(STEP, steps=(), adjustment=2), "wcs:out:out"),
        (replace(STEP, steps=(), adjustment=-2), "wcs:out:in"),
        (replace(STEP, adjustment_type="ExactCapacity"), "wcs:out:out"),
        (replace(STEP, adjustment_type="ExactCapacity", alarm=Alarm(comparison="LessThanThreshold")), "wcs:out:in"),
        (replace(STEP, alarm=Alarm(comparison="LessThanThreshold")), "wcs:out:out"),
    ],
)
def test_an_alarm_is_named_by_what_its_policy_does(policy: Policy, name: str) -> None:
    assert _policies.alarm_name(GROUP, policy) == name


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("wcs:out:out", "out"),
        ("wcs:out:in", "out"),
        ("wcs:out", None),
        ("wcs::out", None),
        ("wcs:a:b:out", None),
        ("wcs2:out:out", None),
        ("TargetTracking-wcs-AlarmHigh-1", None),
    ],
)
def test_an_alarm_tells_its_policy(name: str, policy: str | None) -> None:
    assert _alarms.policy_of(GROUP, name) == policy


def test_policies_come_before_their_alarms_which_call_them_by_arn() -> None:
    assert walked([], {}, [STEP]) == ["PutScalingPolicy out", "PutMetricAlarm wcs:out:out"]
    goal = _policies.complete(GROUP, (), {}, [STEP])
    there = _scaling.after_put((), _scaling.put(GROUP, goal[0]).args)
    (ringing,) = _scaling.moves(GROUP, there, {}, goal, True)
    assert ringing.args["AlarmActions"] == [Ref("scaling policy", "out", "arn")]
    assert ringing.args["Dimensions"] == [{"Name": "AutoScalingGroupName", "Value": GROUP}]


def test_what_is_as_wanted_needs_nothing() -> None:
    policies, alarms = made(STEP)
    assert walked(policies, alarms, [STEP]) == []
    assert walked(policies, alarms, [replace(STEP, alarm=None)]) == [], "an alarm left out is not managed"


def test_a_change_of_type_makes_policy_and_alarm_anew() -> None:
    policies, alarms = made(STEP)
    simple = Policy("out", "simple", adjustment=1, alarm=ALARM)
    assert walked(policies, alarms, [simple]) == [
        "DeletePolicy out",
        "PutScalingPolicy out",
        "PutMetricAlarm wcs:out:out",
    ]
    tracking = Policy("out", "target_tracking", metric=Metric(predefined=_metrics.CPU_TRACKED), target=50.0)
    assert walked(policies, alarms, [tracking]) == ["DeletePolicy out", "PutScalingPolicy out", "DeleteAlarms wcs"]


def test_a_change_of_direction_renames_the_alarm() -> None:
    policies, alarms = made(STEP)
    down = replace(STEP, steps=(StepAdjustment(None, 0.0, -1),))
    assert walked(policies, alarms, [down]) == [
        "PutScalingPolicy out",
        "PutMetricAlarm wcs:out:in",
        "DeleteAlarms wcs",
    ]


def test_an_alarm_goes_with_its_policy_unless_nothing_is_purged() -> None:
    policies, alarms = made(STEP)
    assert walked(policies, alarms, []) == ["DeletePolicy out", "DeleteAlarms wcs"]
    assert walked(policies, alarms, [], purge=False) == []


def test_a_stray_alarm_goes_only_if_it_is_ours() -> None:
    _, alarms = made(STEP)
    assert walked([], alarms, []) == ["DeleteAlarms wcs"]
    theirs = {name: replace(alarm, description="mine") for name, alarm in alarms.items()}
    assert walked([], theirs, []) == []


def test_an_alarm_that_calls_an_older_policy_of_that_name_is_put_again() -> None:
    policies, alarms = made(STEP)
    old = "arn:aws:autoscaling:r:1:scalingPolicy:old:autoScalingGroupName/wcs:policyName/out"
    stale = {name: replace(alarm, actions=(old, "arn:aws:sns:r:1:ops")) for name, alarm in alarms.items()}
    goal = _policies.complete(GROUP, policies, stale, [STEP])
    (step,) = _scaling.moves(GROUP, policies, stale, goal, True)
    assert step.args["AlarmActions"] == [policies[0].arn, "arn:aws:sns:r:1:ops"]


def test_left_out_is_what_is_there_but_not_of_another_type() -> None:
    policies, alarms = made(replace(STEP, adjustment_type="PercentChangeInCapacity", metric_aggregation="Maximum"))
    (goal,) = _policies.complete(GROUP, policies, alarms, [Policy("out", "step", alarm=Alarm(threshold=80.0))])
    assert (goal.adjustment_type, goal.metric_aggregation) == ("PercentChangeInCapacity", "Maximum")
    assert goal.alarm is not None
    assert (goal.alarm.threshold, goal.alarm.comparison, goal.alarm.period) == (80.0, "GreaterThanThreshold", 60)
    (other,) = _policies.complete(GROUP, policies, alarms, [Policy("out", "simple", adjustment=1)])
    assert other.adjustment_type == "ChangeInCapacity"


@pytest.mark.parametrize(
    "step", [StepAdjustment(0.0, None, 1), StepAdjustment(None, 0.0, -1), StepAdjustment(-5.0, 0.0, 0)]
)
def test_a_bound_of_nought_survives_the_way_to_aws_and_back(step: StepAdjustment) -> None:
    args = _scaling.put(GROUP, replace(STEP, steps=(step,))).args
    assert _policies.from_aws(args).steps == (step,)
    bounds = {key for key in args["StepAdjustments"][0] if key.startswith("MetricInterval")}
    assert len(bounds) == sum(bound is not None for bound in (step.lower_bound, step.upper_bound))


@pytest.mark.parametrize(
    ("option", "tracked", "metric"),
    [
        ("cpu", True, Metric(predefined="ASGAverageCPUUtilization")),
        ("cpu", False, _metrics.cpu(GROUP)),
        ({"namespace": "A", "name": "b"}, True, Metric("A", "b")),
        (
            {"namespace": "A", "name": "b", "statistic": "p99", "dimensions": {"y": 1, "x": 2}, "unit": "Count"},
            False,
            Metric("A", "b", "p99", (("x", "2"), ("y", "1")), "Count"),
        ),
        ({"predefined": "ASGAverageNetworkIn"}, True, Metric(predefined="ASGAverageNetworkIn")),
    ],
)
def test_a_metric_is_cpu_or_its_parts(option: Any, tracked: bool, metric: Metric) -> None:
    given: dict[str, Any] = {"name": "p", "type": "target_tracking" if tracked else "simple"}
    given |= {"metric": option} if tracked else {"alarm": {"metric": option}}
    (policy,) = _scaling_options.policies(GROUP, [given])
    found = policy.metric if tracked else policy.alarm and policy.alarm.metric
    assert found == metric
    shown = _metrics.show(GROUP, metric)
    again = dict(given, metric=shown) if tracked else dict(given, alarm={"metric": shown})
    assert _scaling_options.policies(GROUP, [again]) == (policy,), "what is shown may be given back"


def test_percentiles_are_extended_statistics() -> None:
    args = _alarms.to_aws(Alarm(metric=Metric("A", "b", "p99")))
    assert args["ExtendedStatistic"] == "p99"
    assert "Statistic" not in args
    assert _alarms.from_aws({**args, "AlarmName": "x"}).metric == Metric("A", "b", "p99")


def test_a_new_policy_has_no_arn_yet() -> None:
    (policy,) = _scaling.after_put((), _scaling.put(GROUP, STEP).args)
    assert policy.arn == LATER
    (again,) = _scaling.after_put((replace(policy, arn="arn"),), _scaling.put(GROUP, STEP).args)
    assert again.arn == "arn", "it is kept as long as the policy is"
