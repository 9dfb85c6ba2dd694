"""Files of a WCS are changed where they lie: links, owners and modes stay, and what cannot be done is a sentence."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from plugins.module_utils._host import properties
from plugins.modules import wcs_jvm, wcs_keystore, wcs_settings
from tests.support.scripts import script
from tests.support.standin import certificate_for

IDENTITY = script("wcs-identity")
OWNER = (1234, 2345) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
"""Somebody else, where this user may give files away."""
ADDRESSES = {"ip": "203.0.113.7", "ip_local": "10.0.1.5"}


def pair() -> dict[str, Any]:
    certificate, key = certificate_for("wcs.example", days=90)
    return {"certificate": certificate.decode(), "private_key": key.decode()}


MODULES: dict[str, tuple[Any, Callable[[], dict[str, Any]]]] = {
    "flashphoner.properties": (wcs_settings, lambda: {"settings": {"http.port": 9091}}),
    "wcs-core.properties": (wcs_jvm, lambda: {"heap": "1g", "gc": "keep", "java": "no-such-java"}),
    "wss.jks": (wcs_keystore, pair),
}
"""The modules that change a file of WCS, by that file, with options that change it."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def play(module: Any, options: dict[str, Any], check: bool = False) -> dict[str, Any]:
        with patch_module_args({**options, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out)

    return play


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


LINKS = {"a file": None, "a link beside it": "real", "a link elsewhere": "../../elsewhere/real"}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660])
@pytest.mark.parametrize("goal", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("name", MODULES)
def test_a_file_is_changed_where_it_lies(name, goal, mode, run, tmp_path: Path) -> None:
    module, options = MODULES[name]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "home" / "conf").mkdir(parents=True)
    path = tmp_path / "home" / "conf" / name
    real = path.parent / goal if goal else path
    real.write_text("http.port=8081\n")
    real.chmod(mode)
    os.chown(real, *OWNER)
    if goal:
        path.symlink_to(goal)
    there = files(tmp_path)
    given = {"home": str(tmp_path / "home"), **options()}
    assert run(module, given, check=True)["changed"]
    assert real.read_text() == "http.port=8081\n"
    assert run(module, given)["changed"]
    assert path.is_symlink() == bool(goal)
    assert real.read_bytes() != b"http.port=8081\n"
    state = real.stat()
    least = 0o640 if name == "wss.jks" else 0
    assert (state.st_uid, state.st_gid, state.st_mode & 0o777) == (*OWNER, mode | least)
    assert files(tmp_path) == there
    assert not run(module, given)["changed"]


def test_a_keystore_is_never_to_be_read_by_all(run, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    os.chown(tmp_path / "conf", -1, OWNER[1])
    (tmp_path / "conf" / "wss.jks").write_text("old")
    (tmp_path / "conf" / "wss.jks").chmod(0o666)
    run(wcs_keystore, {"home": str(tmp_path), **pair()})
    state = (tmp_path / "conf" / "wss.jks").stat()
    assert (state.st_gid, state.st_mode & 0o777) == (OWNER[1], 0o660), "the group of the folder, who reads it as WCS"


def nothing(conf: Path, name: str) -> None:
    shutil.rmtree(conf.parent)


def a_file_for_its_folder(conf: Path, name: str) -> None:
    conf.rmdir()
    conf.write_text("")


def a_folder_for_it(conf: Path, name: str) -> None:
    (conf / name / "inner").mkdir(parents=True)


def a_link_in_a_ring(conf: Path, name: str) -> None:
    (conf / name).symlink_to(name)


@pytest.mark.parametrize("wrong", [nothing, a_file_for_its_folder, a_folder_for_it, a_link_in_a_ring])
@pytest.mark.parametrize("name", MODULES)
def test_what_cannot_be_changed_is_a_sentence_with_a_way_out(name, wrong, run, tmp_path: Path) -> None:
    module, options = MODULES[name]
    (tmp_path / "home" / "conf").mkdir(parents=True)
    wrong(tmp_path / "home" / "conf", name)
    there = files(tmp_path)
    answer = run(module, {"home": str(tmp_path / "home"), **options()})
    assert answer["failed"]
    assert answer["msg"].startswith("Cannot ")
    assert str(tmp_path / "home") in answer["msg"]
    assert answer["msg"].count(". ") >= 1, "what to do"
    assert "exception" not in answer
    assert files(tmp_path) == there


# The script that runs at each boot


PIECES = [
    *("ip", "ip_local", "a", "ip=1.2.3.4", "ip_local : 10.9.9.9", "# ip=5", "!", "#", " ", "\t", "=", ":", ",", "é"),
    *("\n", "\n", "\r\n", "\r", "a=b,\\\n", "ip=1,\\\n  2", "\\\\", "\ufeff"),
]


def test_addresses_are_written_as_java_reads_them_and_nothing_else_changes() -> None:
    rng = random.Random(1)
    for _ in range(5000):
        text = "".join(rng.choice(PIECES) for _ in range(rng.randint(0, 25)))
        after = IDENTITY.edited(text, ADDRESSES)
        assert properties.settings_of(after) == {**properties.settings_of(text), **ADDRESSES}, repr(text)
        assert IDENTITY.edited(after, ADDRESSES) == after, repr(text)


@pytest.mark.parametrize("goal", LINKS.values(), ids=LINKS)
def test_a_boot_changes_the_settings_where_they_lie(goal, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "home" / "conf").mkdir(parents=True)
    path = tmp_path / "home" / "conf" / "flashphoner.properties"
    real = path.parent / goal if goal else path
    real.write_text("ip=1\n")
    os.chown(real, *OWNER)
    if goal:
        path.symlink_to(goal)
    there = files(tmp_path)
    assert IDENTITY.written(path, ADDRESSES)
    assert real.read_text() == "ip=203.0.113.7\nip_local=10.0.1.5\n"
    assert (real.stat().st_uid, real.stat().st_gid, path.is_symlink()) == (*OWNER, bool(goal))
    assert files(tmp_path) == there
    assert not IDENTITY.written(path, ADDRESSES)
