"""V1, V2: a boolean variable means the same in everything that reads it, however it is given: Ansible itself tells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import context
from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible.utils.vars import load_extra_vars
from ansible.vars.manager import VariableManager

from tests.support.site_options import our_filters
from tests.support.specs import ROOT, of_type
from tests.unit.roles import test_typed as tree

MEANT = {"false": False, "no": False, "False": False, "0": False, "off": False, "true": True, "yes": True, "1": True}
BOOLEANS = of_type("bool")
WAYS = ("extra", "ini", "yaml")
HOST = "node"


@pytest.fixture(autouse=True)
def _filters() -> Iterator[None]:
    """Ansible finds the filters of this collection."""
    with our_filters():
        yield


def given(folder: Path, way: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The variables of a host as Ansible has them, with these given in that way."""
    loader = DataLoader()
    inventory = folder / ("inventory.ini" if way == "ini" else "inventory.yml")
    lines = [f"{name}={text}" for name, text in texts.items()]
    if way == "ini":
        inventory.write_text("\n".join([HOST, "[all:vars]", *lines]))
    elif way == "yaml":
        block = "".join(f"      {name}: {text}\n" for name, text in texts.items())
        inventory.write_text(f"all:\n  hosts:\n    {HOST}:\n{block or '      x: 1'}")
    else:
        inventory.write_text(f"all:\n  hosts:\n    {HOST}:\n")
    context.CLIARGS = ImmutableDict(extra_vars=tuple(lines) if way == "extra" else (), inventory=None)
    load_extra_vars.__dict__.pop("extra_vars", None)
    hosts = InventoryManager(loader=loader, sources=[str(inventory)])
    manager = VariableManager(loader=loader, inventory=hosts)
    return dict(manager.get_vars(host=hosts.get_host(HOST)))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", MEANT)
def test_v1_v2_every_boolean_given_in_every_way_is_what_is_meant(tmp_path: Path, way: str, text: str) -> None:
    assert len(BOOLEANS) >= 25
    have = given(tmp_path, way, dict.fromkeys(BOOLEANS, text))
    templar = Templar(loader=DataLoader(), variables=have)
    read = "{{ NAME | webcallserver.aws.wcs_typed('bool') }}"
    arrived = {name: templar.template(trusted(read.replace("NAME", name))) for name in BOOLEANS}
    assert arrived == dict.fromkeys(BOOLEANS, MEANT[text])


# What reads them


def readers(name: str) -> list[tuple[Path, list[tree.Place]]]:
    """The templates that name the variable, or one of the role that is made from it, by their files."""
    found = []
    for path in tree.files():
        made = {name} | {key for key, value in internals(path).items() if name in json.dumps(value)}
        if places := [one for one in tree.places(path) if any(word in one.template for word in made)]:
            found.append((path, places))
    return found


@cache
def internals(path: Path) -> dict[str, Any]:
    """The variables of a file's role."""
    known: dict[str, Any] = {}
    for folder in ("defaults", "vars"):
        file = path.parents[1] / folder / "main.yml"
        known |= (yaml.safe_load(file.read_text()) or {}) if file.exists() else {}
    return known


def outcome(place: tree.Place, templar: Templar) -> Any:
    """What Ansible makes of a template, as the module that takes it whole converts it; why it cannot as text."""
    try:
        if place.condition:
            return templar.evaluate_conditional(trusted(place.template))
        value = templar.template(trusted(place.template))
        return converted(place.option, value) if place.option else value
    except AnsibleError as error:
        return f"not known: {type(error).__name__}"


def converted(option: Mapping[str, Any], value: Any) -> Any:
    """The value as a module or role with that option has it."""
    known = {key: option[key] for key in ("type", "elements", "options") if key in option}
    return ArgumentSpecValidator({"it": known}).validate({"it": value}).validated_parameters["it"]


