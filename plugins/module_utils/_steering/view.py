# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group as steering sees it: which nodes serve, which leave, who has how many sessions, and what is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core import plain as _plain
from .._core.licences import Servers
from .._core.plain import iso, plural
from .._core.surplus import ScaleOut
from .._group.journal import Journal, Mark, Sighting
from .._group.value import Member

RECIPE = frozenset({"AZRebalance", "HealthCheck", "ReplaceUnhealthy"})
"""The processes that stand still while a node is out of its balancers: they would replace it, or move others."""

IN_SERVICE, JOINING, OUT = "in_service", "joining", "out_of_service"
"""What a balancer says of a registered node; a joining one was never in service since it was registered."""

SETTLING = ("Pending", "EnteringStandby", "Detach", "ReplacingRootVolume", "RootVolumeReplaced")
"""How states begin that pass by themselves."""

ACTIVE = ("Pending", "Pending:Wait", "Pending:Proceed", "InService")  # what counts towards the desired capacity


@dataclass(frozen=True)
class LiveNode(Member):
    """A member with what steering needs of it. `standing`: by balancer, those it is registered with.

    `sessions` None: unknown. `quiet`, `sick`, `ending`, `watched`: seconds for which this run has seen it without
    sessions and out of the balancers, not serving, terminating, or at all. `served`: this run saw it in service;
    `proven`: and tried it out.
    """

    running: bool = True
    standing: Mapping[str, str] = field(default_factory=dict)
    sessions: int | None = None
    mark: Mark | None = None
    quiet: float = 0.0
    sick: float = 0.0
    ending: float = 0.0
    watched: float = 0.0
    served: bool = False
    proven: bool = False

    @property
    def version(self) -> str | None:
        """The version of the launch template that it runs; None where it was not launched from one."""
        return self.source.version if self.source and self.source.kind == "template" else None

    @property
    def active(self) -> bool:
        """Whether it counts towards the desired capacity."""
        return self.state in ACTIVE

    @property
    def gone(self) -> bool:
        """Whether its end has begun: it serves no more, also where its machine is kept (`retained`)."""
        return self.state.startswith("Terminat")

    @property
    def stuck(self) -> bool:
        """Whether nothing is known to come of its state: nothing can be done with it, or be waited for."""
        return not self.gone and self.state not in ("InService", "Standby") and not self.state.startswith(SETTLING)

    @property
    def leaving(self) -> bool:
        """Whether it is on its way out."""
        return self.mark is not None and not self.mark.back and not self.gone

    @property
    def returning(self) -> bool:
        """Whether it is being put back."""
        return self.mark is not None and self.mark.back and not self.gone

    @property
    def empty(self) -> bool:
        """Whether nobody can be on it: it counts no session, or its machine does not run. Unknown is not empty."""
        return self.sessions == 0 or not self.running

    def summary(self) -> str:
        """For progress lines and messages: i-1 (12 sessions)."""
        if not self.running:
            return f"{self.instance_id} (does not run)"
        return f"{self.instance_id} ({counted(self.sessions)})"


@dataclass(frozen=True)
class LiveBalancer:
    """A Classic balancer of the group. `draining`: its limit in seconds; None: it cuts at once."""

    name: str
    draining: int | None = None


