"""Throttling: a storm is ridden out within the same run; where AWS refuses everything, a run gives up in time."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from tests.faults.chosen import chosen, sampled
from tests.faults.scenarios import SCENARIOS
from tests.faults.sites import Scenario, Site, made_whole, portrait, prepared, sites

CODES = (
    "EC2ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
SHARE = 0.3
PATIENCE = 60.0
TIMEOUT = 300


def storms() -> list[Any]:
    cases = [
        pytest.param(scenario, code, seed, id=f"{scenario.name}: {code}: {seed}")
        for scenario in SCENARIOS
        for code in CODES
        for seed in range(2)
    ]
    return chosen("30 % of calls throttled", cases, 2)


@pytest.mark.parametrize(("scenario", "code", "seed"), storms())
def test_a_storm_is_ridden_out(scenario: Scenario, code: str, seed: int) -> None:
    with prepared(scenario) as (world, _, options):
        world.bench(scenario.module).run(**options)
        clean, calm = portrait(world), world.made
    with prepared(scenario) as (world, names, options):
        lab = world.lab
        lab.faults.add("error-before", count=None, probability=SHARE, seed=seed, code=code, status=400)
        world.bench(scenario.module).run(**options)
        lab.faults.reset()
        assert portrait(world) == clean
        assert world.made <= 2 * calm + 5
        made_whole(scenario, world, names, options, clean)


def ends() -> list[Any]:
    cases = []
    for scenario in sampled(SCENARIOS, 2):
        calls, clean = sites(scenario)
        cases += [pytest.param(scenario, site, clean, id=f"{scenario.name}: from {site}") for site in calls]
    return chosen("every call throttled from one call site on", cases, 2)


@pytest.mark.parametrize(("scenario", "site", "clean"), ends())
def test_it_gives_up_in_time_when_aws_takes_nothing_any_more(scenario: Scenario, site: Site, clean: Any) -> None:
    with prepared(scenario) as (world, names, options):
        lab = world.lab
        began = lab.clock.now()
        lab.faults.add("throttle", skip=site.number, count=None)
        with pytest.raises(Failure, match="Rate exceeded") as end:
            world.bench(scenario.module).run(**{**options, "wait_timeout": TIMEOUT})
        assert lab.clock.now() - began <= TIMEOUT + PATIENCE
        assert end.value.call.code in ("Throttling", "RequestLimitExceeded")
        assert "Run again later" in str(end.value)
        made_whole(scenario, world, names, options, clean)
