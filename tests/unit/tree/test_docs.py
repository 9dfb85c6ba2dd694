"""The guides name what is there: every refusal and, beside other people's modules, every option of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import ansible_collections
import pytest
import yaml

from plugins.module_utils._core.errors import named
from plugins.modules import wcs_ami, wcs_asg, wcs_classic_elb

ROOT = Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs" / "docsite" / "rst"
UTILS, MODULES = ROOT / "plugins" / "module_utils", ROOT / "plugins" / "modules"

# Where refusals are written: the file, and its functions (none: all of it). A module that is not there yet has none.
REFUSING: dict[str, dict[str, tuple[str, ...]]] = {
    "wcs_ami": {"_image/rules": ()},
    "wcs_fingerprint": {"_image/fingerprint_run": ("look",)},
    "wcs_classic_elb": {
        "_balancer/rules": (),
        "_balancer/health": ("problems",),
        "_balancer/listeners": ("problems", "_odd_route", "_odd_security", "_odd_stickiness"),
    },
    "wcs_node_profile": {"_node_profile/rules": ()},
    "wcs_security_groups": {"_security_groups/rules": (), "_security_groups/options": ("_rules", "_ports")},
    "wcs_asg": {
        "_fleet/rules": (),
        "_fleet/moves": ("refuse",),
        "_scaling/rules": (),
        "_launch/rules": ("problem", "_volume_rules"),
        "_scaling/hooks": ("problem", "lacking"),
        "_scaling/schedules": ("problem", "lacking"),
        "_group/readiness": ("hopeless",),
        "_group/readiness_world": ("state", "_no_balancer"),
    },
    "wcs_stat_info": {
        "_core/tags": ("problem",),
        "_core/module": ("_unusable", "_run"),
        "_core/converge": ("_late", "_restless"),
        "_core/references": ("_unusable",),
        "_core/errors": ("failure",),
        "_core/limits": (),
        "_nodes/run": ("_complaint",),
        "_nodes/world": ("_description",),
        "_group/api": ("existing",),
        "_nodes/target": ("target", "_refused"),
        "_core/step": ("resolved",),
        "_core/aws_errors": ("translated",),
    },
    "wcs_verify": {
        "_stack/checks": ("_sizes", "_pages", "_sessions", "_certificates", "versions"),
        "_stack/published": ("silent",),
        "_stack/verify": ("nothing",),
    },
    "wcs_websocket_probe": {"_probe/proof": ("aim",)},
    "wcs_jvm": {
        "_host/module": ("not_there",),
        "_host/jvm": ("collector_problem",),
        "_host/jvm_options": ("unusable",),
        "_host/properties": ("spelled",),
        "_host/python": ("choose", "missing", "way_out"),
    },
    "wcs_keystore": {"_host/keystore": ("checked", "_blocks", "_read", "_in_order", "_do")},
    "wcs_service": {"_host/service": ("start", "stop", "_run", "plan")},
    "wcs_seed_image": {
        "_base_image/rules": ("unnamed", "choose", "_none", "refuse", "unsubscribed"),
        "_core/machines": ("unfit",),
    },
    "wcs_drain": {"_drain/rules": (), "_drain/decide": ()},
    "wcs_rollout": {"_rollout/rules": ()},
    "wcs_forecast": {
        "_forecast/options": ("load_kind", "cases", "_sized", "_scheduled", "_zone", "node_model"),
        "_forecast/load": ("of_history", "_csv_rows"),
    },
}
WHILE_WAITING = {"the group is gone", "group '<>': AWS does not show it yet"}


@cache
def guide(name: str) -> str:
    """The guide's text, white space evened out."""
    return " ".join((GUIDES / f"guide_{name}.rst").read_text(encoding="utf-8").split())


# Refusals


