"""The short guides and examples say what is there: facts, tags, survey, execution environment."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from docs.pictures import PICTURES
from tests.support.specs import ROOT, variables

GUIDES = ROOT / "docs" / "docsite" / "rst"
PLAYS = sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")])
SHORT = ("pipelines", "inventory", "execution_environment", "vault", "tags", "facts")
EXAMPLE = ROOT / "examples" / "execution-environment"


def guide(name: str) -> str:
    return (GUIDES / f"guide_{name}.rst").read_text(encoding="utf-8")


def within(node: Any) -> Any:
    """Every mapping in a structure."""
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from within(item)


TASKS = [task for path in PLAYS for task in within(yaml.safe_load(path.read_text()))]


def test_the_facts_are_those_that_are_set() -> None:
    facts = {name for task in TASKS for name in task.get("ansible.builtin.set_fact") or () if not name.startswith("__")}
    listed = set(re.findall(r"^``(wcs_\w+|ansible_\w+)``  ", guide("facts"), re.M))
    assert listed == facts


def test_the_keys_of_wcs_outputs_are_those_that_it_has() -> None:
    from plugins.module_utils._plan.outputs import ended

    found = ended({"stack": "wcs"}, [], None)
    assert found is not None
    listed = set(re.findall(r"^``([a-z_]+)``  ", guide("facts"), re.M)) - set(
        re.findall(r"``((?:wcs|ansible)_\w+)``", guide("facts"))
    )
    assert listed == set(found)


def test_the_tags_are_those_that_tasks_have() -> None:
    given = [task["tags"] for task in TASKS if isinstance(task.get("tags"), list)]
    tags = {tag for tags in given for tag in tags if tag != "always"}
    assert set(re.findall(r"^``(wcs_\w+)``  ", guide("tags"), re.M)) == tags


def test_the_secrets_are_variables() -> None:
    listed = set(re.findall(r"^``(wcs_\w+)``  ", guide("vault"), re.M))
    assert listed
    assert listed <= set(variables())


KINDS = {"text": {"str"}, "multiplechoice": {"str", "bool"}, "integer": {"int"}}


def test_the_survey_asks_for_variables_by_their_types() -> None:
    for question in json.loads((EXAMPLE / "survey.json").read_text())["spec"]:
        assert variables().get(question["variable"], {"type": "str"})["type"] in KINDS[question["type"]], question


@pytest.mark.parametrize("name", SHORT)
def test_a_short_guide_is_a_page(name: str) -> None:
    assert len(guide(name).splitlines()) <= 80


def test_the_execution_environment_is_created(tmp_path: Path) -> None:
    """What needs no network: ansible-builder writes a build context, and reads what the collection asks for."""
    for path in EXAMPLE.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "webcallserver-aws.tar.gz").write_bytes(b"the archive")
    command = [sys.executable, "-m", "ansible_builder"]
    given = ["--file", str(tmp_path / "execution-environment.yml"), "--context", str(tmp_path / "context")]
    given += ["--output-filename", "Containerfile"]  # else by what is installed here, podman or docker
    subprocess.run([*command, "create", *given], check=True, capture_output=True, timeout=60)
    context = tmp_path / "context"
    assert (context / "_build" / "archives" / "webcallserver-aws.tar.gz").read_bytes() == b"the archive"
    asked = yaml.safe_load((context / "_build" / "requirements.yml").read_text())["collections"]
    assert [one["name"] for one in asked] == ["/build/webcallserver-aws.tar.gz", "ansible.posix"]
    steps = (context / "Containerfile").read_text()
    copied, installed = (
        steps.index("COPY _build/archives/webcallserver-aws.tar.gz"),
        steps.index("ansible-galaxy collection install"),
    )
    assert copied < installed
    where = tmp_path / "installed" / "ansible_collections" / "webcallserver"
    where.mkdir(parents=True)
    (where / "aws").symlink_to(ROOT)
    found = subprocess.run(
        [*command, "introspect", str(tmp_path / "installed")], check=True, capture_output=True, text=True, timeout=60
    )
    for line in [
        *(ROOT / "requirements.txt").read_text().splitlines(),
        *(ROOT / "bindep.txt").read_text().splitlines(),
    ]:
        assert line.startswith("#") or line.split()[0].partition(">")[0] in found.stdout, line


# Pictures


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_what_docs_pictures_draws(name: str) -> None:
    drawn = PICTURES[name]()
    assert (GUIDES / f"picture_{name}.svg").read_text(encoding="utf-8") == drawn
    assert "prefers-color-scheme: dark" in drawn
    assert ElementTree.fromstring(drawn).tag.endswith("svg")


def test_each_picture_is_in_a_guide_with_words_for_those_who_cannot_see_it() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in GUIDES.glob("guide_*.rst"))
    shown = re.findall(r"\.\. image:: picture_(\w+)\.svg\n   :alt: \S", texts)
    assert sorted(shown) == sorted(PICTURES)
    assert sorted(path.stem for path in GUIDES.glob("*.svg")) == sorted(f"picture_{name}" for name in PICTURES)


def test_no_drawing_of_a_guide_is_made_of_letters() -> None:
    for path in GUIDES.glob("guide_*.rst"):
        assert not re.search(r"^ {3,}.*(\+--|--\+|===)", path.read_text(encoding="utf-8"), re.M), path.name
