"""The libraries that read pages: which of them are too old, and what a module says then."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._nodes import fetch
from plugins.module_utils._nodes.demo_pages import demo_pages
from plugins.module_utils._nodes.fetch import INSTALLED, NEEDED, Request, lacking
from plugins.module_utils._nodes.pages import How, read_nodes
from plugins.module_utils._nodes.stats import Node
from plugins.module_utils._nodes.target import Target
from tests.support.standin import free_address

ROOT = Path(__file__).resolve().parents[3]
NEW = {"requests": "2.34.2", "urllib3": "2.8.0"}
ABSENT = f"the Python library requests>=2.32.3 is not installed for {sys.executable}"
WAY_OUT = f"Run: {sys.executable} -m pip install 'requests>=2.32.3' 'urllib3>=2.0.2'."


@pytest.mark.parametrize(
    ("installed", "why"),
    [
        (NEW, None),
        ({"requests": "2.32.3", "urllib3": "2.0.2"}, None),
        ({**NEW, "requests": "2.33.0.dev1"}, None),
        ({**NEW, "requests": "3.0"}, None),
        ({**NEW, "requests": "2.32"}, f"{ABSENT}, which has 2.32"),
        ({**NEW, "requests": "2.9.1"}, f"{ABSENT}, which has 2.9.1"),
        ({**NEW, "urllib3": "1.26.20"}, f"{ABSENT}, which has 1.26.20".replace("requests>=2.32.3", "urllib3>=2.0.2")),
        ({**NEW, "urllib3": "2.0.1"}, f"{ABSENT}, which has 2.0.1".replace("requests>=2.32.3", "urllib3>=2.0.2")),
        ({**NEW, "requests": "unknown"}, f"{ABSENT}, which has unknown"),
        ({"requests": "2.31.0", "urllib3": "1.26.20"}, f"{ABSENT}, which has 2.31.0"),
        ({"urllib3": "2.8.0"}, ABSENT),
        ({}, ABSENT),
    ],
    ids=str,
)
def test_what_is_absent_or_too_old(installed: Mapping[str, str], why: str | None) -> None:
    assert lacking(installed) == why


def test_what_is_installed_here_will_do() -> None:
    assert set(INSTALLED) == set(NEEDED)
    assert lacking(INSTALLED) is None


def test_requirements_and_documentation_name_the_same_versions() -> None:
    asked = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{name}>={least}" for name, least in NEEDED.items() if f"{name}>={least}" not in asked] == []
    for module in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        named = dict(re.findall(r"^  - (requests|urllib3) >= ([0-9.]+)", module.read_text(encoding="utf-8"), re.M))
        assert named in ({}, NEEDED), module.stem


def test_without_them_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MISSING", ABSENT)
    goal = Target("http", free_address(), 8081, "/")
    for ask in (lambda: read_nodes([(Node("one"), goal)], How()), lambda: demo_pages([goal], Request())):
        with pytest.raises(Failure) as failed:
            ask()
        assert str(failed.value) == f"Cannot ask the nodes: {ABSENT}. {WAY_OUT}"
    assert read_nodes([(Node("one"), None)], How()) == [Node("one")]
