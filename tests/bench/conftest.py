from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench import results
from tests.bench.pages import address
from tests.support.playbooks import ROOT


@pytest.fixture(scope="session")
def parts() -> Iterator[dict[str, str]]:
    """The parts of RESULTS.md; those of earlier runs are kept in build/, and the file is written when all are there."""
    found: dict[str, str] = {}
    yield found
    results.keep(found)


@pytest.fixture(scope="session")
def nodes() -> Iterator[list[str]]:
    """The addresses of 1,000 nodes whose pages are served."""
    command = [sys.executable, str(ROOT / "tests/bench/pages.py"), "1000"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield [address(number) for number in range(1000)]
    finally:
        server.terminate()
        server.wait()
