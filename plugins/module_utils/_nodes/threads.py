# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that may hang: a thread for each piece, left behind when its time is up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from .._core.clock import SystemClock

T = TypeVar("T")


def each(works: Sequence[Callable[[], T]], seconds: float, at_once: int = 64) -> list[T | None]:
    """What each piece of work gave, in order; None for one that took longer than so many `seconds` of its own.

    An error of one is raised here.
    """
    clock, waiting = SystemClock(), deque(enumerate(works))
    results: list[T | None] = [None] * len(works)
    ends: dict[int, float] = {}
    done: SimpleQueue[tuple[int, T | None, Exception | None]] = SimpleQueue()

    def work_on(number: int, work: Callable[[], T]) -> None:
        try:
            done.put((number, work(), None))
        except Exception as error:  # raised again where it is waited for
            done.put((number, None, error))

    while waiting or ends:
        while waiting and len(ends) < at_once:
            number, work = waiting.popleft()
            ends[number] = clock.now() + seconds
            threading.Thread(target=work_on, args=(number, work), daemon=True).start()
        first = next(iter(ends))
        try:
            number, result, error = done.get(timeout=max(0.0, ends[first] - clock.now()))
        except Empty:
            del ends[first]
            continue
        if error:
            raise error
        if ends.pop(number, None) is not None:
            results[number] = result
    return results
