"""Who may know what: the layers of the collection, read off the source."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from plugins.module_utils._group.calls import EFFECTS

ROOT = Path(__file__).resolve().parents[3]
UTILS_ROOT = ROOT / "plugins" / "module_utils"
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))
UTILS = sorted(UTILS_ROOT.rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))
LAB = sorted((ROOT / "lab").rglob("*.py"))

SEAMS = {
    "_core/module",
    "_core/local",
    "_host/module",
}  # know Ansible: of the modules on the controller, and of those on a WCS host
API = {"_core/aws"}  # knows botocore
TRANSPORT = {  # speak with WCS nodes
    "_nodes/fetch",
    "_nodes/lookup",
    "_nodes/pages",
    "_nodes/certificates",
    "_nodes/demo_pages",
    "_nodes/health_answer",
    "_nodes/threads",
    "_load/mixers",
    "_probe/client",
    "_probe/proof",
}
PARTS = {  # what a module does in one run, and all of them judged in one
    "_parts/balancer",
    "_parts/group",
    "_parts/image",
    "_parts/node_profile",
    "_parts/security_groups",
    "_parts/seed_image",
    "_parts/validate",
}
ENGINES = {"_core/converge", "_core/steer"}
CLOCK = {"_core/clock"}


def room(path: Path) -> str:
    """`folder/file` of a file in module_utils, as the sets above name it; the path from the root for others."""
    return str(path.relative_to(UTILS_ROOT if path.is_relative_to(UTILS_ROOT) else ROOT).with_suffix(""))


WORLDS = {room(path) for path in UTILS if path.stem in ("world", "api") or path.stem.endswith("_world")}
HOST = {
    f"_host/{file}" for file in ("keystore", "cli_password", "service", "settings", "jvm_options")
}  # act on the host through its seam
EDGES = SEAMS | PARTS | HOST | API | TRANSPORT | WORLDS | ENGINES | CLOCK
DOMAIN = [path for path in UTILS if room(path) not in EDGES]

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


def imported(path: Path, among: list[Path]) -> set[Path]:
    """The files among these that a file imports by relative imports, wherever in it."""
    found: set[Path] = set()
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        start = path.parents[node.level - 1]
        target = start.joinpath(*(node.module or "").split(".")) if node.module else start
        for one in (target, *(target / alias.name for alias in node.names)):
            found |= {one.with_suffix(".py"), one / "__init__.py"}
    return found & set(among)


def rooms(path: Path) -> set[str]:
    """The files of module_utils that a file imports, as `folder/file`."""
    return {room(one) for one in imported(path, UTILS) if one.stem != "__init__"}


def strays(paths: list[Path], look: Callable[[Path], set[str]]) -> dict[str, set[str]]:
    """The files that break a rule, and by what."""
    return {str(path.relative_to(ROOT)): found for path in paths if (found := look(path))}


def test_there_is_something_to_judge() -> None:
    assert {"_core/errors", "_image/value", "_core/tags"} <= {room(path) for path in DOMAIN}
    assert EDGES - {room(path) for path in UTILS} == set()
    assert len(LAB) > 10
    assert len(on_a_wcs_host()) > 5


def test_the_domain_knows_only_itself_and_the_standard_library() -> None:
    assert strays(DOMAIN, lambda path: tops(path) - set(sys.stdlib_module_names)) == {}
    assert strays(DOMAIN, lambda path: tops(path) & OUTSIDE) == {}, "input and output belong to the edge"
    assert strays(DOMAIN, lambda path: rooms(path) & (EDGES - ENGINES)) == {}


def test_the_edges_know_nothing_of_ansible() -> None:
    edges = [path for path in UTILS if room(path) in TRANSPORT | WORLDS | ENGINES]
    assert strays(edges, lambda path: rooms(path) & SEAMS) == {}

    def foreign(path: Path) -> set[str]:
        return tops(path) - set(sys.stdlib_module_names) - (PEERS if room(path) in TRANSPORT else set())

    assert strays(edges, foreign) == {}


def test_only_the_api_layer_knows_botocore() -> None:
    others = [path for path in PLUGINS if room(path) not in API]
    assert strays(others, lambda path: tops(path) & {"boto3", "botocore"}) == {}


def test_only_the_seams_answer_ansible() -> None:
    others = [path for path in PLUGINS if room(path) not in SEAMS and path.parent.name != "action"]
    assert strays(others, lambda path: ANSWERS & attributes(path)) == {}


def test_only_the_clock_tells_the_time() -> None:
    others = [path for path in PLUGINS if room(path) not in CLOCK | {"_host/module"} and path.parent.name != "action"]
    assert strays(others, lambda path: tops(path) & {"time"}) == {}


# Folders stand on floors: what lies on one imports only from below, so there is no arrow back and no circle.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("_core",),
    ("_money",),
    (
        *("_balancer", "_scaling", "_launch", "_image", "_host", "_plan", "_report"),
        *("_security_groups", "_seed", "_node_profile"),
    ),
    ("_forecast", "_group"),
    ("_fleet", "_nodes"),
    ("_probe",),
    ("_stack", "_steering", "_parts", "_load"),
    ("_drain",),
    ("_rollout",),
)
LAB_FLOORS: tuple[tuple[str, ...], ...] = (
    ("wcs",),
    ("machines",),
    ("core",),
    ("iam",),
    ("api", "cloudwatch", "ec2"),
    ("elb",),
    ("autoscaling",),
    ("open",),
    ("run",),
    ("demo",),
)


def arrows(files: list[Path], root: Path) -> set[tuple[str, str]]:
    """(from, to) of each import between two folders below the root (files there count as folders of their own)."""
    found = set()
    for path in files:
        here = path.relative_to(root).with_suffix("").parts[0]
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ImportFrom):
                continue
            if node.level:
                start = path.parents[node.level - 1]
                parts = start.joinpath(*(node.module or "").split(".")) if node.module else start
            else:
                parts = ROOT.joinpath(*(node.module or "").split("."))
            names = [parts] if parts != root else [parts / alias.name for alias in node.names]
            for name in names:
                if name.is_relative_to(root) and name != root and (there := name.relative_to(root).parts[0]) != here:
                    found.add((here, there))
    return found


@pytest.mark.parametrize(
    ("files", "root", "floors"),
    [(UTILS, UTILS_ROOT, FLOORS), (LAB, ROOT / "lab", LAB_FLOORS)],
    ids=["module_utils", "lab"],
)
def test_folders_stand_on_floors(files: list[Path], root: Path, floors: tuple[tuple[str, ...], ...]) -> None:
    floor = {name: number for number, names in enumerate(floors) for name in names}
    folders = {path.relative_to(root).with_suffix("").parts[0] for path in files} - {"__init__", "__main__"}
    assert folders == set(floor), "each folder has its floor"
    up = sorted((a, b) for a, b in arrows(files, root) if a in floor and floor.get(b, 0) >= floor[a])
    assert up == [], "imports that go sideways or back up"


def circles(graph: dict[str, set[str]]) -> list[str]:
    """What is left of a graph when all that depends on nothing is taken away, again and again."""
    left = {name: set(others) for name, others in graph.items()}
    while free := [name for name, others in left.items() if not others & set(left)]:
        for name in free:
            del left[name]
    return sorted(left)


@pytest.mark.parametrize("files", [UTILS, LAB], ids=["module_utils", "lab"])
def test_no_file_is_in_a_circle(files: list[Path]) -> None:
    assert circles({room(path): {room(one) for one in imported(path, files) - {path}} for path in files}) == []


ENGINE = "plugins.module_utils._forecast."
"""What the lab has of the plugins: the rules of Auto Scaling and CloudWatch, by which it acts and a forecast counts."""


def test_plugins_know_nothing_of_the_lab() -> None:
    assert strays(PLUGINS, lambda path: tops(path) & {"lab", "moto"}) == {}


def test_the_lab_knows_of_the_plugins_only_the_rules_of_scaling() -> None:
    def foreign(path: Path) -> set[str]:
        return {name for name in imports(path) if name.split(".")[0] == "plugins" and not name.startswith(ENGINE)}

    assert strays(LAB, lambda path: tops(path) & {"ansible", "ansible_collections"}) == {}
    assert strays(LAB, foreign) == {}
    named = {name.removeprefix(ENGINE).split(".")[0] for path in LAB for name in imports(path) if ENGINE in name}
    found = [path for path in UTILS if path.parent.name == "_forecast" and path.stem in named]
    assert len(found) == len(named) > 2
    for path in found:
        found += [one for one in imported(path, UTILS) if one not in found and one.stem != "__init__"]
    assert {room(path) for path in found if path.parent.name != "_forecast"} <= {"_core/plain"}


def on_a_wcs_host() -> list[Path]:
    """What a WCS host's own Python runs: host-side modules with all they import, roles' files, the stand-in."""
    at = {room(path): path for path in UTILS}
    found: list[Path] = [path for path in MODULES if "_host/module" in rooms(path)]
    for path in found:
        found += [at[name] for name in sorted(rooms(path)) if at[name] not in found]
    metrics = [at["_nodes/stats"], ROOT / "roles" / "wcs_server" / "files" / "wcs-metrics"]
    return (
        found
        + metrics
        + sorted((ROOT / "roles").rglob("files/**/*.py"))
        + [path for path in LAB if "wcs" in path.parts]
    )


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


# One reader a call, one meaning a name

READ = re.compile(r"^(Describe|Get|List|Lookup)[A-Z][A-Za-z]+$")


def test_each_read_of_aws_is_named_in_one_file() -> None:
    named: dict[str, set[str]] = {}
    for path in PLUGINS:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and READ.match(node.value):
                named.setdefault(node.value, set()).add(room(path))
    assert len(named) > 20
    assert {operation: sorted(files) for operation, files in named.items() if len(files) > 1} == {}
    readers = {file for files in named.values() for file in files}
    assert {file for file in readers if not file.endswith("/api")} == set(), "reads stand in an api.py"


def test_each_write_of_a_group_is_made_in_one_file() -> None:
    writes = {"CreateAutoScalingGroup", *EFFECTS} - {"DeleteTags"}  # which is EC2's, too
    made: dict[str, set[str]] = {}
    for path in PLUGINS:
        for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
            for arg in call.args:
                if isinstance(arg, ast.Constant) and arg.value in writes:
                    made.setdefault(str(arg.value), set()).add(room(path))
    assert made == {operation: {"_group/calls"} for operation in writes}


def test_a_class_name_has_one_meaning() -> None:
    named: dict[str, list[str]] = {}
    for path in PLUGINS:
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name not in (
                "ActionModule",
                "FilterModule",
                "ModuleDocFragment",
            ):
                named.setdefault(node.name.lstrip("_"), []).append(room(path))
    assert {name: files for name, files in named.items() if len(files) > 1} == {}


# What one reads to change a module

SHARED = {"api", "calls", "health", "health_answer", "journal", "readiness", "value"}
"""The files of a folder that hold what others may take as its answer, and its write calls."""
WHOLE = {"_nodes", "_probe"}  # steering reads pages and opens sessions with all that they have


def reading() -> dict[str, tuple[set[str], set[str]]]:
    """By module the folders to read, and those that are asked, as CONTRIBUTING says."""
    found = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        cells = [set(re.findall(r"`(\w+)`", cell)) for cell in line.strip("|").split("|")]
        if len(cells) == 3 and line.startswith("| `wcs_"):
            found |= dict.fromkeys(cells[0], (cells[1], cells[2]))
    return found


def reached(module: Path, read: set[str]) -> tuple[set[str], set[str]]:
    """The folders that a module reaches by way of those to read, and the files beyond them that these import."""
    at = {room(path): path for path in UTILS}
    folders: set[str] = set()
    beyond: set[str] = set()
    seen: set[str] = set()
    left = sorted(rooms(module))
    while left:
        here = left.pop()
        folder = here.split("/")[0]
        folders.add(folder)
        if folder not in read:
            beyond.add(here)
        elif here not in seen:
            seen.add(here)
            left += sorted(rooms(at[here]))
    return folders, beyond


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_contributing_says_what_to_read_to_change_a_module(module: Path) -> None:
    read, asked = reading()[module.stem]
    folders, beyond = reached(module, read)
    assert (folders & read, folders - read) == (read, asked)
    strange = {one for one in beyond if one.split("/")[0] not in WHOLE and one.split("/")[1] not in SHARED}
    assert strange == set(), "of a folder that is only asked, more than its answers is used"


def test_contributing_shows_each_folder_on_its_floor_and_each_module() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    picture = text.partition("    ------")[2].partition("\n\n")[0]
    rows = [set(found) for line in picture.splitlines() if (found := re.findall(r"(?<!\w)_[a-z_]+", line))]
    floor = {name: at for at, names in enumerate(FLOORS) for name in names}
    heights = [{floor[name] for name in row} for row in rows]
    assert all(len(row) == 1 for row in heights)
    assert heights == sorted(heights, key=max, reverse=True)  # a floor may have two rows
    assert set().union(*rows) == {
        path.name for path in (ROOT / "plugins" / "module_utils").glob("_*") if path.is_dir()
    } - {"__pycache__"}
    modules = set(re.findall(r"^\| (`wcs_\w+`(?:, `wcs_\w+`)*) \|", text, re.M))
    named = {name for row in modules for name in re.findall(r"wcs_\w+", row)}
    assert named == {path.stem for path in (ROOT / "plugins" / "modules").glob("wcs_*.py")}
    for table in re.findall(r"^\| `wcs_.*", text, re.M):
        assert set(re.findall(r"`(_\w+)`", table)) <= set().union(*rows)


def test_the_readme_names_each_playbook_and_role() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [path.stem for path in (ROOT / "playbooks").glob("*.yml")]
    names += [path.name for path in (ROOT / "roles").iterdir() if path.is_dir()]
    assert [name for name in names if f"`{name}`" not in text] == []
