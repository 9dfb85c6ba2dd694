"""V1, V2: what is no text reaches conditions, expressions and modules with the type that the argument specs say."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible.errors import AnsibleFilterError
from jinja2 import nodes

from plugins.filter.wcs_typed import FilterModule
from plugins.module_utils._core.options import VARIABLES
from tests.support.specs import ROOT, variables

TYPED = FilterModule().filters()["wcs_typed"]
FALSE = ["false", "no", "False", "0", "off", 0, False, "n", "f", "OFF"]
TRUE = ["true", "yes", "1", "on", "True", 1, True, "y", "t"]


@pytest.mark.parametrize(("given", "meant"), [(one, False) for one in FALSE] + [(one, True) for one in TRUE])
def test_v1_a_boolean_is_what_is_meant(given: Any, meant: bool) -> None:
    assert TYPED(given, "bool") is meant


@pytest.mark.parametrize(
    ("given", "kind", "meant"),
    [
        ("8080", "int", 8080),
        ("0.5", "float", 0.5),
        ("subnet-1,subnet-2", "list", ["subnet-1", "subnet-2"]),
        ("0.0.0.0/0", "list", ["0.0.0.0/0"]),
        (8082, "list", ["8082"]),
        ('{"http.port": 8091}', "dict", {"http.port": 8091}),
        ("http.port=8091", "dict", {"http.port": "8091"}),
        (None, "list", []),
        (None, "dict", {}),
    ],
)
def test_other_types_are_what_is_meant(given: Any, kind: str, meant: Any) -> None:
    assert TYPED(given, kind) == meant


@pytest.mark.parametrize(("given", "kind"), [("maybe", "bool"), (None, "bool"), ("x", "int"), (2, "bool")])
def test_what_is_of_no_such_type_is_refused(given: Any, kind: str) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"Cannot use '{given}': it is no {kind}\. Correct"):
        TYPED(given, kind)


def test_a_dictionary_that_is_none_is_not_shown_for_it_may_be_secret() -> None:
    with pytest.raises(AnsibleFilterError, match=r"Cannot use a value: it is no dict\. Correct"):
        TYPED("hunter2", "dict")


# The tree: nobody reads a variable past that way


CONDITIONS = {"when", "that", "failed_when", "changed_when", "until"}
OURS = "webcallserver.aws."
WCS_TYPED = f"{OURS}wcs_typed"
CONVERT = {f"{OURS}wcs_ports": ("dict",), f"{OURS}wcs_entrance": ("list", "dict")}
"""Filters that give what they take its type."""
LAUNCH = "__wcs_autoscaling_launch"
"""A variable that a module takes whole, as its option `launch`."""
OPTIONS = {
    "__wcs_security_groups_options": "wcs_security_groups",
    "__wcs_seed_image_options": "wcs_seed_image",
    "__wcs_seed_options": "wcs_seed",
    "__wcs_seed_after_options": "wcs_seed",
    "__wcs_image_options": "wcs_ami",
    "__wcs_balancer_options": "wcs_classic_elb",
    "__wcs_node_profile_options": "wcs_node_profile",
    "__wcs_autoscaling_options": "wcs_asg",
}
"""Variables that are all options of a module."""


@dataclass(frozen=True)
class Place:
    """Where a template stands: the keys that lead to it, without those of blocks."""

    path: tuple[str, ...]
    template: str

    @property
    def condition(self) -> bool:
        return bool(CONDITIONS & {key for key in self.path[-2:] if not key.isdigit()})

    @property
    def option(self) -> dict[str, Any] | None:
        """The option or keyword that takes the whole template and converts it by itself, as argument specs have it."""
        where = [key for key in self.path if not key.isdigit()]
        if where[-1:] == ["become"]:
            return {"type": "bool"}
        if where[:1] == [LAUNCH]:
            return arguments("wcs_asg")["launch"]["options"][where[1]]
        if where[:1] == ["module_defaults"] and where[-1].startswith(OURS):
            return {"type": "dict", "options": arguments(where[-1].removeprefix(OURS)) | VARIABLES}
        if len(where) == 2 and where[0] in OPTIONS:
            return arguments(OPTIONS[where[0]]).get(where[1])
        if len(where) == 2 and where[0].startswith(OURS):
            return arguments(where[0].removeprefix(OURS)).get(where[1])
        return variables().get(where[0]) if len(where) == 1 else None  # a default, which is typed where it is read


def arguments(module: str) -> dict[str, Any]:
    return importlib.import_module(f"plugins.modules.{module}").ARGUMENTS


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[Place]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, () if key in ("block", "rescue", "always", "tasks") else (*path, str(key)))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from leaves(value, (*path, str(number)) if path else ())
    elif isinstance(node, str):
        yield Place(path, node)


def files() -> list[Path]:
    of_roles = [
        path for folder in ("tasks", "handlers", "vars", "defaults") for path in ROOT.glob(f"roles/*/{folder}/*.yml")
    ]
    return sorted([*of_roles, *ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")])


TEMPLATES = sorted(ROOT.glob("roles/*/templates/*.j2"))


@cache
def places(path: Path) -> list[Place]:
    if path.suffix == ".j2":
        return [Place((), path.read_text())]
    return list(leaves(yaml.safe_load(path.read_text())))


def stray(place: Place) -> list[str]:
    """The variables that a template reads as they were given, though they are no texts."""
    template = f"{{{{ {place.template} }}}}" if place.condition and "{{" not in place.template else place.template
    tree = jinja2.Environment().parse(template)
    above = {child: parent for parent in tree.find_all(nodes.Node) for child in parent.iter_child_nodes()}
    alone = [node for output in tree.body if isinstance(output, nodes.Output) for node in output.nodes]
    found = []
    for name in tree.find_all(nodes.Name):
        kind = variables().get(name.name, {}).get("type", "str")
        if kind in ("str", "path"):
            continue
        top: nodes.Node = name
        while passes(above[top], top):
            top = above[top]
        if not (taken(above[top], kind) or fits(place, alone, top, kind)):
            found.append(name.name)
    return found


def passes(parent: nodes.Node, node: nodes.Node) -> bool:
    """Whether the parent's value is the node's, or another one in its place."""
    chosen = isinstance(parent, nodes.CondExpr) and node is not parent.test
    return chosen or (isinstance(parent, nodes.Filter) and parent.name == "default")


def taken(parent: nodes.Node, kind: str) -> bool:
    """Whether the parent gives it its type, or asks only whether it is there."""
    if isinstance(parent, nodes.Test):
        return parent.name in ("defined", "undefined")
    if not isinstance(parent, nodes.Filter):
        return False
    if parent.name == WCS_TYPED:
        assert [one.value for one in parent.args] == [kind], parent
        return True
    return kind in CONVERT.get(parent.name, ())


def fits(place: Place, alone: list[nodes.Node], top: nodes.Node, kind: str) -> bool:
    """Whether the template is nothing but that, and what takes it converts it."""
    if place.condition:
        return False
    if alone == [top]:
        return (place.option or {}).get("type") in (kind, "raw")
    return kind in ("int", "float") and any(top is one for one in alone)  # a number in a text


def test_the_reader_of_templates_finds_what_it_shall_find() -> None:
    """The cases that were seen, in the tree as it was."""
    for template in (
        "not wcs_server_identity",
        "wcs_report_probe and x",
        "wcs_controller_cidrs | select('search', 'x')",
    ):
        assert stray(Place(("when",), template)), template
    assert stray(Place(("__x",), "{{ wcs_server_identity }}"))
    assert stray(Place(("x", "msg"), "{{ (wcs_subnets | default(['']))[0] }}"))
    assert not stray(Place(("when",), f"wcs_report_probe | {WCS_TYPED}('bool') and wcs_server_heap == 'auto'"))
    assert not stray(Place((f"{OURS}wcs_asg", "adopt"), "{{ wcs_autoscaling_adopt }}"))
    assert stray(Place((f"{OURS}wcs_asg", "name"), "{{ wcs_autoscaling_adopt }}"))


@pytest.mark.parametrize("path", [*files(), *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_variable_is_read_past_its_type(path: Path) -> None:
    found = [(".".join(place.path), names) for place in places(path) if (names := stray(place))]
    assert found == []
