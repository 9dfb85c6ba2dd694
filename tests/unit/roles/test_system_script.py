"""The script that says what a host is, in the shells that hosts have."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from plugins.module_utils._host.python import HostSystem

SCRIPT = Path(__file__).parents[3] / "roles" / "wcs_server" / "files" / "wcs-system"
SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]
FALLBACK = "python3.13 python3.11 python3.9 python3.8 /usr/bin/python3-none python3"


def python(folder: Path, name: str, version: str) -> Path:
    """A command that answers as that Python does; no version: one that does not run."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{f'echo {version}' if version else 'exit 1'}\n")
    path.chmod(0o755)
    return path


def said(shell: str, folder: Path, before: str = "", os_release: str = "") -> str:
    """What the script says where only `folder` has commands."""
    (folder / "os-release").write_text(os_release)
    text = f"{before}\nnames={shlex.quote(FALLBACK)}\n{SCRIPT.read_text()}"
    command = [shutil.which(shell) or shell, *(["sh"] if shell == "busybox" else []), "-c", text]
    done = subprocess.run(
        command,
        env={"PATH": str(folder), "release": str(folder / "os-release")},
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("pythons", "answer"),
    [
        ({}, []),
        ({"python3": "3.7.16"}, ["3.7.16"]),
        ({"python3": "3.9.18"}, ["3.9.18"]),
        ({"python3.11": "3.11.7"}, ["3.11.7"]),
        ({"python3": "3.6.8", "python3.11": "3.11.7"}, ["3.11.7", "3.6.8"]),
        ({"python3": ""}, [""]),
    ],
)
def test_it_says_which_pythons_there_are(
    tmp_path: Path, shell: str, pythons: dict[str, str], answer: list[str]
) -> None:
    for name, version in pythons.items():
        python(tmp_path, name, version)
    host = HostSystem.parse(said(shell, tmp_path))
    assert [".".join(map(str, one.version)) for one in host.pythons] == answer
    assert all(os.path.dirname(one.path) == str(tmp_path) for one in host.pythons)  # noqa: PTH120


@pytest.mark.parametrize("shell", SHELLS)
def test_it_says_which_system_it_is(tmp_path: Path, shell: str) -> None:
    text = 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4 (Blue)"\n'
    host = HostSystem.parse(said(shell, tmp_path, os_release=text))
    assert host.name == "Rocky Linux 9.4 (Blue)"
    assert host.system is not None
    assert host.system.name == "RHEL, Rocky, AlmaLinux 9"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("ending", "version"), [("", (3, 9, 18)), (" -I", (3, 9, 18)), ("-none", ())])
def test_the_interpreter_that_was_named_is_asked_as_it_stands(
    tmp_path: Path, shell: str, ending: str, version: tuple[int, ...]
) -> None:
    given = f"{python(tmp_path, 'own', '3.9.18')}{ending}"
    before = f'given() {{ {given} "$@"; }}\ngiven_name={shlex.quote(given)}'
    (found,) = HostSystem.parse(said(shell, tmp_path, before)).pythons
    assert (found.path, found.version) == (given, version)