def strings(tree: ast.AST) -> Iterator[list[str]]:
    """The literal pieces of each string in the code that is neither documentation nor part of another string."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            skipped.add(node.value)
        elif isinstance(node, ast.JoinedStr) and node not in skipped:
            skipped.update(part for part in ast.walk(node) if part is not node)
            yield [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield [node.value]


def pattern(pieces: list[str]) -> str | None:
    """How the guide tells a reason, with any few words for what is filled in.

    None for ways out, which begin like sentences, and for what is too short to be a reason.
    """
    whole = named(" ".join("".join(piece or "<>" for piece in pieces).split()), {}).strip(" ;:,(")
    begins_like_a_sentence = re.match(r"[A-Z]", whole) and not re.match(r"(AWS|Java|WCS) ", whole)
    words = min(whole.count(" ") + 1, len(re.findall(r"\w\w+", whole)))
    if begins_like_a_sentence or words < 3 or whole in WHILE_WAITING:
        return None
    return re.escape(whole).replace("<>", ".{1,90}?")


def refusals(path: Path, functions: tuple[str, ...]) -> set[str]:
    """The reasons that these functions of the file give (none named: all)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert set(functions) <= set(found), f"{path.name} has no longer {sorted(set(functions) - set(found))}"
    parts: list[ast.AST] = [found[name] for name in functions] or [tree]
    return {answer for part in parts for pieces in strings(part) if (answer := pattern(pieces))}


def refusals_of_modules() -> list[Any]:
    files = [
        (UTILS / f"{name}.py", functions)
        for module, parts in REFUSING.items()
        if (MODULES / f"{module}.py").is_file()
        for name, functions in parts.items()
    ]
    return [pytest.param(path, functions, id=f"{path.parent.name}/{path.stem}") for path, functions in files]


@pytest.mark.parametrize(("path", "functions"), refusals_of_modules())
def test_each_refusal_of_a_module_is_in_the_guide(path: Path, functions: tuple[str, ...]) -> None:
    answer = refusals(path, functions)
    assert answer, f"no refusal is found in {path.name}"
    assert sorted(one for one in answer if not re.search(one, guide("errors"))) == []


