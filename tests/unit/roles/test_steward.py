"""wcs_steward: what its runs of the playbook scale_in are told."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from ansible.errors import ExitCode
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from tests.support import specs
from tests.support.playbooks import BIN, ROOT
from tests.support.site_options import our_filters, read, trusted

ROLE = "roles/wcs_steward"
MESSAGES = "__wcs_scale_in_variables"
"""Names that messages use; their values are not read."""
SET = ("register", "ansible.builtin.set_fact")


def handed_on(**variables: Any) -> dict[str, Any]:
    """The variables in the steward's file, as Ansible works them out."""
    have = trusted(read(f"{ROLE}/defaults/main.yml") | read(f"{ROLE}/vars/main.yml"))
    known = Templar(loader=DataLoader(), variables=have | {"wcs_autoscaling_sessions_per_node": 200} | variables)
    with our_filters():
        found: dict[str, Any] = known.template(trusted("{{ __wcs_steward_handed_on }}"))
    return found


@pytest.mark.parametrize("allow", [True, "yes", False, "no"])
def test_v10_the_limit_of_licences_binds_its_runs(allow: Any) -> None:
    found = handed_on(wcs_licence_limit="4", wcs_licence_allow_over=allow)
    assert (found["wcs_licence_limit"], found["wcs_licence_allow_over"]) == (4, allow in (True, "yes"))
    assert found["wcs_scale_in_count"] == "surplus"


def test_without_a_limit_none_is_said_and_its_own_variables_go_over_all() -> None:
    assert {"wcs_licence_limit", "wcs_licence_allow_over"} & set(handed_on()) == set()
    more = {"wcs_licence_limit": 2, "wcs_verify_address": "private"}
    found = handed_on(wcs_licence_limit=4, wcs_steward_variables=more)
    assert (found["wcs_licence_limit"], found["wcs_verify_address"]) == (2, "private")


# What its host has


def valued(name: str, **variables: Any) -> Any:
    """An internal variable of the role, where these are set."""
    known = Templar(loader=DataLoader(), variables=trusted(read(f"{ROLE}/vars/main.yml")) | variables)
    return known.template(trusted(f"{{{{ {name} }}}}"))


def test_its_python_is_the_one_that_runs_ansible_playbook() -> None:
    done = subprocess.run([f"{BIN}/ansible-playbook", "--version"], capture_output=True, text=True, check=True)
    assert valued("__wcs_steward_python", __wcs_steward_version={"stdout": done.stdout}) == sys.executable


def test_a_run_that_is_stopped_in_order_is_a_success() -> None:
    (line,) = re.findall(r"^SuccessExitStatus=(.*)$", (ROOT / ROLE / "templates/service.j2").read_text(), re.M)
    assert int(line) == ExitCode.KEYBOARD_INTERRUPT


# The variables of the playbook


