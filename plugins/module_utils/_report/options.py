# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_report."""

from __future__ import annotations

from typing import Any

from .._core.pages import PORTS
from .._money.options import PRICES

ARGUMENTS: dict[str, Any] = {
    "dest": {"type": "path", "required": True},
    "stack": {"type": "dict", "required": True},
    "statistics": {"type": "dict"},
    "probe": {"type": "dict"},
    "forecast": {"type": "dict"},
    "pages": {
        "type": "dict",
        "options": {
            "scheme": {"type": "str", "choices": ["http", "https"], "default": "http"},
            "port": {"type": "int", "default": 8081},
            "path": {"type": "str", "default": "/?action=stat"},
            "ports": {
                "type": "dict",
                "options": {name: {"type": "int", "default": port} for name, port in PORTS.items()},
            },
            "host": {"type": "str"},
        },
    },
    "server_version": {"type": "str"},
    "licence_limit": {"type": "int"},
    "generated": {"type": "str"},
    **PRICES,
}
