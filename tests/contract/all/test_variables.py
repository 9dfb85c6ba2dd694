"""V1, V2: a boolean variable means the same in everything that reads it, however it is given: Ansible itself tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
from ansible.plugins.loader import filter_loader
from ansible.template import Templar, trust_as_template
from ansible.utils.vars import load_extra_vars
from ansible.vars.manager import VariableManager

from plugins.filter import wcs_ports, wcs_typed
from tests.unit.roles import test_typed as tree
from tests.unit.roles.specs import ROOT, of_type

MEANT = {"false": False, "no": False, "False": False, "0": False, "off": False, "true": True, "yes": True, "1": True}
BOOLEANS = of_type("bool")
WAYS = ("extra", "ini", "yaml")
HOST = "node"


@pytest.fixture(autouse=True)
def _filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible finds the filters of this collection, whatever other tests have made of its way to find collections."""
    find, ours = filter_loader.get, wcs_typed.FilterModule().filters() | wcs_ports.FilterModule().filters()
    made = {name: filter_loader._wrap_func(name, name, function) for name, function in ours.items()}

    def get(name: str, *args: Any, **rest: Any) -> Any:
        return made.get(name.removeprefix(tree.OURS)) or find(name, *args, **rest)

    monkeypatch.setattr(filter_loader, "get", get)


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
    guards = [place for place in tree.places(SECURITY_GROUPS) if "__wcs_security_groups_public or" in place.template]
    given = {**dict.fromkeys(GUARDED, "10.0.0.0/8"), name: networks}
    assert outcomes(SECURITY_GROUPS, guards, given | {"wcs_allow_public_admin": text}) == [
        one != name for one in GUARDED
    ]
    assert outcomes(SECURITY_GROUPS, guards, given | {"wcs_allow_public_admin": "yes"}) == [True, True]


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
    (opened,) = templar.template(trusted(rules["__wcs_security_groups_balancer_rules"]))
    assert opened["ports"] == [port]
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
