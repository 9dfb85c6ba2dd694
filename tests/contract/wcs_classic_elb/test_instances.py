"""wcs_classic_elb against the lab: instances, and the wait for their health."""

from __future__ import annotations

from typing import Any

import pytest

from lab.machines import Check
from plugins.module_utils._balancer.health import WELL, InstanceHealth
from plugins.module_utils._balancer.world import UNREPORTED, wait_state
from tests.contract.wcs_classic_elb.conftest import (
    CREATE,
    DEREGISTER,
    REGISTER,
    balancer_bench,
    of,
)
from tests.support.harness import Bench, launched


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


@pytest.fixture
def subnets(bench: Bench) -> list[str]:
    return list(bench.lab.account.subnet_ids)


def test_instances_are_in_service_on_return(bench: Bench, subnets: list[str]) -> None:
    ids = launched(bench.lab, 2)
    made = bench.exact(name="wcs", subnets=subnets, instance_ids=ids)
    assert made.outcome.actions == [*CREATE, REGISTER]
    assert [(one["instance_id"], one["state"]) for one in of(made)["instances"]] == [(one, "InService") for one in ids]
    fewer = bench.exact(name="wcs", instance_ids=ids[:1])
    assert (fewer.outcome.actions, of(fewer)["instance_ids"]) == ([], ids)
    purged = bench.exact(name="wcs", instance_ids=ids[:1], purge_instance_ids=True)
    assert (purged.outcome.actions, of(purged)["instance_ids"]) == ([DEREGISTER], ids[:1])
    back = bench.exact(name="wcs", instance_ids=ids)
    assert back.outcome.actions == [REGISTER]
    assert of(bench.exact(name="wcs"))["instances"] is None


def test_a_run_that_does_not_wait_leaves_the_waiting_to_the_next(bench: Bench, subnets: list[str]) -> None:
    ids = launched(bench.lab)
    quick = bench.run(name="wcs", subnets=subnets, instance_ids=ids, wait=False)
    assert of(quick)["instances"][0]["description"] == "Instance registration is still in progress."
    patient = bench.run(name="wcs", instance_ids=ids)
    assert patient.outcome.actions == []
    assert of(patient)["instances"][0]["state"] == "InService"


def test_a_sick_instance_fails_the_wait_by_name(bench: Bench, subnets: list[str]) -> None:
    ids = launched(bench.lab, 2)
    bench.lab.machines[ids[0]].health = Check(False, 503, "503")
    failure = bench.fails(name="wcs", subnets=subnets, instance_ids=ids, wait_timeout=120)
    assert str(failure).startswith(
        "Cannot finish waiting for the health of load balancer 'wcs': it was not InService on every one of "
        "instance_ids (health check HTTP:8081/?action=stat) within wait_timeout (120 s); last seen: 1 of 2 InService; "
        f"{ids[0]} OutOfService ("
    )
    assert failure.actions == [*CREATE, REGISTER]
    assert failure.details
    assert [one["state"] for one in failure.details["instances"]] == ["OutOfService", "InService"]


def test_a_hopeless_wait_ends_early(bench: Bench, subnets: list[str]) -> None:
    (instance,) = launched(bench.lab)
    bench.run(name="wcs", subnets=subnets, instance_ids=[instance])
    bench.aws("ec2").stop_instances(InstanceIds=[instance])
    bench.lab.run(60)
    begun = bench.lab.clock.now()
    assert str(bench.fails(name="wcs", instance_ids=[instance])) == (
        f"Cannot bring into service instance '{instance}': Instance is in stopped state. Start "
        "it, or remove it from instance_ids."
    )
    assert bench.lab.clock.now() - begun < 60


def test_a_terminated_instance_is_an_error(bench: Bench, subnets: list[str]) -> None:
    (instance,) = launched(bench.lab)
    bench.run(name="wcs", subnets=subnets, instance_ids=[instance])
    bench.aws("ec2").terminate_instances(InstanceIds=[instance])
    bench.lab.run(60)
    assert instance in str(bench.fails(name="wcs", instance_ids=[instance], wait_timeout=60))


@pytest.mark.parametrize(
    ("health", "text", "reason"),
    [
        (WELL, "1 of 1 InService", None),
        (InstanceHealth("OutOfService"), "0 of 1 InService; i-1 OutOfService", None),
        (InstanceHealth("OutOfService", "Instance", "x"), "0 of 1 InService; i-1 OutOfService (x)", None),
        (None, "0 of 1 InService; i-1 not known yet", f"{UNREPORTED}. Remove it from instance_ids."),
    ],
)
def test_what_a_look_tells(health: InstanceHealth | None, text: str, reason: str | None) -> None:
    state = wait_state({"i-1": health} if health else {}, ["i-1"])
    assert (state.done, state.text) == (health == WELL, text)
    sentence = state.hopeless.sentence() if state.hopeless else None
    assert sentence == (reason and f"Cannot bring into service instance 'i-1': {reason}")


@pytest.mark.parametrize(
    ("health", "hopeless"),
    [
        (None, False),
        (InstanceHealth("OutOfService", "Instance", "Instance is in stopped state."), False),
        (InstanceHealth("OutOfService", "Instance", "Instance is in terminated state."), False),
        (InstanceHealth("OutOfService", "ELB", "a zone for which LoadBalancer is not configured to route to"), True),
    ],
)
def test_what_runs_as_ec2_says_may_still_come(health: InstanceHealth | None, hopeless: bool) -> None:
    state = wait_state({"i-1": health} if health else {}, ["i-1"], ["i-1"])
    assert not state.done
    assert bool(state.hopeless) == hopeless


def test_an_instance_whose_health_aws_shows_late_is_waited_for(bench: Bench, subnets: list[str]) -> None:
    """As if it were not registered, for a minute and a half."""
    instances = launched(bench.lab, 2)
    bench.run(name="wcs", subnets=subnets, instance_ids=instances[:1])
    bench.lab.faults.add("stale", "elb:DescribeInstanceHealth", count=45)
    late = bench.run(name="wcs", instance_ids=instances)
    assert [one["state"] for one in late.returns["load_balancer"]["instances"]] == ["InService", "InService"]


def test_an_instance_in_a_zone_without_a_subnet_is_hopeless(bench: Bench, subnets: list[str]) -> None:
    (instance,) = launched(bench.lab, 1, bench.lab.account.subnet_ids[2])
    failure = bench.fails(name="wcs", subnets=subnets[:1], instance_ids=[instance])
    assert "for which LoadBalancer is not configured to route traffic to" in str(failure)
    assert str(failure).endswith("Add a subnet of its zone to subnets, or remove it from instance_ids.")
