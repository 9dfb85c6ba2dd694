"""Hosts that are like another system have the package names that the role's table has for it, and no others'."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab.machines.likeness import LIKENESSES
from plugins.module_utils._host.systems import SYSTEMS, System, digits, system_of

ROOT = Path(__file__).parents[4]


def row(name: str) -> System:
    """The row of the table that a likeness is of."""
    about = LIKENESSES[name].os_release
    found = system_of(about["ID"], (), digits(about["VERSION_ID"]))
    assert found is not None
    return found


@pytest.mark.parametrize("name", LIKENESSES)
def test_its_repository_has_the_names_of_its_system_and_no_others(name: str) -> None:
    mine, packages = row(name), set(LIKENESSES[name].packages)
    assert {mine.jdk, mine.headless, mine.package("diff"), mine.package("wget")} <= packages
    others = {name for one in SYSTEMS for name in (one.jdk, one.headless)} - {mine.jdk, mine.headless}
    assert packages & others == set()
    assert {mine.jdk, "wget", "diffutils"} <= set(LIKENESSES[name].needed.split()) <= packages


@pytest.mark.parametrize("name", LIKENESSES)
def test_its_python_is_where_the_system_has_it(name: str) -> None:
    like, mine = LIKENESSES[name], row(name)
    assert bool(like.platform_python) == (mine.interpreter != "/usr/bin/python3")
    assert (mine.python in like.packages) == bool(like.platform_python)


def test_the_script_is_one_of_posix() -> None:
    for like in LIKENESSES.values():
        subprocess.run(["sh", "-n"], input=like.script(), text=True, check=True, timeout=20)


def test_a_scenario_whose_hosts_cannot_be_made_is_not_run_and_says_why(monkeypatch, capsys) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "extensions" / "molecule"))
    import run

    monkeypatch.setattr(run, "prepared", lambda wanted: dict.fromkeys(wanted & {"rhel9"}, "no such packages"))
    monkeypatch.setattr(run, "run", lambda scenario, hosts: run.Outcome(scenario, "passed", 1.0))
    assert run.main(["systems", "install"]) == run.NOT_RUN
    table = capsys.readouterr().out
    assert "systems                  not run           no such packages\n" in table
    assert table.endswith("1 passed, 0 failed, 1 not run\n")
    assert run.main(["--hosts", "like"]) == run.NOT_RUN
    assert capsys.readouterr().out.endswith("0 passed, 0 failed, 4 not run\n")
    sys.modules.pop("run", None)
