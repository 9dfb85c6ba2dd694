"""At every depth of every argument spec an alias says the same as its name (O1), and a list the same in one line."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from plugins.module_utils._core.module import checked

ROOT = Path(__file__).resolve().parents[3]
SPECS = {
    path.stem: importlib.import_module(f"plugins.modules.{path.stem}").ARGUMENTS
    for path in sorted((ROOT / "plugins" / "modules").glob("wcs_*.py"))
}
SAMPLES: dict[str, Any] = {"int": 3, "float": 2.5, "bool": True, "list": [], "dict": {}, "path": "/x", "raw": "x"}


def sample(spec: Mapping[str, Any]) -> Any:
    """A value that the spec takes."""
    if "choices" in spec:
        return [spec["choices"][0]] if spec.get("type") == "list" else spec["choices"][0]
    if "options" in spec:
        inner = required(spec["options"])
        return [inner] if spec.get("type") == "list" else inner
    return SAMPLES.get(spec.get("type", "str"), "x1")


def required(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sample(spec) for name, spec in options.items() if spec.get("required")}


def aliases(options: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """(path to the option, alias) of each alias."""
    for name, spec in options.items():
        yield from (((*at, name), alias) for alias in spec.get("aliases", ()))
        yield from aliases(spec.get("options") or {}, (*at, name))


def of_texts(options: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path to each option that is a list of any texts."""
    for name, spec in options.items():
        if spec.get("elements") == "str" and "choices" not in spec:
            yield (*at, name)
        yield from of_texts(spec.get("options") or {}, (*at, name))


def given(options: Mapping[str, Any], path: tuple[str, ...], word: str, value: Any = None) -> dict[str, Any]:
    """Parameters in which the option at the path is given, by that word."""
    name, *rest = path
    spec, whole = options[name], required(options)
    if not rest:
        whole.pop(name, None)
        return {**whole, word: sample(spec) if value is None else value}
    inner = given(spec["options"], tuple(rest), word, value)
    return {**whole, name: [inner] if spec.get("type") == "list" else inner}


def taken(spec: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters as Ansible hands them over, and the module takes them."""
    result = ArgumentSpecValidator(dict(spec)).validate(dict(params))
    assert not result.error_messages, result.error_messages
    return checked(result.validated_parameters, spec, True)


CASES = [(module, path, alias) for module, spec in SPECS.items() for path, alias in aliases(spec)]


@pytest.mark.parametrize(("module", "path", "alias"), CASES, ids=[f"{m}-{'.'.join(p)}-{a}" for m, p, a in CASES])
def test_an_alias_says_the_same_as_its_name(module: str, path: tuple[str, ...], alias: str) -> None:
    spec = SPECS[module]
    assert taken(spec, given(spec, path, path[-1])) == taken(spec, given(spec, path, alias))


LISTS = [(module, path) for module, spec in SPECS.items() for path in of_texts(spec)]


@pytest.mark.parametrize(("module", "path"), LISTS, ids=[f"{m}-{'.'.join(p)}" for m, p in LISTS])
def test_a_list_in_one_line_may_have_blanks(module: str, path: tuple[str, ...]) -> None:
    spec = SPECS[module]
    whole, line = (taken(spec, given(spec, path, path[-1], value)) for value in (["x1", "x2"], "x1, x2"))
    assert whole == line


def test_there_are_some_to_try() -> None:
    assert len(LISTS) > 20
    assert len(CASES) >= 6
    assert any(len(path) > 2 for _, path, _ in CASES)
