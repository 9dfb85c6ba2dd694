"""Drains and rollouts in which a call fails, or which die at one: one plain run more ends them right."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from tests.faults.chosen import chosen
from tests.faults.of_steering import RUNS, assert_ended_well, fleet
from tests.faults.sites import DEATHS, FAULTS, Death

STRIKES = (*(fault for fault in FAULTS if fault != "stale read"), *DEATHS)


def cases() -> list[Any]:
    """Every write call of a clean run, and its first look, with every fault."""
    found = []
    for name, (module, given) in RUNS.items():
        with fleet() as (world, _):
            calls = world.asked(functools.partial(world.bench(module).run, **given))
        struck = [(at, call.name) for at, call in enumerate(calls) if call.write or at < 4]
        found += [
            pytest.param(name, at, call, fault, id=f"{name}: {at} {call}: {fault}")
            for at, call in struck
            for fault in STRIKES
        ]
    return chosen("a fault or death at one call of a drain or rollout, then a plain run", found, 6)


@pytest.mark.parametrize(("name", "at", "call", "fault"), cases())
def test_one_plain_run_more_ends_it_right(name: str, at: int, call: str, fault: str) -> None:
    module, given = RUNS[name]
    with fleet() as (world, steered):
        if fault in DEATHS:
            world.die_at = (at, fault)
        else:
            world.lab.faults.add(skip=at, count=1, **FAULTS[fault])
        try:
            world.bench(module).run(**given)
            over = True
        except (Failure, Death):
            over = call == "autoscaling:DeleteTags" and fault == "dies after the call"
        assert world.died or [rule.struck for rule in world.lab.faults.rules] == [1], "it never struck"
        world.die_at = None
        world.lab.faults.reset()
        if not over:
            world.bench(module).run(**given)
        assert_ended_well(name, world, steered)
