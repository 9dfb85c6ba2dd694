"""Plain words: names that only this project used stand nowhere in its code, options, return keys and playbooks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml

from plugins.module_utils._core.errors import Refusal

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("plugins", "tests", "lab", "roles", "playbooks", "examples", "extensions", "docs")
WRITTEN = sorted(
    path
    for part in FOLDERS
    for ext in ("py", "yml", "md", "rst", "sh")
    for path in (ROOT / part).rglob(f"*.{ext}")
    if path != Path(__file__) and "build" not in path.parts
)
CODE = [path for path in WRITTEN if path.suffix == ".py"]
PLAYS = [path for path in WRITTEN if path.suffix == ".yml"]
GONE = {
    *("told", "sea", "voyage", "deed", "sight", "sighted", "manner", "outlook", "soundness"),
    *("laboratory", "laboratories", "peers"),
}
"""As words of a name: `_told`, `TOLD` and `told_by` count."""
MODULES_GONE = {*GONE, "named", "listening", "serving"}
"""What is a plain word for a function and was none for a file, a class, or what a file is imported as."""
OF_AWS = {"said", "heard", "shaped", "described", "made", "attributes_from"}
"""Functions of these names once read AWS's shape; they are called from_aws."""


def words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()))


def names(path: Path) -> Iterator[str]:
    """The names that a file defines or takes: variables, arguments, attributes, functions, classes, keys."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg | ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if path.is_relative_to(ROOT / "plugins") or not node.name.startswith("test_"):
                yield node.name
        elif isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def modules(path: Path) -> Iterator[str]:
    """What a file calls itself, its classes, and the modules that it imports."""
    yield path.stem.removeprefix("test_")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname for alias in node.names if alias.asname)


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_of_ours_is_one_that_only_we_use(path: Path) -> None:
    used = {name for name in names(path) if words(name) & GONE}
    assert used == set()
    assert {name for name in modules(path) if words(name) & MODULES_GONE} == set()


def test_the_lab_and_amazon_aws_have_one_name() -> None:
    """In comments and docstrings, too."""
    odd = re.compile(r"laborator(y|ies)|pocket AWS|\bthe peers\b", re.IGNORECASE)
    found = [(path, one[0]) for path in WRITTEN for one in odd.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


def test_aws_shapes_are_read_by_from_aws() -> None:
    utils = [path for path in CODE if path.is_relative_to(ROOT / "plugins" / "module_utils")]
    found = {
        f"{path.parent.name}/{path.stem}: {node.name}"
        for path in utils
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") in OF_AWS
    }
    assert found == set()


@pytest.mark.parametrize("path", PLAYS, ids=lambda path: str(path.relative_to(ROOT)))
def test_plays_and_options_have_plain_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    keys = re.findall(r"^[ -]*([A-Za-z_]\w*):", text, re.M) + re.findall(r"\b(?:__)?wcs_\w+", text)
    keys += re.findall(r"\bregister: (\w+)", text)
    assert {key for key in keys if words(key) & GONE} == set()
    assert words(path.stem) & GONE == set()


# Sentences that people see


PLACES = (
    "roles/**/*.yml",
    "roles/*/README.md",
    "playbooks/**/*.yml",
    "docs/docsite/**/*.rst",
    "examples/**/*.yml",
    "examples/**/*.md",
    "README.md",
    "lab/README.md",
    "meta/*.yml",
)
SHOWN = sorted(path for place in PLACES for path in ROOT.glob(place))
ODD = (
    r"[Cc]annot call the stack '.*' sound",
    r"gives no sessions to",
    r"another version than the group's \(",
    r"the sessions are unreachable",
    r"over 1 nodes",
    r"What became of the nodes",
    r"deadline in ",
    r"to stop is safe",
    r"Tell how it went",
    r"Hand (it )?on\b",
    r"^ *- name: Nothing does$",
    r"Somebody may operate",
    r"would not be refused",
    r"Let the seed go",
    r"Correct what it names",
    r"what was done is kept and found again",
    r"[Cc]orrect the option, or make it before",
    r"\bour (own )?marks?\b",
    r"is not made of EC2",
    r"less \d+ is under",
    r"every node anew",
    r"one node less",
    r"hangs on it",
    r"a stack that stands",
    r"taken out of the balancer by hand may be",
    r"[Aa] drain that does not end",
    r"waiting for the nodes is hopeless",
    r"a policy more",
    r"has not 12 digits",
    r"has not the five fields",
    r"is no image id",
    r"names a hook twice",
    r"lost what it belonged to",
    r"Goes off",
    r"AWS's own, of a target",
    r"is told not to run",
    r"What nobody told",
    r"Tells everything that belongs",
    r"outdated: told",
)
"""What was written once and needs a second look: each has a plain form, and does not come back."""
ODDITY = re.compile("|".join(f"(?:{one})" for one in ODD), re.M)


def sentences(path: Path) -> Iterator[str]:
    """The texts of a plugin that reach people: all strings but the docstrings of classes and functions."""
    nodes = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {id(node.value) for node in ast.walk(nodes) if isinstance(node, ast.Expr)}
    for node in ast.walk(nodes):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in hidden:
            yield node.value


PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))


@pytest.mark.parametrize("path", [*SHOWN, *PLUGINS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_that_people_see_needs_a_second_look(path: Path) -> None:
    texts = list(sentences(path)) if path.suffix == ".py" else [path.read_text(encoding="utf-8")]
    assert [match[0] for text in texts for match in ODDITY.finditer(text)] == []


# Names of tasks, and messages


VERBS = re.compile(
    r"(Activate|Add|Apply|Ask|Begin|Check|Configure|Copy|Count|Drain|Empty|Enable|End|Fail|Fetch|Find|Forget|Give|Have|Install|Keep|Launch|"
    r"Learn|Let|Look|Lower|Make|Open|Put|Read|Refuse|Remember|Remove|Restart|Roll|Run|Say|See|Set|Show|Start|Stop|Tag|Take|Terminate|Unpack|Validate|Wait|Work|Write)\b"
)
"""How the name of a task begins, unless it is a condition."""
STATIC = {"ansible.builtin.import_role", "ansible.builtin.import_tasks", "ansible.builtin.import_playbook"}


def tasks(node: object) -> Iterator[dict[str, object]]:
    """Every task whose name Ansible prints, and none that only holds others."""
    if isinstance(node, list):
        for item in node:
            yield from tasks(item)
    elif isinstance(node, dict):
        held = [node[key] for key in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks") if key in node]
        for part in held:
            yield from tasks(part)
        if not held and "hosts" not in node and "name" in node and not STATIC & set(node):
            yield node


TASK_FILES = sorted(
    path
    for pattern in ("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/*.yml", "playbooks/tasks/*.yml")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_task_is_named_by_what_it_does_or_by_the_condition_that_it_checks(path: Path) -> None:
    named = [(str(task["name"]), task) for task in tasks(yaml.safe_load(path.read_text(encoding="utf-8")))]
    odd = [
        name for name, task in named
        if not VERBS.match(name) and "ansible.builtin.assert" not in task
    ]  # fmt: skip
    assert odd == []


LONGEST = 300
"""Characters of a message, what is filled in aside; more wants a list."""


def test_no_message_of_a_role_or_playbook_is_long() -> None:
    found = []
    for path in TASK_FILES:
        for task in tasks(yaml.safe_load(path.read_text(encoding="utf-8"))):
            for action in task.values():
                message = action.get("fail_msg") if isinstance(action, dict) else None
                plain = re.sub(r"{{.*?}}", "", str(message or ""), flags=re.S)
                found += [(path.name, task["name"])] if len(plain) > LONGEST and "\n" not in plain.strip() else []
    assert found == []


FILLED = "some-20-letters-long"
"""In place of what is filled into a message."""


def filled(node: ast.AST | None, scope: dict[str, list[ast.AST]]) -> str:
    """The longest text that a node can be."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(filled(part, scope) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return filled(node.value, scope)
    if isinstance(node, ast.IfExp | ast.BoolOp):
        either = (node.body, node.orelse) if isinstance(node, ast.IfExp) else node.values
        return max((filled(one, scope) for one in either), key=len)
    if isinstance(node, ast.BinOp):
        return filled(node.left, scope) + filled(node.right, scope)
    if isinstance(node, ast.Name) and node.id in scope:
        inner = {name: values for name, values in scope.items() if name != node.id}
        return max((filled(one, inner) for one in scope[node.id]), key=len)
    return FILLED


def assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.AST]]:
    """The values that names are given."""
    found: dict[str, list[ast.AST]] = {}
    for node in nodes:
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for name, value in zip(target.elts, node.value.elts, strict=False):
                    found.setdefault(ast.unparse(name), []).append(value)
    return found


def whole_messages(path: Path) -> Iterator[str]:
    """Every refusal of a file: those that are made, and the pairs of a reason and a way out that functions give."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = assigned(tree.body)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        scope = {**constants, **assigned(ast.walk(function))}
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Refusal") and len(node.args) == 5:
                yield Refusal(*(filled(one, scope) for one in node.args)).sentence()
            given = node.value if isinstance(node, ast.Return | ast.Yield) else None
            if isinstance(given, ast.Tuple) and len(given.elts) == 2:
                reason, way_out = (filled(one, scope) for one in given.elts)
                if " " in reason and " " in way_out:
                    yield Refusal("change", "load balancer", FILLED, reason, way_out).sentence()


def test_a_message_is_measured_whole() -> None:
    found = list(whole_messages(ROOT / "plugins" / "module_utils" / "_balancer" / "rules.py"))
    assert any("cannot change that" in one and "of another stack." in one for one in found)
    assert len(found) > 5


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_refusal_is_long_unless_it_has_a_list(path: Path) -> None:
    assert [(len(one), one) for one in whole_messages(path) if len(one) > LONGEST and "\n- " not in one] == []


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_of_a_plugin_is_long(path: Path) -> None:
    documents = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
    nodes = ast.parse(path.read_text(encoding="utf-8"))
    texts = [
        "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        for top in nodes.body
        if not (isinstance(top, ast.Assign) and ast.unparse(top.targets[0]) in documents)
        for node in ast.walk(top)
        if isinstance(node, ast.JoinedStr)
    ]
    assert [text for text in texts if len(text) > LONGEST and "\n" not in text] == []
