"""The arithmetic of scaling policies."""

from __future__ import annotations

import pytest

from plugins.module_utils._forecast.adjustments import (
    Adjustment,
    adjusted,
    matching,
    overlap,
    round_change,
    step_capacity,
    tracked_capacity,
)

OUT = (Adjustment(0, 10, 10), Adjustment(10, None, 30))
IN = (Adjustment(-10, 0, -10), Adjustment(None, -10, -30))
PERCENT = "PercentChangeInCapacity"


@pytest.mark.parametrize(
    ("change", "whole"), [(12.7, 12), (0.67, 1), (-0.58, -1), (-6.67, -6), (0, 0), (1, 1), (-1, -1)]
)
def test_rounding_of_percentages(change: float, whole: int) -> None:
    assert round_change(change) == whole


@pytest.mark.parametrize(
    ("current", "kind", "adjustment", "magnitude", "wanted"),
    [
        (4, "ChangeInCapacity", 2, None, 6),
        (4, "ExactCapacity", 2, None, 2),
        (10, PERCENT, 25, None, 12),
        (4, PERCENT, 25, 2, 6),
        (4, PERCENT, -25, 2, 2),
        (1, PERCENT, 10, None, 2),
    ],
)
def test_adjusted(current: int, kind: str, adjustment: int, magnitude: int | None, wanted: int) -> None:
    assert adjusted(current, kind, adjustment, magnitude) == wanted


@pytest.mark.parametrize(
    ("steps", "breach", "adjustment"),
    [(OUT, 0, 10), (OUT, 9.9, 10), (OUT, 10, 30), (OUT, 99, 30), (IN, -10, -30), (IN, -9, -10), (OUT, -1, None)],
)
def test_lower_bound_belongs_above_the_threshold_upper_below(
    steps: tuple[Adjustment, ...], breach: float, adjustment: int | None
) -> None:
    step = matching(steps, breach)
    assert (step.adjustment if step else None) == adjustment


def test_the_same_step_adds_nothing_while_its_nodes_warm_up_and_a_higher_one_the_difference() -> None:
    assert step_capacity(10, 0, OUT[0], PERCENT) == 11
    assert step_capacity(11, 1, OUT[0], PERCENT) == 11
    assert step_capacity(11, 1, OUT[1], PERCENT) == 13


def test_no_step_scales_in_while_instances_warm_up() -> None:
    assert step_capacity(10, 2, IN[0], PERCENT) == 10
    assert step_capacity(10, 0, IN[0], PERCENT) == 9


def test_target_tracking_rounds_up() -> None:
    assert tracked_capacity(2, 90, 60) == 3
    assert tracked_capacity(3, 65, 60) == 4
    assert tracked_capacity(4, 30, 60) == 2
    assert tracked_capacity(5, 30, 60) == 3


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        (OUT, False),
        (IN, False),
        ((Adjustment(0, None, 1),), False),
        ((), True),
        ((Adjustment(0, 10, 1), Adjustment(20, None, 2)), True),
        ((Adjustment(0, 20, 1), Adjustment(10, None, 2)), True),
        ((Adjustment(0, None, 1), Adjustment(10, None, 2)), True),
        ((Adjustment(10, 5, 1),), True),
    ],
)
def test_steps_without_gap_and_overlap(steps: tuple[Adjustment, ...], refused: bool) -> None:
    assert (overlap(steps) is not None) is refused
