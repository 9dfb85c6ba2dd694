# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that may hang: a thread for each piece, left behind and cut when its time is up."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from .._core.clock import SystemClock
from .._core.signals import leave_signals
from .fetch import Progress

T = TypeVar("T")


@dataclass(frozen=True)
class Late:
    """In place of a result: the time was up, and how far the work had come."""

    stage: str
    connected: bool = False

    @classmethod
    def of(cls, progress: Progress) -> Late:
        """What is said of work that has come so far."""
        return cls(str(progress), progress.connection is not None)


def each(works: Sequence[Callable[[Progress], T]], seconds: float, at_once: int = 64) -> list[T | Late]:
    """What each piece of work gave, in order; Late for one that took longer than so many `seconds` of its own.

    A work notes in its Progress how far it is and what it reads from, which is cut when it is left behind. An error of
    one is raised here, and ends the others.
    """
    clock, waiting = SystemClock(), deque(enumerate(works))
    results: dict[int, T | Late] = {}
    going: dict[int, tuple[float, Progress]] = {}
    done: SimpleQueue[tuple[int, T | Exception]] = SimpleQueue()

    def work_on(number: int, work: Callable[[Progress], T], progress: Progress) -> None:
        leave_signals()
        try:
            done.put((number, work(progress)))
        except Exception as error:  # raised again where it is waited for
            done.put((number, error))

    try:
        while waiting or going:
            while waiting and len(going) < at_once:
                number, work = waiting.popleft()
                going[number] = (clock.now() + seconds, Progress())
                threading.Thread(target=work_on, args=(number, work, going[number][1]), daemon=True).start()
            first, (end, progress) = next(iter(going.items()))
            try:
                number, result = done.get(timeout=max(0.0, end - clock.now()))
            except Empty:
                results[first] = Late.of(progress)
                going.pop(first)[1].cut()
                continue
            if going.pop(number, None) is None:
                continue
            if isinstance(result, Exception):
                raise result
            results[number] = result
    finally:
        for _, progress in going.values():
            progress.cut()
    return [results[number] for number in range(len(works))]
