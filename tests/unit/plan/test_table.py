"""The table of a plan: what it says in at most 80 columns and 40 lines."""

from __future__ import annotations

import random
from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from plugins.module_utils._plan.table import Part, data, part, table

CHANGE = {
    "actions": ["elb:AddTags", "elb:ModifyLoadBalancerAttributes"],
    "plan": {
        "things": [{"thing": "load balancer", "name": "wcs", "change": "change", "calls": 2}],
        "options": [
            {"option": "idle_timeout", "before": 3600, "after": 600},
            {"option": "subnets", "before": ["subnet-1", "subnet-2"], "after": ["subnet-2", "subnet-3"]},
            {"option": "tags.a", "before": None, "after": "b"},
            {"option": "dns_name", "before": None, "after": LATER},
        ],
    },
}


def text(*parts: Part, **how: Any) -> list[str]:
    return [line.text for line in table(parts, **how)]


def test_one_thing_that_changes() -> None:
    assert text(part("balancer", CHANGE)) == [
        "Plan: 0 to add, 1 to change, 0 to remove",
        "",
        "~ load balancer  wcs",
        "    idle_timeout: 3600 -> 600",
        "    subnets: -subnet-1, +subnet-3",
        "    tags.a: none -> b",
        "",
        "2 calls:",
        "  elb:AddTags, elb:ModifyLoadBalancerAttributes",
    ]


def test_after_a_run_it_is_done() -> None:
    assert text(part("balancer", CHANGE), done=True)[0] == "Done: 0 added, 1 changed, 0 removed"


@pytest.mark.parametrize("nothing", [{}, {"skipped": True}, {"actions": [], "plan": {"things": [], "options": []}}])
def test_nothing_to_do_is_said(nothing: dict[str, Any]) -> None:
    assert text(part("group", nothing)) == ["No changes: everything is up to date."]
    assert data([part("group", nothing)])["totals"] == {"add": 0, "change": 0, "remove": 0, "replace": 0}


def test_complete_leaves_nothing_out() -> None:
    lines = text(part("balancer", CHANGE), complete=True)
    assert f"    dns_name: none -> {LATER}" in lines
    assert [option["option"] for option in data([part("b", CHANGE)])["options"]][-1] == "dns_name"


@pytest.mark.parametrize("seed", range(50))
def test_no_line_is_longer_than_the_terminal(seed: int) -> None:
    rng = random.Random(seed)

    def word(most: int = 60) -> str:
        return "".join(rng.choice("abc-é ") for _ in range(rng.randint(1, most)))

    things = [
        {"thing": word(20), "name": word(), "change": rng.choice(["add", "change", "remove", "replace"]), "calls": 1}
        for _ in range(rng.randint(1, 12))
    ]
    values = [None, 1, True, LATER, word(), [word(), word()], {"a": word()}]
    options = [
        {"option": word(), "before": rng.choice(values), "after": rng.choice(values)} for _ in range(rng.randint(0, 40))
    ]
    actions = [f"ec2:{rng.choice(['CreateImage', 'CreateTags', 'RunInstances'])}" for _ in range(rng.randint(1, 40))]
    lines = text(part("x", {"plan": {"things": things, "options": options}, "actions": actions}))
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40
