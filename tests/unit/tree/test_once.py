"""One reader a call, one meaning a name."""

from __future__ import annotations

import ast
import re

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


def test_each_write_of_a_group_is_made_in_one_file() -> None:
    writes = {"CreateAutoScalingGroup", *EFFECTS} - {"DeleteTags"}  # which is EC2's, too
    made: dict[str, set[str]] = {}
    for path in HOUSE.plugins:
        for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
            for arg in call.args:
                if isinstance(arg, ast.Constant) and arg.value in writes:
                    made.setdefault(str(arg.value), set()).add(HOUSE.room(path))
    assert made == {operation: {"_group/calls"} for operation in writes}


def test_a_class_name_has_one_meaning() -> None:
    named: dict[str, list[str]] = {}
    for path in HOUSE.plugins:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name not in (
                "ActionModule",
                "FilterModule",
                "ModuleDocFragment",
            ):
                named.setdefault(node.name.lstrip("_"), []).append(HOUSE.room(path))
    assert {name: files for name, files in named.items() if len(files) > 1} == {}
