"""wcs_plan's answer: the plan, and what it costs, as lines and as data."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._plan.options import answer
from plugins.module_utils._plan.table import part

MEMBERS = [{"instance_id": "i-1", "instance_type": "c5.large"}]
GROUP = {"group": {"desired_capacity": 1, "max_size": 2, "instances": MEMBERS, "load_balancers": ["wcs"]}}
GIVEN: dict[str, Any] = {
    "results": {"group": {}},
    "stack": "wcs",
    "costs": {"group": GROUP, "region": "us-east-1"},
    "prices": None,
    "variables": {},
}


@pytest.mark.parametrize("done", [True, False])
def test_costs_are_data_always_and_lines_of_a_dry_run(done: bool) -> None:
    lines, found = answer(GIVEN, done=done, connect=done, complete=False)
    assert found["plan"]["costs"] == found["outputs"]["costs"]
    assert found["outputs"]["costs"]["hour_now"] == pytest.approx(0.11)
    assert ("Costs in USD, by the table of 2025-06:" in found["lines"]) is not done
    assert [line.text for line in lines] == found["lines"]


def test_where_nothing_is_paid_for_nothing_is_said() -> None:
    _, found = answer({**GIVEN, "costs": None}, done=False, connect=False, complete=False)
    assert (found["plan"]["costs"], found["lines"]) == (None, ["No changes: everything is up to date."])


def test_costs_alone_are_shown_without_a_plan() -> None:
    _, found = answer({**GIVEN, "results": {}}, done=False, connect=False, complete=False)
    assert found["lines"][0] == "Costs in USD, by the table of 2025-06:"


def test_prices_that_are_none_are_refused_also_where_nothing_is_paid_for() -> None:
    for costs in (None, GIVEN["costs"]):
        with pytest.raises(Failure, match="is no price"):
            answer(
                {**GIVEN, "costs": costs, "prices": {"licence_month": "free"}}, done=True, connect=True, complete=True
            )


@pytest.mark.parametrize(
    ("goal", "change"),
    [
        ({}, "remove"),
        ({"then": "standby"}, "change"),
        ({"state": "in_service"}, "change"),
        ({"decrement_desired": False}, "replace"),
    ],
)
def test_what_becomes_of_the_nodes_of_a_drain(goal: dict[str, Any], change: str) -> None:
    result = {"victims": [{"instance_id": "i-1", "sessions": 2}], "cut": [], "goal": goal}
    assert [thing["change"] for thing in part("nodes", result).things] == [change]
