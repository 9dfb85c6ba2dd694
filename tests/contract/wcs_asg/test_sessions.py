"""The metric `sessions`: made, shown, changed, and followed by the group where its nodes publish it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from tests.support.groups import NAME, Stage
from tests.support.site_options import worked_out

TRACKED = {"name": "sessions", "type": "target_tracking", "metric": "sessions", "target": 100}
QUICK = {
    "namespace": "WCS",
    "name": "connections_websocket",
    "dimensions": {"AutoScalingGroupName": NAME},
    "period": 10,
}


@pytest.fixture
def stage(lab: Lab, aws: Callable[..., Any]) -> Stage:
    return Stage(lab, aws)


def policy(stage: Stage) -> dict[str, Any]:
    (found,) = stage.aws("autoscaling").describe_policies(AutoScalingGroupName=NAME)["ScalingPolicies"]
    return dict(found)


def publish(stage: Stage, *sessions: float) -> None:
    """What nodes publish at this moment, a figure each."""
    dimensions = [{"Name": "AutoScalingGroupName", "Value": NAME}]
    data = [{"MetricName": "connections_websocket", "Dimensions": dimensions, "Value": one} for one in sessions]
    stage.aws("cloudwatch").put_metric_data(Namespace="WCS", MetricData=data)


def test_it_is_the_average_of_what_the_nodes_publish(stage: Stage) -> None:
    options = stage.options(scaling_policies=[TRACKED])
    planned = stage.bench.check(**options)
    answer = stage.bench.run(**options)
    assert planned.outcome.actions == answer.outcome.actions
    (shown,) = answer.returns["scaling_policies"]
    assert (shown["metric"], shown["target"], shown["disable_scale_in"]) == ("sessions", 100.0, True)
    assert policy(stage)["TargetTrackingConfiguration"] == {
        "CustomizedMetricSpecification": {
            "Namespace": "WCS",
            "MetricName": "connections_websocket",
            "Dimensions": [{"Name": "AutoScalingGroupName", "Value": NAME}],
            "Statistic": "Average",
        },
        "TargetValue": 100.0,
        "DisableScaleIn": True,
    }
    again = stage.bench.run(**options)
    assert again.outcome.actions == []
    back = stage.bench.run(**stage.options(scaling_policies=[{**TRACKED, "metric": shown["metric"]}]))
    assert back.outcome.actions == []


def test_another_period_or_metric_is_a_change_of_the_policy(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[TRACKED]))
    quick = stage.bench.run(**stage.options(scaling_policies=[{**TRACKED, "metric": QUICK}]))
    assert quick.outcome.actions == ["autoscaling:PutScalingPolicy"]
    assert policy(stage)["TargetTrackingConfiguration"]["CustomizedMetricSpecification"]["Period"] == 10
    (shown,) = quick.returns["scaling_policies"]
    assert shown["metric"] == {**QUICK, "statistic": "Average"}
    slow = stage.bench.run(**stage.options(scaling_policies=[{**TRACKED, "metric": {**QUICK, "period": 60}}]))
    assert slow.returns["scaling_policies"][0]["metric"] == "sessions"
    assert not stage.bench.run(**stage.options(scaling_policies=[TRACKED])).outcome.actions
    cpu = stage.bench.run(**stage.options(scaling_policies=[{**TRACKED, "metric": "cpu"}]))
    assert cpu.returns["scaling_policies"][0]["metric"] == "cpu"


@pytest.mark.parametrize("first", [10, 30, 60])
@pytest.mark.parametrize("then", [10, 30, 60])
def test_the_policy_of_the_role_has_the_period_by_which_nodes_publish(stage: Stage, first: int, then: int) -> None:
    """From whatever it was before: where a period is left out the one that is there stays."""
    for period, standing in ((first, None), (then, first)):
        policies = of_role(wcs_server_metrics_period=period)
        answer = stage.bench.run(**stage.options(scaling_policies=policies))
        assert bool(answer.outcome.actions) == (period != standing)
        assert policy(stage)["TargetTrackingConfiguration"]["CustomizedMetricSpecification"]["Period"] == period


def of_role(**variables: Any) -> Any:
    """The policies that the role asks for with sessions per node and these variables."""
    usual = {"wcs_autoscaling_policies": [], "wcs_autoscaling_sessions_per_node": 100}
    return worked_out("{{ __wcs_autoscaling_all_policies }}", usual | variables)


def test_a_policy_without_a_period_has_that_of_a_minute(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[TRACKED]))
    assert not stage.bench.run(**stage.options(scaling_policies=of_role())).outcome.actions


def test_an_alarm_may_watch_it(stage: Stage) -> None:
    alarm = {"metric": "sessions", "comparison": ">", "threshold": 150}
    step = {"name": "out", "type": "simple", "adjustment": 1, "alarm": alarm}
    answer = stage.bench.run(**stage.options(scaling_policies=[step]))
    (shown,) = answer.returns["scaling_policies"]
    assert shown["alarm"]["metric"] == "sessions"
    assert not stage.bench.run(**stage.options(scaling_policies=[step])).outcome.actions


@pytest.mark.parametrize(("metric", "period"), [("sessions", 60), (QUICK, 10)], ids=["60 s", "10 s"])
def test_the_group_follows_its_sessions(stage: Stage, metric: Any, period: int) -> None:
    lab = stage.lab
    tracked = {**TRACKED, "metric": metric}
    stage.bench.run(**stage.options(min_size=2, max_size=8, scaling_policies=[tracked]))

    def pass_by(minutes: float, total: float) -> None:
        for _ in range(int(minutes * 60 / period)):
            count = len([one for one in stage.group()["Instances"] if one["LifecycleState"] == "InService"])
            publish(stage, *([total / count] * count))
            lab.run(period)

    pass_by(3, 190)
    assert stage.group()["DesiredCapacity"] == 2
    began = lab.clock.now()
    while stage.group()["DesiredCapacity"] == 2:
        pass_by(period / 60, 450)
        assert lab.clock.now() - began < 10 * 60, "it does not follow"
    assert lab.clock.now() - began <= (4 * 60 if period == 60 else 60)
    pass_by(15, 450)
    assert stage.group()["DesiredCapacity"] == 5
    pass_by(20, 90)
    assert stage.group()["DesiredCapacity"] == 5, "scale-in is disabled"


def test_silence_is_no_reason_to_scale(stage: Stage) -> None:
    stage.bench.run(**stage.options(min_size=2, max_size=8, scaling_policies=[TRACKED]))
    stage.lab.run(1800)
    assert stage.group()["DesiredCapacity"] == 2
    alarms = stage.aws("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {one["StateValue"] for one in alarms} == {"INSUFFICIENT_DATA"}
