"""Licences: the one rule, and that every path counts the members that run beside the group's sizes."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._core.licences import (
    Licences,
    Servers,
    all_of_marketplace,
    marketplace_codes,
    over,
)
from plugins.module_utils._drain import rules as _drain
from plugins.module_utils._drain.goal import DrainGoal
from plugins.module_utils._fleet.licences import images, unlicensed
from plugins.module_utils._fleet.show import describe
from plugins.module_utils._fleet.value import complete
from plugins.module_utils._group.value import Member
from plugins.module_utils._load.rules import refuse as refuse_load
from plugins.module_utils._money.options import costed
from plugins.module_utils._nodes.members import AskedNode, NodeSet
from plugins.module_utils._rollout import rules as _rollout
from plugins.module_utils._rollout.goal import RolloutGoal
from plugins.module_utils._scaling.schedules import Schedule
from tests.unit.drain import test_decide as of_drains
from tests.unit.fleet.test_moves import EMPTY, numbered, walk, want
from tests.unit.load.test_value import GIVEN
from tests.unit.rollout.test_decide import group

IDLE = ("Standby", "EnteringStandby", "Terminating:Retained")
STATES = (*IDLE, "InService", "Pending", "Pending:Wait", "Terminating", "Terminating:Wait", "Detaching", "Terminated")


def test_the_rule_over_a_thousand_sums() -> None:
    dice = random.Random(10)
    for _ in range(1000):
        servers = [Servers(dice.randrange(4), "node", more) for more in ("at most", "of surge", "on standby", "")]
        limit, allow = dice.choice([None, *range(12)]), dice.random() < 0.2
        why, total = over(servers, Licences(limit, allow), "Do less"), sum(one.count for one in servers)
        assert (why is not None) == (limit is not None and not allow and total > limit)
        if why:
            parts, sums = re.split(r" = ", why[0])
            assert sum(map(int, re.findall(r"\d+", parts))) == total == int(sums.split()[0])
            assert why[0].endswith(f"O(licence_limit) is {limit}")
            assert "O(licence_allow_over): true" in why[1]


CODES: list[tuple[Any, tuple[str, ...]]] = [
    (None, ()),
    ([], ()),
    ([{"ProductCodeId": "a", "ProductCodeType": "marketplace"}], ("a",)),
    ([{"ProductCodeId": "a", "ProductCodeType": "devpay"}], ()),
    ([{"ProductCodeId": "a"}], ()),
    ([{"ProductCodeId": "a"}, {"ProductCodeId": "b", "ProductCodeType": "marketplace"}], ("b",)),
]


@pytest.mark.parametrize(("codes", "found"), CODES)
def test_images_of_marketplace_are_told_apart_in_one_way(codes: Any, found: tuple[str, ...]) -> None:
    image = {"ImageId": "ami-1", "ProductCodes": codes}
    assert marketplace_codes(image) == found
    assert all_of_marketplace(["ami-1"], {"ami-1": image}) is bool(found)
    assert not all_of_marketplace(["ami-1", "ami-2"], {"ami-1": image})
    assert not all_of_marketplace(["ami-1", None], {"ami-1": image})
    assert not all_of_marketplace([], {"ami-1": image})


@pytest.mark.parametrize("state", STATES)
def test_a_member_is_idle_where_it_runs_beside_the_sizes(state: str) -> None:
    assert Member("i-1", state=state).idle is (state in IDLE)


def action(name: str, most: int) -> Schedule:
    return Schedule(name, recurrence="0 8 * * *", max_size=most)


@pytest.mark.parametrize(
    ("managed", "read", "most"),
    [
        (None, None, 4),
        (None, (), 4),
        (None, (action("evening", 6),), 6),
        (None, (action("night", 2), action("evening", 6)), 6),
        ((action("evening", 5),), (action("evening", 5),), 5),
    ],
)
def test_what_was_read_for_licences_counts_in_the_money_too(
    managed: tuple[Schedule, ...] | None, read: tuple[Schedule, ...] | None, most: int
) -> None:
    have = replace(numbered(walk(EMPTY, want())[1]), schedules=managed, scheduled=read)
    assert have.group is not None
    settings = replace(have.group.settings, max_size=4)
    shown = describe(replace(have, group=replace(have.group, settings=settings)))
    found = costed({"costs": {"group": shown, "region": "us-east-1"}}) or {}
    assert (found["nodes_at_maximum"], found["licences_peak"]) == (most, most)


@pytest.mark.parametrize(("state", "surge"), list(itertools.product(IDLE, (0, 2))))
def test_an_idle_member_counts_beside_the_maximum_and_beside_the_surge_of_a_group(state: str, surge: int) -> None:
    have = numbered(walk(EMPTY, want())[1])
    assert have.group is not None
    members = (*have.group.members, Member("i-idle", state=state, source=have.group.source))
    have = replace(have, group=replace(have.group, members=members))
    most = have.group.settings.max_size if have.group else 0
    goal = complete(have, want(licence_limit=most, licence_surge=surge))
    assert goal is not None
    why = unlicensed(have, goal)
    assert why is not None
    assert "1 node on standby" in why[0]
    roomy = complete(have, want(licence_limit=(most or 0) + 1, licence_surge=surge))
    assert roomy is not None
    assert unlicensed(have, roomy) is None


@pytest.mark.parametrize("state", IDLE)
def test_an_idle_node_counts_beside_a_rollout(state: str) -> None:
    six = group()
    idle = replace(six.nodes[0], instance_id="i-idle", state=state, standing={})
    view = replace(six, nodes=(*six.nodes, idle))
    refused = _rollout.refuse(view, RolloutGoal(licences=Licences(7)))
    assert "6 nodes + 1 node of surge + 1 node on standby = 8 licences" in str(refused)
    assert _rollout.refuse(view, RolloutGoal(licences=Licences(8))) is None


@pytest.mark.parametrize(("state", "then"), list(itertools.product(IDLE, ("terminate", "standby"))))
def test_an_idle_node_counts_beside_those_that_are_drained(state: str, then: Any) -> None:
    idle = of_drains.node("i-idle", "a", state=state, standing={})
    view = of_drains.group(*of_drains.SIX, idle, desired=6, max_size=6)
    goal = DrainGoal(count=1, then=then, decrement=then == "standby", licences=Licences(7))
    words = {
        "terminate": "6 nodes + 1 replacement + 1 node on standby",
        "standby": "6 nodes at most + 2 nodes on standby",
    }
    assert f"{words[then]} = 8 licences" in str(_drain.refuse(view, goal))
    assert _drain.refuse(view, replace(goal, licences=Licences(8))) is None
    assert _drain.refuse(replace(view, marketplace=True), replace(goal, licences=Licences(0))) is None


def test_load_counts_them_and_none_of_marketplace() -> None:
    nodes, given = NodeSet((AskedNode("127.0.0.1", "i-1"),)), {**GIVEN, "confirm": True, "licence_limit": 5}
    refused = refuse_load(given, nodes, 4, 1, idle=1)
    assert refused is not None
    assert "4 nodes at most + 1 node on standby + 1 seed = 6 licences, licence_limit is 5" in refused.sentence()
    assert refuse_load({**given, "licence_limit": 6}, nodes, 4, 1, idle=1) is None
    assert refuse_load({**given, "licence_limit": 0}, nodes, 4, 1, idle=1, marketplace=True) is None


def test_the_images_that_decide_are_those_that_run_and_the_new_one() -> None:
    have = numbered(walk(EMPTY, want())[1])
    other = complete(have, want(launch={"image_id": "ami-2", "instance_type": "c5.large"}))
    assert other is not None
    assert images(have, other) >= {"ami-2"}
    assert len(images(have, other)) == 2
    assert images(EMPTY, other) == {"ami-2"}
