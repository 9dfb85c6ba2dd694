"""What steering says names the options and values that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from plugins.modules import wcs_asg, wcs_classic_elb, wcs_drain, wcs_rollout

UTILS = Path(__file__).resolve().parents[3] / "plugins" / "module_utils"
FILES = (
    "_drain/decide",
    "_drain/rules",
    "_steering/leaving",
    "_steering/sessions_world",
    "_rollout/rules",
    "_rollout/back",
    "_rollout/decide",
)
MODULES = {module.__name__.rpartition(".")[2]: module for module in (wcs_asg, wcs_classic_elb, wcs_drain, wcs_rollout)}
OPTIONS = [option for module in MODULES.values() for option in module.ARGUMENTS.items()]
KNOWN = {*MODULES, *(name for name, _ in OPTIONS), *(word for _, spec in OPTIONS for word in spec.get("choices", ()))}
NAME = re.compile(r"\b[a-z]+_[a-z_]*[a-z]\b")


def sentences(path: Path) -> list[str]:
    """The texts of a file that people read: those with a blank in them, documentation aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in documentation]
    return [str(node.value) for node in strings if isinstance(node.value, str) and " " in node.value]


@pytest.mark.parametrize("file", FILES)
def test_options_are_called_by_their_names(file: str) -> None:
    answer = sentences(UTILS / f"{file}.py")
    assert answer
    assert sorted({name for text in answer for name in NAME.findall(text)} - KNOWN) == []
