"""Tells at the end how many of the generated cases were run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.chosen import COUNTS


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its counts over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["counts"] = {what: list(pair) for what, pair in COUNTS.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes a worker's counts over; every worker has the same."""
    COUNTS.update({what: tuple(pair) for what, pair in node.workeroutput.get("counts", {}).items()})


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line a kind of case; a sample knows of those alone that it was taken from."""
    for what, (run, there) in COUNTS.items():
        terminalreporter.write_line(f"{what}: {run} of {there} cases")
    run, there = (sum(pair[at] for pair in COUNTS.values()) for at in (0, 1))
    if there:
        terminalreporter.write_line(f"generated cases in all: {run} of {there}")
