# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What load is put on a fleet, what is seen meanwhile, and what that says of its scaling."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .._core.plain import plural, span
from .._group.value import Group


@dataclass(frozen=True)
class Load:
    """What is started: sessions through the balancer, and on each node mixers that take in so many streams each.

    `seconds`: how long it lasts at the most; `stop_when_grown`: whether it ends once new nodes have sessions.
    """

    sessions: int
    mixers: int
    streams: int
    seconds: float
    stop_when_grown: bool = True

    def text(self, nodes: int) -> str:
        """What is started on so many nodes, in words."""
        parts = [plural(self.sessions, "session")] if self.sessions else []
        if self.mixers:
            parts.append(f"{plural(self.mixers, 'mixer')} of {plural(self.streams, 'stream')} on each node ({nodes})")
        return f"{' and '.join(parts)} for {span(self.seconds)} at most"


@dataclass(frozen=True)
class SeenNode:
    """A node at one look; None where its page does not say. `cpu`: per cent of the machine that WCS uses."""

    instance_id: str
    in_service: bool
    sessions: int | None = None
    streams: int | None = None
    cpu: float | None = None


@dataclass(frozen=True)
class Look:
    """The fleet at one moment, `at` seconds after the load began. `alarms`: those that ring."""

    at: float
    desired: int
    max_size: int
    nodes: tuple[SeenNode, ...]
    alarms: tuple[str, ...] = ()

    @property
    def sessions(self) -> int:
        """All that is known of."""
        return sum(node.sessions or 0 for node in self.nodes)

    @property
    def streams(self) -> int:
        """All that is known of."""
        return sum(node.streams or 0 for node in self.nodes)

    @property
    def cpu(self) -> float | None:
        """The mean over the nodes that say it."""
        known = [node.cpu for node in self.nodes if node.cpu is not None]
        return sum(known) / len(known) if known else None

    def new(self, before: Collection[str]) -> list[SeenNode]:
        """The nodes in service that were not there before."""
        return [node for node in self.nodes if node.in_service and node.instance_id not in before]

    def show(self) -> dict[str, Any]:
        """As the module returns it."""
        cpu = None if self.cpu is None else round(self.cpu, 1)
        return {
            "seconds": round(self.at),
            "desired_capacity": self.desired,
            "in_service": sum(node.in_service for node in self.nodes),
            "sessions": self.sessions,
            "streams": self.streams,
            "cpu": cpu,
            "alarms": list(self.alarms),
            "nodes": [asdict(node) for node in self.nodes],
        }


def shown(group: Group) -> dict[str, Any]:
    """The group as the module returns it."""
    return {
        "name": group.name,
        "min_size": group.settings.min_size,
        "max_size": group.settings.max_size,
        "desired_capacity": group.desired,
        "load_balancers": list(group.balancers),
        "instances": [
            {
                "instance_id": one.instance_id,
                "instance_type": one.instance_type,
                "zone": one.zone,
                "lifecycle_state": one.state,
            }
            for one in group.members
        ],
    }


def grown(look: Look, before: Collection[str], opened: bool) -> bool:
    """Whether new nodes serve; where sessions were `opened`, all that are wanted serve, and the new ones have some."""
    new = look.new(before)
    if not new or not opened:
        return bool(new)
    return sum(node.in_service for node in look.nodes) >= look.desired and all(node.sessions for node in new)


def verdict(looks: Sequence[Look], before: Collection[str], opened: bool, mixed: bool = False) -> tuple[str, str]:
    """(grown, idle, coming or unmoved; what that rests on).

    `opened`: whether sessions were opened at all; `mixed`: whether mixers were started.
    """
    last, start = looks[-1], looks[0]
    new = last.new(before)
    if new and (not opened or all(node.sessions for node in new)):
        after = next(look.at for look in looks if look.new(before))
        shared = f", with {sum(node.sessions or 0 for node in new)} sessions on them" if opened else ""
        return "grown", f"{plural(len(new), 'new node')} in service after {span(after)}{shared}"
    if new:
        empty = ", ".join(node.instance_id for node in new if not node.sessions)
        return "idle", f"no new session reached {empty}"
    if last.desired > start.desired:
        return "coming", f"the desired capacity rose from {start.desired} to {last.desired}, and no new node serves yet"
    if start.desired >= start.max_size:
        return "unmoved", f"the group had its maximum size, {start.max_size}, from the start"
    rang = sorted({alarm for look in looks for alarm in look.alarms})
    if rang:
        return "unmoved", f"{', '.join(rang)} rang, and the desired capacity stayed at {last.desired}"
    most = max((look.cpu for look in looks if look.cpu is not None), default=None)
    cpu = "" if most is None else f"; the CPU reached {most:.0f} % on the average"
    streams = "; no node showed a stream of the mixers" if mixed and not any(look.streams for look in looks) else ""
    return "unmoved", f"no alarm of its policies rang{cpu}{streams}"


ENDED = {"grown": "has grown", "idle": "has grown, and new nodes are idle", "coming": "is growing"}


def ended(name: str, found: str, reason: str) -> str:
    """The verdict on a group in a sentence."""
    return f"Group '{name}' {ENDED.get(found, 'has not grown')}: {reason}."


HEADS = ("time", "nodes", "sessions", "streams", "CPU", "alarms")


def table(looks: Sequence[Look]) -> list[str]:
    """The looks at which something changed, a line each, at most 80 columns wide."""
    rows = [_cells(look) for look in looks]
    changed = [row for at, row in enumerate(rows) if at in (0, len(rows) - 1) or row[1:] != rows[at - 1][1:]]
    return [_line(HEADS), *map(_line, changed)]


def _cells(look: Look) -> tuple[str, ...]:
    cpu = "?" if look.cpu is None else f"{look.cpu:.0f} %"
    nodes = f"{sum(node.in_service for node in look.nodes)}/{look.desired}"
    alarms = ", ".join(look.alarms)
    return span(look.at), nodes, str(look.sessions), str(look.streams), cpu, alarms


def _line(cells: Sequence[str]) -> str:
    widths = (12, 7, 10, 9, 7)
    head = "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=False))
    return f"{head}  {cells[-1]}".rstrip()[:80]
