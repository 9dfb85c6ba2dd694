"""Loads as people have them: what is odd is said, and never a traceback."""

from __future__ import annotations

import random

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._forecast.load import ReadLoad, curve, of_csv, of_history, of_points

HOUR = "2026-01-01T08"
NINE = 1_767_258_000  # 2026-01-01T09:00:00Z


def rows(*lines: str, header: str = "time,sessions") -> ReadLoad:
    return of_csv("\n".join([header, *lines]) + "\n", "day.csv")


def sessions(read: ReadLoad) -> list[float]:
    return list(curve(read).sessions)


def said(read: ReadLoad) -> str:
    return "\n".join(read.notices)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-01-01T09:00:00Z", ""),
        ("2026-01-01T09:00:00+00:00", ""),
        ("2026-01-01 09:00", "without a zone, taken as UTC"),
        ("2026-01-01T09:00:00", "without a zone, taken as UTC"),
        ("2026-01-01T10:00:00+01:00", "another zone than UTC, converted"),
        (str(NINE), ""),
        (f"{NINE}.0", ""),
        (f"{NINE}000", "milliseconds"),
        (f"{NINE}000000", "microseconds"),
        (f"{NINE}000000000", "nanoseconds"),
        ("2026-01-01 09:00:00 UTC", ""),
        ("2026-01-01 09:00 gmt", ""),
    ],
)
def test_times_of_all_kinds(time: str, words: str) -> None:
    read = rows(f"{time},5")
    assert read.points[0].time == NINE
    assert words in said(read)
    assert bool(read.notices) is bool(words)


@pytest.mark.parametrize("time", ["20260101", "2026", "46023.5", "202601010800", "20260101080000", "8"])
def test_a_number_that_is_another_kind_of_date_is_said(time: str) -> None:
    assert "outside of 2000 to 2100: numbers are seconds since 1970" in said(rows(f"{time},5"))


def decimal(value: float, comma: bool, thousands: bool) -> str:
    text = f"{value:,.1f}" if thousands else f"{value:.1f}"
    return text.translate(str.maketrans(",.", ".,")) if comma else text


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("thousands", [True, False])
def test_decimal_commas_count_where_commas_separate_nothing(mark: str, thousands: bool) -> None:
    values = [0.5, 12.0, 1200.5, 34567.0, 1234567.5]
    lines = [f"{NINE + 60 * at}{mark}{decimal(one, True, thousands)}" for at, one in enumerate(values)]
    read = of_csv("\n".join([f"time{mark}sessions", *lines, f"{NINE + 300}{mark}1.200", f"{NINE + 360}{mark}7"]), "x")
    assert sessions(read) == [*values, 1200, 7]
    assert "decimal commas" in said(read)


@pytest.mark.parametrize("value", ["1.5", "1.200", "12"])
def test_points_are_decimal_points_where_no_row_has_a_comma(value: str) -> None:
    read = rows(f"{NINE};{value}", header="time;sessions")
    assert (sessions(read), read.notices) == ([float(value)], ())


@pytest.mark.parametrize("value", ["1,5", "1,200", "1.200,5", "5,x"])
def test_a_row_with_more_columns_than_the_header_is_left_out_and_said(value: str) -> None:
    read = rows(f"{NINE},4", f"{NINE + 60},{value}", f"{NINE + 120},6,")
    assert [one.sessions for one in read.points] == [4, 6]
    assert "line 3: more columns than the header, left out" in said(read)


def test_what_excel_writes_first_is_no_header() -> None:
    assert sessions(of_csv(f"sep=;\ntime;sessions\n{NINE};5\n", "x")) == [5]


def test_a_file_in_utf_16_is_told_from_one_without_a_header() -> None:
    text = "time,sessions\n".encode("utf-16").decode("utf-8", errors="replace")
    with pytest.raises(Failure, match="it is not in UTF-8"):
        of_csv(text, "x")


HEADERS = ("time,sessions", "Time;Sessions", "zone\tsessions\ttime", '\ufeff"time","sessions"')


@pytest.mark.parametrize("header", HEADERS)
def test_headers_of_all_kinds(header: str) -> None:
    cells = {"time": str(NINE), "sessions": "5", "zone": "a"}
    mark = next(mark for mark in ",;\t" if mark in header)
    line = mark.join(cells[name.strip('\ufeff"').lower()] for name in header.split(mark))
    assert sessions(of_csv(f"{header}\n# a remark\n\n{line}\n", "x")) == [5]


def test_wrong_order_and_doubles_are_put_right_and_said() -> None:
    read = rows(f"{HOUR}:02:00Z,30", f"{HOUR}:00:00Z,10", f"{HOUR}:01:00Z,20", f"{HOUR}:01:00Z,25")
    assert sessions(read) == [10, 25, 30]
    assert "sorted" in said(read)
    assert "twice" in said(read)


