"""Eventual consistency: what is new is seen late, or seen and then not, what is gone is still seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.chosen import chosen
from tests.faults.scenarios import SCENARIOS
from tests.faults.sites import Scenario, made_whole, portrait, prepared

AGES = (2, 10, 30, 60, 120)


def cases() -> list[Any]:
    found = [
        pytest.param(scenario, age, seed, id=f"{scenario.name}: up to {age} s: {seed}")
        for scenario in SCENARIOS
        for age in AGES
        for seed in range(4)
    ]
    return chosen("reads that lag behind", found, 3)


@pytest.mark.parametrize(("scenario", "age", "seed"), cases())
def test_one_run_does_it_however_late_aws_shows_it(scenario: Scenario, age: float, seed: int) -> None:
    with prepared(scenario) as (world, _, options):
        world.bench(scenario.module).run(**options)
        clean = portrait(world)
    with prepared(scenario) as (world, names, options):
        world.lab.faults.add("late", count=None, seconds=age, seed=seed)
        world.bench(scenario.module).run(**options)
        made_whole(scenario, world, names, options, clean)
