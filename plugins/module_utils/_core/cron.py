# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recurrences of scheduled actions: cron expressions of five fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NAMES = {name: number for number, name in enumerate(DAYS)} | {name: n for n, name in enumerate(MONTHS, start=1)}
UNDECIDED = re.compile(r"[?LW#]")
"""What some kinds of cron have and others have not; AWS does not say, and decides."""


def _numbers(text: str, least: int, most: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        low = least if first == "*" else _number(first)
        high = most if first == "*" or (step and not last) else _number(last) if last else low
        every = _number(step) if step else 1
        if every < 1:
            raise ValueError(f"{part} has no step of 1 or more")
        if not least <= low <= high <= most:
            raise ValueError(f"{part} is not within {least}-{most}")
        found.update(range(low, high + 1, every))
    return frozenset(found)


def _number(text: str) -> int:
    found = NAMES.get(text, text)
    try:
        return int(found)
    except ValueError:
        raise ValueError(f"'{text}' is no number, day or month") from None


def parse(recurrence: str) -> tuple[frozenset[int], ...]:
    """The five sets of numbers of a cron expression; ValueError where it is not one."""
    parts = recurrence.split()
    if len(parts) != len(FIELDS):
        raise ValueError("a recurrence has five fields: minute hour day month weekday")
    return tuple(_numbers(part, least, most) for part, (_, least, most) in zip(parts, FIELDS, strict=True))


def problem(recurrence: str) -> str | None:
    """Why AWS would refuse the expression, said of it; None where nothing speaks against it."""
    parts = recurrence.split()
    if len(parts) != len(FIELDS):
        return "is not a five-field cron expression"
    found = (why for part, field in zip(parts, FIELDS, strict=True) for why in _odd(part, *field))
    return next(found, None)


def _odd(text: str, field: str, least: int, most: int) -> Iterator[str]:
    names = {"month": MONTHS, "weekday": DAYS}.get(field, ())
    for part in text.upper().split(","):
        span, _, step = part.partition("/")
        for one in [*span.split("-"), *([step] if step else [])]:
            if one in ("*", *names) or (UNDECIDED.search(one) and one not in NAMES):
                continue
            known = one.isdecimal()
            if not known or (one != step and not least <= int(one) <= most):
                what = f"{one} is not {least} to {most}" if known else f"'{one}' is no number"
                yield f"is no cron expression: in the field of the {field}, {what}"
