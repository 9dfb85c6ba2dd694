"""Runs at the same time on one stack: one set of things comes of it, and nobody ends in more than a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Answer
from tests.faults.chosen import chosen, sampled
from tests.faults.scenarios import SCENARIOS
from tests.faults.sites import Scenario, Site, made_whole, portrait, prepared, sites
from tests.faults.turns import at_once


def overtaken() -> list[Any]:
    cases = []
    for scenario in sampled(SCENARIOS, 2):
        calls, clean = sites(scenario)
        cases += [
            pytest.param(scenario, site, clean, id=f"{scenario.name}: {site.number} {site.name}") for site in calls
        ]
    return chosen("a second run goes all the way at one call site of the first", cases, 2)


@pytest.mark.parametrize(("scenario", "site", "clean"), overtaken())
def test_a_run_that_is_overtaken_by_another(scenario: Scenario, site: Site, clean: Any) -> None:
    with prepared(scenario) as (world, names, options):
        other: list[Any] = []

        def overtake() -> None:
            world.meanwhile = None
            other.append(world.bench(scenario.module).run(**options))

        world.meanwhile = (site.number, overtake)
        both = [ended(lambda: world.bench(scenario.module).run(**options)), *other]
        assert len(both) == 2, "the second was never made"
        assert isinstance(both[0], Answer | Failure)
        assert portrait(world) == clean or isinstance(both[0], Failure)
        made_whole(scenario, world, names, options, clean)


def ended(run: Any) -> Any:
    try:
        return run()
    except Failure as failure:
        return failure


def crowds() -> list[Any]:
    cases = [
        pytest.param(scenario, count, seed, id=f"{scenario.name}: {count} runs: {seed}")
        for scenario in SCENARIOS
        for count in (2, 3, 8)
        for seed in range(4)
    ]
    return chosen("two to eight runs, a call at a time by lot", cases, 2)


@pytest.mark.parametrize(("scenario", "count", "seed"), crowds())
def test_runs_at_the_same_time(scenario: Scenario, count: int, seed: int) -> None:
    with prepared(scenario) as (world, _, options):
        world.bench(scenario.module).run(**options)
        clean = portrait(world)
    with prepared(scenario) as (world, names, options):
        ends = at_once(world, [(scenario.module, options)] * count, seed)
        assert [end for end in ends if not isinstance(end, Answer | Failure)] == []
        assert any(isinstance(end, Answer) for end in ends), ends
        made_whole(scenario, world, names, options, clean)
