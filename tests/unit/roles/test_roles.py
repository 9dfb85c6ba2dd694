"""Roles are what their argument_specs say: same variables, same defaults, same names everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.parent for path in (ROOT / "roles").glob("*/tasks"))
SCENARIOS = ROOT / "extensions" / "molecule"
SHARED = {
    "wcs_stack_name",
    "wcs_region",
    "wcs_profile",
    "wcs_endpoint_url",
    "wcs_tags",
    "wcs_state",
    "wcs_vpc_id",
    "wcs_controller_cidrs",
    "wcs_demo_cidrs",
    "wcs_balancer_demo_port",
    "wcs_allow_public_admin",
    "wcs_licence_limit",
    "wcs_licence_allow_over",
}
NAMES = [role.name for role in ROLES]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def specs(role: Path) -> dict[str, Any]:
    return read(role / "meta" / "argument_specs.yml")["argument_specs"]


ON_HOSTS = {"wcs_server", "wcs_steward"}  # of which wcs_server has several scenarios


@pytest.mark.parametrize("role", sorted(set(NAMES) - {"wcs_server"}))
def test_a_role_has_a_scenario_that_plays_it_alone(role):
    (play,) = read(SCENARIOS / role / "converge.yml")
    assert play["roles"] == [{"role": f"webcallserver.aws.{role}"}]


@pytest.mark.parametrize("role", sorted(set(NAMES) - ON_HOSTS))
def test_a_role_on_aws_writes_nothing_in_a_dry_run_and_leaves_nothing(role):
    scenario = SCENARIOS / role
    steps = read(scenario / "molecule.yml")["scenario"]["test_sequence"]
    assert (
        steps.index("check") < steps.index("verify ../unwritten.yml") < steps.index("converge") < steps.index("verify")
    )
    assert ("verify ../absent.yml" in steps) == ("wcs_state" in specs(ROOT / "roles" / role)["main"]["options"])


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_the_defaults_are_those_of_the_argument_specs(role):
    defaults = read(role / "defaults" / "main.yml")
    options = specs(role)["main"]["options"]
    answer = {name: option["default"] for name, option in options.items() if "default" in option}
    assert {name: defaults[name] for name in answer} == answer
    untold = {name: value for name, value in defaults.items() if name not in answer}
    assert all(options[name]["type"] != "str" and "{{" in str(value) for name, value in untold.items()), untold


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_public_variables_bear_the_name_of_the_role(role):
    for name in specs(role)["main"]["options"]:
        assert name in SHARED or name.startswith(f"{role.name}_"), name


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_internal_variables_begin_with_two_underscores(role):
    variables = role / "vars" / "main.yml"
    for name in read(variables) if variables.exists() else ():
        assert name.startswith(f"__{role.name}_"), name


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_every_option_is_described_and_typed(role):
    for name, option in specs(role)["main"]["options"].items():
        assert option["description"], name
        assert option["type"] in {"str", "int", "float", "bool", "list", "dict", "path"}, name
        assert option["type"] != "list" or "elements" in option, name


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_every_way_in_is_specified(role):
    entries = {path.stem for path in (role / "tasks").glob("*.yml")}
    assert set(specs(role)) <= entries


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_a_role_says_where_it_runs_and_how_it_is_used(role):
    info = read(role / "meta" / "main.yml")["galaxy_info"]
    assert info["role_name"] == role.name
    assert {platform["name"]: platform["versions"] for platform in info["platforms"]} == {
        "Debian": ["bookworm", "trixie"],
        "EL": ["9"],
    }
    readme = (role / "README.md").read_text()
    assert "```yaml" in readme
    assert role.name in readme


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_task_files_stay_small(role):
    for path in (role / "tasks").glob("*.yml"):
        assert len(path.read_text().splitlines()) <= 120, path.name


ONE_AT_A_TIME = {"ansible.builtin.add_host", "ansible.builtin.group_by", "ansible.builtin.pause"}
"""Actions for which Ansible refuses every strategy but the linear one."""


def keys(node: Any) -> set[str]:
    """All keys of a structure, at any depth."""
    if isinstance(node, dict):
        return set(node) | {key for value in node.values() for key in keys(value)}
    return {key for one in node for key in keys(one)} if isinstance(node, list) else set()


def texts(node: Any) -> set[str]:
    if isinstance(node, (dict, list)):
        return {text for one in (node.values() if isinstance(node, dict) else node) for text in texts(one)}
    return {str(node)}


def needs_linear() -> set[str]:
    """The roles with a task for which a play has to be linear."""
    return {
        f"webcallserver.aws.{role.name}"
        for role in ROLES
        if any(ONE_AT_A_TIME & keys(read(path)) for path in (role / "tasks").glob("*.yml"))
    }


@pytest.mark.parametrize("path", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_h12_a_play_that_adds_hosts_is_linear_whatever_ansible_cfg_says(path):
    assert needs_linear() == {"webcallserver.aws.wcs_seed"}
    for play in read(path):
        if "tasks" in play and needs_linear() & texts(play) | ONE_AT_A_TIME & keys(play):
            assert play.get("strategy") == "ansible.builtin.linear", play["name"]


# How AWS is reached


CONNECTION = "group/webcallserver.aws.connection"
ALL = read(ROOT / "meta" / "runtime.yml")["action_groups"]["all"]
OF_AWS = ("amazon.aws.", *(f"webcallserver.aws.{name}:" for name in ALL if isinstance(name, str)))


def checks(options: Any) -> bool:
    """Whether a module is given nothing but roles whose variables to check, on the controller."""
    return isinstance(options, dict) and set(options) <= {"roles", "hosts", "run_tags", "skip_tags"} and bool(options)


def asking(node: Any, covered: bool = False) -> Iterator[str]:
    """The tasks that ask AWS and do not take the connection that the variables say."""
    if isinstance(node, list):
        for item in node:
            yield from asking(item, covered)
    elif isinstance(node, dict):
        covered = covered or CONNECTION in node.get("module_defaults", {})
        if not covered and any(f"{key}:".startswith(OF_AWS) and not checks(value) for key, value in node.items()):
            yield str(node.get("name"))
        for key in ("block", "rescue", "always", "tasks"):
            yield from asking(node.get(key) or [], covered)


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_every_way_into_a_role_reaches_aws_as_the_variables_say(role):
    """An option that a task gives and omits would undo a user's module_defaults."""
    entries = {*specs(role), "image"}
    found = [name for path in (role / "tasks").glob("*.yml") if path.stem in entries for name in asking(read(path))]
    assert found == []
    texts = [path.read_text() for path in (role / "tasks").glob("*.yml")]
    assert not any(re.search(r"^ +(region|profile|endpoint_url):", text, re.M) for text in texts)
    if any(name in text for name in OF_AWS for text in texts):
        assert {"wcs_region", "wcs_profile", "wcs_endpoint_url"} <= set(specs(role)["main"]["options"])


