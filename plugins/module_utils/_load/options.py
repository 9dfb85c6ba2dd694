# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_load, and the load that they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.limits import Limits, check_limits
from .._core.options import LICENCES, defaults
from .._core.plain import plural, span
from .._nodes.options import ACCESS, NODES, PAGE
from .._nodes.options import LIMITS as OF_NODES
from .._probe.options import OPTIONS
from .value import Load

ARGUMENTS: dict[str, Any] = {
    "group_name": {"type": "str", "required": True},
    "confirm": {"type": "bool", "default": False},
    "sessions": {"type": "int", "default": 100},
    "mixers": {"type": "int", "default": 2},
    "streams": {"type": "int", "default": 2},
    "feed": {"type": "str"},
    "duration": {"type": "float", "default": 900.0},
    "stop_when_grown": {"type": "bool", "default": True},
    "interval": {"type": "float", "default": 10.0},
    "timeout": {"type": "float", "default": 10.0},
    **{key: OPTIONS[key] for key in ("url", "host", "port", "tls", "rate", "app_key")},
    **ACCESS,
    **PAGE,
    **LICENCES,
}
SPEC: dict[str, Any] = {"mutually_exclusive": [["url", "host"], ["url", "port"]]}
USUAL = defaults(NODES, ARGUMENTS)
"""What the other modules that ask nodes offer, and this one leaves as it is."""
LIMITS: Limits = {
    **OF_NODES,
    "sessions": (0, 10_000),
    "rate": (0.1, 1000),
    "mixers": (0, 50),
    "streams": (1, 50),
    "duration": (10, 7200),
    "interval": (1, 300),
    "licence_limit": (0, 100_000),
}
MOST_STREAMS = 200
"""So many streams a node are mixed at the most."""


def wanted(params: Mapping[str, Any]) -> Load:
    """The load in the options. Raises Failure where they make no sense."""
    check_limits(params, LIMITS)
    load = Load(params["sessions"], params["mixers"], params["streams"], params["duration"], params["stop_when_grown"])
    if not load.sessions and not load.mixers:
        reason = "O(sessions) and O(mixers) are both 0"
        raise Failure(Refusal("put load on", "group", params["group_name"], reason, "Set one of them"))
    if load.mixers * load.streams > MOST_STREAMS:
        reason = f"O(mixers) {load.mixers} of O(streams) {load.streams} are more than {MOST_STREAMS} streams a node"
        raise Failure(Refusal("put load on", "group", params["group_name"], reason, "Set less"))
    opening = load.sessions / params["rate"]
    if opening >= load.seconds:
        reason = (
            f"{plural(load.sessions, 'session')} at O(rate) {params['rate']:g} take {span(opening)} to open, "
            f"and O(duration) is {span(load.seconds)}"
        )
        way_out = "Set fewer O(sessions), or a higher O(rate) or O(duration)"
        raise Failure(Refusal("put load on", "group", params["group_name"], reason, way_out))
    return load
