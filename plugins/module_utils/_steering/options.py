# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that wcs_drain and wcs_rollout share."""

from __future__ import annotations

from typing import Any

from .._core.limits import Limits
from .._core.options import LICENCES
from .._nodes.options import ACCESS, PAGE
from .._nodes.stats import SESSIONS

ARGUMENTS: dict[str, Any] = {
    **LICENCES,
    "group_name": {"type": "str", "required": True},
    "timeout": {"type": "int"},
    "on_timeout": {"type": "str", "choices": ["fail", "return_to_service", "terminate"], "default": "fail"},
    **ACCESS,
    **PAGE,
    "stat_timeout": {"type": "float", "default": 4.0},
    "counters": {"type": "list", "elements": "str", "default": [SESSIONS]},
}
"""Whose nodes leave, how long their sessions are waited for, and where these are counted."""

LIMITS: Limits = {"timeout": (0, None), "licence_limit": (0, None), "stat_port": (1, 65535), "stat_timeout": (0.1, 60)}
"""The most of `timeout` is the balancers'."""
