"""Whether a group that is waited for will ever be complete, told from what is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._balancer.health import WELL, InstanceHealth
from plugins.module_utils._group import readiness as _readiness
from plugins.module_utils._group import value as _group
from plugins.module_utils._group.readiness import Activity, Sick
from plugins.module_utils._group.value import Group, Member

SETTINGS = replace(
    _group.FROM_AWS, min_size=1, max_size=4, desired_capacity=2, load_balancers=("lb",), health_check_grace_period=60
)
ILL = InstanceHealth("OutOfService", description="Instance has failed")
START = 1000.0


def group(*members: Member, **answer: InstanceHealth) -> Group:
    return Group("wcs", "arn", SETTINGS, members=members, health={"lb": answer})


def failed(at: float) -> Activity:
    text = "Launching a new EC2 instance.  Status Reason: No capacity. Launching EC2 instance failed."
    return Activity(text, "Failed", "No capacity. Launching EC2 instance failed.", start=at, end=at)


def replaced(at: float) -> Activity:
    cause = "At T an instance was taken out of service in response to an ELB system health check failure."
    return Activity("Terminating EC2 instance: i-1", "Successful", "", cause, at, at)


def launched(instance_id: str, at: float) -> Activity:
    return Activity(f"Launching a new EC2 instance: {instance_id}", "Successful", start=at - 10, end=at)


BOTH_WELL = group(Member("a"), Member("b"), a=WELL, b=WELL)
ONE_ILL = group(Member("a"), Member("b"), a=WELL, b=ILL)


@pytest.mark.parametrize(
    ("seen", "complete", "line"),
    [
        (BOTH_WELL, True, "2 of 2 in service in the group, 2 in balancer lb"),
        (ONE_ILL, False, "2 of 2 in service in the group, 1 in balancer lb"),
        (group(Member("a"), a=WELL), False, "1 of 2 in service in the group, 1 in balancer lb"),
        (
            group(Member("a", state="Pending"), Member("b"), b=WELL),
            False,
            "1 of 2 in service in the group, 1 in balancer lb",
        ),
        (replace(ONE_ILL, health=None), True, "2 of 2 in service in the group"),
    ],
)
def test_complete_is_in_service_everywhere(seen: Group, complete: bool, line: str) -> None:
    assert _readiness.complete(seen) is complete
    assert _readiness.progress(seen) == line


@pytest.mark.parametrize(
    ("seen", "activities", "now", "passed", "reason"),
    [
        (ONE_ILL, [failed(START)] * 2, START + 10, set(), None),
        (ONE_ILL, [failed(START)] * 3, START + 10, set(), "3 launches failed since this run began"),
        (ONE_ILL, [failed(START - 1)] * 3, START + 10, set(), None),
        (ONE_ILL, [replaced(START)], START + 10, set(), None),
        (ONE_ILL, [replaced(START + 1), replaced(START)], START + 10, set(), "2 nodes failed their health check"),
        (ONE_ILL, [launched("b", START)], START + 119, set(), None),
        (ONE_ILL, [launched("b", START)], START + 121, set(), "a node well past its grace period"),
        (ONE_ILL, [launched("b", START - 500)], START, set(), "a node well past its grace period"),
        (ONE_ILL, [launched("b", START)], START + 121, {"b"}, None),
        (ONE_ILL, [launched("a", START - 500)], START, set(), None),
        (BOTH_WELL, [launched("a", 0), launched("b", 0)], START, set(), None),
        (replace(ONE_ILL, health={"lb": {}}), [launched("b", 0)], START, set(), "a node well past its grace period"),
    ],
)
def test_hopeless(seen: Group, activities: list[Activity], now: float, passed: set[str], reason: str | None) -> None:
    cause = _readiness.hopeless(seen, activities, START, now, passed)
    assert (cause is None) is (reason is None)
    assert cause is None or cause[0].startswith(reason or "")


@pytest.mark.parametrize(
    ("process", "members", "hopeless"),
    [
        ("Launch", [Member("a")], True),
        ("Launch", [Member("a"), Member("b", state="Pending:Wait")], False),
        ("AddToLoadBalancer", [Member("a"), Member("b")], True),
        ("AddToLoadBalancer", [Member("a")], False),
        ("AZRebalance", [Member("a")], False),
    ],
)
def test_a_suspended_process_that_is_needed(process: str, members: list[Any], hopeless: bool) -> None:
    seen = group(*members)
    seen = replace(seen, settings=replace(SETTINGS, suspended_processes=(process,)))
    assert (_readiness.hopeless(seen, [], None, None, set()) is not None) is hopeless


def test_the_sick_are_named_with_their_reason() -> None:
    seen = group(Member("a", health="Unhealthy"), Member("b"), Member("c"), Member("d", state="Standby"), b=ILL)
    assert [str(one) for one in _readiness.sick(seen)] == [
        "a is Unhealthy in the group (InService)",
        "b is OutOfService in balancer lb (Instance has failed)",
        "c is OutOfService in balancer lb (the balancer does not know it)",
    ]


def test_only_the_first_few_are_told_and_all_are_in_the_details() -> None:
    many = [Sick(f"i-{n}", "balancer lb", "OutOfService", "ill") for n in range(8)]
    text = _readiness.summary(many, [failed(START)] * 3)
    assert text.count("a launch failed: No capacity. Launching EC2 instance failed") == 1
    assert text.endswith("3 more nodes are not in service")
    details = _readiness.details(many, [failed(START)])
    assert len(details["sick_instances"]) == 8
    assert details["failed_activities"][0]["reason"] == "No capacity. Launching EC2 instance failed."


@pytest.mark.parametrize("state", ["Terminating:Retained", "SomethingOfTomorrow"])
def test_a_member_in_a_state_that_does_not_serve_is_no_trouble(state: str) -> None:
    kept = Member("i-9", state=state, health="Unhealthy" if state.endswith("Retained") else "Healthy")
    settings = _group.Settings(desired_capacity=1)
    group = Group("wcs", "arn", settings, members=(Member("i-1"), kept), health={})
    assert _readiness.complete(group)
    assert _readiness.sick(group) == []
