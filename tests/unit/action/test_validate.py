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


# Names that are almost right


def slip(name: str, place: int) -> Iterator[str]:
    """The name with a letter left out, doubled, and changed."""
    yield name[:place] + name[place + 1 :]
    yield name[:place] + name[place] + name[place:]
    yield name[:place] + ("x" if name[place] != "x" else "y") + name[place + 1 :]


OPTIONS = sorted({name for role in checked_by_site()["roles"] for name in wcs_validate.specification(role)})


def test_a_slip_in_the_name_of_any_option_is_told() -> None:
    long = [name for name in OPTIONS if len(name) >= 16]
    wrong = {one: name for name in long for one in slip(name, len(name) - 3) if one not in OPTIONS}
    said = list(wcs_validate.slips(wrong))
    assert len(said) == len(wrong) > 300
    for sentence in said:
        given, meant = sentence.split()[0], sentence.split()[-1].rstrip("?")
        assert meant in OPTIONS
        assert meant == wrong[given] or abs(len(meant) - len(given)) <= 1


def test_nothing_is_said_of_what_is_read_and_of_what_is_somebodys_own() -> None:
    facts = {"wcs_image_id", "wcs_outputs", "wcs_seed_private_ip", "wcs_server_ready"}
    own = {
        "wcs_of_ours",
        "wcs_server_settings_of_berlin",
        "wcs_server_settings_eu",
        "media_server",
        "wcs_autoscaling_node_count",
    }
    assert list(wcs_validate.slips({*OPTIONS, *facts, *own})) == []


def test_slips_are_told_where_the_variables_of_a_role_are_looked_for() -> None:
    said: list[str] = []
    action = wcs_validate.ActionModule.__new__(wcs_validate.ActionModule)
    action._task = SimpleNamespace(args={"roles": ["wcs_server"], "hosts": {"wcs_server": SEED}})
    action._templar = SimpleNamespace(template=lambda value: value)
    action._display = SimpleNamespace(warning=said.append)
    action.run(None, {"wcs_regoin": "eu-west-1", "hostvars": {SEED: {"wcs_server_haep": "2g"}}})
    assert said == [
        "wcs_regoin is set, and nothing reads it. Did you mean wcs_region?",
        "wcs_server_haep is set, and nothing reads it. Did you mean wcs_server_heap?",
    ]
