"""No thread of ours takes an interrupt: the main thread, which answers it, would go on waiting."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from plugins.action import waiting
from plugins.module_utils._core.signals import SIGNALS, in_thread
from plugins.module_utils._nodes.threads import each
from tests.support.waiting import until


def blocked() -> set[int]:
    """The signals that this thread does not take."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def beside_the_loop() -> set[int]:
    return asyncio.run(in_thread(blocked))


def of_each_host() -> set[int]:
    (found,) = each([lambda _: blocked()], 10.0, 1)
    assert isinstance(found, set)
    return found


def that_shows_progress() -> set[int]:
    found: list[set[int]] = []

    class Looked(waiting.Tail):
        def newest(self) -> str:
            found.append(blocked())
            return ""

    with Looked(Path("/dev/null"), "wcs_ami"):
        until(lambda: found)
    return found[0]


@pytest.mark.parametrize("thread", [beside_the_loop, of_each_host, that_shows_progress])
def test_a_thread_takes_no_interrupt(thread: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SECONDS", 0.01)
    assert set(SIGNALS) <= thread()
    assert not set(SIGNALS) & blocked(), "the main thread takes them"