def test_every_playbook_reaches_aws_as_the_variables_say():
    assert [name for path in (ROOT / "playbooks").glob("*.yml") for name in asking(read(path))] == []


# What site makes known to a play

OPENED = ("wcs_security_groups", "wcs_seed", "wcs_image", "wcs_balancer", "wcs_autoscaling")
"""Roles whose variables all tasks of a play of site see, those of the other roles among them."""
ALIKE = {
    ("wcs_balancer_name", "wcs_stack_name"),
    ("wcs_balancer_name", "wcs_stack_name | default('wcs'"),
    ("wcs_seed_after", "'terminated'"),
    ("wcs_seed_volumes", "[]"),
}
"""A variable of another role, and a default for it, that is its own."""


@pytest.mark.parametrize("role", OPENED)
def test_what_a_role_takes_for_not_set_has_no_default_of_another_role(role):
    """Where site opens all of them to each other it would count as set."""
    others = {name for one in OPENED if one != role for name in read(ROOT / "roles" / one / "defaults" / "main.yml")}
    others -= set(read(ROOT / "roles" / role / "defaults" / "main.yml"))
    files = [
        path for folder in ("defaults", "vars", "tasks") for path in (ROOT / "roles" / role / folder).glob("*.yml")
    ]
    asked = {found for path in files for found in re.findall(r"\b(wcs_\w+) \| default\(([^),]*)", path.read_text())}
    assert {(name, value) for name, value in asked if name in others} <= ALIKE


# Hosts that are not ours to break


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_a_dry_run_names_what_handlers_do(role):
    """A restart that a dry run leaves out is one that nobody expects, and it cuts sessions."""
    path = role / "handlers" / "main.yml"
    conditions = [str(handler.get("when", "")) for handler in (read(path) if path.exists() else ())]
    assert [one for one in conditions if re.search(r"not ansible_check_mode(?! or )", one)] == []


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_a_folder_for_a_while_is_removed_however_a_run_ends(role):
    """From the file that makes it on, each task lies in a block that removes the folder, after it or where it fails."""
    files = {path.stem: read(path) for path in (role / "tasks").glob("*.yml")}
    users = {name: tasks for name, tasks in files.items() if "_folder.path" in str(tasks)}
    made = {name for name, tasks in users.items() if any("ansible.builtin.tempfile" in task for task in tasks)}
    for name, tasks in users.items():
        for task in [one for one in tasks if "ansible.builtin.tempfile" not in one]:
            ends = str(task.get("rescue" if name in made else "always"))
            assert re.search(r"_folder\.path.*'state': 'absent'", ends), f"{name}: {task['name']}"


USED = re.compile(r"ansible_facts(?:\.|\[')(\w+)")


@pytest.mark.parametrize("role", sorted(ON_HOSTS))
def test_each_fact_that_a_role_reads_it_gathers_where_nobody_has(role):
    texts = [path.read_text() for path in (ROOT / "roles" / role).rglob("*") if path.suffix in {".yml", ".j2"}]
    read_of = {name for text in texts for name in USED.findall(text)} - {"getent_passwd"}  # which a task sets
    gathered = [
        str(task["when"])
        for path in (ROOT / "roles" / role / "tasks").glob("*.yml")
        for task in read(path)
        if "ansible.builtin.setup" in task
    ]
    assert read_of - {name for when in gathered for name in USED.findall(when)} == set()


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_no_fact_is_read_by_a_name_that_inject_facts_as_vars_gives(role):
    special = {
        "check_mode",
        "diff_mode",
        "facts",
        "failed_result",
        "managed",
        "playbook_python",
        "python_interpreter",
        "host",
        "user",
        "connection",
    }
    special |= {"ssh_private_key_file", "ssh_extra_args", "ssh_retries", "run_tags", "skip_tags", "limit", "playbook"}
    files = [path for path in role.rglob("*") if path.suffix in {".yml", ".j2"} and path.parent.name != "meta"]
    names = {name for path in files for name in re.findall(r"(?<![\w.])ansible_(\w+)", path.read_text())}
    assert names <= special
