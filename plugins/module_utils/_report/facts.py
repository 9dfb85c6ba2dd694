# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report is about: a stack, its nodes and their sessions, put together from what three modules answered.

Answers are believed in nothing: what is not of the expected type counts as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .words import count, number, table, tables, text, texts

Item = Mapping[str, Any]
State = Literal["serving", "moving", "out", "unknown"]

MOVING = ("Pending", "Terminating", "Entering", "Detaching", "Standby", "Warmed")


@dataclass(frozen=True)
class ReportNode:
    """One node as group, balancer, its own page and the probe tell it. None: unknown."""

    id: str
    host: str | None = None
    zone: str | None = None
    instance_type: str | None = None
    version: str | None = None
    lifecycle: str | None = None
    health: str | None = None
    balancer: str | None = None
    why: str | None = None
    sessions: int | None = None
    page_ms: float | None = None
    error: str | None = None
    before: int | None = None
    during: int | None = None
    gained: int | None = None

    @property
    def state(self) -> State:
        """Whether it gets sessions."""
        if (self.lifecycle and self.lifecycle.startswith(MOVING)) or (self.why and "registration" in self.why):
            return "moving"
        if self.balancer == "OutOfService" or self.health == "Unhealthy":
            return "out"
        if self.lifecycle == "InService" and self.balancer is None:
            return "serving"
        return "serving" if self.balancer == "InService" else "unknown"

    @property
    def label(self) -> str:
        """Its state in a word or two, AWS's own where it is more exact."""
        if self.state == "moving" and self.lifecycle and self.lifecycle.startswith(MOVING):
            return self.lifecycle
        if self.state == "moving":
            return "leaving" if "deregistration" in str(self.why) else "joining"
        if self.state == "out":
            return "OutOfService" if self.balancer == "OutOfService" else "Unhealthy"
        return "InService" if self.state == "serving" else "unknown"

    @property
    def now(self) -> int | None:
        """The latest count of its sessions, a probe's among them."""
        return self.during if self.during is not None else self.old

    @property
    def old(self) -> int | None:
        """Its sessions without a probe's."""
        return self.before if self.before is not None else self.sessions


@dataclass(frozen=True)
class ReportProbe:
    """Sessions that were opened through the balancer, and where they went."""

    verdict: str | None
    sessions: Item
    latency: Item
    distribution: Item
    causes: Sequence[Item]
    closed_early: int | None


@dataclass(frozen=True)
class Facts:
    """Everything that the page shows. `probe` None: no session was opened; `asked`: whether any page was asked."""

    stack: Item
    nodes: Sequence[ReportNode] = ()
    probe: ReportProbe | None = None
    asked: bool = False
    leftovers: Sequence[Item] = ()
    notices: Sequence[str] = ()
    server_version: str | None = None
    licence_limit: int | None = None
    generated: str | None = None
    zones: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        """The stack's."""
        return text(self.stack.get("name")) or "?"

    @property
    def group(self) -> Item:
        """The group; empty where there is none."""
        return table(self.stack.get("group"))

    @property
    def balancer(self) -> Item:
        """The balancer; empty where there is none."""
        return table(self.stack.get("load_balancer"))

    @property
    def region(self) -> str | None:
        """From the first ARN that is there."""
        arns = [
            self.group.get("auto_scaling_group_arn"),
            *(item.get("security_group_arn") for item in self.items("security_groups")),
        ]
        parts = [arn.split(":") for arn in arns if isinstance(arn, str)]
        return next((part[3] for part in parts if len(part) > 3 and part[3]), None)

    @property
    def sessions(self) -> int | None:
        """The sum of the known counts, without a probe's sessions; None where none is known."""
        known = [node.old for node in self.nodes if node.old is not None]
        return sum(known) if known else None

    @property
    def peak(self) -> int | None:
        """Servers at once at most: the group's maximum, and the seed while an image is made."""
        most = count(self.group.get("max_size"))
        return None if most is None else most + 1

    def items(self, key: str) -> Sequence[Item]:
        """One of the stack's lists."""
        return tables(self.stack.get(key))

    def size(self, key: str) -> int | None:
        """One of the group's sizes: `min_size`, `desired_capacity`, `max_size`."""
        return count(self.group.get(key))

    def of(self, state: State) -> Sequence[ReportNode]:
        """The nodes in that state."""
        return [node for node in self.nodes if node.state == state]


