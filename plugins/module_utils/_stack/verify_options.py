# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_verify."""

from __future__ import annotations

from typing import Any

from .._core.limits import Limits
from .._core.options import defaults
from .._core.pages import PORTS
from .._nodes.options import ACCESS, NODES
from .._probe import options as _probe
from .options import BASE_IMAGE

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    **{option: spec for option, spec in _probe.OPTIONS.items() if option != "url"},
    **ACCESS,
    "timeout": NODES["timeout"],
    "certificate_days": {"type": "int", "default": 14},
    **BASE_IMAGE,
    "ports": {
        "type": "dict",
        "apply_defaults": True,
        "options": {scheme: {"type": "int", "default": port} for scheme, port in PORTS.items()},
    },
    "demo": {"type": "bool", "default": False},
    "demo_port": {"type": "int"},
    "metrics_period": {"type": "int", "choices": [10, 30, 60]},
    "outdated": {"type": "str", "choices": ["problem", "warn"], "default": "problem"},
}
USUAL = defaults({**NODES, **_probe.OPTIONS}, ARGUMENTS)
"""What the other modules that open sessions offer, and this one leaves as it is."""
LIMITS: Limits = {**_probe.LIMITS, "certificate_days": (0, 3650)}
