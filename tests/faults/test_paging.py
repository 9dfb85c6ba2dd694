"""Pages: nothing is missed, whatever their size, and though one is empty and more follow."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lab.api.inprocess import clients
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.clock import SystemClock
from plugins.modules import wcs_asg
from tests.faults.chosen import chosen
from tests.faults.paged import Paged, paged
from tests.faults.scenarios import SCENARIOS, grouped
from tests.faults.sites import Scenario, World, made_whole, portrait, prepared

COUNTS = (0, 1, 49, 50, 51, 100, 101, 1000)


class Listing:
    """A client that has one list of numbers."""

    def __init__(self, count: int) -> None:
        self.count = count

    def can_paginate(self, _method: str) -> bool:
        return True

    @property
    def _cache(self) -> dict[str, Any]:
        answer = {"input_token": "NextToken", "output_token": "NextToken", "result_key": "Things"}
        return {"page_config": {"DescribeThings": answer}}

    def _make_api_call(self, _operation: str, _args: Any) -> dict[str, Any]:
        return {"Things": list(range(self.count))}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("most", [1, 49, 50, 100, 1000])
def test_every_item_once_and_in_order(count: int, most: int) -> None:
    clients_ = [Paged(Listing(count), random.Random(seed), most) for seed in range(5)]
    for client in clients_:
        assert pages(client) == list(range(count))
        assert client.rest == {}, "every page was asked for"
    assert most > 1 or not count or any(0 in client.served[:-1] for client in clients_), "no page was empty"


def pages(client: Any) -> list[Any]:
    """What the API layer makes of the list."""
    return Aws(lambda service, region: client, SystemClock()).pages("ec2", "DescribeThings", "Things")


@pytest.mark.parametrize("count", chosen("so many policies of one group", COUNTS[1:], 2))
def test_so_many_policies_are_all_found(count: int) -> None:
    world = World()
    try:
        names = grouped(world)
        for number in range(count - 2):
            world.aws("autoscaling").put_scaling_policy(
                AutoScalingGroupName="wcs",
                PolicyName=f"p{number:04}",
                ScalingAdjustment=1,
                AdjustmentType="ChangeInCapacity",
            )
        make = paged(clients(world.lab), seed=count, most=100)
        answer = world.bench_by(wcs_asg, make).check(name="wcs", scaling_policies=[])
        assert answer.outcome.actions.count("autoscaling:DeletePolicy") == max(count, 2)
        assert names
    finally:
        world.close()


def cases() -> list[Any]:
    found = [
        pytest.param(scenario, most, seed, id=f"{scenario.name}: pages of up to {most}: {seed}")
        for scenario in SCENARIOS
        for most in (1, 3)
        for seed in range(3)
    ]
    return chosen("lists in short and empty pages", found, 2)


@pytest.mark.parametrize(("scenario", "most", "seed"), cases())
def test_a_run_in_pages_is_a_run(scenario: Scenario, most: int, seed: int) -> None:
    with prepared(scenario) as (world, _, options):
        plain = world.bench(scenario.module).run(**options).outcome.actions
        clean = portrait(world)
    with prepared(scenario) as (world, names, options):
        make = paged(clients(world.lab), seed, most)
        done = world.bench_by(scenario.module, make).run(**options)
        assert done.outcome.actions == plain
        made_whole(scenario, world, names, options, clean)
