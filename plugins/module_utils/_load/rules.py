# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must not be loaded: each rule with its reason, and what would work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import Refusal, Why
from .._core.licences import Licences, Servers, over
from .._nodes.members import NodeSet


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
