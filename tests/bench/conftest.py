from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench import results
from tests.bench.pages import address
from tests.playbooks import ROOT


@pytest.fixture(scope="session")
def parts() -> Iterator[dict[str, str]]:
    """The tables of RESULTS.md, which is written when all of them are there."""
    found: dict[str, str] = {}
    busy = os.getloadavg()[1] > 1.0
    yield found
    if sorted(found) == sorted(results.ORDER):
        results.write(found, busy or os.getloadavg()[2] > 3.0)


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