@dataclass(frozen=True)
class LiveTemplate:
    """The launch template of the group; `version` is the group's, all are numbers.

    `likeness`: by version, the first whose nodes are the same, for versions that differ by tags alone.
    """

    name: str
    version: str
    latest: str
    default: str
    versions: frozenset[str] = frozenset()
    likeness: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """One look at a group.

    `taken`: the nodes that this run, or the one whose journal it found, has had on their way, as they were last seen.
    `yielded`: those of them that went back only because the others were too few.
    `strangers`: the EC2 state of instances asked for that are not in the group: "terminated" also of members that EC2
    has forgotten, "" of what has ended or is unknown and never was a member.
    `foreign`: what else decides where sessions go. `weighted`: its sizes count weights of its nodes, not nodes.
    `failures`: why launches failed since this run began.
    `short`: seconds for which members have been missing. `beside`: running machines of the stack outside the group.
    `marketplace`: the licences of its nodes are in AWS's price of the hour. `at`: when it was, in seconds since 1970.
    `peak`: the most sessions of all nodes together, as published over the time asked for; None: not all of it is known.
    `alarms`: those by which its policies add nodes, where it matters. `sighting`: since when it has had too many nodes,
    as earlier runs saw it.
    """

    name: str
    desired: int = 0
    min_size: int = 0
    max_size: int = 0
    nodes: tuple[LiveNode, ...] = ()
    zones: tuple[str, ...] = ()
    balancers: tuple[LiveBalancer, ...] = ()
    suspended: frozenset[str] = frozenset()
    journal: Journal | None = None
    previous: str | None = None
    template: LiveTemplate | None = None
    grace: int = 0
    deleting: bool = False
    foreign: str = ""
    weighted: bool = False
    taken: Mapping[str, LiveNode] = field(default_factory=dict)
    yielded: frozenset[str] = frozenset()
    strangers: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    short: float = 0.0
    beside: int = 0
    marketplace: bool = False
    at: float = 0.0
    peak: int | None = None
    alarms: tuple[ScaleOut, ...] = ()
    sighting: Sighting | None = None

    def find(self, instance_id: str) -> LiveNode | None:
        """The member with that id."""
        return next((node for node in self.nodes if node.instance_id == instance_id), None)

    def runs(self, node: LiveNode, version: str | None) -> bool:
        """Whether a node runs the version, or one that differs from it by tags alone."""
        same = self.template.likeness if self.template else {}
        one, other = node.version or "", version or ""
        return same.get(one, one) == same.get(other, other)

    def serves(self, node: LiveNode) -> bool:
        """Whether new sessions reach it through every balancer."""
        states = [node.standing.get(balancer.name) for balancer in self.balancers]
        return node.state == "InService" and node.running and all(one == IN_SERVICE for one in states)

    def registered(self, node: LiveNode) -> list[str]:
        """The names of the balancers it is registered with."""
        return [balancer.name for balancer in self.balancers if balancer.name in node.standing]

    @property
    def leaving(self) -> list[LiveNode]:
        """The nodes on their way out, the earliest first."""
        return sorted((node for node in self.nodes if node.leaving), key=_since)

    @property
    def returning(self) -> list[LiveNode]:
        """The nodes that are being put back, the earliest first."""
        return sorted((node for node in self.nodes if node.returning), key=_since)

    @property
    def staying(self) -> list[LiveNode]:
        """The nodes that count towards the desired capacity and are not on their way out."""
        return [node for node in self.nodes if node.active and not node.leaving]

    @property
    def serving(self) -> list[LiveNode]:
        """The nodes that stay and take new sessions."""
        return [node for node in self.staying if self.serves(node)]

    @property
    def idle(self) -> Servers:
        """How many nodes run that the desired capacity does not count (on standby): they need licences, too."""
        return Servers(sum(node.idle and node.running for node in self.nodes), "node", "on standby")

    @property
    def floor(self) -> int:
        """How many nodes have to stay in service at any time: min_size, and at least one."""
        return max(self.min_size, 1)


def _since(node: LiveNode) -> tuple[float, str]:
    return (node.mark.started if node.mark else 0.0, node.instance_id)


# Who leaves first


def order(view: View, candidates: Iterable[LiveNode], most: int | None = None) -> list[LiveNode]:
    """The candidates as they would leave, one after the other: fewest sessions first, zones kept even, unknown last.

    AWS rebalances zones that differ by more than one: a node is taken out of another zone than the fullest only where
    none would then lack two. `most`: only so many.
    """
    left, chosen = sorted(candidates, key=_load), list[LiveNode]()
    counts = Counter(dict.fromkeys(view.zones, 0))
    counts.update(node.zone for node in view.staying)
    while left and (most is None or len(chosen) < most):
        even = {zone for zone in counts if spread({**counts, zone: counts[zone] - 1}) <= 1}
        fullest = max(counts[node.zone] for node in left)
        victim = next((node for node in left if node.zone in even), None)
        victim = victim or next(node for node in left if counts[node.zone] == fullest)
        chosen.append(victim)
        left.remove(victim)
        counts[victim.zone] -= 1
    return chosen


def spread(counts: Mapping[str, int]) -> int:
    """By how many nodes the fullest zone exceeds the emptiest."""
    return max(counts.values(), default=0) - min(counts.values(), default=0)


def unevenness(view: View, without: Collection[str] = ()) -> int:
    """The spread over the group's zones once these nodes are gone."""
    counts = Counter(dict.fromkeys(view.zones, 0))
    counts.update(node.zone for node in view.staying if node.instance_id not in without)
    return spread(counts)


def _load(node: LiveNode) -> tuple[bool, int, str]:
    sessions = 0 if not node.running else node.sessions
    return (sessions is None, sessions or 0, node.instance_id)


# How it is shown


def counted(sessions: int | None) -> str:
    """12 sessions, 1 session, sessions unknown."""
    if sessions is None:
        return "sessions unknown"
    return plural(sessions, "session")


def listed(nodes: Sequence[LiveNode], most: int = 5) -> str:
    """i-1 (12 sessions), i-2 (sessions unknown) and 3 more."""
    return _plain.listed([node.summary() for node in nodes], most)


def show(view: View) -> dict[str, Any]:
    """The group as modules return it."""
    return {
        "name": view.name,
        "desired_capacity": view.desired,
        "min_size": view.min_size,
        "max_size": view.max_size,
        "launch_template_version": view.template.version if view.template else None,
        "suspended_processes": sorted(view.suspended),
        "instances": [show_node(view, node) for node in view.nodes],
    }


def show_node(view: View, node: LiveNode) -> dict[str, Any]:
    """A node as modules return it."""
    return {
        "instance_id": node.instance_id,
        "instance_type": node.instance_type,
        "zone": node.zone,
        "lifecycle_state": node.state,
        "health_status": node.health,
        "in_service": view.serves(node),
        "sessions": node.sessions,
        "launch_template_version": node.version,
        "draining_since": iso(node.mark.started) if node.mark and not node.mark.back else None,
    }