def messages(node: Any) -> Iterator[str]:
    """What tasks and variables say when something does not hold."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ()):
        if key in ("fail_msg", "answer") and isinstance(value, str):
            yield value
        else:
            yield from messages(value)


def test_each_refusal_of_a_role_or_playbook_is_in_the_guide() -> None:
    files = [*ROOT.glob("roles/*/*/*.yml"), *ROOT.glob("playbooks/*.yml")]
    answer = [text for file in files for text in messages(yaml.safe_load(file.read_text(encoding="utf-8")))]
    reasons = [" ".join(re.sub(r"{{.*?}}", "<>", text, flags=re.S).split()).partition(". ")[0] for text in answer]
    known = [re.escape(one.rstrip(".")).replace("<>", ".{1,90}?") for one in reasons if len(one) > len("<> <> ")]
    assert len(known) > 25
    assert sorted(one for one in known if not re.search(one, guide("errors"))) == []


# Options beside those of other people's modules

OURS = {module.__name__.rpartition(".")[2]: module.ARGUMENTS for module in (wcs_ami, wcs_asg, wcs_classic_elb)}
THEIRS = {
    "amazon": ["ec2_ami", "elb_classic_lb", "ec2_launch_template", "autoscaling_group", "cloudwatch_metric_alarm"],
    "community": [
        "elb_instance",
        "autoscaling_launch_config",
        "autoscaling_policy",
        "autoscaling_lifecycle_hook",
        "autoscaling_scheduled_action",
    ],
}
FRAGMENTS = {"tags", "purge_tags"}
"""Options of theirs that stand in a fragment of theirs; they count where the table names them."""


@dataclass(frozen=True)
class Table:
    """One table: the modules of its head, and of each row the options on either side."""

    theirs: str
    ours: str
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    def named(self, side: int) -> set[str]:
        return {option for row in self.rows for option in row[side]}


def tables() -> list[Table]:
    """The tables of the guide. `theirs` is "" in those of options that only we have."""
    found = []
    text = (GUIDES / "guide_from_amazon_aws.rst").read_text(encoding="utf-8")
    for part in text.split(".. list-table::")[1:]:
        body = re.split(r"\n(?=\S)", part)[0]
        cells = [re.split(r"\n     - ", row) for row in body.split("   * - ")[1:]]
        head, *rows = [tuple(tuple(literals(cell)) for cell in row) for row in cells]
        only_ours = not head[1]
        theirs, ours = ("", head[0][0]) if only_ours else (head[0][0], head[1][0])
        found.append(Table(theirs, ours, tuple(((), row[0]) if only_ours else (row[0], row[1]) for row in rows)))
    return found


def literals(cell: str) -> list[str]:
    return re.findall(r"``(.+?)``", cell)


def paths(options: dict[str, Any], inner: str, before: str = "") -> Iterator[str]:
    """Each option, those within others as `outer.inner`."""
    for name, option in options.items():
        yield before + name
        yield from paths(option.get(inner) or {}, inner, f"{before}{name}.")


def options_of(module: str) -> set[str]:
    """The options of a module of amazon.aws or community.aws, as its documentation has them."""
    collection = next(name for name, modules in THEIRS.items() if module in modules)
    places = [Path(root) / collection / "aws/plugins/modules" / f"{module}.py" for root in ansible_collections.__path__]
    source = next(place for place in places if place.is_file()).read_text(encoding="utf-8")
    documentation = next(
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION"
    )
    return set(paths(yaml.safe_load(documentation)["options"], "suboptions"))


def answer(option: str, named: set[str]) -> bool:
    """Whether an option, or what it is part of, is named."""
    parts = option.split(".")
    return any(".".join(parts[:depth]) in named for depth in range(1, len(parts) + 1))


def test_the_guide_has_a_table_for_each_module_of_theirs() -> None:
    assert {table.theirs for table in tables()} - {""} == {name for names in THEIRS.values() for name in names}


@pytest.mark.parametrize("module", [name for names in THEIRS.values() for name in names])
def test_each_option_of_theirs_is_told(module: str) -> None:
    options = options_of(module)
    named = {option for table in tables() if table.theirs == module for option in table.named(0)}
    assert sorted(named - options - FRAGMENTS) == []
    assert sorted(option for option in options if not answer(option, named)) == []


@pytest.mark.parametrize("module", OURS)
def test_each_option_of_ours_is_told_and_there(module: str) -> None:
    options = set(paths(OURS[module], "options"))
    named = {option for table in tables() if table.ours == module for option in table.named(1)} - set(OURS)
    assert sorted(named - options) == []
    leaves = {one for one, other in pairwise([*sorted(options), ""]) if not other.startswith(f"{one}.")}
    assert sorted(leaves - named) == []


# Names


def known(name: str) -> bool:
    """Whether there is a module, a role, or a variable of that name."""
    if (MODULES / f"{name}.py").is_file() or (ROOT / "roles" / name).is_dir():
        return True
    return any(re.search(rf"\b{name}\b", text) for text in plays())


@cache
def plays() -> list[str]:
    return [
        path.read_text(encoding="utf-8") for part in ("roles", "playbooks") for path in (ROOT / part).rglob("*.yml")
    ] + [(ROOT / "plugins" / "action" / "in_place.py").read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", [*GUIDES.glob("*.rst"), ROOT / "README.md"], ids=lambda path: path.name)
def test_each_name_in_a_guide_is_there(path: Path) -> None:
    names = set(re.findall(r"\bwcs_[a-z_]+[a-z]\b", path.read_text(encoding="utf-8")))
    assert sorted(name for name in names if not known(name)) == []


def test_each_guide_is_listed() -> None:
    listed = yaml.safe_load((GUIDES.parent / "extra-docs.yml").read_text(encoding="utf-8"))
    pages = [page for section in listed["sections"] for page in section["toctree"]]
    assert sorted(pages) == sorted(path.stem for path in GUIDES.glob("*.rst"))


# Figures

ROWS = {  # a row of the guide of limits: its heading in RESULTS.md, and the row there
    "Create a stack": ("every wait included", "create"),
    "Run again": ("every wait included", "rerun, nothing to do"),
    "Check mode, nothing to do": ("every wait included", "check, nothing to do"),
    "Remove the stack": ("every wait included", "teardown"),
    "Run again, 500 nodes": ("with 500 nodes", "rerun, nothing to do"),
}


@pytest.mark.parametrize("answer", ROWS)
def test_the_figures_are_those_of_the_benchmark(answer: str) -> None:
    heading, row = ROWS[answer]
    table = (ROOT / "tests" / "bench" / "RESULTS.md").read_text(encoding="utf-8").partition(f"{heading}\n")[2]
    line = next(line for line in table.splitlines() if line.startswith(f"| {row} |"))
    cells = [re.sub(r" \(.*", "", cell).strip() for cell in line.split("|")[2:]]
    calls, writes, wall, cpu = (cells[at : at + 2] for at in (0, 3, 5, 8))
    figures = "{} ({}), {} ({}) {}, {} ({}, {})".format(calls[0], writes[0], calls[1], writes[1], *wall, *cpu)
    guide = (GUIDES / "guide_limits.rst").read_text(encoding="utf-8")
    assert " ".join(re.search(rf"^{answer} +(.*)$", guide, re.MULTILINE)[1].split()) == figures
