"""Who may know what: the layers of the collection, read off the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.house import FLOORS, INSTALLED, LAB_FLOORS, ROOT, House, tree

HOUSE = House(ROOT)
UTILS, PLUGINS, LAB = HOUSE.utils, HOUSE.plugins, HOUSE.lab

SEAMS = {
    "_core/module",
    "_core/local",
    "_host/module",
}  # know Ansible: of the modules on the controller, and of those on a WCS host
BOTOCORE = {"_core/aws_errors", "_core/clients"}  # know it
API = {"_core/aws", *BOTOCORE}
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
    "_parts/seed",
    "_parts/seed_image",
    "_parts/validate",
}
ENGINES = {"_core/converge", "_core/steer"}
CLOCK = {"_core/clock"}
SIGNALS = {"_core/signals"}  # and the threads that leave them alone


HOST = {
    f"_host/{file}" for file in ("keystore", "cli_password", "service", "settings", "jvm_options")
}  # act on the host through its seam
EDGES = SEAMS | PARTS | HOST | API | TRANSPORT | ENGINES | CLOCK | SIGNALS
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
OTHERS = {"cryptography", "requests", "websockets", "urllib3"}
ANSWERS = {"check_mode", "exit_json", "fail_json", "fail_json_aws"}


BY_NAME = {"importlib", "pkgutil", "runpy"}
"""What imports by a name that only a run knows, so that no arrow is seen."""
BY_DESIGN = {"lab/core/corrections", "lab/machines/at_speed"}
"""Reads all files of the packages that correct moto; starts the program that it is given. (`plugins/action/in_place`
has the import in the text of the program that it makes.)"""
KINDS = {"action": {"action"}, "filter": {"filter"}}
"""The kinds of plugins that use others of their kind; all of them use module_utils."""


def world(path: Path) -> bool:
    return path.stem in ("world", "api") or path.stem.endswith("_world")


def a_run(path: Path) -> bool:
    """What a module does in one run: it has the run's AWS, clock and progress, and asks whom it likes."""
    return path.stem == "run" or path.stem.endswith("_run")


def runs(house: House) -> list[Path]:
    return [path for path in house.utils if house.room(path) in PARTS or a_run(path)]


def domain(house: House) -> list[Path]:
    return [path for path in house.utils if not (house.room(path) in EDGES or world(path) or a_run(path))]


def edges(house: House) -> list[Path]:
    return [path for path in house.utils if house.room(path) in TRANSPORT | ENGINES or world(path)]


def foreign(house: House, path: Path) -> set[str]:
    """The packages that a file imports from, beside the standard library and the plugins."""
    return house.tops(path) - set(sys.stdlib_module_names) - {"plugins"}


def attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}


def named(path: Path) -> set[str]:
    return {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}


Strays = dict[str, set[str]]
"""The files that break a rule, and by what."""


def strays(house: House, paths: Iterable[Path], look: Callable[[Path], set[str]]) -> Strays:
    return {str(path.relative_to(house.root)): found for path in paths if (found := look(path))}


def up(house: House, package: str, floors: tuple[tuple[str, ...], ...]) -> Strays:
    """The imports that go sideways or back up."""
    floor = {name: number for number, names in enumerate(floors) for name in names}
    arrows = house.arrows(package)
    return strays(
        house, arrows, lambda path: {b for a, b in arrows[path] if a in floor and floor.get(b, 0) >= floor[a]}
    )


def circles(graph: dict[str, set[str]]) -> list[str]:
    """What is left of a graph when all that depends on nothing is taken away, again and again."""
    left = {name: set(others) for name, others in graph.items()}
    while free := [name for name, others in left.items() if not others & set(left)]:
        for name in free:
            del left[name]
    return sorted(left)


def in_circles(house: House, files: list[Path]) -> Strays:
    graph = {house.room(path): {house.room(one) for one in house.imported(path, files) - {path}} for path in files}
    left = circles(graph)
    return strays(house, files, lambda path: graph[house.room(path)] & set(left) if house.room(path) in left else set())


# The rules: each gives the files of a tree that break it


def the_domain_has_the_standard_library_only(house: House) -> Strays:
    return strays(house, domain(house), lambda path: foreign(house, path))


