from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.core.lab import Lab
from lab.open import open_lab
from tests.support.playbooks import Stage, stage

# A shell's background job ignores interrupts, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A fresh account on an AWS whose time stands still until `lab.run(seconds)`."""
    world = open_lab()
    yield world
    errors = world.errors
    world.close()
    assert errors == [], "the lab itself failed"


@pytest.fixture
def aws(lab: Lab) -> Callable[..., Any]:
    """Makes clients: aws("ec2"), aws("ec2", "eu-west-1")."""
    return clients(lab)


@pytest.fixture(scope="module")
def site_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A laboratory that is up, for the stories of one file in their order: playbooks run on it as a user runs them."""
    with stage(tmp_path_factory.mktemp("lab")) as ready:
        yield ready
