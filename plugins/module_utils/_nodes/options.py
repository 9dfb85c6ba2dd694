# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which nodes are asked, how they are reached, and where their statistics pages are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.limits import Limits

SOURCES = ("hosts", "group_name", "load_balancer_name", "instance_ids")

ACCESS: dict[str, Any] = {
    "address": {"type": "str", "choices": ["public", "private"], "default": "public"},
    "validate_certs": {"type": "bool", "default": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
}
"""The options that say how a node is reached."""

PAGE: dict[str, Any] = {
    "stat_scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
    "stat_port": {"type": "int"},
    "stat_path": {"type": "str", "default": "/?action=stat"},
}
"""The options that say where its statistics page is, in modules that also speak of other ports."""

NODES: dict[str, Any] = {
    **ACCESS,
    "hosts": {"type": "list", "elements": "str"},
    "group_name": {"type": "str"},
    "load_balancer_name": {"type": "str"},
    "instance_ids": {"type": "list", "elements": "str"},
    "format": {"type": "str", "choices": ["auto", "text", "json"], "default": "auto"},
    "timeout": {"type": "float", "default": 10.0},
    "max_body": {"type": "int", "default": 1 << 20},
    "concurrency": {"type": "int", "default": 64},
}
"""What `wcs_stat_info` and `wcs_websocket_probe` share."""

LIMITS: Limits = {"timeout": (0.1, 300), "max_body": (1024, 1 << 26), "concurrency": (1, 512)}
"""Of the numbers among them."""

ARGUMENTS: dict[str, Any] = {
    **NODES,
    "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
    "port": {"type": "int"},
    "path": {"type": "str", "default": "/?action=stat"},
    "counters": {"type": "list", "elements": "str"},
    "fail_on_error": {"type": "bool", "default": False},
}
"""Those of `wcs_stat_info`."""
SPEC: dict[str, Any] = {"mutually_exclusive": [SOURCES], "required_one_of": [SOURCES]}


def in_aws(params: Mapping[str, Any]) -> bool:
    """Whether the nodes are found in AWS."""
    return any(params.get(source) for source in SOURCES if source != "hosts")
