# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes that are asked: hosts as the user names them, or instances of a group or balancer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.errors import Failure, Refusal
from .stats import Node
from .target import Target, target


@dataclass(frozen=True)
class AskedNode:
    """One node. `health` is the balancer's state of it, `why` its words; None where no balancer was asked."""

    host: str | None
    instance_id: str | None = None
    zone: str | None = None
    health: str | None = None
    why: str = ""

    @property
    def name(self) -> str:
        """How the user knows it."""
        return self.instance_id or self.host or "?"


@dataclass(frozen=True)
class Front:
    """What of a balancer decides where sessions go."""

    name: str
    dns_name: str
    cross_zone: bool
    zones: tuple[str, ...]


@dataclass(frozen=True)
class NodeSet:
    """The nodes, and the balancer in front of them where it is known."""

    members: tuple[AskedNode, ...]
    balancer: Front | None = None


@dataclass(frozen=True)
class Page:
    """Where on each node the statistics page is."""

    scheme: str = "http"
    port: int | None = None
    path: str = "/?action=stat"

    def jobs(self, members: Sequence[AskedNode], address: str) -> list[tuple[Node, Target | None]]:
        """Each member as a node, with the target of its page; None for a member without an address.

        Raises Failure for a host that is no address.
        """
        return [(self._node(member, address), self.goal(member.host)) for member in members]

    def _node(self, member: AskedNode, address: str) -> Node:
        missing = None if member.host else f"it has no {address} address, or is no running instance"
        return Node(member.host, member.instance_id, error=missing)

    def goal(self, host: str | None) -> Target | None:
        """Where the page of the host is; None without a host. Raises Failure for what is no address."""
        if host is None:
            return None
        found = target(host, self.scheme, self.port, self.path)
        if isinstance(found, Refusal):
            raise Failure(found)
        return found


def paged(params: Mapping[str, Any]) -> Page:
    """Where the statistics pages are, by the options PAGE."""
    return Page(params["stat_scheme"], params["stat_port"], params["stat_path"])