def the_domain_has_no_input_and_output(house: House) -> Strays:
    return strays(house, domain(house), lambda path: house.tops(path) & OUTSIDE)


def the_domain_has_no_edge(house: House) -> Strays:
    worlds = {house.room(path) for path in house.utils if world(path) or a_run(path)}
    return strays(house, domain(house), lambda path: house.rooms(path) & ((EDGES | worlds) - ENGINES))


def the_edges_know_nothing_of_ansible(house: House) -> Strays:
    seams = strays(house, edges(house), lambda path: house.rooms(path) & SEAMS)
    return seams | strays(
        house, edges(house), lambda path: foreign(house, path) - (OTHERS if house.room(path) in TRANSPORT else set())
    )


def a_run_knows_aws_nodes_and_ansible_by_ours_only(house: House) -> Strays:
    return strays(house, runs(house), lambda path: foreign(house, path) | (house.tops(path) & (OUTSIDE - {"asyncio"})))


def only_the_api_layer_knows_botocore(house: House) -> Strays:
    others = [path for path in house.plugins if house.room(path) not in BOTOCORE]
    return strays(house, others, lambda path: house.tops(path) & {"boto3", "botocore"})


def only_the_seams_answer_ansible(house: House) -> Strays:
    others = [path for path in house.plugins if house.room(path) not in SEAMS and path.parent.name != "action"]
    return strays(house, others, lambda path: ANSWERS & attributes(path))


def only_the_clock_tells_the_time(house: House) -> Strays:
    known = CLOCK | {"_host/module"}
    others = [path for path in house.plugins if house.room(path) not in known and path.parent.name != "action"]
    return strays(house, others, lambda path: house.tops(path) & {"time"})


def a_folder_of_module_utils_imports_from_below(house: House) -> Strays:
    return up(house, "plugins.module_utils", FLOORS)


def a_folder_of_the_lab_imports_from_below(house: House) -> Strays:
    return up(house, "lab", LAB_FLOORS)


def no_file_of_module_utils_is_in_a_circle(house: House) -> Strays:
    return in_circles(house, house.utils)


def no_file_of_the_lab_is_in_a_circle(house: House) -> Strays:
    return in_circles(house, house.lab)


def plugins_use_module_utils_only(house: House) -> Strays:
    def others(path: Path) -> set[str]:
        kind = path.relative_to(house.root / "plugins").parts[0]
        used = {name.split(".")[1] for name in house.imports(path) if name.startswith("plugins.")}
        return used - {"module_utils"} - KINDS.get(kind, set())

    return strays(house, house.plugins, others)


TEXTS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
PASSED_ON = (ast.Expr, ast.Call, ast.Name, ast.Attribute, ast.Load, ast.keyword)
"""What the one call in a module's `main` is made of: names of what is imported."""


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def of_a_module(node: ast.stmt) -> bool:
    """Whether a module file may hold this: documentation, imports, a `main` of one call, and its start."""
    if is_text(node):
        return True
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) in TEXTS and isinstance(node.value, ast.Constant)
    if isinstance(node, ast.FunctionDef) and node.name == "main" and not node.args.args:
        call = [one for one in node.body if not is_text(one)]
        parts = [part for one in call for part in ast.walk(one)]
        calls = sum(isinstance(part, ast.Call) for part in parts)
        return len(call) == 1 and calls == 1 and all(isinstance(part, PASSED_ON) for part in parts)
    return isinstance(node, ast.ImportFrom) or ast.unparse(node) == "if __name__ == '__main__':\n    main()"


def a_module_is_documentation_and_a_main_of_one_call(house: House) -> Strays:
    def others(path: Path) -> set[str]:
        return {ast.unparse(node) for node in tree(path).body if not of_a_module(node)}

    return strays(house, house.modules, others)


def a_module_knows_its_options_its_run_and_a_seam_only(house: House) -> Strays:
    known = SEAMS | HOST | {"_probe/client"}  # which knows whether a library is missing
    known |= {house.room(path) for path in house.utils if path.stem == "options" or path.stem.endswith("_options")}
    known |= {house.room(path) for path in runs(house)}
    return strays(house, house.modules, lambda path: house.rooms(path) - known)


