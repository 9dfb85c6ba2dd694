"""The front page of the documentation: guides, playbooks, modules and roles in groups, and a page of each playbook.

`python docs/index.py FOLDER` writes it over the index that antsibull-docs wrote into the folder, which stays as
collection.rst.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

SECTIONS = Path(__file__).parent / "docsite" / "extra-docs.yml"
PLAYBOOKS = Path(__file__).parents[1] / "playbooks"
HEAD = """\
Web Call Server fleets on AWS
=============================

The Ansible collection ``webcallserver.aws`` builds, proves and runs fleets of Flashphoner Web Call Server (WCS) on AWS:
one host is configured and imaged, the image runs in an Auto Scaling group behind a Classic Load Balancer, and real
WebSocket sessions prove the spread.

Begin with :ref:`ansible_collections.webcallserver.aws.docsite.guide_deploy`, or without an account with
:ref:`ansible_collections.webcallserver.aws.docsite.guide_lab`.
"""


def group(caption: str, entries: list[str]) -> str:
    """One group of the sidebar."""
    return "\n".join(["", ".. toctree::", f"   :caption: {caption}", "   :maxdepth: 1", "", *entries, ""])


def titled(folder: Path, kind: str) -> list[str]:
    """`name <page>` of every page of that kind."""
    pages = sorted(path.stem for path in folder.glob(f"*_{kind}.rst"))
    return [f"   {page.removesuffix(f'_{kind}')} <{page}>" for page in pages]


def rst(text: str) -> str:
    """The text of a description with its markup as that of a page."""
    return re.sub(r"\b[CVO]\((.+?)\)", r"``\1``", text)


def playbook(path: Path, options: Mapping[str, Any]) -> str:
    """The page of one playbook: what it does, how it is run, and its variables."""
    comments = takewhile(lambda line: line.startswith("#"), path.read_text(encoding="utf-8").splitlines()[1:])
    title = f"{path.stem} playbook"
    parts = [title, "=" * len(title), "", " ".join(line.lstrip("# ") for line in comments), ""]
    parts += [".. code-block:: shell", "", f"   ansible-playbook -i inventory.yml webcallserver.aws.{path.stem}", ""]
    if options:
        parts += ["Variables, beside those of its roles:", ""]
    for name, option in sorted(options.items()):
        described = option["description"]
        lines = [described] if isinstance(described, str) else described
        known = [f"One of {', '.join(f'``{one}``' for one in option['choices'])}."] if "choices" in option else []
        known += [f"The default is ``{json.dumps(option['default'])}``."] if "default" in option else []
        parts += [f"``{name}`` ({option['type']})", *(f"    {rst(line)}" for line in [*lines, *known])]
    return "\n".join([*parts, ""])


def playbooks(folder: Path) -> list[str]:
    """The entries of the playbooks, whose pages are written into the folder."""
    specs = yaml.safe_load((PLAYBOOKS / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    found = sorted(PLAYBOOKS.glob("*.yml"))
    for path in found:
        text = playbook(path, specs.get(path.stem, {}).get("options", {}))
        (folder / f"{path.stem}_playbook.rst").write_text(text, encoding="utf-8")
    return [f"   {path.stem} <{path.stem}_playbook>" for path in found]


def front(folder: Path) -> str:
    """The page."""
    sections = yaml.safe_load(SECTIONS.read_text(encoding="utf-8"))["sections"]
    groups = [group(section["title"], [f"   docsite/{name}" for name in section["toctree"]]) for section in sections]
    groups.append(group("Playbooks", playbooks(folder)))
    groups += [group("Modules", titled(folder, "module")), group("Roles", titled(folder, "role"))]
    return HEAD + "".join(groups) + group("Reference", ["   The collection <collection>"])


if __name__ == "__main__":
    pages = Path(sys.argv[1])
    (pages / "index.rst").rename(pages / "collection.rst")
    (pages / "index.rst").write_text(front(pages), encoding="utf-8")
