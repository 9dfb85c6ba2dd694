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

from .._core.answers import count, number, table, tables, text, texts
from .._core.instances import RETAINED
from .._core.plain import Item
from .history import Curves, forecast_curves, history_curves
from .rows import (
    ActivityRow,
    AlarmRow,
    BalancerRow,
    GroupRow,
    ImageRow,
    LaunchRow,
    OrphanRow,
    PolicyRow,
    ScheduleRow,
    activity_row,
    alarm_row,
    balancer_row,
    group_row,
    hook_row,
    image_row,
    launch_rows,
    orphan_row,
    policy_row,
    schedule_row,
)
from .words import figure

State = Literal["serving", "moving", "out", "unknown"]

MOVING = ("Pending", "Terminating", "Entering", "Detaching", "Standby", "Warmed")


@dataclass(frozen=True)
class ReportNode:
    """One node as group, balancer, its own page and the probe show it. None: unknown."""

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
        if self.lifecycle == RETAINED:
            return "out"
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
        if self.lifecycle == RETAINED:
            return RETAINED
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
    """Sessions that were opened through the balancer, and where they went. None: unknown.

    `latency`: least, median, 95th percentile and most, in milliseconds; `causes`: kind and message of each.
    """

    verdict: str | None
    asked: int | None
    held: int | None
    failed: int | None
    background: int | None
    closed_early: int | None
    latency: tuple[float | None, ...]
    least: float | None
    most: float | None
    mean: float | None
    ratio: float | None
    chance: float | None
    causes: Sequence[tuple[str | None, str | None]]


@dataclass(frozen=True)
class Facts:
    """Everything that the page shows. `probe` None: no session was opened; `asked`: whether any page was asked."""

    name: str = "?"
    region: str | None = None
    balancer: BalancerRow | None = None
    group: GroupRow | None = None
    seed: str | None = None
    nodes: Sequence[ReportNode] = ()
    probe: ReportProbe | None = None
    asked: bool = False
    policies: Sequence[PolicyRow] = ()
    alarms: Sequence[AlarmRow] = ()
    hooks: Sequence[str] = ()
    schedules: Sequence[ScheduleRow] = ()
    activities: Sequence[ActivityRow] = ()
    launches: Sequence[LaunchRow] = ()
    images: Sequence[ImageRow] = ()
    orphans: Sequence[OrphanRow] = ()
    notices: Sequence[str] = ()
    freshness: Sequence[str] = ()
    instance_profiles: Sequence[str] = ()
    unread: Sequence[str] = ()
    server_version: str | None = None
    licence_limit: int | None = None
    generated: str | None = None
    costs: Item | None = None
    zones: Sequence[str] = field(default=())
    pages: Item | None = None
    history: Curves | None = None
    forecasts: Sequence[Curves] = ()

    @property
    def sessions(self) -> int | None:
        """The sum of the known counts, without a probe's sessions; None where none is known."""
        known = [node.old for node in self.nodes if node.old is not None]
        return sum(known) if known else None

    @property
    def peak(self) -> int | None:
        """Servers at once at most: the group's maximum, and the seed while an image is made."""
        most = self.group.maximum if self.group else None
        return None if most is None else most + 1

    @property
    def desired(self) -> int | None:
        """How many nodes the group wants."""
        return self.group.desired if self.group else None

    @property
    def sizes(self) -> tuple[str, str, str]:
        """Least, wanted and most nodes of the group, as the page shows them."""
        row = self.group
        least, desired, most = (row.minimum, row.desired, row.maximum) if row else (None, None, None)
        return figure(least), figure(desired), figure(most)

    def of(self, state: State) -> Sequence[ReportNode]:
        """The nodes in that state."""
        return [node for node in self.nodes if node.state == state]


def gather(stack: Any, statistics: Any = None, probe: Any = None, forecast: Any = None, **more: Any) -> Facts:
    """The facts of what wcs_stack_info answered, and, if asked, wcs_stat_info, wcs_websocket_probe and wcs_forecast.

    Among `more`: `pages`, the `scheme`, `port` and `path` of the statistics pages, the `ports` of the nodes by scheme
    and the `host` that clients know the load balancer by; addresses and links are made of them. `costs`: as
    `_money.costs` has them.
    """
    answer, stats, probed = table(stack), table(statistics), _probed(table(probe))
    shown = table(answer.get("stack"))
    nodes = _nodes(shown, tables(stats.get("nodes")), tables(table(probe).get("nodes")), probed is not None)
    balancer = balancer_row(table(shown.get("load_balancer")))
    group = group_row(table(shown.get("group")), tables(shown.get("launch_templates")))
    places = {*(balancer.zones if balancer else ()), *(group.zones if group else ())}
    region = _region(group, shown)
    return Facts(
        name=text(shown.get("name")) or "?",
        region=region,
        balancer=balancer,
        group=group,
        seed=text(table(shown.get("seed")).get("instance_id")),
        nodes=nodes,
        probe=probed,
        asked=bool(tables(stats.get("nodes")) or tables(table(probe).get("nodes"))),
        policies=[policy_row(one) for one in tables(shown.get("scaling_policies"))],
        alarms=[alarm_row(one) for one in tables(shown.get("alarms"))],
        hooks=[hook_row(one) for one in tables(shown.get("lifecycle_hooks"))],
        schedules=[schedule_row(one) for one in tables(shown.get("scheduled_actions"))],
        activities=[activity_row(one) for one in tables(shown.get("activities"))],
        launches=launch_rows(tables(shown.get("launch_template_versions")), tables(shown.get("launch_configurations"))),
        images=[image_row(one, region) for one in tables(shown.get("images"))],
        orphans=[orphan_row(one, region) for one in tables(answer.get("leftovers"))],
        notices=texts(answer.get("notices")),
        freshness=texts(answer.get("freshness")),
        instance_profiles=texts([one.get("instance_profile_name") for one in tables(shown.get("instance_profiles"))]),
        unread=texts(shown.get("unread")),
        zones=sorted(places | {node.zone for node in nodes if node.zone}),
        history=history_curves(answer.get("history"), shown.get("scaling_policies")),
        forecasts=forecast_curves(forecast, more.get("licence_limit")),
        **more,
    )


def _region(group: GroupRow | None, stack: Item) -> str | None:
    """From the first ARN that is there."""
    arns = [group.arn if group else None]
    arns += [text(one.get("security_group_arn")) for one in tables(stack.get("security_groups"))]
    parts = [arn.split(":") for arn in arns if arn]
    return next((part[3] for part in parts if len(part) > 3 and part[3]), None)


def _probed(probe: Item) -> ReportProbe | None:
    sessions, spread, took = (table(probe.get(key)) for key in ("sessions", "distribution", "latency_ms"))
    if not count(sessions.get("asked")):
        return None
    return ReportProbe(
        verdict=text(probe.get("verdict")),
        asked=count(sessions.get("asked")),
        held=count(sessions.get("held")),
        failed=count(sessions.get("failed")),
        background=count(sessions.get("background")),
        closed_early=count(probe.get("closed_early")),
        latency=tuple(number(took.get(key)) for key in ("min", "median", "p95", "max")),
        least=number(spread.get("min")),
        most=number(spread.get("max")),
        mean=number(spread.get("mean")),
        ratio=number(spread.get("max_over_mean")),
        chance=number(spread.get("p_value")),
        causes=[(text(one.get("cause")), text(one.get("message"))) for one in tables(probe.get("causes"))],
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
