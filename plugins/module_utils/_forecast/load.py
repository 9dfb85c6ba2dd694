# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A load as people have it (rows of a file, points, a history) as sessions over time, and what was odd about it."""

from __future__ import annotations

import csv
import math
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.plain import DAY, iso, plural, span, time_of, utc
from .value import Curve

MINUTE = 60
MOST_DAYS = 400
MOST_SESSIONS = 1e9
MOST_NUMBER = 1e300
MOST_SECONDS = 1e11
"""A number that is larger counts parts of seconds: as seconds it were a date in the sixth millennium."""
PARTS = ("milliseconds", "microseconds", "nanoseconds")
USUAL = (946_684_800, 4_102_444_800)  # 2000 to 2100
ZONE = re.compile(r" ?(?:UTC|GMT)$")
WITH_COMMA = re.compile(r"-?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?")
"""A number with a decimal comma, and points by the thousand."""
COLUMNS = ("time", "sessions")
WAY_OUT = "Give a header time,sessions, and rows like 2026-01-31T08:00:00Z,120 or 1769846400,120"
NAMED = 3
"""So many odd rows are named, and how many more there are."""


@dataclass(frozen=True)
class Row:
    """One row as given: where it stands, and its time, sessions, nodes and CPU.

    `odd`: what to say of it; `usable`: whether it counts all the same.
    """

    place: str
    time: Any
    sessions: Any
    nodes: Any = None
    cpu: Any = None
    odd: str = ""
    usable: bool = True


@dataclass(frozen=True)
class LoadPoint:
    """A point that can be used. `nodes` and `cpu` (percent) are of a history, None where unknown."""

    time: float
    sessions: float
    nodes: float | None = None
    cpu: float | None = None


@dataclass(frozen=True)
class ReadLoad:
    """The points that can be used, in order, a time once each; seconds that each holds; what was odd, in sentences."""

    points: tuple[LoadPoint, ...]
    every: int
    notices: tuple[str, ...]

    @property
    def nodes(self) -> int | None:
        """How many nodes there were at the beginning, where that is known."""
        first = self.points[0].nodes
        return None if first is None else max(0, round(first))


def of_csv(text: str, name: str) -> ReadLoad:
    """The load of a CSV file. Failure where none of it can be used, with line and reason."""
    return _read(_csv_rows(text, name), name)


def of_points(points: Sequence[Any], name: str = "") -> ReadLoad:
    """The load of a list of `{time, sessions}`, also with `nodes` and `cpu_percent`."""
    rows = []
    for number, point in enumerate(points, start=1):
        given = point if isinstance(point, Mapping) else {}
        values = (given.get("time"), given.get("sessions"), given.get("nodes"), given.get("cpu_percent"))
        rows.append(Row(f"point {number}", *values))
    return _read(rows, name, "Give points like {time: 2026-01-31T08:00:00Z, sessions: 120}")


def of_history(history: Mapping[str, Any]) -> ReadLoad:
    """The load of a history as wcs_stack_info returns it; periods in which the sessions are unknown are gaps."""
    points = history.get("points")
    listed = points if isinstance(points, Sequence) and not isinstance(points, str) else ()
    known = [one for one in listed if isinstance(one, Mapping) and one.get("sessions") is not None]
    if not known:
        reason = "no period of the history says how many sessions there were"
        raise _failure("", reason, "Have the nodes publish their sessions (wcs_server_metrics), or give a CSV file")
    read = of_points(known)
    unknown = len(listed) - len(known)
    more = (f"In {plural(unknown, 'period')} of {len(listed)} the sessions are unknown",) if unknown else ()
    return ReadLoad(read.points, read.every, (*more, *read.notices))


