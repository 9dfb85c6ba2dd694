# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recurrences of scheduled actions: cron expressions of five fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
NAMES = {
    "month": {name: number for number, name in enumerate(MONTHS, start=1)},
    "weekday": {name: number for number, name in enumerate(DAYS)},
}
UNDECIDED = re.compile(r"[?LW#]")
"""What some kinds of cron have and others have not; AWS does not say, and decides."""


class Undecided(ValueError):
    """The expression is one to some kinds of cron."""


def parse(recurrence: str) -> tuple[frozenset[int], ...]:
    """The five sets of numbers of a cron expression; ValueError where it is not one, Undecided where only AWS knows."""
    return tuple(frozenset(n for part in parts for n in _numbers(part, *field)) for parts, field in _fields(recurrence))


def problem(recurrence: str) -> str | None:
    """Why AWS would refuse the expression, said of it; None where nothing speaks against it."""
    try:
        for parts, field in _fields(recurrence):
            for part in parts:
                with suppress(Undecided):
                    _numbers(part, *field)
    except ValueError as why:
        return str(why)
    return None


def _fields(recurrence: str) -> Iterator[tuple[list[str], tuple[str, int, int]]]:
    """The parts of each field, with its name and limits."""
    texts = recurrence.upper().split()
    if len(texts) != len(FIELDS):
        raise ValueError("is not a five-field cron expression")
    return ((text.split(","), field) for text, field in zip(texts, FIELDS, strict=True))


def _numbers(part: str, field: str, least: int, most: int) -> range:
    span, stepped, step = part.partition("/")
    first, ranged, last = span.partition("-")
    known = {**NAMES.get(field, {}), "*": least}
    every = _number(step, known, field) if stepped else 1
    low = _number(first, known, field)
    high = most if first == "*" or (stepped and not ranged) else _number(last, known, field) if ranged else low
    for number, text in ((low, first), (high, last)):
        if not least <= number <= most:
            raise _odd(field, f"{text} is not {least} to {most}")
    if low > high or every < 1:
        raise Undecided(f"is decided by AWS: in the field of the {field}, {part}")
    return range(low, high + 1, every)


def _number(text: str, names: Mapping[str, int], field: str) -> int:
    if text in names:
        return names[text]
    if UNDECIDED.search(text) and text not in {*MONTHS, *DAYS}:
        raise Undecided(f"is decided by AWS: in the field of the {field}, {text}")
    if not text.isdecimal():
        raise _odd(field, f"'{text}' is no number")
    return int(text)


def _odd(field: str, why: str) -> ValueError:
    return ValueError(f"is no cron expression: in the field of the {field}, {why}")