def trusted(value: Any) -> Any:
    """What stands in files of ours, which Ansible takes for templates."""
    if isinstance(value, dict):
        return {key: trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value


def outcomes(path: Path, places: list[tree.Place], given: Mapping[str, Any]) -> list[Any]:
    """One for each template, with what a play gives besides."""
    play = {"ansible_check_mode": False, "wcs_controller_cidrs": ["0.0.0.0/0"]}
    templar = Templar(loader=DataLoader(), variables=trusted(play | internals(path)) | given)
    return [outcome(place, templar) for place in places]


@pytest.mark.parametrize("name", BOOLEANS)
def test_v1_v2_whatever_reads_a_boolean_reads_what_is_meant(name: str) -> None:
    """Each template of roles and playbooks that depends on it, with the text and with the value that is meant."""
    wrong, known = [], 0
    for path, places in readers(name):
        meant = {value: outcomes(path, places, {name: value}) for value in (True, False)}
        known += sum(not str(one).startswith("not known") for one in meant[True])
        for text, value in MEANT.items():
            got = outcomes(path, places, {name: text})
            wrong += [
                (str(path.relative_to(ROOT)), place.path, text, one, other)
                for place, one, other in zip(places, got, meant[value], strict=True)
                if one != other and place.path != (name,)
            ]
    assert wrong == []
    assert known > 0


SECURITY_GROUPS = ROOT / "roles" / "wcs_security_groups" / "vars" / "main.yml"
GUARDED = ("wcs_controller_cidrs", "wcs_demo_cidrs")


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("networks", ["0.0.0.0/0", "10.0.0.0/8,::/0", ["0.0.0.0/0"]])
@pytest.mark.parametrize("text", [text for text, meant in MEANT.items() if not meant])
def test_v2_the_control_interface_stays_private(text: str, networks: Any, name: str) -> None:
    """`-e wcs_controller_cidrs=0.0.0.0/0` is a text, whose signs were looked at one by one."""
    given = {**dict.fromkeys(GUARDED, "10.0.0.0/8"), name: networks}
    (refused,) = refusals(given | {"wcs_allow_public_admin": text})
    assert name in refused
    assert refusals(given | {"wcs_allow_public_admin": "yes"}) == []


def refusals(given: Mapping[str, Any]) -> list[str]:
    """What the role says against these variables, beside networks of an operator."""
    return asked_of_groups(given)[1]


def asked_of_groups(given: Mapping[str, Any]) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """The rules that the role asks for by the end of their group's name, and what it says against the variables."""
    variables = trusted(internals(SECURITY_GROUPS)) | {"wcs_controller_cidrs": ["203.0.113.7/32"]} | given
    templar = Templar(loader=DataLoader(), variables=variables)
    groups = templar.template(trusted("{{ __wcs_security_groups_asked }}"))
    refused = templar.template(trusted("{{ __wcs_security_groups_refusals }}"))
    return {one["name"].removeprefix("wcs-"): one["rules"] for one in groups}, [str(one) for one in refused]


HALVES, HALVES6, ALL = ["0.0.0.0/1", "128.0.0.0/1"], ["::/1", "8000::/1"], ["0.0.0.0/0"]
VISITORS = ["198.51.100.0/24"]
DEMO = {"wcs_demo_cidrs": VISITORS, "wcs_balancer_demo_port": 8090}
CONTROL = [{"protocol": "tcp", "load_balancer_port": 80, "instance_port": 8081}]
SESSIONS = [{"protocol": "tcp", "load_balancer_port": 443, "instance_port": 8443}]
MOVED = [{"protocol": "tcp", "load_balancer_port": "80", "instance_port": "8091"}]
EXPOSED: list[tuple[dict[str, Any], str]] = [
    ({"wcs_controller_cidrs": ALL}, "Name the networks of your operators in wcs_controller_cidrs"),
    ({"wcs_controller_cidrs": HALVES}, "Name the networks of your operators in wcs_controller_cidrs"),
    ({"wcs_controller_cidrs": HALVES6}, "Name the networks of your operators in wcs_controller_cidrs"),
    ({"wcs_demo_cidrs": HALVES}, "Name the networks of your visitors in wcs_demo_cidrs"),
    ({"wcs_demo_cidrs": ["198.51.100.0/24", *HALVES6]}, "Name the networks of your visitors in wcs_demo_cidrs"),
    ({"wcs_demo_cidrs": ",".join(HALVES)}, "Name the networks of your visitors in wcs_demo_cidrs"),
    ({**DEMO, "wcs_balancer_demo_port": 8443}, "port 8443 of the load balancer to clients"),
    ({**DEMO, "wcs_balancer_demo_port": "8080"}, "port 8080 of the load balancer to clients"),
    ({**DEMO, "wcs_balancer_demo_port": 443, "wcs_balancer_listeners": SESSIONS}, "port 443 of the load balancer"),
    ({"wcs_balancer_listeners": CONTROL, "wcs_security_groups_balancer_ports": [80]}, "port 80 of the load balancer"),
    ({"wcs_security_groups_optional_ports": [1935, 8081]}, "port 8081 of the nodes to clients"),
    ({"wcs_security_groups_optional_ports": "8444"}, "port 8444 of the nodes to clients"),
    ({"wcs_security_groups_signalling_ports": ["8081"]}, "port 8081 of the nodes to clients"),
    ({"wcs_server_settings": {"https.port": 1935}, "wcs_security_groups_optional_ports": [1935]}, "port 1935 of the"),
    ({"wcs_server_settings": {"http.port": 31500}}, "port 31500 of the nodes to clients"),
    ({"wcs_security_groups_media_port_from": 8000, "wcs_security_groups_media_port_to": "1000000"}, "port 8081, 8444"),
    ({"wcs_security_groups_media_port_from": 8000}, "port 8081, 8444 of the nodes to clients"),
    ({"wcs_security_groups_admin_ports": [8090], "wcs_security_groups_optional_ports": [8081]}, "port 8081 of the"),
]
"""Variables that would open the control interface to the Internet, and what is said against them."""
CLOSED: list[dict[str, Any]] = [
    {},
    {"wcs_demo_cidrs": VISITORS},
    DEMO,
    {"wcs_demo_cidrs": ["10.0.0.0/8", "2001:db8::/32"], "wcs_controller_cidrs": ["10.0.0.0/8", "192.0.2.0/24"]},
    {"wcs_balancer_listeners": CONTROL},
    {"wcs_balancer_listeners": CONTROL + SESSIONS, **DEMO},
    {"wcs_balancer_listeners": MOVED + SESSIONS, "wcs_server_settings": {"http.port": 8091}, **DEMO},
    {"wcs_balancer_listeners": CONTROL, "wcs_security_groups_admin_ports": [8090]},
    {"wcs_security_groups_optional_ports": [1935]},
    {"wcs_security_groups_client_cidrs": ["10.0.0.0/8"], **DEMO},
]
"""Variables that do not."""


@pytest.mark.parametrize(("given", "word"), EXPOSED)
def test_what_opens_the_control_interface_to_the_internet_is_refused(given: dict[str, Any], word: str) -> None:
    (refused,) = refusals(given)
    assert word in refused
    assert "wcs_allow_public_admin" in refused
    assert refusals(given | {"wcs_allow_public_admin": "true"}) == []


def opened(rules: Any, ports: set[int]) -> set[str]:
    """The networks that rules let in to one of the ports."""
    found = set()
    for rule in rules:
        if rule.get("proto", "tcp") == "tcp":
            several = rule["ports"] if "ports" in rule else range(int(rule["from_port"]), int(rule["to_port"]) + 1)
            found |= set(rule.get("cidrs", ())) if ports & {int(port) for port in several} else set()
    return found


@pytest.mark.parametrize("given", CLOSED)
def test_only_operators_and_visitors_reach_the_control_interface(given: dict[str, Any]) -> None:
    rules, refused = asked_of_groups(given)
    assert refused == []
    allowed = {*given.get("wcs_controller_cidrs", ["203.0.113.7/32"]), *given.get("wcs_demo_cidrs", ())}
    moved = int(given.get("wcs_server_settings", {}).get("http.port", 8081))
    assert opened(rules["node"], {8081, 8444, 8090, moved}) == allowed
    assert opened(rules["seed"], {8081, 8444, 8090, moved}) <= allowed
    leading = {80} if "wcs_balancer_listeners" in given else set()
    demo = {8090} if "wcs_balancer_demo_port" in given else set()
    assert opened(rules["balancer"], leading | demo) == (allowed if leading | demo else set())
    for port in (443,) if "443" in str(given) else () if leading else (8080, 8443):
        assert opened(rules["balancer"], {port}) == set(given.get("wcs_security_groups_client_cidrs", ALL))


SERVER = ROOT / "roles" / "wcs_server" / "vars" / "main.yml"


def test_an_image_is_the_same_however_its_variables_are_given() -> None:
    """Its name has the fingerprint of these: a text would make another image, and replace every node."""
    inputs = [place for place in tree.places(SERVER) if place.path[0] == "__wcs_server_inputs"]
    texts = {"wcs_server_identity": "yes", "wcs_server_open_files": "4096", "wcs_server_jvm_options": "-Da=1,-Db=2"}
    meant = {"wcs_server_identity": True, "wcs_server_open_files": 4096, "wcs_server_jvm_options": ["-Da=1", "-Db=2"]}
    assert outcomes(SERVER, inputs, texts) == outcomes(SERVER, inputs, meant)


@pytest.mark.parametrize(("port", "to"), [(443, 8080), (8443, 8443), (9000, 1935)])
def test_v5_the_balancers_group_opens_what_its_listeners_listen_at(port: int, to: int) -> None:
    """And the group of the nodes lets the balancer in where they lead to."""
    listener = {"protocol": "tcp", "load_balancer_port": port, "instance_port": to}
    templar = Templar(
        loader=DataLoader(),
        variables=trusted(internals(SECURITY_GROUPS)) | {"wcs_balancer_listeners": [listener]},
    )
    rules = internals(SECURITY_GROUPS)
    clients, *_ = templar.template(trusted(rules["__wcs_security_groups_balancer_rules"]))
    assert clients["ports"] == [port]
    *_, inner = templar.template(trusted(rules["__wcs_security_groups_node_rules"]))
    assert to in inner["ports"]


def test_h4_the_seeds_image_is_looked_for_before_the_first_write() -> None:
    """Site judges it with the options that the role asks its module with."""
    site = (ROOT / "playbooks" / "site.yml").read_text()
    validate = (ROOT / "playbooks" / "tasks" / "validate.yml").read_text()
    assert 'seed_image: "{{ __wcs_seed_image_options }}"' in validate
    assert site.index("file: tasks/validate.yml") < site.index("Make or change the security groups")
    (looks,) = yaml.safe_load((ROOT / "roles/wcs_seed/tasks/image.yml").read_text())
    assert looks["module_defaults"]["webcallserver.aws.wcs_seed_image"] == "{{ __wcs_seed_image_options }}"
