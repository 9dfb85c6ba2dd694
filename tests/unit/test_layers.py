"""Who may know what: the layers of the collection, read off the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

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
PEERS = {"cryptography", "requests", "websockets", "urllib3"}
ANSWERS = {"check_mode", "exit_json", "fail_json", "fail_json_aws"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}


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


def strays(paths: list[Path], look: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """The files that break a rule, and by what."""
    return {str(path.relative_to(ROOT)): found for path in paths if (found := look(path))}


def test_there_is_something_to_judge() -> None:
    assert {"_errors", "_image", "_tags"} <= {path.stem for path in DOMAIN}
    assert len(LAB) > 10
    assert len(on_a_wcs_host()) > 5


def test_the_domain_knows_only_itself_and_the_standard_library() -> None:
    assert strays(DOMAIN, lambda path: tops(path) - set(sys.stdlib_module_names)) == {}
    assert strays(DOMAIN, lambda path: tops(path) & OUTSIDE) == {}, "input and output belong to the edge"
    assert strays(DOMAIN, lambda path: siblings(path) & (EDGES - {"_plan"})) == {}


def test_the_edges_know_nothing_of_ansible() -> None:
    edges = [path for path in UTILS if path.stem in TRANSPORT | WORLDS | {"_plan"}]
    assert strays(edges, lambda path: siblings(path) & SEAMS) == {}

    def foreign(path: Path) -> set[str]:
        return tops(path) - set(sys.stdlib_module_names) - (PEERS if path.stem in TRANSPORT else set())

    assert strays(edges, foreign) == {}


def test_only_the_api_layer_knows_botocore() -> None:
    others = [path for path in PLUGINS if path.stem != "_aws"]
    assert strays(others, lambda path: tops(path) & {"boto3", "botocore"}) == {}


def test_only_the_seams_answer_ansible() -> None:
    others = [path for path in PLUGINS if path.stem not in SEAMS and path.parent.name != "action"]
    assert strays(others, lambda path: ANSWERS & attributes(path)) == {}


def test_only_the_plan_waits() -> None:
    others = [path for path in PLUGINS if path.stem not in {"_plan"} | HOST_SIDE and path.parent.name != "action"]
    assert strays(others, lambda path: tops(path) & {"time"}) == {}


def test_lab_and_plugins_know_nothing_of_each_other() -> None:
    assert strays(PLUGINS, lambda path: tops(path) & {"lab", "moto"}) == {}
    assert strays(LAB, lambda path: tops(path) & {"plugins", "ansible", "ansible_collections"}) == {}


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


def newer_than_3_9(path: Path) -> set[str]:
    """What Python 3.9 cannot run in a file: syntax, arguments, unions of types that are read when it runs."""
    try:
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))
    except SyntaxError as error:
        return {str(error)}
    words = {("zip", "strict"), ("dataclass", "slots"), ("dataclass", "kw_only")}
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    found = {
        f"{call.func.id}({word.arg}=)"
        for call in calls
        for word in call.keywords
        if isinstance(call.func, ast.Name) and (call.func.id, word.arg) in words
    }
    notes = annotated(path)
    found |= {ast.unparse(node) for node in ast.walk(tree(path)) if is_union(node) and id(node) not in notes}
    return found | ({"itertools.pairwise"} & set(imports(path)))


def test_what_runs_on_a_wcs_host_is_python_3_9() -> None:
    assert strays(on_a_wcs_host(), newer_than_3_9) == {}
