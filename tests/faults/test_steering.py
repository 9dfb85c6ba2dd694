"""Drains and rollouts in which a call fails, or which die at one: one plain run more ends them right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lab.inprocess import clients
from plugins.module_utils._errors import Failure
from plugins.modules import wcs_drain, wcs_rollout
from tests.contract.steering import Steered, telling
from tests.faults.chosen import chosen
from tests.faults.sites import DEATHS, FAULTS, Death, World

SIZE = 3
RUNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "drain": (wcs_drain, {"group_name": "wcs", "count": 1}),
    "rollout": (wcs_rollout, {"group_name": "wcs", "probe": False}),
}
STRIKES = (*(fault for fault in FAULTS if fault != "stale read"), *DEATHS)


@contextmanager
def fleet() -> Iterator[tuple[World, Steered]]:
    """A group at the old version whose sessions end one after the other."""
    world = World()
    try:
        with telling(world.lab):
            steered = Steered(world.lab, clients(world.lab), SIZE, min_size=1)
            steered.version(instance_type="c5.xlarge")
            for number, instance_id in enumerate(steered.ids()):
                steered.hold(instance_id, 1 + number)
                steered.when(20 + 20 * number, lambda one=instance_id: steered.hold(one, 0))
            world.made = 0
            yield world, steered
    finally:
        world.close()


def cases() -> list[Any]:
    """Every write call of a clean run, and its first look, with every fault."""
    found = []
    for name, (module, given) in RUNS.items():
        with fleet() as (world, _):
            start = len(list(world.lab.calls))
            world.bench(module).run(**given)
            calls = list(world.lab.calls)[start:]
        struck = [(at, call.name) for at, call in enumerate(calls) if call.write or at < 4]
        found += [
            pytest.param(name, at, call, fault, id=f"{name}: {at} {call}: {fault}")
            for at, call in struck
            for fault in STRIKES
        ]
    return chosen("a fault or death at one call of a drain or rollout, then a plain run", found, 30)


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
        world.lab.run(90)
        size, version = (SIZE - 1, "1") if name == "drain" else (SIZE, "2")
        group = steered.stage.group()
        assert {one["LaunchTemplate"]["Version"] for one in group["Instances"]} == {version}
        assert (group["DesiredCapacity"], group["MaxSize"]) == (size, SIZE + 2)
        assert steered.in_service() == steered.ids()
        assert len(steered.ids()) == size
        assert steered.traces() == []
