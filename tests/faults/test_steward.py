"""The steward beside others: two of them, one beside a rollout, one beside a person's drain, a call at a time by lot.

Each has sessions to look after, and one plain run more ends it right: nobody was cut, and nothing is left behind.
"""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Answer
from plugins.modules import wcs_drain, wcs_rollout
from tests.faults.chosen import chosen
from tests.faults.of_steering import SURPLUS, fleet
from tests.faults.sites import World
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
        ends = at_once(world, [STEWARD, BESIDE["update"]], 3)
        assert "somebody scaled in meanwhile" in str(ends[1])
        finish(world, "update")
        world.lab.run(90)