def plugins_know_nothing_of_the_lab(house: House) -> Strays:
    return strays(house, house.plugins, lambda path: house.tops(path) & {"lab", "moto"})


ENGINE = "plugins.module_utils._forecast."
"""What the lab has of the plugins: the rules of Auto Scaling and CloudWatch, by which it acts and a forecast counts."""


def the_lab_knows_the_rules_of_scaling_only(house: House) -> Strays:
    def others(path: Path) -> set[str]:
        ours = {name for name in house.imports(path) if name.startswith("plugins.") and not name.startswith(ENGINE)}
        return (ours - {ENGINE.rstrip(".")}) | (house.tops(path) & {"ansible", "ansible_collections"})

    return strays(house, house.lab, others)


def nothing_is_imported_by_a_name_made_in_a_run(house: House) -> Strays:
    others = [path for path in (*house.plugins, *house.lab) if house.room(path) not in BY_DESIGN]
    return strays(house, others, lambda path: (house.tops(path) & BY_NAME) | (named(path) & {"__import__"}))


RULES = (
    the_domain_has_the_standard_library_only,
    the_domain_has_no_input_and_output,
    the_domain_has_no_edge,
    the_edges_know_nothing_of_ansible,
    a_run_knows_aws_nodes_and_ansible_by_ours_only,
    only_the_api_layer_knows_botocore,
    only_the_seams_answer_ansible,
    only_the_clock_tells_the_time,
    a_folder_of_module_utils_imports_from_below,
    a_folder_of_the_lab_imports_from_below,
    no_file_of_module_utils_is_in_a_circle,
    no_file_of_the_lab_is_in_a_circle,
    plugins_use_module_utils_only,
    a_module_is_documentation_and_a_main_of_one_call,
    a_module_knows_its_options_its_run_and_a_seam_only,
    plugins_know_nothing_of_the_lab,
    the_lab_knows_the_rules_of_scaling_only,
    nothing_is_imported_by_a_name_made_in_a_run,
)
Rule = Callable[[House], Strays]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_each_rule(rule: Rule) -> None:
    assert rule(HOUSE) == {}


def test_there_is_something_to_judge() -> None:
    assert {"_core/errors", "_image/value", "_core/tags"} <= {HOUSE.room(path) for path in domain(HOUSE)}
    assert EDGES - {HOUSE.room(path) for path in UTILS} == set()
    assert BY_DESIGN - {HOUSE.room(path) for path in LAB} == set()
    assert len(edges(HOUSE)) > 20
    assert len(runs(HOUSE)) > 15
    assert len(HOUSE.modules) > 20
    assert len(LAB) > 10
    assert len(on_a_wcs_host()) > 5


@pytest.mark.parametrize(
    ("package", "floors"), [("plugins.module_utils", FLOORS), ("lab", LAB_FLOORS)], ids=["module_utils", "lab"]
)
def test_each_folder_has_its_floor(package: str, floors: tuple[tuple[str, ...], ...]) -> None:
    root = ROOT.joinpath(*package.split("."))
    folders = {path.relative_to(root).with_suffix("").parts[0] for path in root.rglob("*.py")}
    assert folders - {"__init__", "__main__"} == {name for names in floors for name in names}


SMALL = (
    *("lab/core/dates", "lab/core/lab", "lab/run/cli", "lab/open", "lab/core/corrections"),
    *("plugins/modules/wcs_ami", "plugins/modules/wcs_asg", "plugins/action/wcs_asg", "plugins/action/waiting"),
    *(f"plugins/module_utils/{one}" for one in ("_core/module", "_core/aws", "_core/plain", "_group/api")),
    *(f"plugins/module_utils/{one}" for one in ("_group/value", "_forecast/decide")),
    *(f"plugins/module_utils/_rollout/{one}" for one in ("decide", "options", "run")),
)


def small(root: Path, *written: tuple[str, str]) -> House:
    """A tree of empty files, but for what is written into some."""
    for one in SMALL:
        root.joinpath(f"{one}.py").parent.mkdir(parents=True, exist_ok=True)
        root.joinpath(f"{one}.py").touch()
    for one, text in written:
        assert one in SMALL
        root.joinpath(f"{one}.py").write_text(text + "\n", encoding="utf-8")
    return House(root)


