from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.core.lab import Lab
from lab.open import open_lab
from tests.faults.chosen import ALL
from tests.support.playbooks import Stage, stage

# A shell's background job ignores interrupts, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


UNASKED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Counts, in this process, the answers of 500 and above by which a lab fails a test that asked for none."""
    config.stash[UNASKED] = 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves what is marked `long` to `make long` and `make test-faults`."""
    asked = ALL or "long" in config.option.markexpr
    left = [] if asked else [one for one in items if one.get_closest_marker("long")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [one for one in items if one not in left]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its count on."""
    session.config.stash[UNASKED] += len(Lab.unasked)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["unasked"] = session.config.stash[UNASKED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Adds the count of a worker that has ended."""
    node.config.stash[UNASKED] += getattr(node, "workeroutput", {}).get("unasked", 0)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says the count."""
    terminalreporter.write_line(
        f"answers of 500 and above from the lab that no test asked for: {config.stash[UNASKED]}"
    )


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A fresh account on an AWS whose time stands still until `lab.run(seconds)`."""
    world, before = open_lab(), len(Lab.unasked)
    yield world
    errors = [*world.errors, *Lab.unasked[before:]]
    world.close()
    assert errors == [], "the lab itself failed"


@pytest.fixture
def aws(lab: Lab) -> Callable[..., Any]:
    """Makes clients: aws("ec2"), aws("ec2", "eu-west-1")."""
    return clients(lab)


@pytest.fixture(scope="module")
def site_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A lab that is up, for the stories of one file in their order: playbooks run on it as a user runs them."""
    with stage(tmp_path_factory.mktemp("lab")) as ready:
        yield ready
