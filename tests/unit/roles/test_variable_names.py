"""Messages name the variable that the user of a role or playbook set, and the option where there is no role."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from jinja2 import nodes
from jinja2.nativetypes import NativeEnvironment

from plugins.module_utils._core.errors import OPTION, Failure, Refusal, named
from plugins.module_utils._core.module import checked
from tests.support.specs import ROOT, variables

OURS = "webcallserver.aws."
UNNAMED = {"wcs_plan", "wcs_fingerprint", "wcs_validate"}
"""Modules whose options a user does not set: worked out from all that is asked for, or options of other modules."""
WORKED_OUT = {"purge_tags", "variables"}
"""Options that follow from whether another one is set."""


@dataclass(frozen=True)
class Call:
    """One task that calls a module of ours: its options, and the variables that its role or play has for itself."""

    place: str
    module: str
    options: Mapping[str, Any]
    scope: Mapping[str, Any]

    @property
    def names(self) -> dict[str, str]:
        """What the module is told."""
        given = self.options.get("variables", {})
        return given if isinstance(given, dict) else NATIVE.from_string(given).render(self.scope)


NATIVE = NativeEnvironment()
NATIVE.filters["combine"] = lambda one, other: {**one, **other}


def tasks(node: Any, scope: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each call of a module with its options, those of its own `module_defaults` among them."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ()):
        name = str(key).removeprefix(OURS)
        if str(key).startswith(OURS) and isinstance(value, dict) and name not in UNNAMED:
            usual = node.get("module_defaults", {}).get(key, "")
            yield name, {**scope.get(re.sub(r"[{} ]", "", usual), {}), **value}
        elif key != "module_defaults":
            yield from tasks(value, scope)


def calls() -> list[Call]:
    found = []
    for path in sorted(
        [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")]
    ):
        content, place = yaml.safe_load(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT))
        own = path.parents[1] / "vars" / "main.yml"
        if place.startswith("roles"):
            scopes = [(content, yaml.safe_load(own.read_text(encoding="utf-8")) if own.is_file() else {})]
        else:
            scopes = [(play, play.get("vars", {}) if "hosts" in play else {}) for play in content]
        found += [Call(place, *task, scope) for part, scope in scopes for task in tasks(part, scope)]
    return found


CALLS = calls()
IDS = [f"{call.place}:{call.module}" for call in CALLS]


def sources(value: Any, scope: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """The documented variables that a value is made of."""
    if isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        return {one for part in parts for one in sources(part, scope, seen)}
    if not isinstance(value, str) or "{{" not in value:
        return set()
    used = {node.name for node in jinja2.Environment().parse(value).find_all(nodes.Name)} - seen
    inner = {one for name in used & set(scope) for one in sources(scope[name], scope, seen | used)}
    return inner | (used & set(variables()))


def whole(options: Mapping[str, Any], scope: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each option by its path, with the variables it is made of; what is a dictionary in the YAML by its parts."""
    for option, value in options.items():
        known = scope.get(re.sub(r"[{} ]", "", value)) if isinstance(value, str) else value
        if isinstance(known, Mapping) and option not in WORKED_OUT:
            yield from whole(known, scope, f"{before}{option}.")
        elif (found := sources(value, scope)) and option not in WORKED_OUT:
            yield before + option, found


@pytest.mark.parametrize("call", CALLS, ids=IDS)
def test_each_option_that_a_user_sets_by_a_variable_has_the_name_of_that_variable(call: Call) -> None:
    asked = dict(whole(call.options, call.scope))
    assert {option for option in asked if option not in call.names} == set()
    for option, made_of in asked.items():
        words = re.findall(r"wcs_\S+", call.names[option])
        assert any(fnmatch(name, word) for name in made_of for word in words), (option, made_of)


@pytest.mark.parametrize("call", CALLS, ids=IDS)
def test_each_name_that_a_module_is_told_is_that_of_a_variable(call: Call) -> None:
    known = {word for name in call.names.values() for word in re.findall(r"wcs_\S+", name)}
    assert {word for word in known if not any(fnmatch(name, word) for name in variables())} == set()


def nested(path: str, value: Any) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    return {head: nested(rest, value) if rest else value}


