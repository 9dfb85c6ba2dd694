# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many sessions nodes have, by their statistics pages, and whether a node takes a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._core.clock import Clock
from .._core.errors import Failure, Refusal
from .._core.instances import Instances
from .._nodes.fetch import Request
from .._nodes.members import AskedNode, Page, paged
from .._nodes.pages import How, read_nodes
from .._nodes.stats import SESSIONS, number
from .._nodes.target import Target, target
from .._probe.client import MISSING, Plan, hold_sessions
from .view import LiveNode, View

FRESH_ENOUGH = 30.0
"""Seconds for which the count of a node that stays is good enough."""


@dataclass(frozen=True)
class Asked:
    """How nodes are asked for their sessions: the sum of `counters` on their pages.

    `proves`: tries a session with the node at an address; None: the page is enough to prove a node.
    """

    page: Page
    address: str
    how: How
    counters: tuple[str, ...]
    proves: Callable[[str], bool] | None = None


def asked(params: Mapping[str, Any], proves: Callable[[str], bool] | None = None) -> Asked:
    """How nodes are asked, from the options of a module."""
    counters = tuple(params["counters"] or (SESSIONS,))
    request = Request(params["username"], params["password"], validate_certs=params["validate_certs"])
    how = How(counters=counters, timeout=params["stat_timeout"], request=request)
    return Asked(paged(params), params["address"], how, counters, proves)


def session_with(params: Mapping[str, Any]) -> Callable[[str], bool]:
    """A function that opens a session with the node at an address and closes it: whether that worked."""
    if MISSING:
        reason = f"the Python library {MISSING} is not installed, and new nodes are proven with a session"
        raise Failure(Refusal("open", "sessions", "", reason, f"Install {MISSING}, or set O(probe): false"))
    scheme = "wss" if params["websocket_tls"] else "ws"

    def proves(host: str) -> bool:
        found = target(host, scheme, params["websocket_port"], "/")
        if not isinstance(found, Target):
            raise Failure(found)
        rest = (params["stat_timeout"], params["app_key"], params["validate_certs"])
        sessions, _ = asyncio.run(hold_sessions(Plan(found, 1, 1.0, 0.0, *rest), _nothing))
        return all(session.held for session in sessions)

    return proves


async def _nothing() -> None:
    """What is done meanwhile."""


class Sessions:
    """The sessions of one group's nodes, for one run. `tries`: which nodes are to be proven."""

    def __init__(self, asked: Asked, clock: Clock, tries: Callable[[View, LiveNode], bool]) -> None:
        """Nobody was asked yet."""
        self.asked, self.clock, self.tries = asked, clock, tries
        self._counts: dict[str, tuple[float, int | None]] = {}
        self._proven: set[str] = set()

    def counted(self, view: View, instances: Instances) -> View:
        """The view with sessions and proofs."""
        return self._proved(self._counted(view, instances), instances)

    def _counted(self, view: View, instances: Instances) -> View:
        """Nodes that stay are asked from time to time only."""
        now = self.clock.now()
        nodes = [node for node in view.nodes if _has_page(node) and self._stale(node, now)]
        counts = self._count([self._member(node, instances) for node in nodes]) if nodes else {}
        self._counts |= {one: (now, count) for one, count in counts.items()}
        return replace(view, nodes=tuple(replace(node, sessions=self._known(node)) for node in view.nodes))

    def _stale(self, node: LiveNode, now: float) -> bool:
        at, count = self._counts.get(node.instance_id, (float("-inf"), None))
        return node.mark is not None or count is None or now - at >= FRESH_ENOUGH

    def _known(self, node: LiveNode) -> int | None:
        return self._counts.get(node.instance_id, (0.0, None))[1] if node.running else None

    def _count(self, members: Sequence[AskedNode]) -> dict[str, int | None]:
        jobs = self.asked.page.jobs(members, self.asked.address)
        return {
            str(node.instance_id): _sum([number(node.stats, name) for name in self.asked.counters]) if node.ok else None
            for node in read_nodes(jobs, self.asked.how)
        }

    def _proved(self, view: View, instances: Instances) -> View:
        """A node is proven that serves, shows its sessions, and took one."""
        for node in view.nodes:
            fit = node.sessions is not None and view.serves(node) and self.tries(view, node)
            if fit and node.instance_id not in self._proven:
                host = self._member(node, instances).host
                if self.asked.proves is None or (host is not None and self.asked.proves(host)):
                    self._proven.add(node.instance_id)
        proven = self._proven
        return replace(view, nodes=tuple(replace(node, proven=node.instance_id in proven) for node in view.nodes))

    def _member(self, node: LiveNode, instances: Instances) -> AskedNode:
        instance = instances.get(node.instance_id)
        return AskedNode(instance.address(self.asked.address) if instance else None, node.instance_id)


def _sum(values: Sequence[float | None]) -> int | None:
    """The whole sum; None where a value is unknown."""
    known = [value for value in values if value is not None]
    return int(sum(known)) if len(known) == len(values) else None


def _has_page(node: LiveNode) -> bool:
    """Whether it may still have sessions: a machine that is kept after its end has begun may."""
    return node.running and (node.retained or not node.gone)
