"""What the argument specs of roles and playbooks say of their variables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PLAYBOOKS = ROOT / "playbooks" / "meta" / "argument_specs.yml"
ROLES = sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))


@cache
def variables() -> dict[str, dict[str, Any]]:
    """The specification of each variable, by its name. Where several say one, they agree on its type."""
    found: dict[str, dict[str, Any]] = {}
    for path in [*ROLES, PLAYBOOKS]:
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            for name, option in entry.get("options", {}).items():
                assert found.setdefault(name, option)["type"] == option["type"], name
    return found


def of_type(*types: str) -> list[str]:
    """The names of the variables of these types."""
    return sorted(name for name, option in variables().items() if option["type"] in types)
