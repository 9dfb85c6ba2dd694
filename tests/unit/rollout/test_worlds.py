"""Two hundred rollouts in two hundred worlds: killed, doubled, with bad versions and others at work."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import Step
from plugins.module_utils._rollout import decide as _rollout
from plugins.module_utils._rollout.decide import RolloutGoal
from tests.support.cloud import Cloud, Killed, Run, ended, killed, lost
from tests.support.seeds import seeds

SEEDS = 200


def rollout(cloud: Cloud, **goal: object) -> Run:
    return Run(cloud, _rollout, RolloutGoal(**goal))


def world(seed: int) -> tuple[Cloud, dict[str, object]]:
    """A fleet in use with a version to come, and a rollout that can be."""
    dice = random.Random(seed)
    cloud = Cloud(seed, dice.randint(2, 5), min_size=1, max_size=20)
    cloud.latest, cloud.waits_for_drained = "2", dice.random() < 0.5
    cloud.lifetime = lambda: cloud.random.uniform(10, 80)
    cloud.arrivals = dice.choice([0.1, 0.4])
    cloud.hold(dice.randint(0, 30))
    cloud.advance(dice.randint(5, 30))
    if dice.random() < 0.3:
        cloud.suspended = set(dice.sample(["HealthCheck", "AZRebalance", "ReplaceUnhealthy", "ScheduledActions"], 2))
    goal = {"surge": dice.choice([1, 1, 2, 3]), "timeout": 300.0, "launch_timeout": 60.0}
    return cloud, goal


def checked(cloud: Cloud, size: int, suspended: set[str], version: str) -> None:
    """Fails where something is not as it should be after a rollout."""
    cloud.advance(60)
    assert cloud.cut() == []
    assert cloud.traces() == []
    assert cloud.suspended == suspended
    assert cloud.version == version
    assert {one.version for one in cloud.machines.values()} == {version}
    assert (cloud.desired, len(cloud.serving())) == (size, size)
    assert min(count for _, count in cloud.capacity) >= size


@pytest.mark.parametrize("seed", seeds(SEEDS))
def test_a_rollout_killed_at_any_call_is_ended_right_by_the_next(seed: int) -> None:
    cloud, goal = world(seed)
    dice, size, suspended = random.Random(seed + 1), cloud.desired, set(cloud.suspended)
    run = rollout(cloud, **goal)
    call = dice.randint(0, 6 + 4 * size)
    run.trouble = dice.choice([killed(call, dice.random() < 0.5), lost(call)])
    back = dice.random() < 0.25
    try:
        run.sail()
    except Killed:
        cloud.advance(dice.choice([0, 3, 30]))
    rollout(cloud, **goal, **({"state": "rolled_back"} if back and run.calls[-1:] and cloud.tags else {})).sail()
    checked(cloud, size, suspended, cloud.version if back else "2")


@pytest.mark.parametrize("seed", seeds(SEEDS // 2))
def test_a_bad_version_killed_at_any_call_leaves_the_old_one_and_a_good_one_goes_through(seed: int) -> None:
    cloud, goal = world(seed)
    dice, size, suspended = random.Random(seed + 2), cloud.desired, set(cloud.suspended)
    cloud.bad_versions = {"2"}
    run = rollout(cloud, **goal)
    run.trouble = dice.choice([killed(dice.randint(0, 12), dice.random() < 0.5), lost(dice.randint(0, 12))])
    try:
        assert "The group is back at version 1; old nodes were not touched" in ended(cloud, run.looks())
    except Killed:
        cloud.advance(dice.choice([0, 3, 30]))
        assert "The group is back at version 1" in ended(cloud, rollout(cloud, **goal).looks())
    checked(cloud, size, suspended, "1")
    cloud.latest = "3"
    rollout(cloud, **goal).sail()
    checked(cloud, size, suspended, "3")


@pytest.mark.parametrize("seed", seeds(SEEDS // 2))
def test_two_rollouts_at_once_end_right(seed: int) -> None:
    cloud, goal = world(seed)
    dice, size, suspended = random.Random(seed + 3), cloud.desired, set(cloud.suspended)
    first, other = rollout(cloud, **goal), rollout(cloud, **goal).looks()
    over: list[bool] = []

    def between(_step: Step) -> None:
        """The other run takes its turn in the midst of the first one's calls."""
        if not over and dice.random() < 0.5 and next(other, None) is None:
            over.append(True)

    first.meanwhile = between
    assert [ended(cloud, first.looks()), ended(cloud, other)] == ["", ""]
    checked(cloud, size, suspended, "2")


@pytest.mark.parametrize("seed", seeds(SEEDS // 2))
def test_machines_fail_and_others_scale_while_a_version_is_rolled_out(seed: int) -> None:
    cloud, goal = world(seed)
    dice, suspended = random.Random(seed + 4), set(cloud.suspended)
    cloud.protected = True
    looks = rollout(cloud, **goal | {"on_timeout": "return_to_service"}).looks()

    def eventful() -> Iterator[float]:
        for pause in looks:
            if dice.random() < 0.01:
                cloud.fail(dice.choice(list(cloud.machines.values())))
            if dice.random() < 0.02:
                cloud.desired = min(cloud.max_size, cloud.desired + 1)
            yield pause

    answer = ended(cloud, eventful())
    try:
        rollout(cloud, **goal).sail()
    except Failure as failure:
        answer = str(failure)
    cloud.advance(120)
    assert [one for one in cloud.cut() if one.cut_by not in ("machine failed", "replaced as unhealthy")] == [], answer
    assert cloud.traces() == [], answer
    assert cloud.suspended == suspended
