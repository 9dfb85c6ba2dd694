"""wcs_drain with count: surplus, against the lab: who is too many, since when, and what calls it off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.steering import Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")

SURPLUS = {"group_name": "wcs", "count": "surplus", "sessions_per_node": 10, "stable_for": 900}
NOTED = ["autoscaling:CreateOrUpdateTags"]


@pytest.fixture
def fleet(lab: Any, aws: Callable[..., Any]) -> Steered:
    fleet = Steered(lab, aws, 4)
    for one in fleet.ids():
        fleet.hold(one, 2)
    return fleet


def test_nodes_that_sessions_do_not_need_leave_once_that_was_so_for_a_while(fleet: Steered) -> None:
    before = fleet.ids()
    first = fleet.drains.run(**SURPLUS)
    assert first.outcome.actions == NOTED
    assert first.returns["surplus"] == {
        "count": 0, "sessions": 8, "nodes_needed": 2, "reason": "it was not looked at for 15 min 0 s yet",
    }  # fmt: skip
    assert first.returns["summary"] == "No node left the group: it was not looked at for 15 min 0 s yet."
    for _ in range(2):
        fleet.lab.run(300)
        assert fleet.drains.run(**SURPLUS).outcome.actions == NOTED
    fleet.lab.run(310)
    foreseen = fleet.drains.check(**SURPLUS)
    assert len(foreseen.returns["victims"]) == foreseen.returns["surplus"]["count"] == 2
    victims = [one["instance_id"] for one in foreseen.returns["victims"]]
    fleet.when(60, lambda: [fleet.hold(one, 0) for one in victims])
    done = fleet.drains.run(**SURPLUS)
    assert {one["instance_id"]: one["outcome"] for one in done.returns["victims"]} == dict.fromkeys(victims, "drained")
    assert (fleet.ids(), fleet.traces()) == (sorted(set(before) - set(victims)), [])
    assert [tag for tag in fleet.stage.group()["Tags"] if tag["Key"].endswith("surplus")] == []
    again = fleet.drains.run(**SURPLUS)
    assert (again.outcome.actions, again.returns["surplus"]["count"]) == ([], 0)


def test_where_the_nodes_publish_their_sessions_nothing_has_to_be_noted(fleet: Steered) -> None:
    for minute in range(20):
        for one in fleet.ids():
            dimensions = [{"Name": "AutoScalingGroupName", "Value": "wcs"}, {"Name": "InstanceId", "Value": one}]
            sessions = 9.0 if minute == 10 else 2.0
            datum = {"MetricName": "connections_websocket", "Dimensions": dimensions, "Value": sessions}
            fleet.aws("cloudwatch").put_metric_data(Namespace="WCS", MetricData=[datum])
        fleet.lab.run(60)
    crowded = fleet.drains.run(**SURPLUS)
    assert crowded.outcome.actions == []
    assert (crowded.returns["surplus"]["sessions"], crowded.returns["surplus"]["nodes_needed"]) == (36, 5)
    calm = fleet.drains.check(**SURPLUS | {"stable_for": 400})
    assert (calm.returns["surplus"]["sessions"], calm.returns["surplus"]["count"]) == (8, 2)


def test_what_was_seen_is_forgotten_when_sessions_come(fleet: Steered) -> None:
    fleet.drains.run(**SURPLUS)
    for one in fleet.ids():
        fleet.hold(one, 9)
    fleet.lab.run(60)
    gone = fleet.drains.run(**SURPLUS)
    assert gone.outcome.actions == ["autoscaling:DeleteTags"]
    assert gone.returns["surplus"]["nodes_needed"] == 5


def test_a_node_on_its_way_out_comes_back_when_sessions_need_it(fleet: Steered) -> None:
    before = fleet.ids()
    foreseen = fleet.drains.check(**SURPLUS | {"stable_for": 0})
    victims = [one["instance_id"] for one in foreseen.returns["victims"]]

    def crowd() -> None:
        for one in before:
            fleet.hold(one, 9)

    fleet.when(60, crowd)
    done = fleet.drains.run(**SURPLUS | {"stable_for": 0})
    assert {one["outcome"] for one in done.returns["victims"]} == {"returned"}
    assert len(victims) == 2
    fleet.lab.run(120)
    assert (fleet.ids(), fleet.in_service(), fleet.traces()) == (before, before, [])


@pytest.mark.parametrize("trouble", ["a node does not tell", "one more is wanted", "it cannot grow"])
def test_where_it_cannot_be_told_nothing_leaves_and_that_is_no_error(fleet: Steered, trouble: str) -> None:
    if trouble == "a node does not tell":
        fleet.hold(fleet.ids()[0], None)
    elif trouble == "it cannot grow":
        fleet.aws("autoscaling").suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["Launch"])
    else:
        fleet.aws("autoscaling").set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=5)
    done = fleet.drains.run(**SURPLUS | {"stable_for": 0})
    assert done.outcome.actions == []
    assert any(why in done.returns["summary"] for why in ("unknown", "4 of 5 nodes serve", "suspended (Launch)"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sessions_per_node": None}, "nothing says how many sessions a node is to carry"),
        ({"sessions_per_node": 0}, "nothing says how many sessions a node is to carry"),
        ({"count": "some"}, "'some' is neither a number nor surplus"),
        ({"count": "0"}, "0 is less than 1"),
        ({"then": "standby"}, "a node too many is terminated"),
        ({"decrement_desired": False}, "a node too many is terminated"),
        ({"headroom": -0.1}, "-0.1 is not between 0 and 10"),
        ({"stable_for": 90_000}, "90000 is not between 0 and 86400"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_first_call(
    fleet: Steered, given: dict[str, Any], words: str
) -> None:
    start = fleet.drains.mark()
    assert words in str(fleet.drains.fails(**SURPLUS | given))
    assert fleet.drains.calls(start) == []


CPU = {"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 60}
NOW = SURPLUS | {"stable_for": 0}
"""8 sessions on four nodes, of which one carries ten."""


def loaded(lab: Any, aws: Callable[..., Any], cpu: float, *policies: dict[str, Any]) -> Steered:
    """Four nodes, which sessions leave idle, under a policy on their CPU."""
    fleet = Steered(lab, aws, 4, min_size=1, max_size=4, scaling_policies=[CPU, *policies])
    for one in fleet.ids():
        fleet.hold(one, 2)
        lab.machines[one].cpu = cpu
    lab.run(300)
    return fleet


@pytest.mark.parametrize(
    ("cpu", "count", "why"),
    [
        (5.0, 3, None),
        (45.0, 0, "policy 'cpu' needs 4 nodes: its metric was up to 45 on 4 nodes, it adds some above 60"),
        (35.0, 1, None),
        (90.0, 0, "of policy 'cpu' is in ALARM, which adds nodes"),
    ],
)
def test_no_node_leaves_that_a_policy_on_the_cpu_would_add_again(
    lab: Any, aws: Callable[..., Any], cpu: float, count: int, why: str | None
) -> None:
    fleet = loaded(lab, aws, cpu)
    before = fleet.ids()
    foreseen = fleet.drains.check(**NOW)
    found = foreseen.returns["surplus"]
    assert (found["count"], found["nodes_needed"]) == (count, 4 - count if cpu < 60 else 1)
    if why is None:
        assert found["reason"] is None
        return
    assert why in found["reason"]
    assert why in foreseen.returns["summary"]
    done = fleet.drains.run(**NOW)
    assert (done.outcome.actions, fleet.ids()) == ([], before)
    assert why in done.returns["summary"]


def test_after_a_node_has_left_what_its_group_measured_before_counts_no_more(lab: Any, aws: Callable[..., Any]) -> None:
    fleet = loaded(lab, aws, 35.0)
    for one in fleet.ids():
        fleet.hold(one, 0)
    assert len([one for one in fleet.drains.run(**NOW).returns["victims"] if one["outcome"] == "drained"]) == 1
    again = fleet.drains.run(**NOW)
    assert again.outcome.actions == []
    assert "has no data since the nodes changed" in again.returns["summary"]


def test_what_cannot_be_judged_lets_no_node_leave_and_is_named(lab: Any, aws: Callable[..., Any]) -> None:
    line = {"id": "m", "metric": {"namespace": "WCS", "name": "streams_in", "dimensions": {}, "statistic": "Sum"}}
    math = [{**line, "return_data": False}, {"id": "e", "expression": "m / 2"}]
    silent = {"namespace": "WCS", "name": "streams_in", "dimensions": {}, "statistic": "Average"}
    policies = [
        {"name": name, "type": "target_tracking", "metric": metric, "target": 9}
        for name, metric in (("math", {"math": math}), ("silent", silent))
    ]
    fleet = loaded(lab, aws, 5.0, policies[0])
    found = fleet.drains.run(**NOW).returns["surplus"]
    assert found["count"] == 0
    assert "how many nodes policy 'math' needs is unknown" in found["reason"]
    assert "goes by metric math" in found["reason"]
    fleet.stage.bench.run(**fleet.options | {"scaling_policies": [CPU, policies[1]]})
    found = fleet.drains.run(**NOW).returns["surplus"]
    assert found["count"] == 0
    assert "policy 'silent' needs is unknown" in found["reason"]
    assert "has no data since the nodes changed" in found["reason"]


def test_alarms_that_add_no_node_hold_none(lab: Any, aws: Callable[..., Any]) -> None:
    alarm = {"comparison": "LessThanThreshold", "threshold": 20, "evaluation_periods": 1}
    less = {"name": "less", "type": "step", "steps": [{"upper_bound": 0, "adjustment": -1}], "alarm": alarm}
    off = {**CPU, "name": "off", "target": 1, "enabled": False}
    fleet = loaded(lab, aws, 5.0, less, off)
    assert fleet.drains.check(**NOW).returns["surplus"]["count"] == 3


READS = ("autoscaling:DescribePolicies", "autoscaling:DescribeScalingActivities", "cloudwatch:DescribeAlarms")


@pytest.mark.parametrize("action", [*READS, "cloudwatch:GetMetricData"])
def test_a_read_that_is_denied_is_named_and_no_node_leaves(lab: Any, aws: Callable[..., Any], action: str) -> None:
    fleet = loaded(lab, aws, 5.0)
    before, denial = fleet.ids(), {"code": "AccessDenied", "message": "You are not authorized to do this."}
    lab.faults.add("error-before", action, count=None, status=403, **denial)
    assert f"Allow the action {action} to these credentials" in str(fleet.drains.fails(**NOW))
    assert (fleet.ids(), fleet.traces()) == (before, [])


@pytest.mark.parametrize(("weights", "refused"), [(["2", "2"], True), (["1", "2"], True), (["1", "1"], False)])
def test_a_group_whose_nodes_have_weights_is_refused(fleet: Steered, weights: list[str], refused: bool) -> None:
    spec = {"LaunchTemplateId": fleet.stage.group()["LaunchTemplate"]["LaunchTemplateId"], "Version": "$Default"}
    types = [
        {"InstanceType": kind, "WeightedCapacity": weight}
        for kind, weight in zip(("c5.large", "c5.xlarge"), weights, strict=True)
    ]
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": spec, "Overrides": types}}
    fleet.aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName="wcs", MixedInstancesPolicy=policy)
    if not refused:
        assert fleet.drains.check(**NOW).returns["surplus"]["count"] == 2
        return
    for given in (NOW, {"group_name": "wcs", "count": 1}):
        assert "its nodes have weights (WeightedCapacity), so its sizes do not count nodes" in str(
            fleet.drains.fails(**given)
        )
    assert "weights (WeightedCapacity)" in str(fleet.rollouts.fails(group_name="wcs", probe=False))
