"""How modules are started on the controller, and what is shown while one waits."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from plugins.action import in_place, waiting
from plugins.module_utils._core.module import PROGRESS, progress

MODULE = "webcallserver.aws.wcs_fingerprint"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(waiting, "SECONDS", 0.01)
    monkeypatch.setattr(waiting, "LONG", 0.05)
    monkeypatch.setattr(waiting.Tail, "_show", lambda tail, line: lines.append(f"{tail.label}: {line}"))
    return lines


def until(lines: list[str], count: int, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
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


def test_a_long_line_is_shown_in_lines_of_80_columns() -> None:
    nodes = ", ".join(f"i-{number:017x} (3 sessions)" for number in range(4))
    line = f"wcs_drain: group 'wcs': {nodes}: 12 sessions left, gives up in 41 min 10 s (2026-11-23T14:22:31Z)"
    shown = waiting.wrapped(line)
    assert max(map(len, shown)) <= 80
    assert len(shown) > 2
    assert " ".join(part.strip() for part in shown) == line
    assert waiting.wrapped("wcs_asg: 1 of 2 in service") == ["wcs_asg: 1 of 2 in service"]


def test_half_a_line_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / PROGRESS
    path.write_text("one\ntwo\n\nthr")
    assert waiting.Tail(path, "x").newest() == "two"
    assert waiting.Tail(tmp_path / "none", "x").newest() == ""


def test_a_module_is_started_from_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('what lies about here is no library')")
    paths = [str(Path(__file__).parents[3] / ".collections"), str(tmp_path / "without-collections")]
    monkeypatch.setattr(in_place, "AnsibleCollectionConfig", SimpleNamespace(collection_paths=paths))
    made = in_place.program(MODULE, {"inputs": {"name": "Zoë's \\ \"\n"}, "_ansible_check_mode": True})
    assert paths[1].encode() not in made.b_module_data
    done = subprocess.run([sys.executable], input=made.b_module_data, cwd=tmp_path, capture_output=True, check=True)
    assert len(json.loads(done.stdout)["fingerprint"]) == 12


@pytest.mark.parametrize(
    ("python", "become", "delegate", "here"),
    [
        (sys.executable, None, None, True),
        ("/usr/bin/another-python", None, None, False),
        (None, None, None, False),
        (sys.executable, "sudo", None, False),
        (sys.executable, None, "another-host", False),
    ],
)
def test_only_as_this_user_with_this_python(
    python: str | None, become: object, delegate: str | None, here: bool
) -> None:
    action = waiting.ActionModule.__new__(waiting.ActionModule)
    action._templar = SimpleNamespace(template=lambda value: value)
    action._connection = SimpleNamespace(become=become)
    action._task = SimpleNamespace(delegate_to=delegate)
    assert action._is_here({"ansible_python_interpreter": python}) is here


def test_another_ansible_packs_its_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_place, "ansible_version", "2.30.1")
    action = waiting.ActionModule.__new__(waiting.ActionModule)
    action._templar = SimpleNamespace(template=lambda value: value)
    assert action._is_here({"ansible_python_interpreter": sys.executable}) is False


@pytest.mark.parametrize(
    ("value", "environment", "found"),
    [
        (None, {}, True),
        (None, {"WCS_IN_PLACE": "0"}, False),
        (None, {"WCS_IN_PLACE": ""}, True),
        (True, {"WCS_IN_PLACE": "no"}, False),
        *((word, {}, False) for word in (False, "false", "no", "off", "0", 0)),
        *((word, {}, True) for word in (True, "true", "yes", "on", "1", 1)),
    ],
)
def test_somebody_may_say_no(value: object, environment: dict[str, str], found: bool) -> None:
    assert in_place.wanted(value, environment) is found


def test_who_only_looks_has_nothing_to_resume(tmp_path: Path, shown: list[str]) -> None:
    path = tmp_path / PROGRESS
    with waiting.Tail(path, "wcs_verify"):
        progress(path)("20 sessions")
        until(shown, 2, seconds=0.3)
    assert shown == ["wcs_verify: 20 sessions"]
