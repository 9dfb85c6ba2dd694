"""Which nodes publish their sessions, and how the others are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils._stack.checks import problems, table
from plugins.module_utils._stack.published import Published, ago, allowed, last_of, patience, silent
from tests.unit.stack.test_checks import NOW, SOUND

BOTH = Published(60, NOW, {"i-1": NOW - 40, "i-2": NOW - 70})


@pytest.mark.parametrize(
    ("period", "age", "late"),
    [
        (60, 0, False),
        (60, 300, False),
        (60, 301, True),
        (60, -5, False),
        (10, 150, False),
        (10, 151, True),
        (30, 211, True),
    ],
)
def test_two_periods_may_be_missing(period: int, age: float, late: bool) -> None:
    assert Published(period, NOW, {"i-1": NOW - age}).late("i-1") is late


@pytest.mark.parametrize("period", [10, 30, 60])
def test_one_that_has_just_begun_has_as_long_as_it_may_take(period: int) -> None:
    assert period < patience(period) <= allowed(period)


def test_a_node_that_is_silent_is_named() -> None:
    assert silent(BOTH, ["i-1", "i-2"]) == []
    seen = Published(60, NOW, {"i-1": NOW - 400})
    assert silent(seen, ["i-1", "i-2"]) == [
        "i-1 has not published its sessions for 400 s (wcs-metrics there says why in its journal)",
        "i-2 has not published its sessions for 15 min or more (wcs-metrics there says why in its journal)",
    ]
    assert silent(seen, []) == []


def test_the_newest_point_counts() -> None:
    assert last_of({"i-1": [(5.0, 1), (65.0, 0), (35.0, 9)], "i-2": []}) == {"i-1": 65.0}


def test_it_is_a_problem_of_the_stack_and_a_column_of_its_table() -> None:
    assert problems(replace(SOUND, published=BOTH), NOW, 14) == []
    half = replace(BOTH, last={"i-1": NOW - 40})
    assert [ago(half, name) for name in ("i-1", "i-2")] == ["40 s", "no"]
    (problem,) = problems(replace(SOUND, published=half), NOW, 14)
    assert problem.startswith("i-2 has not published its sessions")
    head, first, second = table(replace(SOUND, published=half))
    assert head.endswith("  metric")
    assert first.endswith("  40 s")
    assert second.endswith("  no")


def test_only_nodes_in_service_are_asked_to() -> None:
    standby = replace(SOUND.nodes[1], lifecycle="Standby")
    seen = replace(SOUND, nodes=(SOUND.nodes[0], standby), desired=1, published=Published(60, NOW, {"i-1": NOW}))
    assert not [text for text in problems(seen, NOW, 14) if "published" in text]
