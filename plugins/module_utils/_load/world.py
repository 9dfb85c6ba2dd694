# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load on a real fleet: sessions held and mixers run while the group is watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._core import api as _ec2
from .._core.aws import Aws
from .._core.clock import Clock
from .._core.instances import Instances
from .._core.plain import plural
from .._core.signals import in_thread
from .._core.tags import STACK
from .._group import api as _groups
from .._group.value import Group
from .._nodes.members import AskedNode, NodeSet, paged
from .._nodes.pages import How, read_nodes
from .._nodes.stats import Node, number
from .._nodes.world import nodes_of
from .._probe.client import Plan, hold_sessions
from .._probe.messages import Session
from .._scaling import api as _scaling
from .rules import licences
from .value import Load, Look, SeenNode, grown, shown

EACH_NEW = 10
"""So many sessions are opened for each node once new ones serve: they show whether those get any."""
STREAMS = ("streams_webrtc_in", "streams_webrtc_out", "streams_rtmp_in", "streams_rtmp_out")
CPU = "system_java_cpu_usage"


@dataclass(frozen=True)
class LoadedGroup:
    """The group as it was found: its nodes in service, and what licences are counted by (`_load.rules.refuse`).

    `ids`: all its members; `shown`: as the module returns it.
    """

    nodes: NodeSet
    ids: frozenset[str]
    max_size: int
    beside: int
    idle: int
    marketplace: bool
    shown: Mapping[str, Any]


class LoadWorld:
    """One group, for one run."""

    def __init__(self, aws: Aws, params: Mapping[str, Any], clock: Clock, report: Callable[[str], None]) -> None:
        """Nothing was looked at yet."""
        self.aws, self.params, self.clock, self.report = aws, params, clock, report
        self.name: str = params["group_name"]
        self.start = clock.now()
        self.looks: list[Look] = []

    def read(self) -> LoadedGroup:
        """The group. Raises Failure where there is none."""
        group = _groups.existing(self.aws, self.name)
        stack = group.plain_tags.get(STACK, self.name)
        members = frozenset(one.instance_id for one in group.members)
        running = _ec2.running(self.aws, stack)
        nodes = self._nodes(group)
        well = {one.instance_id for one in group.members if one.in_service}
        serve = [one for one in nodes.members if one.instance_id in well and one.health in (None, "InService")]
        return LoadedGroup(
            replace(nodes, members=tuple(serve)),
            members,
            group.settings.max_size or 0,
            len(set(running) - members),
            sum(one.idle for one in group.members),
            licences(self.params).bind and self._marketplace(members, running),
            shown(group),
        )

    def _marketplace(self, members: Collection[str], running: Instances) -> bool:
        """Whether the nodes that run are all of AWS Marketplace, and so need no licence."""
        return _ec2.need_no_licence(self.aws, [one.image_id for key, one in running.items() if key in members])

    def _nodes(self, group: Group) -> NodeSet:
        return nodes_of(self.aws, group, self.params["address"], with_balancer=True)

    def look(self) -> Look:
        """The fleet as it is now."""
        group = _groups.existing(self.aws, self.name)
        nodes = self._nodes(group)
        jobs = paged(self.params).jobs(nodes.members, self.params["address"])
        read = read_nodes(jobs, How.of(self.params))
        look = Look(
            self.clock.now() - self.start,
            group.desired,
            group.settings.max_size or 0,
            tuple(_seen(member, node) for member, node in zip(nodes.members, read, strict=True)),
            _scaling.in_alarm(self.aws, self.name),
        )
        self.looks.append(look)
        serving = f"{sum(one.in_service for one in look.nodes)} of {look.desired} nodes serve"
        self.report(f"{serving}, {plural(look.sessions, 'session')}, {plural(look.streams, 'stream')}")
        return look

    def may_watch(self) -> None:
        """Reads what a watch reads besides: who may not read it fails here, before anything is started."""
        _scaling.in_alarm(self.aws, self.name)
        self.activities()

    def activities(self) -> list[dict[str, str]]:
        """What Auto Scaling did since this run began."""
        since = self.clock.date() - (self.clock.now() - self.start)
        found = [one for one in _groups.read_activities(self.aws, self.name) if one.start >= since]
        return [{"description": one.description, "status": one.status, "cause": one.cause} for one in found]

    async def hold(self, plan: Plan | None, load: Load, before: Collection[str]) -> list[Session]:
        """The sessions that were opened, once the load is over; without a `plan` none is."""
        held: list[Session] = []
        more: Plan | None = None

        async def watch() -> None:
            nonlocal more
            while True:
                look = await in_thread(self.look)
                if plan and not more and (new := look.new(before)):
                    more = replace(plan, sessions=EACH_NEW * (len(look.nodes) + len(new)), hold=2.0)
                    opened, look = await hold_sessions(more, lambda: in_thread(self.look))
                    held.extend(opened)
                over = look.at >= load.seconds
                if over or (load.stop_when_grown and grown(look, before, plan is not None)):
                    return
                await asyncio.sleep(min(self.params["interval"], max(0.1, load.seconds - look.at)))

        if plan is None:
            await watch()
            return held
        watching = asyncio.create_task(watch())
        try:
            first, _ = await hold_sessions(plan, lambda: watching)
        finally:
            watching.cancel()
        return first + held


def _seen(member: AskedNode, node: Node) -> SeenNode:
    """The node; what it does not say is None, as all of it is where its page was not read."""
    stats = node.stats if node.ok else {}
    streams = [int(count) for name in STREAMS if (count := number(stats, name)) is not None]
    return SeenNode(
        member.instance_id or "",
        member.health == "InService",
        node.connections_websocket,
        sum(streams) if streams else None,
        number(stats, CPU),
    )
