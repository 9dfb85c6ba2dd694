"""When CloudWatch raises an alarm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils._forecast.alarms import AlarmRule, Sample, points, single, state, statistic

RULE = AlarmRule("GreaterThanThreshold", 50, 60, 3, 3)


def values(row: str) -> list[float | None]:
    """0 is a good point, X a breaching one, - a missing one."""
    return [{"0": 10.0, "X": 90.0, "-": None}[mark] for mark in row.split()]


@pytest.mark.parametrize(
    ("row", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", "OK", "OK", "OK", "OK"),
        ("0 - - - -", "OK", "OK", "OK", "OK"),
        ("- - - - -", "INSUFFICIENT_DATA", "kept", "ALARM", "OK"),
        ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", "ALARM", "kept", "ALARM", "OK"),
    ],
)
def test_missing_data_three_of_three(row: str, missing: str, ignore: str, breaching: str, not_breaching: str) -> None:
    """The table of the CloudWatch guide: how an alarm's state is evaluated when data is missing."""
    wanted = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    assert {name: state(replace(RULE, missing=name), values(row), "kept") for name in wanted} == wanted


@pytest.mark.parametrize(
    ("row", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 - X - -", "OK", "OK", "ALARM", "OK"),
        ("- - - - 0", "OK", "OK", "ALARM", "OK"),
        ("- - - X -", "ALARM", "kept", "ALARM", "OK"),
    ],
)
def test_missing_data_two_of_three(row: str, missing: str, ignore: str, breaching: str, not_breaching: str) -> None:
    wanted = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    rule = replace(RULE, needed=2)
    assert {name: state(replace(rule, missing=name), values(row), "kept") for name in wanted} == wanted


@pytest.mark.parametrize(
    ("comparison", "value", "raised"),
    [
        ("GreaterThanThreshold", 50, False),
        ("GreaterThanOrEqualToThreshold", 50, True),
        ("LessThanThreshold", 50, False),
        ("LessThanOrEqualToThreshold", 50, True),
    ],
)
def test_comparisons(comparison: str, value: float, raised: bool) -> None:
    rule = AlarmRule(comparison, 50, 60, 1, 1)
    assert (state(rule, [value], "OK") == "ALARM") is raised


def test_statistics_of_sets() -> None:
    samples = [Sample(0, 2, 30, 10, 20), single(1, 60)]
    names = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")
    assert [statistic(samples, name) for name in names] == [30, 90, 10, 60, 3]
    assert statistic([], "Sum") is None


def test_periods_end_where_asked_and_the_oldest_is_first() -> None:
    rule = replace(RULE, periods=1, needed=1)
    samples = [single(60, 5), single(120, 20), single(179, 40), single(180, 99)]
    assert points(samples, rule, 180) == (None, 5, 30)