CORE, DATES, AMI = "plugins/module_utils/_core/module", "lab/core/dates", "plugins/modules/wcs_ami"
MAIN = "from .x import run\n\ndef main():\n    "
RUN = "plugins/module_utils/_rollout/run"
VALUE, READS = "plugins/module_utils/_group/value", "plugins/module_utils/_group/api"
floors_of_plugins, floors_of_lab = a_folder_of_module_utils_imports_from_below, a_folder_of_the_lab_imports_from_below


@pytest.mark.parametrize(
    ("rule", "file", "line"),
    [
        *(
            (floors_of_plugins, CORE, line)
            for line in (
                f"from {INSTALLED}plugins.module_utils._rollout.decide import decide",
                f"from {INSTALLED}plugins.module_utils._rollout import decide",
                f"from {INSTALLED}plugins.module_utils import _rollout",
                f"import {INSTALLED}plugins.module_utils._rollout.decide as decide",
                "import plugins.module_utils._rollout.decide",
                "from plugins.module_utils._rollout import decide",
                "from .._rollout import decide",
                "from .._rollout.decide import decide",
                "from .. import _rollout",
                "def late():\n    from ...module_utils._rollout import decide",
            )
        ),
        *(
            (floors_of_lab, DATES, line)
            for line in (
                "import lab.run.cli",
                "import lab.open as start",
                "from lab.run import cli",
                "from lab import open",
                "from ..run.cli import main",
                "from .. import open",
            )
        ),
        *((plugins_use_module_utils_only, AMI, line) for line in (
            "from . import wcs_asg",
            "from .wcs_asg import main",
            "from plugins.modules import wcs_asg",
            f"import {INSTALLED}plugins.modules.wcs_asg",
            "from ..action import waiting",
        )),
        *((a_module_is_documentation_and_a_main_of_one_call, AMI, line) for line in (
            "ARGUMENTS = {}",
            "RETURN = str(1)",
            "import re",
            "def look(params): ...",
            "class Run: ...",
            "if __name__ == '__main__':\n    print()",
            MAIN + "pass",
            MAIN + "run()\n    run()",
            MAIN + "return run()",
            MAIN + "run(lambda: 1)",
            MAIN + "run(1)",
            MAIN + "run(run())",
            MAIN + "if run: run()",
        )),
        *((a_module_knows_its_options_its_run_and_a_seam_only, AMI, line) for line in (
            "from ..module_utils._group.value import Member",
            "from ..module_utils._group import api",
        )),
        *((a_run_knows_aws_nodes_and_ansible_by_ours_only, RUN, line) for line in (
            "import requests",
            "import socket",
            "from ansible.module_utils import basic",
        )),
        (the_domain_has_no_edge, VALUE, "from .._rollout.run import manage"),
        (plugins_use_module_utils_only, CORE, "from ...modules import wcs_asg"),
        (plugins_use_module_utils_only, "plugins/action/waiting", "from ..modules import wcs_asg"),
        *((plugins_know_nothing_of_the_lab, CORE, line) for line in ("import lab.open", "from lab import open")),
        (the_domain_has_the_standard_library_only, VALUE, "import lab.open"),
        (the_domain_has_the_standard_library_only, VALUE, "import ansible_collections.amazon.aws.plugins"),
        (the_domain_has_no_input_and_output, VALUE, "import os.path as somewhere"),
        (the_domain_has_no_edge, VALUE, "from . import api"),
        (the_domain_has_no_edge, VALUE, "import plugins.module_utils._core.aws"),
        (the_domain_has_no_edge, VALUE, f"from {INSTALLED}plugins.module_utils._core.aws import Aws"),
        (the_edges_know_nothing_of_ansible, READS, "import plugins.module_utils._core.module as module"),
        (the_edges_know_nothing_of_ansible, READS, "from ansible.module_utils import basic"),
        (only_the_api_layer_knows_botocore, AMI, "import botocore.exceptions as failed"),
        (only_the_clock_tells_the_time, AMI, "from time import sleep"),
        (the_lab_knows_the_rules_of_scaling_only, DATES, "import plugins.module_utils._group.value"),
        (the_lab_knows_the_rules_of_scaling_only, DATES, f"from {INSTALLED}plugins.module_utils._group import value"),
        (the_lab_knows_the_rules_of_scaling_only, DATES, "from plugins.module_utils import _group"),
        *(
            (nothing_is_imported_by_a_name_made_in_a_run, file, line)
            for file in (DATES, VALUE, AMI)
            for line in (
                "import importlib",
                "from importlib import import_module as other",
                "__import__('lab.run.cli')",
                "import runpy",
                "import pkgutil",
            )
        ),
    ],
)  # fmt: skip
def test_no_violation_passes_however_it_is_written(tmp_path: Path, rule: Rule, file: str, line: str) -> None:
    assert rule(small(tmp_path / "before")) == {}
    assert set(rule(small(tmp_path / "after", (file, line)))) == {f"{file}.py"}


