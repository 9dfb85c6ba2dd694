# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's time. AWS's own waits are counted on it; the code under test never is."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Protocol

MANUAL_START = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class Clock(Protocol):
    """What the lab asks of a clock."""

    def now(self) -> float:
        """AWS seconds: what every delay, period and deadline of the lab is counted in."""
        ...

    def stamp(self, at: float | None = None) -> datetime:
        """The date AWS would write for the AWS second `at` (default: now), in UTC, as a client's own clock shows it."""
        ...


class ManualClock:
    """Advances only when it is told to; dates and seconds are the same thing."""

    def __init__(self, start: float = MANUAL_START) -> None:
        self._now = start

    def now(self) -> float:
        """AWS seconds."""
        return self._now

    def stamp(self, at: float | None = None) -> datetime:
        """The date of the AWS second `at`."""
        return datetime.fromtimestamp(self._now if at is None else at, timezone.utc)

    def advance(self, seconds: float) -> None:
        """Lets `seconds` AWS seconds pass."""
        self._now += seconds


class ScaledClock:
    """Real time, `speed` times faster; dates stay real, so that a client's own clock agrees with them."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._start = time.time()
        self._origin = time.monotonic()

    def now(self) -> float:
        """AWS seconds."""
        return self._start + (time.monotonic() - self._origin) * self.speed

    def stamp(self, at: float | None = None) -> datetime:
        """The real date at which the AWS second `at` was, or will be."""
        seconds = self.now() if at is None else at
        return datetime.fromtimestamp(self._start + (seconds - self._start) / self.speed, timezone.utc)
