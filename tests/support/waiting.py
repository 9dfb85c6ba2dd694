"""Waiting in tests for what another process or thread does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(seen: Callable[[], Any], seconds: float = 30.0, every: float = 0.01) -> Any:
    """What `seen` returns as soon as it is true; AssertionError when it is not in time."""
    deadline = time.monotonic() + seconds
    while not (value := seen()):
        assert time.monotonic() < deadline, "not seen in time"
        time.sleep(every)
    return value
