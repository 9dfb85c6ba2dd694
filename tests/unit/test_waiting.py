"""Progress while a module waits: the newest whole line, once, then a word that stopping is safe."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from plugins.action import waiting
from plugins.module_utils._module import PROGRESS, progress


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(waiting, "SECONDS", 0.01)
    monkeypatch.setattr(waiting, "LONG", 0.05)
    monkeypatch.setattr(waiting.Tail, "_show", lambda tail, line: lines.append(f"{tail.label}: {line}"))
    return lines


def until(lines: list[str], count: int) -> None:
    deadline = time.monotonic() + 5
    while len(lines) < count and time.monotonic() < deadline:
        time.sleep(0.005)


def test_what_the_module_reports_is_shown_once(tmp_path: Path, shown: list[str]) -> None:
    assert waiting.PROGRESS == PROGRESS
    path = tmp_path / PROGRESS
    with waiting.Tail(path, "wcs_asg"):
        report = progress(path)
        report("0 of 2 in service")
        until(shown, 1)
        assert shown[0] == "wcs_asg: 0 of 2 in service"
        until(shown, 2)
        report("1 of 2\nin service")
        until(shown, 3)
    assert shown[1:] == [f"wcs_asg: {waiting.SAFE}", "wcs_asg: 1 of 2 in service"]


def test_where_nobody_listens_nothing_is_written(tmp_path: Path) -> None:
    progress(tmp_path / PROGRESS)("0 of 2 in service")
    assert list(tmp_path.iterdir()) == []


def test_half_a_line_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / PROGRESS
    path.write_text("one\ntwo\n\nthr")
    assert waiting.Tail(path, "x").newest() == "two"
    assert waiting.Tail(tmp_path / "none", "x").newest() == ""
