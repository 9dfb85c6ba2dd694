"""When scheduled actions are due."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from plugins.module_utils._forecast.schedules import following, next_due, parse

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc).timestamp()  # a Thursday


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(
    ("recurrence", "due"),
    [
        ("* * * * *", "2026-01-01 12:01"),
        ("*/15 * * * *", "2026-01-01 12:15"),
        ("0 9 * * *", "2026-01-02 09:00"),
        ("30 12 1 * *", "2026-01-01 12:30"),
        ("0 12 1 * *", "2026-02-01 12:00"),
        ("0 0 * * MON-FRI", "2026-01-02 00:00"),
        ("0 0 * * SUN", "2026-01-04 00:00"),
        ("0 0 * * 7", "2026-01-04 00:00"),
        ("0 0 15 * MON", "2026-01-05 00:00"),  # where both are restricted either will do
        ("0 0 29 FEB *", "2028-02-29 00:00"),
        ("5,10 13-14 * 1 *", "2026-01-01 13:05"),
    ],
)
def test_recurrence(recurrence: str, due: str) -> None:
    assert following(recurrence, NOON) == at(due)


def test_a_recurrence_may_be_in_another_time_zone() -> None:
    assert following("0 9 * * *", NOON, "Asia/Tokyo") == at("2026-01-02 00:00")


PYTHONS = re.compile(r"invalid literal|range\(\)|arg \d|base 10")


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    "part", ["?", "L", "5L", "5-1", "99", "-1", "*/0", "*/-5", "*/x", "/5", "1,,2", "1-2-3", "x-y"]
)
def test_what_is_no_recurrence_is_said_in_words_of_cron(part: str, place: int) -> None:
    fields = ["*"] * 5
    fields[place] = part
    with pytest.raises(ValueError, match=r".+") as failure:
        parse(" ".join(fields))
    assert not PYTHONS.search(str(failure.value))


@pytest.mark.parametrize("wrong", ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "a b c d e", "5-1 * * * *"])
def test_what_is_no_recurrence(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(wrong)


def test_start_and_end_bound_a_recurrence_and_once_is_once() -> None:
    assert next_due({"start": NOON + 60}, NOON) == NOON + 60
    assert next_due({"start": NOON + 60}, NOON + 60) is None
    assert next_due({"start": NOON + 3600, "Recurrence": "* * * * *"}, NOON) == NOON + 3600
    assert next_due({"end": NOON + 30, "Recurrence": "* * * * *"}, NOON) is None
