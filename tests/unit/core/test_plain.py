"""Times, counts and lists as people and AWS write them: each has one way to be read and one to be written."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from plugins.module_utils._core.plain import iso, listed, plain, plural, seconds_of, time_of, utc

AT = 1_795_427_767.0  # 2026-11-23T09:56:07Z


@pytest.mark.parametrize(
    "text", ["2026-11-23T09:56:07Z", "2026-11-23T11:56:07+02:00", "2026-11-23T09:56:07", "2026-11-23 09:56:07"]
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_time_without_a_zone_is_in_utc_wherever_we_are(monkeypatch, text: str, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert seconds_of(text) == AT
        assert iso(seconds_of(text)) == plain(utc(time_of(text))) == "2026-11-23T09:56:07Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_date_is_written_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert plain({"a": [datetime(2026, 11, 23, 11, 56, 7, tzinfo=east)]}) == {"a": ["2026-11-23T09:56:07Z"]}


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of datetime's
        seconds_of(text)


@pytest.mark.parametrize(
    ("count", "thing", "words"),
    [(1, "node", "1 node"), (0, "node", "0 nodes"), (2, "day", "2 days"), (3, "policy", "3 policies")],
)
def test_more_than_one_is_plural(count: int, thing: str, words: str) -> None:
    assert plural(count, thing) == words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        ([*"abcde"], "a, b and 3 more"),
    ],
)
def test_of_many_the_first_are_listed(names: list[str], words: str) -> None:
    assert listed(names, 2) == words
