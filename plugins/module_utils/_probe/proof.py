# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proof by real sessions: the nodes' counts before, sessions through the balancer, the counts while they are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.signals import in_thread
from .._core.step import LATER
from .._nodes.members import NodeSet, paged
from .._nodes.pages import How, read_nodes
from .._nodes.stats import Node
from .._nodes.target import Target, target
from .client import Plan, hold_sessions
from .spread import Count, judge
from .value import Proof

EACH_NODE = 20
FEWEST = 20
MOST = 500


def planned(params: Mapping[str, Any], fleet: NodeSet, check: bool) -> Plan:
    """What is opened, and through which address; nothing in check mode. Failure where no address is known."""
    sessions = params["sessions"] or max(FEWEST, min(MOST, EACH_NODE * len(fleet.members)))
    rest = (params["rate"], params["hold"], params["timeout"], params["app_key"], params["validate_certs"])
    return Plan(aim(params, fleet), 0 if check else sessions, *rest)


def aim(params: Mapping[str, Any], fleet: NodeSet) -> Target:
    """Where sessions are opened: what the user says, else the balancer in front of the nodes."""
    scheme = "wss" if params["tls"] else "ws"
    text = params["url"] or params["host"] or (fleet.balancer.dns_name if fleet.balancer else None)
    if text is None:
        reason = "neither O(url) nor O(host) is set, and the nodes have no Classic Load Balancer"
        raise Failure(Refusal("open", "sessions", "", reason, "Set O(url) or O(host)"))
    if text == LATER:
        return Target(scheme, LATER, 0)
    found = target(text, scheme, None if params["url"] else params["port"], "/")
    if isinstance(found, Refusal):
        raise Failure(found)
    return found


async def probe(plan: Plan, fleet: NodeSet, params: Mapping[str, Any], report: Callable[[str], None]) -> Proof:
    """Reads, opens, holds, reads, closes; where nothing is to be opened it only reads."""
    jobs, how = paged(params).jobs(fleet.members, params["address"]), How.of(params)
    before = await in_thread(read_nodes, jobs, how)
    if not plan.sessions:
        return Proof((), counted(fleet, before, before), None)
    report(f"{plan.sessions} sessions to {plan.target.url} at {plan.rate:g} a second, held for {plan.hold:g} s")
    sessions, during = await hold_sessions(plan, lambda: in_thread(read_nodes, jobs, how))
    counts = counted(fleet, before, during)
    held = sum(session.held for session in sessions)
    failed = sum(not session.opened for session in sessions)
    return Proof(sessions, counts, judge(counts, fleet.balancer, held, failed))


def counted(fleet: NodeSet, before: Sequence[Node], during: Sequence[Node]) -> list[Count]:
    """Each node's counts, and why one is unknown."""
    return [
        Count(member, first.connections_websocket, second.connections_websocket, second.error or first.error)
        for member, first, second in zip(fleet.members, before, during, strict=True)
    ]