def curve(load: ReadLoad, step: int = MINUTE) -> Curve:
    """The sessions in even steps, each with the most of its points; gaps count as the more of what is beside them."""
    start = math.floor(load.points[0].time / MINUTE) * MINUTE
    end = load.points[-1].time + max(load.every, step)
    sessions = [-1.0] * max(1, math.ceil((end - start) / step))
    for point in load.points:
        place = int((point.time - start) // step)
        sessions[place] = max(sessions[place], point.sessions)
    long = _long(load.every)
    since, last = 0, 0.0
    for place, value in enumerate(sessions):
        if value < 0:
            since += 1
            sessions[place] = last
            continue
        if since and (since + 1) * step > long and value > last:
            sessions[place - since : place] = [value] * since
        since, last = 0, value
    return Curve(start, step, sessions)


def _csv_rows(text: str, name: str) -> Sequence[Row]:
    if text.startswith("\ufffd\ufffd"):
        raise _failure(name, "it is not in UTF-8, perhaps in UTF-16", "Save it as CSV in UTF-8")
    lines = text.lstrip("\ufeff").splitlines()
    first = next((at for at, line in enumerate(lines) if _says(line) and not line.lower().startswith("sep=")), None)
    if first is None:
        raise _failure(name, "line 1: it is empty", WAY_OUT)
    mark = max(",;\t", key=lines[first].count)
    header = [cell.strip().strip('"').casefold() for cell in lines[first].split(mark)]
    if missing := [column for column in COLUMNS if column not in header]:
        shown = lines[first].strip()[:60]
        reason = f"line {first + 1}: the header '{shown}' has no column '{missing[0]}'"
        raise _failure(name, reason, WAY_OUT)
    if twice := [column for column in COLUMNS if header.count(column) > 1]:
        raise _failure(name, f"line {first + 1}: the header has the column '{twice[0]}' twice", WAY_OUT)
    places = [header.index(column) for column in COLUMNS]
    rows = []
    for number, line in enumerate(lines[first + 1 :], start=first + 2):
        if _says(line):
            cells = _cells(line, mark)
            time, sessions = (cells[at] if at < len(cells) else None for at in places)
            row = Row(f"line {number}", time, sessions)
            beyond = any(cell.strip() for cell in cells[len(header) :])
            rows.append(replace(row, odd="more columns than the header, left out", usable=False) if beyond else row)
    return rows if mark == "," else _with_points(rows)


def _with_points(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with decimal points where any of them has a decimal comma."""
    cells = [str(row.sessions).strip() if row.usable else "" for row in rows]
    numbers = [cell if WITH_COMMA.fullmatch(cell) else "" for cell in cells]
    if not any("," in cell for cell in numbers):
        return rows
    return [
        replace(row, sessions=cell.replace(".", "").replace(",", "."), odd="decimal commas") if cell else row
        for row, cell in zip(rows, numbers, strict=True)
    ]


def _says(line: str) -> bool:
    """Whether a line is neither empty nor a remark."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return []


class _Odd:
    """What was odd about rows: the places of each kind."""

    def __init__(self) -> None:
        self.places: dict[str, list[str]] = {}

    def note(self, kind: str, place: str) -> None:
        self.places.setdefault(kind, []).append(place)

    def sentences(self) -> Iterator[str]:
        for kind, places in self.places.items():
            more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
            yield f"{', '.join(places[:NAMED])}{more}: {kind}"


def _read(rows: Sequence[Row], name: str, way_out: str = WAY_OUT) -> ReadLoad:
    odd, points = _Odd(), []
    for row in rows:
        point = _point(row, odd)
        if point is not None:
            points.append(point)
    if not points:
        raise _failure(name, next(odd.sentences(), "it has no points"), way_out)
    zeros = sum(not point.sessions for point in points)
    if points != sorted(points, key=lambda one: one.time):
        odd.note("earlier than the row before it; the rows are sorted", "some rows")
    points = _once(sorted(points, key=lambda one: one.time), odd)
    days = (points[-1].time - points[0].time) / DAY
    if days > MOST_DAYS:
        reason = f"its times are {days:.0f} days apart, from {iso(points[0].time)} to {iso(points[-1].time)}"
        raise _failure(name, reason, f"Give at most {MOST_DAYS} days")
    every = _every(points)
    notices = [*odd.sentences(), *_gaps(points, every)]
    if zeros:
        notices.append(f"{plural(zeros, 'row')} with 0 sessions: counted as no load")
    return ReadLoad(tuple(points), every, tuple(notices))


def _point(row: Row, odd: _Odd) -> LoadPoint | None:
    if row.odd:
        odd.note(row.odd, row.place)
    if not row.usable:
        return None
    sessions = _number(row.sessions)
    at = _time(row, odd)
    if at is None:
        odd.note(f"the time '{_short(row.time)}' is none, left out", row.place)
    elif sessions is None:
        odd.note(f"the sessions '{_short(row.sessions)}' are no number, left out", row.place)
    elif sessions < 0:
        odd.note("negative sessions, left out", row.place)
    elif sessions > MOST_SESSIONS:
        odd.note(f"more than {MOST_SESSIONS:.0f} sessions, left out", row.place)
    else:
        return LoadPoint(at, sessions, _number(row.nodes), _number(row.cpu))
    return None


def _short(value: Any) -> str:
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= 30 else f"{text[:27]}..."


def _number(value: Any) -> float | None:
    """The number; None for what is none, and for one that is not finite."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value) if -MOST_NUMBER < value < MOST_NUMBER else None
    try:
        number = float(str(value).strip().replace("_", "x"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _time(row: Row, odd: _Odd) -> float | None:
    """Seconds since 1970; None for what is no time, or one before that."""
    at = _any_time(row, odd)
    return at if at is not None and 0 <= at < MOST_SECONDS else None


def _any_time(row: Row, odd: _Odd) -> float | None:
    if isinstance(row.time, datetime):
        return utc(row.time).timestamp()
    number = _number(row.time)
    if number is not None:
        return _counted(number, row, odd)
    try:
        at = time_of(ZONE.sub("Z", str(row.time).strip().upper()))
    except ValueError:
        return None
    if at.tzinfo is None:
        odd.note("times without a zone, taken as UTC", row.place)
    elif at.utcoffset():
        odd.note("times in another zone than UTC, converted", row.place)
    try:
        return utc(at).timestamp()
    except (OverflowError, ValueError):
        return None


def _counted(number: float, row: Row, odd: _Odd) -> float:
    """The seconds that a number of seconds, or of parts of them, counts."""
    parts = next((at for at in range(len(PARTS) + 1) if abs(number) / 1000**at < MOST_SECONDS), len(PARTS))
    found = number / 1000**parts
    if parts:
        odd.note(f"times in {PARTS[parts - 1]}", row.place)
    if not USUAL[0] <= found < USUAL[1]:
        odd.note("a time outside of 2000 to 2100: numbers are seconds since 1970", row.place)
    return found


def _once(points: Sequence[LoadPoint], odd: _Odd) -> list[LoadPoint]:
    """Each time once, with the most sessions that it is given."""
    found: list[LoadPoint] = []
    for point in points:
        if not found or found[-1].time != point.time:
            found.append(point)
            continue
        odd.note("a time twice, the more sessions count", iso(point.time))
        found[-1] = max(found[-1], point, key=lambda one: one.sessions)
    return found


def _every(points: Sequence[LoadPoint]) -> int:
    """Seconds that a point usually holds."""
    apart = [later.time - one.time for one, later in pairwise(points)]
    return max(1, round(statistics.median_low(apart))) if apart else MINUTE


def _long(every: float) -> float:
    """From so many seconds on there is a gap between two points."""
    return max(every, MINUTE) * 1.5


def _gaps(points: Sequence[LoadPoint], every: int) -> Iterable[str]:
    """A point usually holds until the next one; where it is much later the time between is a gap."""
    long = _long(every)
    found = [(one.time, later.time - one.time) for one, later in pairwise(points)]
    gaps = [(at, apart) for at, apart in found if apart > long]
    if gaps:
        at, most = max(gaps, key=lambda one: one[1])
        yield (
            f"{plural(len(gaps), 'gap')}, the longest of {span(most)} after {iso(at)}: "
            "counted as the more sessions of before and after"
        )


def _failure(name: str, reason: str, way_out: str) -> Failure:
    return Failure(Refusal("read", "load", name, reason, way_out))
