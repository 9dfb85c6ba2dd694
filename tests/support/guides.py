"""The commands of the guides: which of them a test runs, and why the others are not run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "docsite" / "rst"
ALL = sorted(path.stem.removeprefix("guide_") for path in FOLDER.glob("guide_*.rst"))
README = (ROOT / "README.md").read_text(encoding="utf-8")

INSTALLED = ("tags", "pipelines", "inventory", "execution_environment", "deploy", "day_two", "sessions", "vault")
"""Guides whose commands are run from the installed archive, in this order."""
STARTS = ("ansible", "cp ", "ANSIBLE_STDOUT_CALLBACK=")
"""How their commands begin, of those that the project has the programs for."""
SOURCE = "lab"
"""The guide whose commands are run from the source."""

EXEMPT = {
    "wcs_update_state=rolled_back": "tests/long/test_sessions.py runs it: it takes back a rollout, and here is none",
    "wcs_scale_in_count=surplus": "tests/long/test_load.py runs it: here no node is too many",
    "webcallserver.aws.load": "tests/long/test_load.py runs it",
    "webcallserver.aws.forecast": "tests/story/test_forecast.py runs it, with a file of its own",
    "webcallserver.aws.steward": "needs a host with systemd; extensions/molecule/wcs_steward installs it on one",
    "webcallserver.aws.wcs_stat_info": "tests/contract/wcs_stat_info has it: a sample in the middle of a drain",
    "aws ": "the command line of AWS, which is not among the project's tools",
    "--machines podman": "needs root and podman; extensions/molecule runs such a lab",
    "MACHINES=podman": "needs root and podman; tests/long/test_demo.py runs the demo with processes",
    "ansible-builder build": "needs a container engine and a registry",
    "ansible-navigator run": "needs a container engine and a registry",
    "make build": "tests/story/test_archive.py builds the archive",
    "make demo": "tests/long/test_demo.py runs it",
    "make test": "it is what runs this",
    "ansible-galaxy collection install": "tests/story/test_archive.py installs the archive",
    "pip install": "needs the network",
}
"""What no test of the guides runs: a part of the command, and the reason."""

PROGRAMS = re.compile(r"([A-Z_]+=\S+ )?(ansible\S*|\.venv/bin/\S+|aws|cp|make|pip|python\S*|sh|docker|podman|\.) \S")
"""How a line begins that is a command."""


def blocks(text: str, kind: str) -> list[str]:
    """The code blocks of that kind, without their indent."""
    found = []
    for match in re.finditer(rf"^( *)\.\. code-block:: {kind}\n\n((?:\1   .*\n|\n)+)", text, re.M):
        indent = len(match[1]) + 3
        found.append("\n".join(line[indent:] for line in match[2].splitlines()).strip("\n") + "\n")
    return found


def guide(name: str) -> str:
    """The text of a guide."""
    return (FOLDER / f"guide_{name}.rst").read_text(encoding="utf-8")


def commands(block: str) -> list[str]:
    """The commands of a block: continued lines put together, comments left out."""
    lines = re.sub(r" *\\\n *", " ", block).splitlines()
    return [plain for line in lines if (plain := re.sub(r"\s+# .*| *#.*", "", line, count=1).strip())]


def shell(name: str) -> list[str]:
    """The commands of a guide, in order, also those of blocks that are shown as text."""
    text = guide(name)
    shown = [line for block in blocks(text, "text") for line in commands(block) if PROGRAMS.match(line)]
    return [line for block in blocks(text, "shell") for line in commands(block)] + shown


def readme() -> list[str]:
    """The commands of the README, in order."""
    return [line for line in re.findall(r"^ {4,7}(\S.*)$", README, re.M) if PROGRAMS.match(line)]


def exempt(command: str) -> bool:
    """Whether the table says why the command is not run."""
    return any(command.startswith(part) if part.endswith(" ") else part in command for part in EXEMPT)


def from_installed() -> list[str]:
    """What is run from the installed archive, once each: README, then guides, the README's teardown last."""
    first = [one for one in readme() if one.startswith("ansible-playbook")]
    last = first[-1]
    assert last.endswith("teardown")
    found = dict.fromkeys([*first, *(line for name in INSTALLED for line in shell(name))])
    return [*(one for one in found if one.startswith(STARTS) and not exempt(one) and one != last), last]


def from_source() -> list[str]:
    """What is run from the source, in order, the lab's end last."""
    found = [one for one in shell(SOURCE) if not exempt(one)]
    last = next(one for one in found if " lab down " in one)
    return [*(one for one in found if one != last), last]


def words(command: str) -> list[str]:
    """The words of the command, as a shell reads them."""
    return shlex.split(command)
