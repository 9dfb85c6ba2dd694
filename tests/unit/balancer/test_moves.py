"""What a balancer needs on the way from what is to what is wanted, as pure values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._balancer import health as _health_check
from plugins.module_utils._balancer import moves as _balancer
from plugins.module_utils._balancer.health import WELL, HealthCheck, InstanceHealth
from plugins.module_utils._balancer.listener_moves import set_of
from plugins.module_utils._balancer.listeners import Listener
from plugins.module_utils._balancer.value import (
    BIRTH,
    NO_LOG,
    UNFINISHED,
    AccessLog,
    Attributes,
    Balancer,
    Have,
    Wanted,
)
from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import LATER, Step, Wait

MARK = {"webcallserver.aws:stack": "wcs"}
DONE = Attributes(True, 3600, 3600, NO_LOG)
CERTIFICATE = "arn:aws:iam::123456789012:server-certificate/1"
A, B, C, A2, B2 = "subnet-a", "subnet-b", "subnet-c", "subnet-a2", "subnet-b2"
ZONES = {A: "za", B: "zb", C: "zc", A2: "za", B2: "zb"}
ONE, TWO, MEMBER = "i-1", "i-2", "i-3"
REGISTER, DEREGISTER = "RegisterInstancesWithLoadBalancer", "DeregisterInstancesFromLoadBalancer"


def balancer(**change: Any) -> Balancer:
    there = Balancer(
        name="wcs",
        scheme="internet-facing",
        dns_name="wcs-1.elb",
        hosted_zone_id="Z1",
        vpc_id="vpc-1",
        subnets=(A, B),
        zones=("za", "zb"),
        security_group_ids=("sg-1",),
        listener_set=set_of([Listener("tcp", 8080, "tcp", 8080)], {}, {}, ()),
        health_check=_health_check.CREATION,
        attributes=DONE,
        tags=MARK,
        zone_of=ZONES,
    )
    return replace(there, **change)


def planned(have: Balancer | None, **want: Any) -> tuple[list[str], Have]:
    """The operations of the course (waits as `wait`), and where it ends."""
    there = Have("wcs", balancer=have)
    goal = _balancer.complete(there, Wanted("wcs", **want))
    moves, end = course(_balancer, there, goal)
    again, _ = course(_balancer, end, goal)
    assert again == ()
    return [move.operation if isinstance(move, Step) else "wait" for move in moves], end


CREATE = ["CreateLoadBalancer", "ConfigureHealthCheck", "ModifyLoadBalancerAttributes"]


@pytest.mark.parametrize(
    ("have", "want", "operations"),
    [
        (None, {"subnets": (A,)}, CREATE),
        (None, {"subnets": (A,), "instance_ids": (ONE,)}, [*CREATE, REGISTER, "wait"]),
        (
            None,
            {
                "subnets": (A,),
                "listeners": (Listener("ssl", 8443, certificate_arn=CERTIFICATE, ssl_policy="X"),),
            },
            [CREATE[0], "CreateLoadBalancerPolicy", "SetLoadBalancerPoliciesOfListener", *CREATE[1:]],
        ),
        (None, {"subnets": (A,), "attributes": BIRTH}, CREATE[:2]),
        (balancer(), {}, []),
        (balancer(), {"subnets": (B, A), "security_group_ids": ("sg-1",), "instance_ids": (), "zones": None}, []),
        (balancer(), {"security_group_ids": ("sg-2", "sg-1")}, ["ApplySecurityGroupsToLoadBalancer"]),
        (balancer(), {"health_check": HealthCheck(interval=10)}, ["ConfigureHealthCheck"]),
        (balancer(), {"attributes": Attributes(idle_timeout=60)}, ["ModifyLoadBalancerAttributes"]),
        (balancer(), {"attributes": Attributes(access_log=AccessLog(enabled=False))}, []),
        (balancer(), {"attributes": Attributes(access_log=AccessLog(bucket="b"))}, ["ModifyLoadBalancerAttributes"]),
        (balancer(), {"tags": {"a": "1"}}, ["AddTags"]),
        (balancer(tags=MARK | {"b": "2"}), {"tags": {"a": "1"}}, ["RemoveTags", "AddTags"]),
        (balancer(tags=MARK | {"b": "2"}), {"tags": {"a": "1"}, "purge_tags": False}, ["AddTags"]),
        (balancer(tags={}), {}, ["AddTags"]),
    ],
)
def test_operations(have: Balancer | None, want: dict[str, Any], operations: list[str]) -> None:
    assert planned(have, **want)[0] == operations


@pytest.mark.parametrize(
    ("have", "want", "operations"),
    [
        ((A,), (A, B), [("Attach", [B])]),
        ((A, B), (A,), [("Detach", [B])]),
        ((A,), (B,), [("Attach", [B]), ("Detach", [A])]),
        ((A, B), (A2, B), [("Detach", [A]), ("Attach", [A2])]),
        ((A, B), (A2, C), [("Attach", [C]), ("Detach", [A]), ("Attach", [A2]), ("Detach", [B])]),
        ((A, B), (A2, B2), [("Detach", [B]), ("Attach", [B2]), ("Detach", [A]), ("Attach", [A2])]),
        ((A,), (A2, B), [("Attach", [B]), ("Detach", [A]), ("Attach", [A2])]),
        ((A,), (LATER,), [("Attach", [LATER]), ("Detach", [A])]),
    ],
)
def test_subnets_change_in_the_order_that_aws_allows(
    have: tuple[str, ...], want: tuple[str, ...], operations: list[tuple[str, list[str]]]
) -> None:
    there = Have("wcs", balancer=balancer(subnets=have, zones=tuple(ZONES[one] for one in have)))
    moves, end = course(_balancer, there, Wanted("wcs", subnets=want))
    steps = [move for move in moves if isinstance(move, Step)]
    assert [(step.operation[:6], step.args["Subnets"]) for step in steps] == operations
    assert end.balancer is not None
    assert end.balancer.subnets == tuple(sorted(want))
    assert end.balancer.zones == (None if LATER in want else tuple(sorted({ZONES[one] for one in want})))


def test_zones_come_before_they_go() -> None:
    operations, end = planned(balancer(zones=("za",)), zones=("zb",))
    assert operations == ["EnableAvailabilityZonesForLoadBalancer", "DisableAvailabilityZonesForLoadBalancer"]
    assert end.balancer is not None
    assert (end.balancer.zones, end.balancer.subnets) == (("zb",), None)


@pytest.mark.parametrize(
    ("want", "purge", "operations", "left"),
    [
        ((ONE,), False, [], [ONE, TWO, MEMBER]),
        ((ONE,), True, [DEREGISTER], [ONE, MEMBER]),
        ((), True, [DEREGISTER], [MEMBER]),
        (None, True, [], [ONE, TWO, MEMBER]),
        ((ONE, MEMBER), True, [DEREGISTER], [ONE, MEMBER]),
        ((ONE, "i-4"), True, [REGISTER, DEREGISTER, "wait"], [ONE, MEMBER, "i-4"]),
    ],
)
def test_members_of_a_group_are_never_taken_out(
    want: tuple[str, ...] | None, purge: bool, operations: list[str], left: list[str]
) -> None:
    have = balancer(
        instance_ids=(ONE, TWO, MEMBER), members=frozenset({MEMBER}), health=dict.fromkeys((ONE, TWO, MEMBER), WELL)
    )
    done, end = planned(have, instance_ids=want, purge_instance_ids=purge)
    assert done == operations
    assert end.balancer is not None
    assert list(end.balancer.instance_ids) == left


@pytest.mark.parametrize(
    ("health", "waits"),
    [
        (WELL, False),
        (InstanceHealth("InService", "N/A", "Instance deregistration currently in progress."), True),
        (InstanceHealth("OutOfService", "ELB", "Instance registration is still in progress."), True),
        (InstanceHealth("Unknown"), True),
        (None, True),
    ],
)
def test_only_in_service_without_a_description_is_in_service(health: InstanceHealth | None, waits: bool) -> None:
    have = balancer(instance_ids=(ONE,), health={ONE: health} if health else {})
    moves, _ = course(_balancer, Have("wcs", balancer=have), Wanted("wcs", instance_ids=(ONE,)))
    assert [move.until for move in moves if isinstance(move, Wait)] == (
        ["InService on every one of O(instance_ids) (health check HTTP:8081/?action=stat)"] if waits else []
    )


@pytest.mark.parametrize(
    ("have", "operations"),
    [
        (Have("wcs", balancer=balancer()), ["DeleteLoadBalancer", "wait"]),
        (Have("wcs", interfaces=("eni-1",)), ["wait"]),
        (Have("wcs"), []),
    ],
)
def test_absent(have: Have, operations: list[str]) -> None:
    moves, end = course(_balancer, have, None)
    assert [move.operation if isinstance(move, Step) else "wait" for move in moves] == operations
    assert end == Have("wcs")
    assert _balancer.show(end) is None


def born(**want: Any) -> Have:
    """The world after a creation that was killed behind its first call."""
    there = Have("wcs")
    goal = _balancer.complete(there, Wanted("wcs", subnets=(A,), **want))
    create = _balancer.moves(there, goal)[0]
    assert isinstance(create, Step)
    return _balancer.foresee(there, create)


@pytest.mark.parametrize(
    ("first", "then", "operations"),
    [
        ({}, {}, CREATE[1:]),
        ({"health_check": HealthCheck(path="/live")}, {}, CREATE[1:]),
        ({}, {"attributes": Attributes(idle_timeout=60)}, CREATE[1:]),
        ({"attributes": BIRTH}, {}, CREATE[1:2]),
        ({"tags": {str(n): "" for n in range(8)}}, {}, CREATE[1:]),
        ({"tags": {str(n): "" for n in range(9)}}, {}, []),
    ],
)
def test_an_interrupted_creation_is_finished(
    first: dict[str, Any], then: dict[str, Any], operations: list[str]
) -> None:
    have = born(**first)
    goal = _balancer.complete(have, Wanted("wcs", **then))
    moves, _ = course(_balancer, have, goal)
    assert [move.operation for move in moves if isinstance(move, Step)] == operations


def test_what_is_wanted_as_aws_makes_it_is_owed_no_more() -> None:
    have = balancer(tags=MARK | {UNFINISHED: "attributes+health_check"})
    operations, end = planned(have, attributes=BIRTH)
    assert operations == ["AddTags", "ModifyLoadBalancerAttributes"]
    assert end.balancer is not None
    assert end.balancer.tags[UNFINISHED] == "health_check"
    assert planned(end.balancer)[0] == []


def test_an_adopted_balancer_keeps_what_is_left_out() -> None:
    have = balancer(tags={}, attributes=BIRTH, health_check=_health_check.at_birth(8080))
    operations, end = planned(have)
    assert operations == ["AddTags"]
    assert end.balancer is not None
    assert planned(end.balancer)[0] == []


def test_equal_wants_make_equal_calls() -> None:
    ports = (Listener("tcp", 9000), Listener("tcp", 8080))
    one = Wanted("wcs", subnets=(A, B), security_group_ids=("sg-2", "sg-1"), listeners=ports, tags={"b": "1", "a": "2"})
    other = replace(
        one, subnets=(B, A), security_group_ids=("sg-1", "sg-2"), listeners=ports[::-1], tags={"a": "2", "b": "1"}
    )
    have = Have("wcs")
    courses = [course(_balancer, have, _balancer.complete(have, want))[0] for want in (one, other)]
    assert courses[0] == courses[1]


def test_what_aws_invents_is_known_after_apply() -> None:
    shown = _balancer.show(planned(None, subnets=(A,))[1])
    assert shown is not None
    unknown = {key for key, value in shown.items() if value == LATER}
    ids = {"dns_name", "hosted_zone_id", "vpc_id", "availability_zones", "security_group_ids"}
    assert unknown == {*ids, "foreign_settings"}
