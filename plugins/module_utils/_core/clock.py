# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time: the only place that asks this machine for it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Time, as far as a plan needs it."""

    def now(self) -> float:
        """Seconds of a clock that never goes back."""

    def date(self) -> float:
        """Seconds since 1970, as other runs count them, too."""

    def sleep(self, seconds: float) -> None:
        """Returns after so many seconds."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Seconds, monotonic."""
        return time.monotonic()

    def date(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleeps."""
        time.sleep(seconds)