@pytest.mark.parametrize("line", ["from . import dates", "import lab.core.dates", "from lab.core.dates import when"])
def test_a_circle_is_found_however_it_is_written(tmp_path: Path, line: str) -> None:
    there = (DATES, "from .lab import Lab")
    assert no_file_of_the_lab_is_in_a_circle(small(tmp_path / "before", there)) == {}
    found = no_file_of_the_lab_is_in_a_circle(small(tmp_path / "after", there, ("lab/core/lab", line)))
    assert set(found) == {f"{DATES}.py", "lab/core/lab.py"}


A_MODULE = f"""\
'Ansible module: a thing.'
DOCUMENTATION = ''
from ..module_utils._rollout.options import ARGUMENTS, SPEC
from {INSTALLED}plugins.module_utils._core import module

def main() -> None:
    'Runs the module.'
    module.run(ARGUMENTS, missing=SPEC, **SPEC)

if __name__ == "__main__":
    main()
"""


def test_what_is_allowed_is_no_violation(tmp_path: Path) -> None:
    house = small(
        tmp_path,
        ("lab/core/corrections", "import importlib, pkgutil"),
        (DATES, "from plugins.module_utils._forecast.decide import bounded\nfrom .lab import Lab"),
        (
            AMI,
            A_MODULE,
        ),
        ("plugins/action/wcs_asg", "from .waiting import ActionModule\nfrom ansible.plugins.action import ActionBase"),
        (RUN, "import asyncio\nfrom .._core.module import Run\nfrom .._group.api import read"),
        ("plugins/module_utils/_rollout/decide", "import re\nfrom .._group.value import Member"),
        (READS, "from .._core.aws import Aws\nfrom .value import Member"),
    )
    assert {rule.__name__: found for rule in RULES if (found := rule(house))} == {}


def test_what_the_lab_knows_of_the_plugins_needs_no_more_of_them() -> None:
    used = {name.removeprefix(ENGINE).split(".")[0] for path in LAB for name in HOUSE.imports(path) if ENGINE in name}
    found = [path for path in UTILS if path.parent.name == "_forecast" and path.stem in used]
    assert len(found) == len(used) > 2
    for path in found:
        found += [one for one in HOUSE.imported(path, UTILS) if one not in found and one.stem != "__init__"]
    assert {HOUSE.room(path) for path in found if path.parent.name != "_forecast"} <= {"_core/cron", "_core/plain"}


# What runs on a WCS host


def on_a_wcs_host() -> list[Path]:
    """What a WCS host's own Python runs: host-side modules with all they import, roles' files, the stand-in."""
    at = {HOUSE.room(path): path for path in UTILS}
    found: list[Path] = [path for path in HOUSE.modules if "_host/module" in HOUSE.rooms(path)]
    for path in found:
        found += [at[name] for name in sorted(HOUSE.rooms(path)) if at[name] not in found]
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
    return found | ({"itertools.pairwise"} & HOUSE.imports(path))


def test_what_runs_on_a_wcs_host_is_python_3_9() -> None:
    assert strays(HOUSE, on_a_wcs_host(), newer_than_3_9) == {}
