"""The steward beside others: two of them, one beside a rollout, one beside a person's drain, a call at a time by lot.

Each has sessions to look after, and one plain run more ends it right: nobody was cut, and nothing is left behind.
So it is with a steward that is struck while it notes, run by run, for how long nodes have been too many.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Answer
from plugins.modules import wcs_drain, wcs_rollout
from tests.faults.chosen import chosen
from tests.faults.of_steering import SURPLUS, assert_ended_well, fleet
from tests.faults.sites import DEATHS, FAULTS, Death, World
from tests.faults.turns import at_once

STEWARD = (wcs_drain, SURPLUS)
BESIDE: dict[str, tuple[Any, dict[str, Any]]] = {
    "a steward": STEWARD,
    "update": (wcs_rollout, {"group_name": "wcs", "probe": False}),
    "scale_in": (wcs_drain, {"group_name": "wcs", "count": 1}),
}
LEAST = 1


def cases() -> list[Any]:
    found = [pytest.param(name, seed, id=f"beside {name}: {seed}") for name in BESIDE for seed in range(12)]
    return chosen("a steward beside another run, a call at a time by lot", found, 3)


@pytest.mark.parametrize(("name", "seed"), cases())
def test_a_steward_beside(name: str, seed: int) -> None:
    with fleet() as (world, steered):
        ends = at_once(world, [STEWARD, BESIDE[name]], seed)
        assert [end for end in ends if not isinstance(end, Answer | Failure)] == []
        assert any(isinstance(end, Answer) for end in ends), ends
        finish(world, name)
        world.lab.run(90)
        assert LEAST <= len(steered.ids()) <= 3
        assert steered.in_service() == steered.ids()
        assert steered.stage.group()["DesiredCapacity"] == len(steered.ids())
        assert steered.traces() == []


def finish(world: World, name: str) -> None:
    """One plain run more of each, as whoever began it makes it; the steward's is its timer's next."""
    module, given = BESIDE[name]
    if name == "update" and (failure := ended(world, module, given)):
        assert "somebody scaled in meanwhile. Run again with a lower min_in_service" in str(failure)
        world.bench(module).run(**given, min_in_service=1)
    world.bench(wcs_drain).run(**SURPLUS)


def ended(world: World, module: Any, given: dict[str, Any]) -> Failure | None:
    """How one more run failed."""
    try:
        world.bench(module).run(**given)
    except Failure as failure:
        return failure
    return None


def test_an_update_whose_nodes_the_steward_took_says_so_and_does_not_go_on_for_ever() -> None:
    """It resumed and suspended AWS's processes in turns, without an end."""
    with fleet() as (world, _):
        ends = at_once(world, [STEWARD, BESIDE["update"]], 2)
        assert "somebody scaled in meanwhile" in str(ends[1])
        finish(world, "update")
        world.lab.run(90)


NOTING = SURPLUS | {"stable_for": 60}
EVERY = 31
"""Seconds between two runs of the steward's timer."""
RUNS = 4
"""Of which the first notes what it sees, others note it anew, and the last takes the nodes out that are too many."""


def looks(world: World) -> Iterator[int]:
    """The runs of a timer, one after the other."""
    for number in range(RUNS):
        yield number
        world.lab.run(EVERY)


def noting() -> list[Any]:
    """Every write call of these runs, with every fault."""
    found = []
    with fleet() as (world, _):
        for number in looks(world):
            calls = world.asked(lambda: world.bench(wcs_drain).run(**NOTING))
            found += [(number, at, call.name) for at, call in enumerate(calls) if call.write]
    return chosen(
        "a fault or death at a write call of a steward that notes what it sees, then plain runs",
        [
            pytest.param(number, at, fault, id=f"run {number}: {at} {call}: {fault}")
            for number, at, call in found
            for fault in (*(fault for fault in FAULTS if fault != "stale read"), *DEATHS)
        ],
        3,
    )


@pytest.mark.parametrize(("struck", "at", "fault"), noting())
def test_a_steward_struck_while_it_notes_what_it_sees(struck: int, at: int, fault: str) -> None:
    with fleet() as (world, steered):
        for number in looks(world):
            if number == struck:
                strike(world, at, fault)
            with suppress(Failure, Death):
                world.bench(wcs_drain).run(**NOTING)
            if number == struck:
                assert world.died or [rule.struck for rule in world.lab.faults.rules] == [1], "it never struck"
                world.die_at = None
                world.lab.faults.reset()
        for _ in looks(world):
            world.bench(wcs_drain).run(**NOTING)
        assert_ended_well("surplus", world, steered)
        assert [tag for tag in steered.stage.group()["Tags"] if tag["Key"].endswith("surplus")] == []


def strike(world: World, at: int, fault: str) -> None:
    """Lets the run that begins now fail or die at its call of that number."""
    if fault in DEATHS:
        world.made, world.die_at = 0, (at, fault)
    else:
        world.lab.faults.add(skip=at, count=1, **FAULTS[fault])
