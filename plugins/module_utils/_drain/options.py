# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_drain: what a drain is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .._core.licences import Licences
from .._steering.options import Limits, check_limits
from .goal import DrainGoal

LIMITS: Limits = MappingProxyType({"count": (1, None), "licence_limit": (0, None)})


def wanted(params: Mapping[str, Any]) -> DrainGoal:
    """The goal in the options. Raises Failure for a number outside its limits."""
    check_limits(params, LIMITS)
    return DrainGoal(
        state=params["state"],
        count=params["count"],
        instance_ids=tuple(dict.fromkeys(params["instance_ids"] or ())),
        then=params["then"],
        timeout=params["timeout"],
        on_timeout=params["on_timeout"],
        decrement=params["decrement_desired"],
        licences=Licences(params["licence_limit"], params["licence_allow_over"]),
    )
