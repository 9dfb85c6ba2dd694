"""What the tracked files promise together: the action group, licences, nothing of anybody's machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.support.house import House

ROOT = Path(__file__).resolve().parents[3]
MODULES = sorted(path for path in (ROOT / "plugins" / "modules").glob("*.py"))

# An absolute path of a home or work folder, and the hosts of package registries, written so as not to find themselves.
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.$}])/(home|Users|root|work|workspace)/(?!\.\.\.)[\w.-]+",
            r"\bpypi\." + "org",
            r"pythonhosted\." + "org",
            r"registry\.npmjs\." + "org",
            r"deb\.debian\." + "org",
            r"(extra-)?index-" + "url *[= ]",
        ]
    )
)


@cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def documentation(module: Path) -> dict[str, object]:
    """The parsed DOCUMENTATION of a module."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DOCUMENTATION":
            return dict(yaml.safe_load(ast.literal_eval(node.value)))
    raise AssertionError(f"{module.name} has no DOCUMENTATION")


def connects(module: Path) -> bool:
    """Whether a module takes AWS's connection options."""
    fragments = documentation(module).get("extends_documentation_fragment", [])
    return any(
        str(name).startswith("amazon.aws.") for name in ([fragments] if isinstance(fragments, str) else fragments)
    )


def test_the_action_group_is_the_modules_that_connect_to_aws() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    group = runtime["action_groups"]["all"]
    assert {"metadata": {"extend_group": ["amazon.aws.aws"]}} in group
    assert sorted(name for name in group if isinstance(name, str)) == [m.stem for m in MODULES if connects(m)]


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_a_module_tells_its_own_name(module: Path) -> None:
    assert documentation(module)["module"] == module.stem


def test_the_archive_needs_what_the_tests_run_with() -> None:
    needed = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = (ROOT / "requirements/dev.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z0-9-]+)>=", needed, re.MULTILINE)
    assert names
    assert [name for name in names if f"\n{name}==" not in f"\n{pinned}"] == []


def test_requirements_name_each_library_that_is_imported() -> None:
    needed = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    nodes = [node for path in (ROOT / "plugins").rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    found = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    there = {"ansible", "ansible_collections", "yaml"}  # yaml comes with ansible-core
    assert found - there - set(re.findall(r"^([a-z0-9-]+)>=", needed, re.MULTILINE)) == set()


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    hits = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        hits += [
            f"{path.relative_to(ROOT)}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if FOREIGN.search(line)
        ]
    assert hits == []


def test_every_source_file_of_the_collection_and_the_lab_names_its_licence() -> None:
    sources = [
        path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in {"plugins", "lab"}
    ]
    silent = [
        p for p in sources if "SPDX-License-Identifier: GPL-3.0-or-later" not in p.read_text(encoding="utf-8")[:600]
    ]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


@pytest.mark.parametrize(
    "role", sorted({path.relative_to(ROOT).parts[1] for path in tracked() if path.is_relative_to(ROOT / "roles")})
)
def test_a_role_is_described(role: str) -> None:
    assert (ROOT / "roles" / role / "README.md").is_file()
    assert (ROOT / "roles" / role / "meta" / "argument_specs.yml").is_file()


def test_a_helper_of_tests_in_several_folders_is_in_support() -> None:
    files = sorted((ROOT / "tests").rglob("*.py"))
    helpers = [path for part in ("unit", "contract") for path in (ROOT / "tests" / part).rglob("*.py")]
    helpers = [path for path in helpers if not path.name.startswith("test_")]
    house = House(ROOT)
    odd = {(path, one) for path in files for one in house.imported(path, helpers) if one.parent not in path.parents}
    assert odd == set()