def test_a_gap_counts_as_the_more_of_what_is_beside_it() -> None:
    up = rows(f"{HOUR}:00:00Z,10", f"{HOUR}:01:00Z,10", f"{HOUR}:02:00Z,10", f"{HOUR}:06:00Z,40")
    assert sessions(up) == [10, 10, 10, 40, 40, 40, 40]
    down = rows(f"{HOUR}:00:00Z,40", f"{HOUR}:01:00Z,40", f"{HOUR}:02:00Z,40", f"{HOUR}:06:00Z,10")
    assert sessions(down) == [40, 40, 40, 40, 40, 40, 10]
    assert "1 gap, the longest of 4 min 0 s after 2026-01-01T08:02:00Z" in said(up)


def test_points_every_five_minutes_are_no_gaps() -> None:
    read = rows(*(f"{HOUR}:{minute:02d}:00Z,{minute}" for minute in range(0, 60, 5)))
    assert read.notices == ("1 row with 0 sessions: counted as no load",)
    assert sessions(read)[:12] == [0] * 5 + [5] * 5 + [10] * 2
    assert len(sessions(read)) == 60


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("-3", "negative sessions, left out"),
        ("nan", "the sessions 'nan' are no number, left out"),
        ("inf", "the sessions 'inf' are no number, left out"),
        ("1e400", "the sessions '1e400' are no number, left out"),
        ("1e12", "more than 1000000000 sessions, left out"),
        ("", "the sessions '' are no number, left out"),
        ("many", "the sessions 'many' are no number, left out"),
    ],
)
def test_sessions_that_cannot_be_are_left_out_and_said(value: str, words: str) -> None:
    read = rows(*(f"{HOUR}:{at:02d}:00Z,{value if at == 1 else 10 + at}" for at in range(6)))
    assert sessions(read) == [10, 12, 12, 13, 14, 15]
    assert f"line 3: {words}" in said(read)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: it is empty"),
        ("\n\n", "line 1: it is empty"),
        ("when,how many\n1,2\n", "line 1: the header 'when,how many' has no column 'time'"),
        ("\x00\x01\x02", "line 1: the header"),
        ("time,sessions,Sessions\n1767258000,5,6\n", "line 1: the header has the column 'sessions' twice"),
        ("time,sessions\n", "it has no points"),
        ("time,sessions\nsoon,5\n", "line 2: the time 'soon' is none, left out"),
        ("time,sessions\n2026-01-01T08:00:00Z,-5\n", "line 2: negative sessions, left out"),
        ("time,sessions\n1000000000,5\n1700000000,5\n", "its times are 8102 days apart"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_one_error(text: str, reason: str) -> None:
    with pytest.raises(Failure) as failure:
        of_csv(text, "day.csv")
    assert str(failure.value).startswith("Cannot read load 'day.csv': ")
    assert reason in str(failure.value)


def test_a_history_has_gaps_where_sessions_are_unknown() -> None:
    points = [
        {"time": f"{HOUR}:00:00Z", "nodes": 2, "cpu_percent": 20.0, "sessions": 100},
        {"time": f"{HOUR}:01:00Z", "nodes": None, "cpu_percent": None, "sessions": None},
        {"time": f"{HOUR}:02:00Z", "nodes": 2, "cpu_percent": 30.0, "sessions": 150},
    ]
    read = of_history({"period": 60, "points": points})
    assert (read.nodes, len(read.points)) == (2, 2)
    assert "In 1 period of 3 the sessions are unknown" in read.notices
    with pytest.raises(Failure, match="no period of the history"):
        of_history({"period": 60, "points": points[1:2]})


TIMES = ("2026-01-01T08:00:00Z", "2026-01-01 08:00+02:00", "0001-01-01", "9999-12-31T23:59:59Z", "1767258000")
NUMBERS = ("-1", "0", "5", "1e308", "NaN", "99999999999999999999")
MARKS = (",", ";", "\t", '"', "\n", "\n", "\r\n", "\x00", "#", " ", "é", "\ufeff", "", "time,sessions")
PIECES = (*TIMES, *NUMBERS, *MARKS)


@pytest.mark.parametrize("seed", range(600))
def test_whatever_a_file_holds_there_is_a_load_or_one_sentence(seed: int) -> None:
    pick = random.Random(seed)
    text = "".join(pick.choice(PIECES) for _ in range(pick.randrange(40)))
    if pick.random() < 0.7:
        text = "time,sessions\n" + text
    try:
        read = of_csv(text, "x.csv")
    except Failure as failure:
        refused = str(failure)
    else:
        refused = ""
    if refused:
        assert refused.startswith("Cannot read load 'x.csv': ")
        return
    assert all(value >= 0 for value in curve(read).sessions)
    assert list(read.points) == sorted(read.points, key=lambda one: one.time)


SHAPELESS = (None, 3, "x", {}, {"time": {}, "sessions": []}, {"time": True, "sessions": 1})


@pytest.mark.parametrize("point", SHAPELESS)
def test_points_of_no_shape_are_one_sentence(point: object) -> None:
    with pytest.raises(Failure, match=r"Give points like \{time: "):
        of_points([point])
