"""wcs_drain against the lab: the recipe on AWS's terms, deadlines, calling off, kills, and who else is at work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.steering import SICK, Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")

BEGIN = ["autoscaling:CreateOrUpdateTags", "ec2:CreateTags", "autoscaling:SuspendProcesses"]
OUT = "elb:DeregisterInstancesFromLoadBalancer"
END = ["autoscaling:TerminateInstanceInAutoScalingGroup", "autoscaling:ResumeProcesses", "autoscaling:DeleteTags"]
READS = ["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances", "elb:DescribeInstanceHealth"]


@pytest.fixture
def fleet(lab: Any, aws: Callable[..., Any]) -> Steered:
    return Steered(lab, aws, 3)


def outcomes(answer: Any) -> dict[str, str]:
    return {one["instance_id"]: one["outcome"] for one in answer["victims"]}


def test_the_emptiest_node_leaves_once_its_sessions_have_ended(fleet: Steered) -> None:
    one, two, three = fleet.ids()
    for instance_id, sessions in ((one, 5), (two, 2), (three, 9)):
        fleet.hold(instance_id, sessions)
    foreseen = fleet.drains.check(group_name="wcs", count=1)
    assert foreseen.outcome.actions == BEGIN
    assert foreseen.returns["victims"] == [
        {"instance_id": two, "zone": foreseen.returns["victims"][0]["zone"], "sessions": 2, "outcome": None}
    ]
    fleet.when(100, lambda: fleet.hold(two, 1))
    fleet.when(200, lambda: fleet.hold(two, 0))
    began, start = fleet.lab.clock.now(), fleet.drains.mark()
    done = fleet.drains.run(group_name="wcs", count=1)
    assert 200 <= fleet.lab.clock.now() - began <= 260
    assert fleet.drains.writes(start) == done.outcome.actions == [*BEGIN, OUT, *END]
    assert outcomes(done.returns) == {two: "drained"}
    assert done.returns["cut"] == []
    assert (done.returns["group"]["desired_capacity"], fleet.ids()) == (2, sorted([one, three]))
    assert fleet.traces() == []
    fleet.lab.run(300)
    assert (fleet.ids(), fleet.in_service()) == (sorted([one, three]), sorted([one, three]))
    assert any("2 sessions left, gives up in" in line for line in fleet.drains.lines)


def test_a_look_costs_three_calls(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    fleet.hold(one, 1)
    fleet.when(60, lambda: fleet.hold(one, 0))
    start = fleet.drains.mark()
    fleet.drains.run(group_name="wcs", instance_ids=[one], decrement_desired=False)
    calls = fleet.drains.calls(start)
    assert calls[:4] == [*READS[:1], "ec2:DescribeInstances", "elb:DescribeLoadBalancerAttributes", READS[2]]
    reads = {name for name in calls if ":Describe" in name}
    assert reads == {*READS, "elb:DescribeLoadBalancerAttributes"}
    assert calls.count("elb:DescribeLoadBalancerAttributes") == 1


@pytest.mark.parametrize(
    "on_timeout", ["fail", *(pytest.param(one, marks=pytest.mark.long) for one in ("return_to_service", "terminate"))]
)
def test_sessions_that_never_end(fleet: Steered, on_timeout: str) -> None:
    for instance_id in fleet.ids():
        fleet.hold(instance_id, 4)
    began = fleet.lab.clock.now()
    options = {"group_name": "wcs", "count": 1, "timeout": 120, "on_timeout": on_timeout}
    if on_timeout == "fail":
        failure = fleet.drains.fails(**options)
        assert abs(fleet.lab.clock.now() - began - 120) <= 10
        assert "(4 sessions) had sessions left when the timeout (2 min 0 s) was over" in str(failure)
        ((instance_id, outcome),) = outcomes(failure.details).items()
        assert (outcome, len(fleet.ids()), instance_id in fleet.in_service()) == ("draining", 3, False)
        back = fleet.drains.run(group_name="wcs", state="in_service")
        assert outcomes(back.returns) == {instance_id: "returned"}
    else:
        answer = fleet.drains.run(**options)
        ((instance_id, outcome),) = outcomes(answer.returns).items()
        if on_timeout == "terminate":
            assert answer.returns["cut"] == [{"instance_id": instance_id, "sessions": 4}]
            assert "ec2:TerminateInstances" in answer.outcome.actions
            assert fleet.lab.clock.now() - began <= 180
        else:
            assert (outcome, answer.returns["cut"]) == ("returned", [])
    assert fleet.traces() == []
    fleet.lab.run(120)
    assert len(fleet.in_service()) == len(fleet.ids()) == (2 if on_timeout == "terminate" else 3)


@pytest.mark.long
def test_called_off_the_node_takes_new_sessions_within_two_checks(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    fleet.hold(one, 7)
    fleet.drains.fails(group_name="wcs", instance_ids=[one], timeout=30)
    assert one not in fleet.in_service()
    began = fleet.lab.clock.now()
    seen: list[float] = []
    for seconds in range(60):
        fleet.when(seconds, lambda: seen.append(fleet.lab.clock.now()) if one in fleet.in_service() else None)
    fleet.drains.run(group_name="wcs", state="in_service")
    assert seen[0] - began <= fleet.lab.delays.elb_registration + 2 * 5
    assert (fleet.traces(), len(fleet.in_service())) == ([], 3)


@pytest.mark.long
def test_the_group_may_be_converged_while_nodes_drain(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    fleet.hold(one, 7)
    fleet.drains.fails(group_name="wcs", instance_ids=[one], timeout=30)
    fleet.lab.run(300)
    began = fleet.lab.clock.now()
    again = fleet.stage.bench.run(**fleet.options)
    assert (again.outcome.actions, fleet.lab.clock.now() - began < 5) == ([], True)
    assert one not in fleet.in_service()
    fleet.drains.run(group_name="wcs", state="in_service")
    assert (fleet.traces(), len(fleet.in_service())) == ([], 3)


@pytest.mark.long
def test_standby_and_back(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    done = fleet.drains.run(group_name="wcs", instance_ids=[one], then="standby")
    assert (outcomes(done.returns), done.returns["group"]["desired_capacity"]) == ({one: "standby"}, 2)
    assert fleet.drains.run(group_name="wcs", instance_ids=[one], then="standby").outcome.actions == []
    back = fleet.drains.run(group_name="wcs", state="in_service", instance_ids=[one])
    assert (outcomes(back.returns), back.returns["group"]["desired_capacity"]) == ({one: "returned"}, 3)
    fleet.drains.run(group_name="wcs", instance_ids=[one], then="standby")
    ended = fleet.drains.run(group_name="wcs", instance_ids=[one])
    assert (outcomes(ended.returns), ended.returns["group"]["desired_capacity"]) == ({one: "drained"}, 2)
    assert fleet.drains.run(group_name="wcs", instance_ids=[one]).outcome.actions == []
    assert fleet.traces() == []


def test_what_the_operator_suspended_stays_suspended(fleet: Steered) -> None:
    fleet.aws("autoscaling").suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["HealthCheck"])
    fleet.drains.run(group_name="wcs", count=1)
    assert fleet.traces() == ["HealthCheck"]


@pytest.mark.long
def test_without_decrement_aws_launches_another(fleet: Steered) -> None:
    before = fleet.ids()
    fleet.drains.run(group_name="wcs", count=1, decrement_desired=False)
    fleet.lab.run(90)
    assert len(fleet.in_service()) == 3
    assert len(set(fleet.ids()) - set(before)) == 1


@pytest.mark.long
def test_a_page_that_does_not_answer_is_not_empty(fleet: Steered) -> None:
    one, two, _ = fleet.ids()
    fleet.hold(one, None)
    fleet.hold(two, 50)
    answer = fleet.drains.check(group_name="wcs", count=1)
    assert answer.returns["victims"][0]["instance_id"] != one
    failure = fleet.drains.fails(group_name="wcs", instance_ids=[one], timeout=60)
    assert "sessions unknown" in str(failure)
    assert one in fleet.ids()


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ({"count": 3}, "one node always serves"),
        ({"count": 1, "timeout": 900}, "closes what is left after 600 s"),
        ({"count": 0}, "0 is less than 1"),
        ({"count": 1, "stat_timeout": 0}, "0 is not between 0.1 and 60"),
        ({"instance_ids": ["i-0123456789abcdef0"], "group_name": "other"}, "there is none of that name"),
    ],
)
def test_what_cannot_work_is_refused_before_the_first_write(fleet: Steered, given: dict[str, Any], result: str) -> None:
    start = fleet.drains.mark()
    for check in (True, False):
        assert result in str(fleet.drains.fails(check, **{"group_name": "wcs", **given}))
    assert fleet.drains.writes(start) == []


def test_draining_that_is_off_is_refused(fleet: Steered) -> None:
    fleet.draining(None)
    assert "draining of balancer wcs is off" in str(fleet.drains.fails(group_name="wcs", count=1))


def test_a_node_that_fails_meanwhile_is_left_to_aws_afterwards(fleet: Steered) -> None:
    one, two, _ = fleet.ids()
    fleet.hold(one, 3)
    fleet.hold(two, 5)
    fleet.when(120, lambda: fleet.hold(one, 0))

    def fail() -> None:
        fleet.hold(two, 0)
        fleet.lab.machines[two].health = SICK  # type: ignore[index]

    fleet.when(50, fail)
    fleet.drains.run(group_name="wcs", instance_ids=[one])
    assert fleet.traces() == []
    fleet.lab.run(300)
    assert two not in fleet.ids()
    assert len(fleet.in_service()) == 2


def test_a_tag_that_is_not_ours_is_complained_of(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    tag = {"Key": "webcallserver.aws:draining", "Value": "by hand"}
    fleet.aws("ec2").create_tags(Resources=[one], Tags=[tag])
    failure = fleet.drains.fails(group_name="wcs", count=1)
    assert "its tag webcallserver.aws:draining cannot be read" in str(failure)
