"""Who may know what: the layers of the collection, read off the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
UTILS = sorted((ROOT / "plugins" / "module_utils").glob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
LAB = sorted((ROOT / "lab").rglob("*.py"))

SEAMS = {"_module", "_host"}  # know Ansible: of the modules on the controller, and of those on a WCS host
HOST_SIDE = {"_host"}
WORLDS = {path.stem for path in UTILS if path.stem.endswith("_world")}  # read and write through _aws
TRANSPORT = {path.stem for path in UTILS if path.stem.startswith(("_stats_", "_websocket_"))}  # speak with WCS nodes
EDGES = SEAMS | WORLDS | TRANSPORT | {"_aws", "_plan"}
DOMAIN = [path for path in UTILS if path.stem not in EDGES]

OUTSIDE = {
    "asyncio",
    "http",
    "os",
    "random",
    "select",
    "shutil",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
}
PEERS = {"requests", "websockets", "urllib3"}
ANSWERS = {"check_mode", "exit_json", "fail_json", "fail_json_aws"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """What a file imports anywhere: absolute names as they are, relative ones with their dots."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path) if not name.startswith(".")}


def siblings(path: Path) -> set[str]:
    """The files of module_utils that a file imports."""
    return {part for name in imports(path) if name.startswith(".") for part in name.split(".")} & {
        p.stem for p in UTILS
    }


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=[str(path.relative_to(ROOT)) for path in paths])


@each(DOMAIN)
def test_the_domain_knows_only_itself_and_the_standard_library(path: Path) -> None:
    assert tops(path) - set(sys.stdlib_module_names) == set()
    assert tops(path) & OUTSIDE == set(), "input and output belong to the edge"
    assert siblings(path) & (EDGES - {"_plan"}) == set()


@each([path for path in UTILS if path.stem in TRANSPORT | WORLDS | {"_plan"}])
def test_the_edges_know_nothing_of_ansible(path: Path) -> None:
    known = PEERS if path.stem in TRANSPORT else set()
    assert tops(path) - set(sys.stdlib_module_names) - known == set()
    assert siblings(path) & SEAMS == set()


@each([path for path in PLUGINS if path.stem != "_aws"])
def test_only_the_api_layer_knows_botocore(path: Path) -> None:
    assert tops(path) & {"boto3", "botocore"} == set()


@each([path for path in PLUGINS if path.stem not in SEAMS and path.parent.name != "action"])
def test_only_the_seams_answer_ansible(path: Path) -> None:
    named = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
    assert named & ANSWERS == set()


@each([path for path in PLUGINS if path.stem not in {"_plan"} | HOST_SIDE and path.parent.name != "action"])
def test_only_the_plan_waits(path: Path) -> None:
    assert "time" not in tops(path)


@each(PLUGINS)
def test_no_plugin_knows_the_lab(path: Path) -> None:
    assert tops(path) & {"lab", "moto"} == set()


@each(LAB)
def test_the_lab_knows_no_plugin(path: Path) -> None:
    assert tops(path) & {"plugins", "ansible", "ansible_collections"} == set()


def on_a_wcs_host() -> list[Path]:
    """What a WCS host's own Python runs: host-side modules with all they import, roles' files, the stand-in."""
    at_stem = {path.stem: path for path in UTILS}
    found: list[Path] = [path for path in MODULES if siblings(path) & HOST_SIDE]
    for path in found:
        found += [at_stem[stem] for stem in sorted(siblings(path)) if at_stem[stem] not in found]
    return found + sorted((ROOT / "roles").rglob("files/**/*.py")) + [path for path in LAB if "wcs" in path.parts]


def is_union(node: ast.AST) -> bool:
    """Whether this is `X | Y` of types, by the look of their names."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitOr):
        return False
    names = [part.id for part in (node.left, node.right) if isinstance(part, ast.Name)]
    builtin = {"bool", "bytes", "dict", "float", "int", "list", "str"}
    return any(name in builtin or (name[0].isupper() and not name.isupper()) for name in names)


def annotated(path: Path) -> set[int]:
    """The nodes of annotations, which `from __future__ import annotations` leaves unread."""
    kinds = (ast.arg, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef)
    notes = [
        note
        for node in ast.walk(tree(path))
        if isinstance(node, kinds)
        for note in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if note
    ]
    return {id(part) for note in notes for part in ast.walk(note)}


@each(on_a_wcs_host())
def test_what_runs_on_a_wcs_host_is_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))
    newer = {
        f"{ast.unparse(call.func)}({word.arg}=)"
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call)
        for word in call.keywords
        if (ast.unparse(call.func), word.arg) in {("zip", "strict"), ("dataclass", "slots"), ("dataclass", "kw_only")}
    }
    newer |= {ast.unparse(node) for node in ast.walk(tree(path)) if is_union(node) and id(node) not in annotated(path)}
    assert newer == set()
    assert "itertools.pairwise" not in set(imports(path))
