# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interrupts, and the threads that leave them to the main thread.

The system gives a signal to any thread that takes it, and Python answers in the main thread alone: one that another
thread took does not wake the main thread, which goes on waiting for as long as it was going to.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def leave_signals() -> None:
    """From now on this thread, and those that it starts, take no interrupt."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


async def in_thread(work: Callable[..., T], *args: Any) -> T:
    """What the work returns, done in a thread that takes no interrupt."""
    import asyncio

    def done() -> T:
        leave_signals()
        return work(*args)

    return await asyncio.to_thread(done)