def gather(stack: Any, statistics: Any = None, probe: Any = None, **more: Any) -> Facts:
    """The facts of three answers: of wcs_stack_info, and if there are any of wcs_stat_info and wcs_websocket_probe."""
    shown, stats, probed = table(table(stack).get("stack")), table(statistics), _probed(table(probe))
    nodes = _nodes(shown, tables(stats.get("nodes")), tables(table(probe).get("nodes")), probed is not None)
    places = set(texts(table(shown.get("load_balancer")).get("availability_zones")))
    places |= set(texts(table(shown.get("group")).get("availability_zones")))
    return Facts(
        stack=shown,
        nodes=nodes,
        probe=probed,
        asked=bool(tables(stats.get("nodes")) or tables(table(probe).get("nodes"))),
        leftovers=tables(table(stack).get("leftovers")),
        notices=texts(table(stack).get("notices")),
        zones=sorted(places | {node.zone for node in nodes if node.zone}),
        **more,
    )


def _probed(probe: Item) -> ReportProbe | None:
    sessions = table(probe.get("sessions"))
    if not count(sessions.get("asked")):
        return None
    return ReportProbe(
        verdict=text(probe.get("verdict")),
        sessions=sessions,
        latency=table(probe.get("latency_ms")),
        distribution=table(probe.get("distribution")),
        causes=tables(probe.get("causes")),
        closed_early=count(probe.get("closed_early")),
    )


def _nodes(stack: Item, pages: Sequence[Item], counts: Sequence[Item], probed: bool) -> list[ReportNode]:
    """One node for each name that any answer has, by zone and name."""
    group, balancer = table(stack.get("group")), table(stack.get("load_balancer"))
    sources = {
        "member": tables(group.get("instances")),
        "balanced": tables(balancer.get("instance_states")),
        "page": pages,
        "count": counts,
    }
    by_name = {source: {_name(item): item for item in items} for source, items in sources.items()}
    machines = {_name(item): item for item in tables(stack.get("instances"))}
    names = {name for items in by_name.values() for name in items if name}
    found = [
        _node(
            name,
            {"machine": machines.get(name, {}), **{key: items.get(name, {}) for key, items in by_name.items()}},
            probed,
        )
        for name in names
    ]
    return sorted(found, key=lambda node: (node.zone or "\uffff", node.id))


def _name(item: Item) -> str | None:
    return text(item.get("instance_id")) or text(item.get("host"))


def _node(name: str, of: Mapping[str, Item], probed: bool) -> ReportNode:
    member, balanced, page, counted, machine = (of[key] for key in ("member", "balanced", "page", "count", "machine"))
    why = text(balanced.get("description"))
    return ReportNode(
        id=name,
        host=text(page.get("host")) or text(counted.get("host")) or text(machine.get("public_ip_address")),
        zone=text(member.get("availability_zone")) or text(counted.get("zone")) or _zone(machine),
        instance_type=text(member.get("instance_type")) or text(machine.get("instance_type")),
        version=_version(member),
        lifecycle=text(member.get("lifecycle_state")),
        health=text(member.get("health_status")),
        balancer=text(balanced.get("state")) or text(counted.get("health")),
        why=None if why == "N/A" else why,
        sessions=count(page.get("connections_websocket")),
        page_ms=number(page.get("latency_ms")),
        error=text(counted.get("error")) or text(page.get("error")),
        before=count(counted.get("before")),
        during=count(counted.get("during")) if probed else None,
        gained=count(counted.get("gained")) if probed else None,
    )


def _zone(machine: Item) -> str | None:
    return text(table(machine.get("placement")).get("availability_zone"))


def _version(member: Item) -> str | None:
    return text(table(member.get("launch_template")).get("version")) or text(member.get("launch_configuration_name"))
