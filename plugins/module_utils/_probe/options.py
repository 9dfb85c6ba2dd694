# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which sessions are opened, and through which address."""

from __future__ import annotations

from typing import Any

from .._core.limits import Limits
from .._nodes import options as _nodes

OPTIONS: dict[str, Any] = {
    "url": {"type": "str"},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "tls": {"type": "bool", "default": False},
    "sessions": {"type": "int"},
    "rate": {"type": "float", "default": 20.0},
    "hold": {"type": "float", "default": 5.0},
    "app_key": {"type": "str", "default": "defaultApp", "no_log": False},
    **_nodes.PAGE,
}
ARGUMENTS: dict[str, Any] = {**_nodes.NODES, **OPTIONS}
"""Those of `wcs_websocket_probe`."""
SPEC: dict[str, Any] = {
    "mutually_exclusive": [_nodes.SOURCES, ["url", "host"], ["url", "port"]],
    "required_one_of": [["url", "host", "load_balancer_name", "group_name"]],
}
LIMITS: Limits = {**_nodes.LIMITS, "sessions": (1, 10_000), "rate": (0.1, 1000), "hold": (0, 3600)}
