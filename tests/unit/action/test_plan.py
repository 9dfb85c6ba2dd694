"""The plan on the terminal: shown where people read, and never between JSON."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from plugins.action import wcs_plan
from tests.unit.plan.test_table import CHANGE


@pytest.mark.parametrize(
    ("callback", "verbosity", "shown"), [("default", 0, 9), ("default", 1, 10), ("ansible.posix.json", 0, 0)]
)
def test_what_is_shown(callback: str, verbosity: int, shown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Any] = []
    display = SimpleNamespace(verbosity=verbosity, display=lambda text, color: lines.append((text, color)))
    monkeypatch.setattr(wcs_plan, "Display", lambda: display)
    monkeypatch.setattr(wcs_plan.constants, "DEFAULT_STDOUT_CALLBACK", callback)
    monkeypatch.setattr(ActionBase, "run", lambda *_: {})
    action = wcs_plan.ActionModule.__new__(wcs_plan.ActionModule)
    action._task = SimpleNamespace(check_mode=True)
    given = {"results": {"balancer": CHANGE, "group": None}, "stack": None, "addresses": None, "report": None}
    action.validate_argument_spec = lambda argument_spec: (None, given)
    result = action.run()
    assert result["plan"]["totals"]["change"] == 1
    assert len(result["lines"]) == 9 + (verbosity > 0)
    assert len(lines) == shown
    assert [colour is not None for text, colour in lines] == [text.startswith("~") for text, _ in lines]


@pytest.mark.parametrize(
    ("text", "seconds"), [("  00:08", 8), ("04:10", 250), ("01:05:00", 3900), ("2-00:00:01", 172_801)]
)
def test_how_long_a_process_runs_is_read_off_ps(text: str, seconds: int) -> None:
    assert wcs_plan.elapsed(text) == seconds


def test_how_long_the_parent_runs_is_known_here() -> None:
    assert (wcs_plan.seconds_of_run() or -1) >= 0
