"""The front page of the documentation: guides, modules and roles in groups, by their short titles.

`python docs/index.py FOLDER` writes it over the index that antsibull-docs wrote into the folder, which stays as
collection.rst.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

SECTIONS = Path(__file__).parent / "docsite" / "extra-docs.yml"
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


def front(folder: Path) -> str:
    """The page."""
    sections = yaml.safe_load(SECTIONS.read_text(encoding="utf-8"))["sections"]
    groups = [group(section["title"], [f"   docsite/{name}" for name in section["toctree"]]) for section in sections]
    groups += [group("Modules", titled(folder, "module")), group("Roles", titled(folder, "role"))]
    return HEAD + "".join(groups) + group("Reference", ["   The collection <collection>"])


if __name__ == "__main__":
    rst = Path(sys.argv[1])
    (rst / "index.rst").rename(rst / "collection.rst")
    (rst / "index.rst").write_text(front(rst), encoding="utf-8")
