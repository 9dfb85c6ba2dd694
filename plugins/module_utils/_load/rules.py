# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be loaded: each rule with its reason, and what would work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import Failure, Refusal, Why
from .._core.licences import Licences, Servers, over
from .._core.limits import Limits, check_limits
from .._core.plain import plural, span
from .._nodes.members import NodeSet
from .._nodes.options import LIMITS as NODES
from .value import Load

LIMITS: Limits = {
    **NODES,
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


def refuse(
    params: Mapping[str, Any], fleet: NodeSet, max_size: int, beside: int, idle: int = 0, marketplace: bool = False
) -> Refusal | None:
    """Why the group must not be loaded, or None.

    `fleet`: its nodes in service. It may grow to its maximum, while `idle` members and machines `beside` it run that
    its sizes do not count.
    """
    why = _unusable(params, fleet)
    if why is None and not marketplace:
        most, waiting = Servers(max_size, "node", "at most"), Servers(idle, "node", "on standby")
        why = over([most, waiting, Servers(beside, "seed")], licences(params), "Lower O(wcs_asg: max_size)")
    return Refusal("put load on", "group", params["group_name"], *why) if why else None


def licences(params: Mapping[str, Any]) -> Licences:
    """How many licences there are."""
    return Licences(params["licence_limit"], params["licence_allow_over"])


def _unusable(params: Mapping[str, Any], fleet: NodeSet) -> Why | None:
    if not fleet.members:
        return "it has no node in service", "Run the playbook site first, or wait until a node is"
    if unknown := [node.name for node in fleet.members if node.host is None]:
        return f"{', '.join(unknown)} has no {params['address']} address", "Set O(address), or wait until it has one"
    if not params["confirm"]:
        reason = "load takes room from those who use it, and new nodes cost money"
        return reason, "Set O(confirm): true if that is meant"
    return None
