# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of every API call that the lab answered."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from .wire import Question


@dataclass(frozen=True)
class Call:
    """One answered call. `service` is botocore's name of it; `at` a Unix time; `number` counts from 1."""

    number: int
    service: str
    operation: str
    region: str
    status: int
    error_code: str | None
    write: bool
    at: float

    @property
    def name(self) -> str:
        """`service:Operation`, as modules report their actions."""
        return f"{self.service}:{self.operation}"

    def show(self) -> dict[str, Any]:
        """The call as plain data."""
        return asdict(self)


class Calls:
    """The last calls, oldest first."""

    def __init__(self, keep: int = 100_000) -> None:
        self._calls: deque[Call] = deque(maxlen=keep)
        self._numbers = itertools.count(1)

    def add(self, asked: Question, status: int, error_code: str | None, at: float) -> None:
        """Records one call."""
        whose = (asked.service, asked.operation, asked.region)
        self._calls.append(Call(next(self._numbers), *whose, status, error_code, asked.write, round(at, 3)))

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def since(self, number: int) -> list[Call]:
        """The calls after call `number`."""
        return [call for call in self._calls if call.number > number]

    @property
    def last(self) -> int:
        """The number of the newest call; 0 before the first."""
        return self._calls[-1].number if self._calls else 0

    def writes(self) -> list[str]:
        """The write calls as `service:Operation`, in order."""
        return [call.name for call in self._calls if call.write]

    def clear(self) -> None:
        """Forgets the calls; numbers go on."""
        self._calls.clear()
