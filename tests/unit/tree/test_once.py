"""One reader of a call, one parser of an answer, one meaning of a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from plugins.module_utils._core.api import THERE
from plugins.module_utils._group.calls import EFFECTS
from tests.support.house import ROOT, House, tree

HOUSE = House(ROOT)

READ = re.compile(r"^(Describe|Get|List|Lookup)[A-Z][A-Za-z]+$")


def test_each_read_of_aws_is_named_in_one_file() -> None:
    named: dict[str, set[str]] = {}
    for path in HOUSE.plugins:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and READ.match(node.value):
                named.setdefault(node.value, set()).add(HOUSE.room(path))
    assert len(named) > 20
    assert {operation: sorted(files) for operation, files in named.items() if len(files) > 1} == {}
    readers = {file for files in named.values() for file in files}
    assert {file for file in readers if not file.endswith("/api")} == set(), "reads stand in an api.py"


UTILS = "plugins.module_utils."
SHOWN = "the whole stack is shown, field by field, as AWS answers"
RAW = {
    "_balancer/api.describe": {"_nodes/world": "three fields of it; the whole balancer would cost two more calls"},
    "_balancer/api.describe_marked": {"_stack/world": SHOWN},
    "_core/api.describe_instances": {"_stack/world": SHOWN},
    "_core/api.interfaces_by": {
        "_security_groups/world": "whose an interface is, which nobody else asks",
        "_stack/world": SHOWN,
    },
    "_core/api.snapshots": {"_image/api": "their ids", "_stack/world": SHOWN},
    "_core/api.there": {"_core/references_world": "whether anything of a kind is there, whatever it is"},
    "_group/api.describe_activities": {"_stack/world": SHOWN},
    "_group/api.describe_marked": {"_stack/world": SHOWN},
    "_image/api.read_granted": {"_image/world": "whether anybody has it; of the own image, who"},
    "_launch/api.describe_configurations": {"_stack/notices_world": SHOWN, "_stack/world": SHOWN},
    "_launch/api.describe_templates": {"_stack/world": SHOWN},
    "_launch/api.describe_versions": {
        "_stack/notices_world": SHOWN,
        "_stack/world": SHOWN,
        "_steering/world": "their numbers, and which of them differ by tags alone",
    },
    "_money/api.read_prices": {"_money/run": "prices, which are JSON already"},
    "_node_profile/api.describe_profile": {"_node_profile/world": "its value reads it", "_stack/world": SHOWN},
    "_node_profile/api.describe_role": {"_node_profile/world": "its value reads it", "_stack/world": SHOWN},
    "_node_profile/api.read_policy": {"_node_profile/world": "its value reads it"},
    "_scaling/api.describe_alarms": {"_stack/world": SHOWN},
    "_scaling/api.describe_hooks": {"_stack/world": SHOWN},
    "_scaling/api.describe_policies": {"_stack/world": SHOWN},
    "_scaling/api.describe_schedules": {"_stack/world": SHOWN},
    "_security_groups/api.security_groups": {"_security_groups/world": "its value reads it"},
    "_base_image/api.read_machine": {"_parts/seed_image": "given to _core/machines, which reads it beside the image"},
    "VPC": {"_security_groups/api": "their ids"},
    "image": {
        "_core/api": "whether all are of AWS Marketplace, and which use a snapshot",
        "_image/api": "own images, as they are made and removed",
        "_base_image/api": "images of others, as a base",
        "_stack/world": SHOWN,
    },
    "instance type": {"_base_image/api": "given on"},
    "security group": {"_security_groups/api": "given on to its world", "_stack/world": SHOWN},
    "subnet": {"_core/api": "their zones"},
}
"""Who takes an answer of AWS as it is, and what for: by the function of an api.py, or by the kind that it is asked for.

All others take a value, which the `from_aws` of one file made.
"""


KINDS = {*THERE, "instance", "certificate"}


def raw_readers() -> set[str]:
    """The functions of an api.py that give what AWS answers as it is, by their type."""
    return {
        f"{UTILS}{HOUSE.room(path).replace('/', '.')}.{node.name}"
        for path in HOUSE.utils
        if path.stem == "api"
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and node.returns and "Any" in ast.unparse(node.returns)
        if not node.name.startswith("_") and node.args.args[0].arg == "aws"
    }


def kinds(path: Path) -> dict[int, str]:
    """By the function in each call of a file the kind that it asks for: `describe(aws, "image", …)`."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and len(node.args) > 1]
    named = {id(call.func): call.args[1] for call in calls}
    return {one: str(arg.value) for one, arg in named.items() if isinstance(arg, ast.Constant) and arg.value in KINDS}


def test_an_answer_of_aws_is_parsed_in_one_file() -> None:
    raw, found = raw_readers(), dict[str, set[str]]()
    for path in HOUSE.plugins:
        asked = kinds(path)
        own = f"{UTILS}{HOUSE.room(path).replace('/', '.')}."
        local = {name.removeprefix(own) for name in raw if name.startswith(own)}
        for node, name in HOUSE.called(path):
            if name in raw:
                by_function = "/".join(name.removeprefix(UTILS).split(".", 1))
                found.setdefault(asked.get(id(node), by_function), set()).add(HOUSE.room(path))
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Name) and node.id in local and id(node) in asked:
                found.setdefault(asked[id(node)], set()).add(HOUSE.room(path))
    assert len(raw) > 20
    assert found == {name: set(files) for name, files in RAW.items()}


def test_each_write_of_a_group_is_made_in_one_file() -> None:
    writes = {"CreateAutoScalingGroup", *EFFECTS} - {"DeleteTags"}  # which is EC2's, too
    made: dict[str, set[str]] = {}
    for path in HOUSE.plugins:
        for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
            for arg in call.args:
                if isinstance(arg, ast.Constant) and arg.value in writes:
                    made.setdefault(str(arg.value), set()).add(HOUSE.room(path))
    assert made == {operation: {"_group/calls"} for operation in writes}


ANSIBLES = {"ActionModule", "FilterModule", "ModuleDocFragment"}
"""The names by which Ansible finds what is in a plugin."""
CAMEL = re.compile(r"_?(?:[A-Z][a-z0-9]+)+")


def types(path: Path) -> Iterator[str]:
    """The names of a file's classes, and of the types that it gives a name: `Item = Mapping[str, Any]`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            yield node.name
    for node in tree(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (one.id for one in targets if isinstance(one, ast.Name) and CAMEL.fullmatch(one.id))


def test_the_name_of_a_class_or_type_has_one_meaning() -> None:
    named: dict[str, list[str]] = {}
    for path in HOUSE.plugins:
        for name in types(path):
            named.setdefault(name.lstrip("_"), []).append(HOUSE.room(path))
    assert {"Item", "Why", "Asks", "Points", "Instances"} <= set(named)
    assert {name: files for name, files in named.items() if len(files) > 1 and name not in ANSIBLES} == {}
