# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_drain: what a drain is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.licences import Licences
from .._core.limits import Limits, check_limits
from .._core.plain import DAY
from .._core.surplus import Surplus
from .._steering import options as _steering
from .goal import DrainGoal

SURPLUS = "surplus"
"""In place of a number: as many as the sessions do not need."""
ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "choices": ["drained", "in_service"], "default": "drained"},
    "count": {"type": "str"},
    "sessions_per_node": {"type": "float"},
    "headroom": {"type": "float", "default": 0.2},
    "stable_for": {"type": "float", "default": 900},
    "instance_ids": {"type": "list", "elements": "str"},
    "then": {"type": "str", "choices": ["terminate", "standby"], "default": "terminate"},
    "decrement_desired": {"type": "bool", "default": True},
    **_steering.ARGUMENTS,
}
SPEC: dict[str, Any] = {
    "mutually_exclusive": [("count", "instance_ids")],
    "required_if": [("state", "drained", ("count", "instance_ids"), True)],
}
LIMITS: Limits = {
    **_steering.LIMITS,
    "count": (1, None),
    "sessions_per_node": (0, None),
    "headroom": (0, 10),
    "stable_for": (0, DAY),
}


def wanted(params: Mapping[str, Any]) -> DrainGoal:
    """The goal in the options. Raises Failure for a number outside its limits, and for what is no number."""
    count = None if params["count"] in (None, SURPLUS) else _number(params["count"])
    check_limits({**params, "count": count}, LIMITS)
    return DrainGoal(
        state=params["state"],
        count=count,
        instance_ids=tuple(dict.fromkeys(params["instance_ids"] or ())),
        then=params["then"],
        timeout=params["timeout"],
        on_timeout=params["on_timeout"],
        decrement=params["decrement_desired"],
        licences=Licences(params["licence_limit"], params["licence_allow_over"]),
        surplus=_surplus(params) if params["count"] == SURPLUS else None,
    )


def _surplus(params: Mapping[str, Any]) -> Surplus:
    """What makes nodes too many. Raises Failure where it makes no sense."""
    per_node, then = params["sessions_per_node"], params["then"]
    if per_node is None or per_node <= 0:
        reason = "O(count) is surplus, and nothing says how many sessions a node is to carry"
        raise Failure(Refusal("use", "option", "O(sessions_per_node)", reason, "Set it to a number above 0"))
    if then == "standby" or not params["decrement_desired"]:
        reason = "O(count) is surplus: a node too many is terminated, and none comes in its place"
        raise Failure(Refusal("use", "option", "O(then)", reason, "Leave O(then) and O(decrement_desired) out"))
    return Surplus(per_node, params["headroom"], params["stable_for"])


def _number(text: str) -> int:
    """The number of nodes that a text means."""
    try:
        return int(text)
    except ValueError:
        reason = f"'{text}' is neither a number nor surplus"
        raise Failure(Refusal("use", "option", "O(count)", reason, "Set it to a number of nodes")) from None
