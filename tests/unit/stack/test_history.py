"""How a group went, of what CloudWatch has: what is not known is None, and never 0."""

from __future__ import annotations

import math
import random

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.points import value_at
from plugins.module_utils._stack.history import MOST, History, bounds, checked, launch_times

M = 60


def of(**more: object) -> list[tuple[object, object, object]]:
    """Nodes, CPU and sessions of five minutes."""
    given = {"start": 0, "end": 5 * M, **more}
    return [(one["nodes"], one["cpu_percent"], one["sessions"]) for one in History(**given).points()]  # type: ignore[arg-type]


def values(*given: float | None) -> dict[float, float]:
    return {at * M: value for at, value in enumerate(given) if value is not None}


def test_without_anything_nothing_is_known() -> None:
    assert of() == [(None, None, None)] * 5


def test_nodes_are_those_that_published_where_the_group_does_not_count_itself() -> None:
    nodes = {"i-1": values(3, 3, 3, 3, 3), "i-2": values(None, None, 0, 1, 2)}
    assert of(by_node=nodes) == [(1, None, 3)] * 2 + [(2, None, 3), (2, None, 4), (2, None, 5)]


def test_a_node_in_service_that_has_not_published_yet_makes_the_sum_unknown() -> None:
    nodes = {"i-1": values(3, 3, 3, 3, 3), "i-2": values(None, None, None, 1, 2)}
    counted = values(1, 1, 2, 2, 2)
    assert [one[2] for one in of(by_node=nodes, in_service=counted)] == [3, 3, None, 4, 5]


def test_one_minute_left_out_counts_as_the_more_of_those_beside_it_and_two_are_unknown() -> None:
    assert [one[2] for one in of(by_node={"i-1": values(3, None, 5, 5, 5)})] == [3, 5, 5, 5, 5]
    assert [one[2] for one in of(by_node={"i-1": values(3, None, None, 5, 5)})] == [3, None, None, 5, 5]


def test_a_member_that_stops_publishing_is_unknown_from_then_on_and_one_that_left_is_gone() -> None:
    nodes = {"i-1": values(3, 3, 3, 3, 3), "i-2": values(4, 4)}
    assert [one[2] for one in of(by_node=nodes)] == [7, 7, 3, 3, 3]
    assert [one[2] for one in of(by_node=nodes, launched={"i-2": 0.0})] == [7, 7, None, None, None]


def test_a_member_that_never_published_is_unknown_since_its_launch() -> None:
    nodes = {"i-1": values(3, 3, 3, 3, 3)}
    assert [one[2] for one in of(by_node=nodes, launched={"i-9": 130.0})] == [3, 3, 3, None, None]
    assert [one[2] for one in of(by_node=nodes, launched={"i-9": math.inf})] == [3] * 5


def test_processors_as_they_were_reported() -> None:
    assert [one[1] for one in of(cpu=values(10.123, None, 20))] == [10.12, None, 20, None, None]


def test_sessions_of_each_node_are_those_of_the_last_day() -> None:
    end = 30 * 3600
    shown = History(0, end, by_node={"i-1": {0: 7, end - 24 * 3600: 1, end - M: 2}, "i-2": {0: 3}}).show()
    assert {name: [row["sessions"] for row in rows] for name, rows in shown["by_node"].items()} == {"i-1": [1, 2]}
    assert (shown["period"], len(shown["points"])) == (60, 30 * 60)
    assert shown["points"][0]["time"] == "1970-01-01T00:00:00Z"


def test_the_newest_two_minutes_are_left_out() -> None:
    assert bounds(1, 100_000) == (99_840 - 3600, 99_840)


@pytest.mark.parametrize("hours", [None, 0, 1, MOST])
def test_hours_that_can_be_read(hours: int | None) -> None:
    assert checked(hours) == (hours or 0)


@pytest.mark.parametrize("hours", [-1, MOST + 1, 10**9])
def test_hours_that_cannot(hours: int) -> None:
    with pytest.raises(Failure, match=r"Cannot use option 'history': .* is not between 0 and 360"):
        checked(hours)


def test_when_members_were_launched() -> None:
    machines = [{"instance_id": "i-1", "launch_time": "1970-01-01T00:01:00Z"}, {"instance_id": "i-3"}]
    assert launch_times(["i-1", "i-2", "i-3"], machines) == {"i-1": 60.0, "i-2": math.inf, "i-3": math.inf}


@pytest.mark.parametrize("seed", range(50))
def test_a_sum_is_never_less_than_what_was_published_in_that_minute(seed: int) -> None:
    dice = random.Random(seed)
    nodes = {
        f"i-{number}": {at * M: float(dice.randrange(9)) for at in range(30) if dice.random() < 0.8}
        for number in range(dice.randrange(1, 6))
    }
    members = {name: 0.0 for name in nodes if dice.random() < 0.5}
    for point, at in zip(History(0, 30 * M, by_node=nodes, launched=members).points(), range(30), strict=True):
        published = [rows[at * M] for rows in nodes.values() if at * M in rows]
        if point["sessions"] is not None:
            assert point["sessions"] >= sum(published)
            due = [name for name in members if at * M >= min(nodes[name], default=0)]
            assert all(value_at(nodes[name], at * M) is not None for name in due)
        assert point["nodes"] is None or point["nodes"] >= len(published)
