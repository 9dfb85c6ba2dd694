# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_rollout: what a rollout is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.licences import Licences
from .._core.limits import Limits, check_limits
from .._steering import options as _steering
from .goal import RolloutGoal

ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "choices": ["current", "rolled_back"], "default": "current"},
    "version": {"type": "str"},
    "surge": {"type": "int", "default": 1},
    "batch": {"type": "int"},
    "min_in_service": {"type": "int"},
    "launch_timeout": {"type": "int"},
    "probe": {"type": "bool", "default": True},
    "websocket_port": {"type": "int"},
    "websocket_tls": {"type": "bool", "default": False},
    "app_key": {"type": "str", "default": "defaultApp", "no_log": False},
    **_steering.ARGUMENTS,
}
LIMITS: Limits = {
    **_steering.LIMITS,
    "surge": (0, None),
    "batch": (1, None),
    "min_in_service": (1, None),
    "launch_timeout": (0, None),
    "websocket_port": (1, 65535),
}


def wanted(params: Mapping[str, Any]) -> RolloutGoal:
    """The goal in the options. Raises Failure for a number outside its limits."""
    check_limits(params, LIMITS)
    return RolloutGoal(
        state=params["state"],
        version=params["version"] if params["state"] == "current" else None,
        batch=params["batch"],
        surge=params["surge"],
        min_in_service=params["min_in_service"],
        timeout=params["timeout"],
        on_timeout=params["on_timeout"],
        launch_timeout=params["launch_timeout"],
        licences=Licences(params["licence_limit"], params["licence_allow_over"]),
    )
