"""What serves goes on serving: no step of any course has fewer of it than the smaller of its start and its end."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._balancer.health import WELL
from plugins.module_utils._core.step import Step, Wait
from plugins.module_utils._fleet import moves as _fleet
from plugins.module_utils._fleet.value import Fleet, FleetWant
from plugins.module_utils._group.value import Group, Member
from tests.unit.fleet.test_moves import EMPTY, OPTIONS, OUT, numbered, walk, want

PAIRS = 2000 if os.environ.get("WCS_TEST_ALL") else 300
BALANCERS, SUBNETS = ("a", "b", "c"), ("subnet-1", "subnet-2", "subnet-3")


def wish(rng: random.Random) -> dict[str, Any]:
    low = rng.randint(0, 3)
    options = {
        "min_size": low,
        "max_size": low + rng.randint(0, 3),
        "subnets": rng.sample(SUBNETS, rng.randint(1, 3)),
        "load_balancers": rng.sample(BALANCERS, rng.randint(0, 3)),
        "launch": {
            **OPTIONS["launch"],
            "instance_type": rng.choice(["c5.large", "c5.xlarge"]),
            "apply": rng.choice(["now", "rollout"]),
        },
        "scaling_policies": rng.choice([[], [OUT]]),
        "suspended_processes": rng.choice([[], ["AZRebalance"]]),
        "tags": rng.choice([{}, {"Team": "video"}]),
    }
    return options | rng.choice([{}, {"desired_capacity": rng.randint(low, options["max_size"])}])


def standing(rng: random.Random) -> Fleet:
    """A fleet whose members serve in every balancer of it."""
    have = numbered(walk(EMPTY, want(**wish(rng)))[1])
    group = have.group
    assert group is not None
    members = tuple(Member(f"i-{n}", protected=True, source=group.source) for n in range(group.desired))
    health = {name: {member.instance_id: WELL for member in members} for name in group.balancers}
    return replace(have, group=replace(group, members=members, health=health))


def seen(have: Fleet, wanted: FleetWant) -> Fleet:
    """As the world shows it for a want: the verdicts of those balancers alone in which the group stays."""
    group = have.group
    assert group is not None
    staying = group.staying(wanted.settings)
    return replace(have, group=replace(group, health={name: (group.health or {})[name] for name in staying}))


def serving(group: Group | None) -> dict[str, int]:
    """How much there is of what serves."""
    if group is None:
        return {"members": 0, "balancers": 0, "subnets": 0, "desired": 0}
    subnets = len(group.settings.subnets or ())
    counts = {"members": len(group.serving()), "balancers": len(group.balancers), "subnets": subnets}
    return {**counts, "desired": group.desired}


def states(have: Fleet, wanted: FleetWant) -> list[tuple[str, Fleet]]:
    """Each move with the world after it, as a run goes: a batch at a time."""
    goal, found = _fleet.complete(have, wanted), list[tuple[str, Fleet]]()
    while batch := _fleet.moves(have, goal):
        for move in batch:
            have = _fleet.settle(have, move) if isinstance(move, Wait) else _fleet.foresee(have, move)
            found.append((move.operation if isinstance(move, Step) else "wait", have))
    return found


@pytest.mark.parametrize("chunk", range(3))
def test_no_step_has_less_that_serves_than_start_and_end(chunk: int) -> None:
    exchanged = 0
    for seed in range(chunk, PAIRS, 3):
        rng = random.Random(seed)
        have = standing(rng)
        wanted = want(**wish(rng), allow_scale_in=True)
        have = seen(have, wanted)
        course = states(have, wanted)
        start, end = serving(have.group), serving(course[-1][1].group if course else have.group)
        least = {what: min(start[what], end[what]) for what in start}
        for name, state in course:
            less = {what: many for what, many in serving(state.group).items() if many < least[what]}
            assert less == {}, f"{seed}: after {name} {less}, of {start} and {end}"
        names = [name for name, _ in course]
        if {"AttachLoadBalancers", "DetachLoadBalancers"} <= {*names}:
            exchanged += 1
            attached, left = names.index("AttachLoadBalancers"), names.index("DetachLoadBalancers")
            assert attached < left, f"{seed}: {names}"
            assert end["desired"] == 0 or "wait" in names[attached:left], f"{seed}: {names}"
    print(f"{PAIRS // 3} pairs, {exchanged} of them exchange balancers")
    assert exchanged > 10
