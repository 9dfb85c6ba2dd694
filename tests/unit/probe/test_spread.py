"""The verdict on where sessions went, as stories of small fleets."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from plugins.module_utils._nodes.members import AskedNode, Front
from plugins.module_utils._probe.spread import Count, Judgement, judge, significance

ZONES = ("a", "b", "c")


def balancer(cross_zone: bool = True, zones: tuple[str, ...] = ZONES) -> Front:
    return Front("wcs", "wcs.example", cross_zone, zones)


def count(
    number: int, before: int | None, gained: int | None, health: str | None = "InService", error: str | None = None
) -> Count:
    member = AskedNode(
        f"10.0.0.{number}", f"i-{number}", ZONES[number % 3], health, "" if health == "InService" else "why"
    )
    during = None if gained is None else (before or 0) + gained
    return Count(member, before, during, error)


def story(gains: Sequence[int], held: int | None = None, cross_zone: bool = True) -> Judgement:
    counts = [count(number, 0, gain) for number, gain in enumerate(gains)]
    return judge(counts, balancer(cross_zone), sum(gains) if held is None else held)


def causes(judged: Judgement) -> list[tuple[str, str]]:
    return [(cause.cause, cause.subject) for cause in judged.causes]


def test_fair_shares_are_spread() -> None:
    judged = story([20, 21, 19])
    assert (judged.verdict, causes(judged), judged.background) == ("spread", [], 0)
    assert judged.distribution["max_over_mean"] == 1.05
    assert judged.distribution["sample"] == 60


def test_one_node_that_gets_nothing_is_a_skew() -> None:
    assert story([30, 30, 0]).verdict == "skewed"
    assert story([10, 10, 0]).verdict == "skewed"
    assert story([*[20] * 9, 0]).verdict == "skewed"


def test_one_node_that_gets_most_is_a_skew() -> None:
    assert story([50, 5, 5]).verdict == "skewed"


def test_too_small_a_sample_calls_no_skew() -> None:
    assert story([2, 1, 0]).verdict == "spread"
    assert story([1, 0, 0]).verdict == "spread"


def test_a_large_sample_does_not_make_a_small_skew_one() -> None:
    judged = story([5500, 4500])
    assert judged.distribution["p_value"] < 0.01
    assert judged.verdict == "spread"


def test_a_single_node_has_it_all() -> None:
    assert story([20]).verdict == "spread"


def test_a_node_out_of_service_is_a_skew_without_any_test() -> None:
    judged = judge([count(0, 0, 2), count(1, 0, 0, "OutOfService")], balancer(), 2)
    assert judged.verdict == "skewed"
    assert ("unhealthy_node", "i-1") in causes(judged)
    assert "OutOfService (why)" in next(cause.message for cause in judged.causes if cause.cause == "unhealthy_node")


def test_a_silent_node_is_a_skew_where_the_others_have_all_sessions() -> None:
    silent = count(1, 3, None, None, error="connection refused")
    judged = judge([count(0, 0, 20, None), silent], None, 20)
    assert (judged.verdict, causes(judged)) == ("skewed", [("silent_node", "i-1")])


def test_a_silent_node_may_have_what_the_others_have_not() -> None:
    silent = count(2, None, None, None, error="timeout")
    judged = judge([count(0, 0, 10, None), count(1, 0, 10, None), silent], None, 30)
    assert (judged.verdict, judged.background) == ("spread", None)
    assert causes(judged) == [("silent_node", "i-2")]


def test_old_sessions_stay_where_they_were_and_new_ones_are_judged_apart() -> None:
    judged = judge([count(0, 100, 20), count(1, 100, 20), count(2, 0, 20)], balancer(), 60)
    assert judged.verdict == "spread"
    assert causes(judged) == []
    judged = judge([count(0, 300, 20), count(1, 0, 20), count(2, 0, 20)], balancer(), 60)
    assert (judged.verdict, causes(judged)) == ("spread", [("old_sessions", "i-0")])


def test_zones_are_the_cause_where_cross_zone_balancing_is_off() -> None:
    counts = [count(0, 0, 60), count(1, 0, 20), count(4, 0, 20), count(7, 0, 20)]
    judged = judge(counts, balancer(cross_zone=False), 120)
    assert judged.verdict == "skewed"
    assert causes(judged) == [("zone_without_node", "c"), ("cross_zone_off", "wcs")]
    assert "a has 1, b has 3" in judged.causes[1].message


def test_a_zone_without_node_does_no_harm_with_cross_zone_balancing() -> None:
    counts = [count(0, 0, 20), count(1, 0, 20)]
    assert causes(judge(counts, balancer(), 40)) == []
    assert causes(judge(counts, balancer(), 40, failed=3)) == [("zone_without_node", "c")]


def test_nothing_held_is_unreachable() -> None:
    down = [count(number, 0, None, "OutOfService", error="timeout") for number in range(2)]
    judged = judge(down, balancer(zones=("a", "b")), 0)
    assert judged.verdict == "unreachable"
    assert causes(judged)[:3] == [("no_node", "wcs"), ("unhealthy_node", "i-0"), ("unhealthy_node", "i-1")]
    assert judge([], balancer(), 0).causes[0].cause == "no_node"
    assert judge([], None, 0).verdict == "unreachable"


def test_without_counts_nothing_is_claimed() -> None:
    assert judge([], None, 5).verdict is None
    assert judge([count(0, None, None, None, error="timeout")], None, 5).verdict is None


@pytest.mark.parametrize(("held", "words"), [(55, "5 more"), (63, "3 fewer")])
def test_background_traffic_is_told(held: int, words: str) -> None:
    judged = story([20, 20, 20], held=held)
    assert judged.background == 60 - held
    assert judged.verdict == "spread"
    assert words in judged.causes[0].message


def test_sessions_that_left_do_not_count_negatively() -> None:
    judged = judge([count(0, 50, -10), count(1, 0, 20)], None, 20)
    assert judged.distribution["min"] == 0


@pytest.mark.parametrize("gains", [[20, 20, 20], [5, 5], [1] * 50])
def test_even_shares_are_never_improbable(gains: list[int]) -> None:
    assert significance(gains) == 1.0


def test_the_p_value_is_no_smaller_than_the_truth() -> None:
    """Simulated: of fleets spread at random, at most so many as allowed are called improbable."""
    dice = random.Random(7)
    for nodes, total in ((2, 20), (3, 20), (3, 60), (10, 60), (40, 200)):
        called = 0
        for _ in range(400):
            tally = Counter(dice.randrange(nodes) for _ in range(total))
            called += (significance([tally[node] for node in range(nodes)]) or 0) < 0.01
        assert called <= 400 * 0.01 + 3 * math.sqrt(400 * 0.01), (nodes, total)


def test_no_sample_no_p_value() -> None:
    assert significance([]) is None
    assert significance([0, 0]) is None
