"""Every call site of every scenario, every fault: one plain rerun makes it whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.chosen import chosen, sampled
from tests.faults.scenarios import SCENARIOS
from tests.faults.sites import Scenario, Site, sites, strike


def cases() -> list[Any]:
    """Scenario, site and fault, with an id."""
    found = []
    for scenario in sampled(SCENARIOS, 10):
        calls, clean = sites(scenario)
        found += [
            pytest.param(scenario, site, fault, clean, id=f"{scenario.name}: {site.number} {site.name}: {fault}")
            for site in calls
            for fault in site.faults
        ]
    return chosen("a fault at one call site, then a plain run", found, 10)


@pytest.mark.parametrize(("scenario", "site", "fault", "clean"), cases())
def test_one_plain_rerun_makes_it_whole(scenario: Scenario, site: Site, fault: str, clean: Any) -> None:
    strike(scenario, site, fault, clean)
