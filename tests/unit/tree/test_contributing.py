"""What CONTRIBUTING says of the folders is so: what one reads to change a module, and the picture of the house."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.house import FLOORS, ROOT, House

HOUSE = House(ROOT)


def rows(begin: str, columns: int) -> dict[str, list[set[str]]]:
    """The rows of the table of CONTRIBUTING whose first cells begin so: by each name in these, the other cells."""
    found = {}
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        cells = [re.findall(r"`(\w+)`", cell) for cell in line.strip("|").split("|")]
        if len(cells) == columns and line.startswith(f"| `{begin}"):
            found |= {name: [set(cell) for cell in cells[1:]] for name in cells[0]}
    return found


def reading() -> dict[str, list[set[str]]]:
    """By module the folders to read, and those that are asked."""
    return rows("wcs_", 3)


def shared() -> dict[str, set[str]]:
    """By folder the files of it that others use who only ask."""
    return {folder: files for folder, (files,) in rows("_", 2).items()}


def reached(module: Path, read: set[str], house: House = HOUSE) -> tuple[set[str], set[str]]:
    """The folders that a module reaches, with its action, by way of those to read, and the files beyond them."""
    at = {house.room(path): path for path in house.utils}
    folders: set[str] = set()
    beyond: set[str] = set()
    seen: set[str] = set()
    action = house.root / "plugins" / "action" / module.name
    left = sorted(house.rooms(module) | (house.rooms(action) if action.is_file() else set()))
    while left:
        here = left.pop()
        folder = here.split("/")[0]
        folders.add(folder)
        if folder not in read:
            beyond.add(here)
        elif here not in seen:
            seen.add(here)
            left += sorted(house.rooms(at[here]))
    return folders, beyond


@pytest.mark.parametrize("module", HOUSE.modules, ids=lambda path: path.stem)
def test_contributing_says_what_to_read_to_change_a_module(module: Path) -> None:
    read, asked = reading()[module.stem]
    folders, beyond = reached(module, read)
    assert (folders & read, folders - read) == (read, asked)
    named = {f"{folder}/{file}" for folder, files in shared().items() for file in files}
    assert beyond - named == set(), "of a folder that is only asked, more than it gives to others is used"


def test_contributing_names_what_is_used_of_a_folder_that_is_only_asked() -> None:
    used: dict[str, set[str]] = {}
    for module in HOUSE.modules:
        for one in reached(module, reading()[module.stem][0])[1]:
            folder, file = one.split("/")
            used.setdefault(folder, set()).add(file)
    assert used == shared()


def test_the_action_of_a_module_counts(tmp_path: Path) -> None:
    written = {
        "module_utils/_core/plain": "",
        "module_utils/_plan/table": "",
        "modules/wcs_plan": "from ..module_utils._core import plain",
        "action/wcs_plan": "from ..module_utils._plan import table",
    }
    for name, text in written.items():
        path = tmp_path / "plugins" / f"{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    house = House(tmp_path)
    assert reached(house.modules[0], {"_core"}, house) == ({"_core", "_plan"}, {"_plan/table"})


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
