"""Two hundred drains in two hundred worlds: killed, doubled, with failures and others at work."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import Step
from plugins.module_utils._drain import decide as _drain
from plugins.module_utils._drain.decide import DrainGoal
from tests.support.cloud import Cloud, Killed, Run, ended, killed, lost
from tests.support.seeds import seeds

SEEDS = 200


def drain(cloud: Cloud, **goal: object) -> Run:
    return Run(cloud, _drain, DrainGoal(**goal))


def world(seed: int) -> tuple[Cloud, dict[str, object]]:
    """A fleet in use, and a drain that can be."""
    dice = random.Random(seed)
    cloud = Cloud(seed, dice.randint(3, 7), min_size=1)
    cloud.waits_for_drained = dice.random() < 0.5
    cloud.arrivals = dice.choice([0.0, 0.2, 0.5])
    cloud.hold(dice.randint(0, 40))
    cloud.advance(dice.randint(5, 40))
    if dice.random() < 0.3:
        cloud.suspended = set(dice.sample(["HealthCheck", "AZRebalance", "ReplaceUnhealthy", "ScheduledActions"], 2))
    goal = {
        "count": dice.randint(1, min(2, cloud.desired - 1)),
        "then": dice.choice(["terminate", "terminate", "standby"]),
        "timeout": 400.0,
        "decrement": dice.random() < 0.7,
    }
    return cloud, goal


def checked(cloud: Cloud, size: int, goal: dict[str, object], suspended: set[str]) -> None:
    """Fails where something is not as it should be after a drain."""
    cloud.advance(90)
    assert [one for one in cloud.cut() if one.cut_by != "machine failed"] == []
    assert cloud.traces() == []
    assert cloud.suspended == suspended
    gone = goal["count"] if goal["decrement"] else 0
    assert cloud.desired == size - gone
    if "ReplaceUnhealthy" not in suspended and "HealthCheck" not in suspended:
        assert len(cloud.serving()) == cloud.desired


@pytest.mark.parametrize("seed", seeds(SEEDS))
def test_a_drain_killed_at_any_call_is_ended_right_by_the_next(seed: int) -> None:
    cloud, goal = world(seed)
    dice, size, suspended = random.Random(seed + 1), cloud.desired, set(cloud.suspended)
    run = drain(cloud, **goal)
    run.trouble = dice.choice([killed(dice.randint(0, 9), dice.random() < 0.5), lost(dice.randint(0, 9))])
    try:
        run.sail()
    except Killed:
        cloud.advance(dice.choice([0, 3, 30]))
        written = bool(cloud.tags) or any(one.tags for one in cloud.machines.values())
        if written or len(run.calls) == 1:  # else it was killed after all was done
            drain(cloud, **goal).sail()
    checked(cloud, size, goal, suspended)


@pytest.mark.parametrize("seed", seeds(SEEDS // 2))
def test_two_drains_at_once_end_right_and_never_go_under_the_floor(seed: int) -> None:
    cloud, goal = world(seed)
    goal["then"] = "terminate"
    cloud.min_size = max(1, cloud.desired - 2)
    suspended, low, dice = set(cloud.suspended), cloud.min_size, random.Random(seed + 2)
    first, second = drain(cloud, **goal), drain(cloud, **goal)
    ends: list[str] = []
    other = second.looks()

    def between(_step: Step) -> None:
        """The other run takes its turn in the midst of the first one's calls."""
        if not ends and dice.random() < 0.5:
            try:
                ends.extend(() if next(other, None) is not None else ("",))
            except Failure as failure:
                ends.append(str(failure))

    first.meanwhile = between
    answer = [ended(cloud, first.looks()), ended(cloud, other), *ends]
    cloud.advance(90)
    assert all(not one or "desired capacity" in one or "back into service" in one for one in answer), answer
    assert cloud.cut() == []
    assert min(count for _, count in cloud.capacity) >= low
    assert cloud.traces() == []
    assert cloud.suspended == suspended


@pytest.mark.parametrize("seed", seeds(SEEDS // 2))
def test_machines_fail_and_others_scale_while_nodes_drain(seed: int) -> None:
    cloud, goal = world(seed)
    dice, suspended = random.Random(seed + 3), set(cloud.suspended)
    cloud.protected = True
    looks = drain(cloud, **goal | {"on_timeout": "return_to_service"}).looks()

    def eventful() -> Iterator[float]:
        for pause in looks:
            if dice.random() < 0.03:
                cloud.fail(dice.choice(list(cloud.machines.values())))
            if dice.random() < 0.03:
                cloud.desired = min(cloud.max_size, cloud.desired + 1)
            yield pause

    answer = ended(cloud, eventful())
    cloud.advance(90)
    assert not answer or "in service" in answer or "back into service" in answer
    assert [one for one in cloud.cut() if one.cut_by not in ("machine failed", "replaced as unhealthy")] == []
    assert cloud.traces() == []
    assert cloud.suspended == suspended