@pytest.mark.parametrize("call", CALLS, ids=IDS)
def test_a_refusal_of_an_option_names_the_variable_and_by_itself_the_option(call: Call) -> None:
    arguments = importlib.import_module(f"plugins.modules.{call.module}").ARGUMENTS
    for option in set(dict(whole(call.options, call.scope))) - {"tags"}:
        if option.partition(".")[0] not in arguments:
            continue  # of all modules of amazon.aws
        with pytest.raises(Failure) as failed:
            checked(nested(option, [None]), arguments, check=False)
        refusal = failed.value.refusal
        assert refusal.sentence().startswith(f"Cannot use option '{option}': it has a null element.")
        assert refusal.sentence(call.names).startswith(f"Cannot use option '{call.names[option]}': ")


@pytest.mark.parametrize(
    ("option", "seen"),
    [
        ("health_check", "wcs_balancer_health_check"),
        ("health_check.path", "wcs_balancer_health_check.path"),
        ("listeners[0].ssl_policy", "wcs_balancer_listeners[0].ssl_policy"),
        ("launch.volumes[1].size", "wcs_autoscaling_volumes[1].size"),
        ("launch", "launch"),
        ("wcs_asg: min_size", "wcs_autoscaling_min_size"),
        ("wcs_asg: max_size", "wcs_asg: max_size"),
    ],
)
def test_the_name_is_that_of_the_longest_part_that_has_one(option: str, seen: str) -> None:
    names = {
        "health_check": "wcs_balancer_health_check",
        "listeners": "wcs_balancer_listeners",
        "launch.volumes": "wcs_autoscaling_volumes",
        "wcs_asg: min_size": "wcs_autoscaling_min_size",
    }
    refusal = Refusal("use", "group", "wcs", f"O({option}) is wrong", f"Set O({option}): true")
    assert refusal.sentence(names) == f"Cannot use group 'wcs': {seen} is wrong. Set {seen}: true."
    assert refusal.sentence() == f"Cannot use group 'wcs': {option} is wrong. Set {option}: true."
    assert named("a thing (of 3) in O (no option)", names) == "a thing (of 3) in O (no option)"


# Every message writes options as options


@cache
def options() -> dict[str, Mapping[str, Any]]:
    """The options of each module, and those that all have."""
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("wcs_*.py")}
    return {name: importlib.import_module(f"plugins.modules.{name}").ARGUMENTS for name in modules}


COMMON = {"region", "profile", "access_key", "secret_key"}
TEXTS = sorted(
    path for path in (ROOT / "plugins").rglob("*.py") if not {"doc_fragments", "_report", "filter"} & set(path.parts)
)
IN_DATA = {"_nodes/fetch", "_scaling/schedules", "_group/journal"}
"""What is returned of a node, where no role is known, members of a list of the user, and the playbook scale_in."""


def texts(path: Path) -> Iterator[str]:
    """What may be a sentence: every string with a space that is neither documentation nor a part of another string."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) or (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"DOCUMENTATION", "EXAMPLES", "RETURN"}
        ):
            hidden.add(node.value)
        elif isinstance(node, ast.JoinedStr) and node not in hidden:
            hidden.update(part for part in ast.walk(node) if part is not node)
            pieces = [str(part.value) if isinstance(part, ast.Constant) else "<>" for part in node.values]
            yield "".join(pieces)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in hidden:
            yield node.value


def has(arguments: Mapping[str, Any], path: list[str]) -> bool:
    option = arguments.get(path[0])
    if option is None:
        return False
    return len(path) == 1 or has(option.get("options") or {}, path[1:])


def exists(option: str) -> bool:
    module, _, name = option.rpartition(": ")
    path = re.sub(r"\[.*?\]", "", name).split(".")
    among = [options()[module]] if module else list(options().values())
    return path[0] in COMMON or any(has(arguments, path) for arguments in among)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT / "plugins")))
def test_each_option_in_a_message_is_there_and_written_as_one(path: Path) -> None:
    sentences = [text for text in texts(path) if " " in text.strip()]
    marked = {found for text in sentences for found in OPTION.findall(text) if "<>" not in found}
    assert {option for option in marked if not exists(option)} == set()
    long_names = {name for arguments in options().values() for name in arguments if "_" in name}
    bare = {
        word
        for text in sentences
        for word in re.findall(r"(?<![\w.:$%])[a-z]+(?:_[a-z]+)+(?![\w(])", OPTION.sub("", text))
        if word in long_names
    }
    assert bare == set() or f"{path.parent.name}/{path.stem}" in IN_DATA
