"""The variables of roles are checked at once before anything is asked, each role's where they are set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from plugins.action import wcs_validate

ROOT = Path(__file__).resolve().parents[3]
SEED = "wcs-seed"


def checked_by_site() -> dict[str, Any]:
    """What the first play of site asks to be checked."""
    plays = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = next(
        task["webcallserver.aws.wcs_validate"] for task in plays[0]["tasks"] if "webcallserver.aws.wcs_validate" in task
    )
    return found


def wrong(variables: dict[str, Any], **more: Any) -> str:
    """What is said of the variables."""
    action = wcs_validate.ActionModule.__new__(wcs_validate.ActionModule)
    args = {"roles": checked_by_site()["roles"], "hosts": {"wcs_server": SEED}, **more}
    action._task = SimpleNamespace(args=args)
    action._templar = SimpleNamespace(template=lambda value: value)
    return str(action.run(None, variables).get("msg", ""))


def where(role: str, **variables: Any) -> dict[str, Any]:
    """The variables, set where the playbook site looks for those of a role."""
    of_seed, of_this = (variables, {}) if role == "wcs_server" else ({}, variables)
    return {**of_this, "hostvars": {SEED: of_seed}}


def cases() -> Iterator[Any]:
    """Every option of every role that site checks, with what it cannot be."""
    impossible: dict[str, Any] = {
        "int": "many",
        "float": "many",
        "bool": "perhaps",
        "dict": "plain",
        "choices": "burnt",
    }
    for role in checked_by_site()["roles"]:
        for name, option in wcs_validate.specification(role).items():
            kind = "choices" if option.get("choices") else option.get("type", "str")
            if kind in impossible:
                yield pytest.param(role, name, impossible[kind], id=f"{role}: {name}")


def test_site_looks_for_the_variables_of_the_server_at_the_seed() -> None:
    assert checked_by_site()["hosts"] == {"wcs_server": "{{ wcs_stack_name | default('wcs') }}-seed"}
    assert "wcs_server" in checked_by_site()["roles"]


@pytest.mark.parametrize(("role", "name", "value"), list(cases()))
def test_what_an_option_cannot_be_is_said(role: str, name: str, value: Any) -> None:
    assert name in wrong(where(role, **{name: value}))


def test_what_is_wrong_here_and_at_the_seed_is_said_together() -> None:
    found = wrong({**where("wcs_server", wcs_server_gc="burnt"), "wcs_seed_after": "burnt"})
    assert [line.partition(":")[0] for line in found.splitlines()] == [
        "Cannot use the variables of role wcs_seed",
        "Cannot use the variables of role wcs_server",
    ]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"run_tags": ["wcs_image"]}, False),
        ({"skip_tags": ["wcs_server"]}, False),
        ({"run_tags": ["wcs_server"]}, True),
    ],
)
def test_what_is_left_out_by_tags_is_not_checked(tags: dict[str, Any], said: bool) -> None:
    assert ("wcs_server_gc" in wrong(where("wcs_server", wcs_server_gc="burnt"), **tags)) == said


def test_what_is_right_is_said_nothing_of() -> None:
    assert wrong(where("wcs_server", wcs_server_gc="zgc", wcs_server_open_files="5000")) == ""