def texts(node: Any) -> Iterator[str]:
    """What Ansible evaluates in a play, conditions and included files among it."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "when":
                yield from (f"{{{{ {one} }}}}" for one in (value if isinstance(value, list) else [value]))
            elif key == "ansible.builtin.include_tasks":
                yield from texts(read(f"playbooks/{value['file']}"))
            elif key in ("roles", "ansible.builtin.include_role", "ansible.builtin.import_role"):
                raise AssertionError(f"{value}: read its files here, too")
            elif key != MESSAGES:
                yield from texts(value)
    elif isinstance(node, list):
        for one in node:
            yield from texts(one)
    elif isinstance(node, str):
        yield node


def results(node: Any) -> set[str]:
    """The variables that its own tasks set."""
    if isinstance(node, dict):
        mine = {str(one) for key in SET if key in node for one in ([node[key]] if key == "register" else node[key])}
        return mine.union(*map(results, node.values()))
    return set().union(*map(results, node)) if isinstance(node, list) else set()


def variables(playbook: str) -> set[str]:
    """The public variables that a playbook reads."""
    plays, environment = read(f"playbooks/{playbook}.yml"), jinja2.Environment(autoescape=False)
    names = {
        name.name
        for text in texts(plays)
        for name in environment.parse(text).find_all(jinja2.nodes.Name)
        if name.ctx == "load" and name.name.startswith("wcs_")
    }
    return names - results(plays)


def test_what_a_playbook_reads_is_found() -> None:
    """In its tasks, conditions, own variables and the files that it includes."""
    found = variables("scale_in")
    assert {"wcs_autoscaling_name", "wcs_server_settings", "wcs_region", "wcs_prices_from_aws", "wcs_prices"} <= found
    assert {"wcs_scale_in_result", "wcs_update_state", "wcs_outputs"} & found == set()


OWN = {
    "wcs_scale_in_count": "surplus: what the steward is",
    "wcs_scale_in_state": "who calls drains off does it by hand",
    "wcs_scale_in_instance_ids": "by hand, too: it would be refused beside surplus",
    "wcs_scale_in_then": "standby would be refused beside surplus",
    "wcs_scale_in_decrement_desired": "false would be refused beside surplus",
    "wcs_scale_in_on_timeout": "terminate cuts sessions: who means that of a timer says it of the timer",
}
"""Variables that the steward does not take from its inventory, and why."""
SAMPLES = {
    "wcs_server_settings": {"http.port": 8091, "https.port": "8445"},
    "wcs_scale_in_sessions_per_node": 120.0,
    "wcs_scale_in_headroom": 0.5,
    "wcs_scale_in_stable_for": 1200,
    "wcs_scale_in_timeout": 600,
    "wcs_licence_limit": 4,
    "wcs_licence_allow_over": True,
    "wcs_verify_validate_certs": False,
    "wcs_verify_stat_port": 8099,
    "wcs_prices_from_aws": True,
    "wcs_scale_in_counters": ["connections_websocket"],
    "wcs_prices": {"instances": {"c5.large": 0.1}},
}
"""Values that a variable may have; any other is a text."""


@pytest.mark.parametrize("name", sorted(variables("scale_in") - set(OWN) - {"wcs_autoscaling_sessions_per_node"}))
def test_what_the_inventory_sets_for_the_playbook_reaches_the_timers_runs(name: str) -> None:
    value = SAMPLES.get(name, f"the {name}")
    beside = {"wcs_licence_limit": 4} if name == "wcs_licence_allow_over" else {}
    assert handed_on(**beside, **{name: value}).get(name) == value
    assert specs.variables().get(name, {}).get("no_log", False) is False, "a secret"


def test_of_the_servers_settings_the_ports_of_the_pages_alone_are_handed_on() -> None:
    """Others may be secrets."""
    settings = {"http.port": 8091, "keystore.password": "canary", "client_mode": True}
    assert handed_on(wcs_server_settings=settings)["wcs_server_settings"] == {"http.port": 8091}
    assert "wcs_server_settings" not in handed_on(wcs_server_settings={"client_mode": True})


def test_how_many_sessions_a_node_carries_is_said_by_the_nearest_variable() -> None:
    names = ["wcs_autoscaling_sessions_per_node", "wcs_scale_in_sessions_per_node", "wcs_steward_sessions_per_node"]
    for count in (1, 2, 3):
        given = dict(zip(names[:count], (10, 20, 30), strict=False))
        assert handed_on(**given)["wcs_scale_in_sessions_per_node"] == 10 * count


@pytest.mark.parametrize("option", ["headroom", "stable_for", "timeout"])
def test_the_stewards_options_go_over_those_of_the_playbook(option: str) -> None:
    given = {f"wcs_scale_in_{option}": 1000, f"wcs_steward_{option}": 2000}
    assert handed_on(**given)[f"wcs_scale_in_{option}"] == 2000


@pytest.mark.parametrize("name", sorted(OWN))
def test_what_is_the_stewards_own_is_not_taken_from_the_inventory(name: str) -> None:
    assert handed_on(**{name: "of the inventory"}).get(name) != "of the inventory"
    assert name in variables("scale_in")
