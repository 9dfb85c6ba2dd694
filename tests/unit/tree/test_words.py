"""Plain words: names that only this project used stand nowhere in its code, options, return keys and playbooks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CODE = sorted(path for part in ("plugins", "tests", "lab") for path in (ROOT / part).rglob("*.py"))
PLAYS = sorted(path for part in ("roles", "playbooks") for path in (ROOT / part).rglob("*.yml"))
GONE = {"told", "sea", "voyage", "deed", "sight", "sighted", "manner", "outlook", "soundness"}
"""As words of a name: `_told`, `TOLD` and `told_by` count."""
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


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_of_ours_is_one_that_only_we_use(path: Path) -> None:
    used = {name for name in names(path) if words(name) & GONE}
    assert used == set()
    assert words(path.stem) & GONE == set()


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
    assert {key for key in keys if words(key) & GONE} == set()
