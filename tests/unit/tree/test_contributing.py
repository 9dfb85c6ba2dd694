"""What CONTRIBUTING says of the folders is so: what one reads to change a module, and the picture of the house."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.house import FLOORS, ROOT, House

HOUSE = House(ROOT)

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
    at = {HOUSE.room(path): path for path in HOUSE.utils}
    folders: set[str] = set()
    beyond: set[str] = set()
    seen: set[str] = set()
    left = sorted(HOUSE.rooms(module))
    while left:
        here = left.pop()
        folder = here.split("/")[0]
        folders.add(folder)
        if folder not in read:
            beyond.add(here)
        elif here not in seen:
            seen.add(here)
            left += sorted(HOUSE.rooms(at[here]))
    return folders, beyond


@pytest.mark.parametrize("module", HOUSE.modules, ids=lambda path: path.stem)
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
