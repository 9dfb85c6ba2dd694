"""The demo page of a server that runs, as wcs_verify opens it."""

from __future__ import annotations

from pathlib import Path

from plugins.module_utils._core.pages import DEMO
from plugins.module_utils._nodes.demo_pages import demo_problems
from plugins.module_utils._nodes.fetch import Request
from plugins.module_utils._nodes.target import Target
from tests.support.standin import machines


def test_status_and_title_are_looked_at(tmp_path: Path) -> None:
    with machines(tmp_path) as install:
        server = install().start()
        paths = (DEMO, "/client2/index.html", "/client2/no.html")
        found = demo_problems([Target("http", server.private_ip, 8081, path) for path in paths], Request())
    assert found == ["", "its title is 'Web Call Server', not Two-way Streaming", "it answered 404"]
