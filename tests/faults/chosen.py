"""Which of the generated cases are run: a seeded sample, or with WCS_TEST_ALL=1 every one; and how many there are."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
ALL = bool(os.environ.get("WCS_TEST_ALL"))
COUNTS: dict[str, tuple[int, int]] = {}


def sampled(things: Sequence[T], size: int) -> list[T]:
    """The things whose cases are worked out, for that costs a run of each: all, or as many as cases are chosen."""
    return list(things) if ALL or len(things) <= size else random.Random(7).sample(list(things), size)


def chosen(what: str, cases: Sequence[T], size: int) -> list[T]:
    """The cases to run; the count is told at the end of the tests."""
    found = list(cases) if ALL or len(cases) <= size else random.Random(7).sample(list(cases), size)
    COUNTS[what] = (len(found), len(cases))
    return found
