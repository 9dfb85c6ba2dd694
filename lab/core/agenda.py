# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS does later: a pending instance starts, a pending image becomes available."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field


@dataclass(order=True)
class Entry:
    """One thing to happen; ordered by when, then by when it was decided."""

    due: float
    number: int
    action: Callable[[], None] = field(compare=False)
    ready: Callable[[], bool] = field(compare=False)


class Agenda:
    """An engine without a rhythm of its own: runs each action once its time has come and it is ready."""

    def __init__(self, guarded: Callable[[str], AbstractContextManager[None]]) -> None:
        """Each action is run within `guarded`, so that one that fails keeps no other from its turn."""
        self._guarded = guarded
        self._entries: list[Entry] = []
        self._numbers = itertools.count()

    def add(self, due: float, action: Callable[[], None], ready: Callable[[], bool] = lambda: True) -> None:
        """Runs `action` at the first tick at or after the AWS second `due` at which `ready()` holds."""
        heapq.heappush(self._entries, Entry(due, next(self._numbers), action, ready))

    def tick(self, now: float) -> None:
        """Runs what is due, oldest first. Actions take the lab's lock themselves."""
        waiting: list[Entry] = []
        while self._entries and self._entries[0].due <= now:
            entry = heapq.heappop(self._entries)
            with self._guarded("agenda"):
                if entry.ready():
                    entry.action()
                else:
                    waiting.append(entry)
        for entry in waiting:
            heapq.heappush(self._entries, entry)

    def reset(self) -> None:
        """Nothing is to happen any more."""
        self._entries.clear()

    def close(self) -> None:
        """Nothing to release."""
