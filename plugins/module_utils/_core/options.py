# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that many modules have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

IDENTITY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "validate_only": {"type": "bool", "default": False},
}
TAGS: dict[str, Any] = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "adopt": {"type": "bool", "default": False},
}
LICENCES: dict[str, Any] = {
    "licence_limit": {"type": "int"},
    "licence_allow_over": {"type": "bool", "default": False},
}

VARIABLES: dict[str, Any] = {"variables": {"type": "dict", "default": {}}}
"""What a role calls the options: its messages name the variables that the user set."""


TEXT: dict[str, Any] = {"type": "str"}
NUMBER: dict[str, Any] = {"type": "int"}
FLOAT: dict[str, Any] = {"type": "float"}
FLAG: dict[str, Any] = {"type": "bool"}
NAME: dict[str, Any] = {"type": "str", "required": True}


def waiting(timeout: int) -> dict[str, Any]:
    """The options `wait` and `wait_timeout` (seconds)."""
    return {"wait": {"type": "bool", "default": True}, "wait_timeout": {"type": "int", "default": timeout}}


def choice(*values: str, **more: Any) -> dict[str, Any]:
    """An option that is one of these."""
    return {"type": "str", "choices": list(values), **more}


def each(**options: Any) -> dict[str, Any]:
    """A list of such parts."""
    return {"type": "list", "elements": "dict", "options": options}


def defaults(options: Mapping[str, Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """The values of those options that others offer, and a module that offers these leaves as they are."""
    return {name: option.get("default") for name, option in options.items() if name not in offered}
