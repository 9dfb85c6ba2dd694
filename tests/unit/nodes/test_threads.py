"""Work that may hang: what is left behind, and that it ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from plugins.module_utils._nodes.fetch import Progress
from plugins.module_utils._nodes.threads import Late, each

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two ends of a connection on which nobody says anything."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def reads(ours: socket.socket, ended: threading.Event) -> Callable[[Progress], str]:
    """A work that reads from its socket until there is nothing more."""

    def work(progress: Progress) -> str:
        progress.stage = "reading"
        progress.uses(ours)
        ours.recv(1)
        ended.set()
        return "ended"

    return work


def test_results_are_in_order() -> None:
    works = [lambda progress, n=n: f"{n} {progress}" for n in range(100)]
    assert each(works, 5, at_once=7) == [f"{n} looking up its name" for n in range(100)]
    assert each([], 5) == []


def test_what_is_left_behind_is_cut(pair: Pair) -> None:
    ended = threading.Event()
    assert each([reads(pair[0], ended), lambda _: "well"], 0.1) == [Late("reading", True), "well"]
    assert ended.wait(10)


def test_what_connects_after_its_time_is_cut_at_once(pair: Pair) -> None:
    go, ended = threading.Event(), threading.Event()
    read = reads(pair[0], ended)
    assert each([lambda progress: str(go.wait(30)) + read(progress)], 0.1) == [Late("looking up its name")]
    go.set()
    assert ended.wait(10)


def test_an_error_of_one_ends_all(pair: Pair) -> None:
    ended = threading.Event()

    def fails(_: Progress) -> str:
        raise ValueError("why")

    with pytest.raises(ValueError, match="why"):
        each([reads(pair[0], ended), fails], 30)
    assert ended.wait(10)


def test_an_error_of_one_left_behind_is_nobodys() -> None:
    go, left = threading.Event(), list[threading.Thread]()

    def fails_late(_: Progress) -> str:
        left.append(threading.current_thread())
        go.wait(30)
        raise ValueError

    def goes_on(_: Progress) -> str:
        go.set()
        left[0].join(30)
        return "well"

    assert each([fails_late, goes_on], 1.0, at_once=1) == [Late("looking up its name"), "well"]
