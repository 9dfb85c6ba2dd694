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


def test_options_stand_under_the_thing_that_they_belong_to() -> None:
    result = {
        "actions": ["ec2:CreateTags"],
        "plan": {
            "things": [
                {"thing": "launch template", "name": "wcs", "change": "change", "calls": 1},
                {"thing": "scaling policy", "name": "in", "change": "remove", "calls": 1},
                {"thing": "scaling policy", "name": "cpu", "change": "change", "calls": 1},
                {"thing": "group", "name": "wcs", "change": "change", "calls": 1},
            ],
            "options": [
                {"option": "group.max_size", "before": 4, "after": 6},
                {"option": "launch.image_id", "before": "ami-1", "after": "ami-2"},
                {"option": "launch.pending.key_name", "before": "a", "after": "b"},
                {"option": "scaling_policies[in].target", "before": 1, "after": None},
                {"option": "scaling_policies[cpu].target", "before": 50, "after": 60},
                {"option": "other", "before": 1, "after": 2},
            ],
        },
    }
    assert text(part("group", result))[2:-2] == [
        "~ launch template  wcs",
        "    image_id: ami-1 -> ami-2",
        "    key_name: a -> b",
        "- scaling policy   in",
        "~ scaling policy   cpu",
        "    target: 50 -> 60",
        "~ group            wcs",
        "    max_size: 4 -> 6",
        "    other: 1 -> 2",
        "",
    ]
    assert "    launch.pending.key_name: a -> b" in text(part("group", result), complete=True)


@pytest.mark.parametrize("many", [12, 13, 500])
def test_of_many_nodes_some_are_shown(many: int) -> None:
    nodes = [{"instance_id": f"i-{number}", "sessions": number} for number in range(many)]
    found = part("nodes", {"rollout": {"outdated": many}, "victims": nodes, "cut": [], "actions": ["ec2:CreateTags"]})
    lines = text(found)
    assert lines[0] == f"Plan: 0 to add, 0 to change, {many} to replace, 0 to remove"
    assert lines[2:4] == ["± node  i-0 (0 sessions)", "± node  i-1 (1 session)"]
    assert len(lines) <= 18
    assert (f"    and {many - 11} more (-v shows all)" in lines) is (many > 12)
    assert "1 call, and more as nodes leave:" in lines
    assert "1 call:" in text(found, done=True)
    assert len(text(found, complete=True)) > many


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
