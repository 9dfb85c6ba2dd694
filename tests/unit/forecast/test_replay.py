"""A load replayed: what must hold of every one, and small ones worked out by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from plugins.module_utils._core.surplus import Surplus
from plugins.module_utils._forecast.alarms import AlarmRule, Window, state
from plugins.module_utils._forecast.replay import replay
from plugins.module_utils._forecast.tracking import Windows
from plugins.module_utils._forecast.value import (
    GroupModel,
    NodeModel,
    Replay,
    ReplayedPolicy,
    TimedSizes,
    of_mean,
    of_quantiles,
)
from tests.support.curves import day, group, load, simple, steps, tracking


def nodes(found: Replay) -> list[int]:
    return [one.nodes for one in found.timeline]


def test_a_quiet_day_costs_the_minimum() -> None:
    found = replay(load([50] * 60), group(tracking(80)))
    assert (found.peak, found.node_seconds, found.refused, found.cut) == (1, 3600, 0, 0)
    assert set(nodes(found)) == {1}


def test_target_tracking_launches_after_three_minutes_above_and_nodes_serve_after_their_launch() -> None:
    found = replay(load([50] * 5 + [160] * 15), group(tracking(80)))
    assert nodes(found)[:8] == [1] * 8  # minutes 5, 6 and 7 are above 80, and after the third one is launched
    assert nodes(found)[8:] == [2] * 12
    capacity = [one.capacity for one in found.timeline]
    assert capacity[:10] == [100] * 10
    assert capacity[10:] == [200] * 10
    assert (found.refused, found.refused_seconds) == (60, 60 * 60 * 5)


def test_target_tracking_scales_in_after_fifteen_minutes_below_nine_tenths() -> None:
    curve = load([200] * 5 + [100] * 30)
    found = replay(curve, group(tracking(100), desired=2, scale_in="aws"))
    assert nodes(found) == [2] * 21 + [1] * 14  # and a minute to end


def test_a_step_policy_goes_as_far_as_its_step_says() -> None:
    policy = steps(80, (0, 40, 1), (40, None, 3))
    assert replay(load([90] * 10), group(policy)).peak == 2
    assert replay(load([130] * 10), group(policy)).peak == 4


def test_a_simple_policy_waits_for_launch_and_cooldown() -> None:
    found = replay(load([500] * 30), group(simple(50, 1, cooldown=300)))
    # after two minutes, then each time two minutes of launch and five of cooldown
    assert [at for at, (one, more) in enumerate(zip(nodes(found), nodes(found)[1:], strict=False)) if more > one] == [
        1, 8, 15, 22,
    ]  # fmt: skip


def test_scheduled_actions_set_the_sizes() -> None:
    action = TimedSizes("up", "10 0 * * *", min_size=4)
    assert nodes(replay(load([10] * 15), group(schedules=(action,)))) == [1] * 10 + [4] * 5


def test_protected_nodes_stay() -> None:
    found = replay(load([400] * 30 + [10] * 120), group(tracking(80, disable_scale_in=True)))
    assert nodes(found)[-1] == found.peak > 1


def test_a_step_policy_that_scales_in_does_not_move_protected_nodes() -> None:
    policy = steps(50, (None, 0, -1), less=True)
    assert set(nodes(replay(load([10] * 60), group(policy, desired=3)))) == {3}
    assert nodes(replay(load([10] * 60), group(policy, desired=3, scale_in="aws")))[-1] == 1


SURPLUS = Surplus(100, headroom=0.2, stable_for=900)


def test_the_steward_takes_out_what_is_too_much_and_nobody_is_cut() -> None:
    model = NodeModel(capacity=100, launch_seconds=120, lengths=of_mean(300))
    given = group(desired=5, scale_in="steward", surplus=SURPLUS, node=model)
    found = replay(load([450] * 30 + [90] * 240), given)
    assert nodes(found)[29] == 5
    assert nodes(found)[-1] == 2
    assert found.cut == found.refused == 0


@pytest.mark.parametrize(
    ("policy", "nodes_left"),
    [
        (tracking(60, metric="cpu"), 4),  # 20 sessions with 10 % of a node each are 200 %, and 240 % with headroom
        (tracking(80, metric="cpu"), 3),
        (tracking(15), 2),  # target tracking on sessions wants fewer on each node than the steward counts with
        (steps(9, (0, None, 1)), 3),
        (steps(50, (None, 0, -1), less=True), 1),  # adds none
        (replace(steps(9, (0, None, 1)), rule=replace(steps(9, (0, None, 1)).rule, enabled=False)), 1),
    ],
)
def test_the_steward_takes_no_node_that_a_policy_would_add_again(policy: ReplayedPolicy, nodes_left: int) -> None:
    model = NodeModel(capacity=100, cpu_per_session=10, launch_seconds=120, lengths=of_mean(120))
    given = group(policy, desired=6, max_size=6, scale_in="steward", surplus=SURPLUS, node=model)
    found = nodes(replay(load([20] * 600), given))
    assert set(found[300:]) == {nodes_left}
    assert sorted(found, reverse=True) == found, "no node was added again"


@pytest.mark.parametrize("seed", range(40))
def test_under_a_steady_load_policy_and_steward_come_to_rest(seed: int) -> None:
    pick = random.Random(seed)
    policy = pick.choice([tracking(pick.choice([40, 60, 80]), metric="cpu"), tracking(pick.choice([20, 70])),
                          steps(pick.choice([20, 60]), (0, 30, 1), (30, None, 2))])  # fmt: skip
    model = NodeModel(100, pick.choice([0.2, 1.0, 4.0]), pick.choice([0, 5]), 120, of_mean(300))
    headroom = Surplus(100, headroom=pick.choice([0.0, 0.2]))
    least = pick.randrange(1, 3)
    given = group(policy, min_size=least, max_size=12, desired=pick.randrange(least, 12), scale_in="steward",
                  surplus=headroom, node=model)  # fmt: skip
    found = nodes(replay(load([pick.randrange(0, 250)] * 800), given))
    assert len(set(found[400:])) == 1
    ways = [after - before for before, after in pairwise(found) if after != before]
    assert sum((one > 0) != (other > 0) for one, other in pairwise(ways)) <= 1, found


def test_nodes_on_their_way_out_come_back_when_they_are_needed() -> None:
    model = NodeModel(capacity=100, launch_seconds=120, lengths=of_mean(3600))
    given = group(desired=5, scale_in="steward", surplus=SURPLUS, node=model)
    found = replay(load([450] * 20 + [80] * 40 + [480] * 60), given)
    assert nodes(found)[-1] == 5
    assert [one.refused for one in found.timeline][62:] == [0] * 58


def test_aws_cuts_what_is_still_open_when_draining_ends() -> None:
    model = NodeModel(capacity=100, launch_seconds=120, lengths=of_quantiles([(0.5, 7200), (1.0, 14400)]))
    given = group(tracking(60), desired=4, scale_in="aws", node=model)
    found = replay(load([300] * 10 + [100] * 200), given)
    assert found.cut > 0
    assert replay(load([300] * 10 + [100] * 200), replace(given, connection_draining=20_000.0)).cut == 0


@pytest.mark.parametrize(
    ("quantiles", "mean"),
    [
        ([(0.5, 100.0), (1.0, 200.0)], 100.0),
        ([(1.0, 60.0)], 30.0),
        ([(0.5, 100.0)], 100.0),
        ([(0.5, 300.0), (0.95, 3600.0)], None),
        ([(0.5, 100.0), (0.9, 100.0)], None),
    ],
)
def test_the_lengths_of_sessions(quantiles: list[tuple[float, float]], mean: float | None) -> None:
    lengths = of_quantiles(quantiles)
    if mean is not None:
        assert lengths.mean == pytest.approx(mean)
    left = [lengths.left(at) for at in range(0, 6000, 10)]
    assert left[0] == pytest.approx(1)
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0


# What holds whatever is given


def anything(seed: int) -> tuple[list[float], GroupModel]:
    """A load and a group, of all kinds of policies, by a number."""
    pick = random.Random(seed)
    level, sessions = pick.uniform(0, 400), []
    for _ in range(pick.randrange(30, 400)):
        level = max(0.0, level + pick.gauss(0, 25)) if pick.random() > 0.02 else pick.uniform(0, 900)
        sessions.append(float(round(level)))
    rules: list[Any] = [
        tracking(pick.choice([40, 70, 95]), disable_scale_in=pick.random() < 0.5),
        tracking(pick.choice([30, 60]), metric="cpu"),
        steps(pick.choice([50, 80]), (0, 30, 1), (30, None, pick.choice([2, 5]))),
        steps(30, (None, 0, -1), less=True),
        simple(60, pick.choice([1, 2])),
    ]
    lengths = pick.choice([None, of_mean(120), of_mean(1800), of_quantiles([(0.5, 200), (0.95, 3000)])])
    least = pick.randrange(0, 4)
    given = group(
        *pick.sample(rules, pick.randrange(0, 4)),
        min_size=least,
        max_size=least + pick.randrange(0, 9),
        default_warmup=pick.choice([None, 0, 240]),
        scale_in=pick.choice(["manual", "aws", "steward"]),
        surplus=Surplus(100),
        schedules=tuple(TimedSizes(f"{at}", f"{at * 7} * * * *", min_size=least, max_size=None) for at in range(3)),
        node=NodeModel(100, pick.choice([0.5, 1.0]), pick.choice([0, 5]), pick.choice([0, 90, 200]), lengths),
    )
    return sessions, given


@pytest.mark.parametrize("seed", range(120))
def test_what_always_holds(seed: int) -> None:
    sessions, given = anything(seed)
    found = replay(load(sessions), given)
    assert [one.sessions for one in found.timeline] == sessions
    assert found.peak == max(nodes(found))
    assert found.node_seconds == sum(nodes(found)) * 60
    for one in found.timeline:
        assert one.nodes >= given.min_size
        assert one.capacity is not None
        assert one.refused == pytest.approx(max(0.0, one.sessions - one.capacity))
        assert one.capacity <= one.nodes * 100 + 1e-6
    if given.scale_in != "aws":
        assert found.peak <= given.max_size, "only nodes that AWS drains are beside the maximum"
        assert found.cut == 0
    assert replay(load(sessions), given) == found, "the same again is the same"


@pytest.mark.parametrize("seed", range(40))
def test_more_sessions_never_make_policies_that_only_add_want_less(seed: int) -> None:
    sessions, given = anything(seed)
    out = tuple(
        replace(one, rule=replace(one.rule, disable_scale_in=True))
        for one in given.policies
        if one.name in ("target", "out")
    )
    given = replace(given, policies=out, scale_in="manual", node=replace(given.node, lengths=None))
    few = replay(load(sessions), given)
    many = replay(load([one * 1.3 for one in sessions]), given)
    assert all(more >= less for less, more in zip(nodes(few), nodes(many), strict=True))


@pytest.mark.parametrize("seed", range(200))
def test_a_window_says_what_the_whole_rule_says(seed: int) -> None:
    pick = random.Random(seed)
    periods = pick.randrange(1, 16)
    missing = pick.choice(["missing", "ignore", "breaching", "notBreaching"])
    comparison = pick.choice(["GreaterThanThreshold", "LessThanThreshold"])
    rule = AlarmRule(comparison, 50, 60, periods, pick.randrange(1, periods + 1), missing=missing)
    window, values, one, other = Window(rule), [None] * (periods + 2), "INSUFFICIENT_DATA", "INSUFFICIENT_DATA"
    gaps = pick.choice([0.0, 0.1, 0.6])
    for _ in range(60):
        value = None if pick.random() < gaps else pick.choice([10.0, 90.0])
        values = [*values[1:], value]
        window.add(value)
        one, other = window.state(one), state(rule, values, other)
        assert one == other


def test_a_long_load_is_shown_by_stretches_of_whole_minutes() -> None:
    found = replay(load(day(10, 300, days=3)), group(tracking(80)), moments=300)
    apart = {later.time - one.time for one, later in zip(found.timeline, found.timeline[1:], strict=False)}
    assert apart == {900.0}
    assert max(one.sessions for one in found.timeline) == 300
    assert max(nodes(found)) == found.peak


def test_other_windows_of_awss_own_alarms_make_a_difference() -> None:
    curve = load([50] * 5 + [160] * 15)
    peaks = [nodes(replay(curve, group(tracking(80)), Windows(high=high))).index(2) for high in (1, 3, 5)]
    assert peaks == [6, 8, 10]


def test_periods_of_ten_seconds_and_of_five_minutes() -> None:
    quick = ReplayedPolicy("target", tracking(80).rule, "sessions", period=10)
    assert nodes(replay(load([160] * 60, 10), group(quick), moments=10_000)).index(2) == 3
    slow = replace(steps(80, (0, None, 1)), alarm=AlarmRule("GreaterThanOrEqualToThreshold", 80, 300, 1, 1))
    assert nodes(replay(load([160] * 12), group(slow))).index(2) == 1  # a period is known by what there is of it
