# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a stack does its job: what of group, balancer, nodes, certificates and sessions does not hold together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .._probe.spread import Count, Judgement

DAY = 86_400
COLUMNS = ("node", "zone", "group", "balancer", "version", "sessions", "gained", "certificate")
SERVING = "InService"


@dataclass(frozen=True)
class Node:
    """One node. `lifecycle` and `version` are the group's words on it, None for no member of the group.

    `count` is None where it is not registered in the balancer. `certificate`: when that of its statistics page ends, in
    seconds since 1970; text: why that is unknown; None: it speaks no TLS there.
    """

    name: str
    zone: str | None
    lifecycle: str | None
    version: str | None
    count: Count | None
    certificate: float | str | None = None

    @property
    def balancer(self) -> str | None:
        """The balancer's word on it."""
        return self.count.member.health if self.count else None


@dataclass(frozen=True)
class Evidence:
    """All that was seen of a stack.

    `desired`: how many nodes the group wants; `version`: what it launches now, a template's number or a configuration's
    name; `way`: host and port that sessions go through; `certificate`: that of the way, as a node's; `judged`: None
    where no sessions were opened.
    """

    desired: int
    version: str | None
    nodes: Sequence[Node]
    way: str
    judged: Judgement | None = None
    asked: int = 0
    held: int = 0
    certificate: float | str | None = None

    @property
    def serving(self) -> list[Node]:
        """The members that the group calls InService."""
        return [node for node in self.nodes if node.lifecycle == SERVING]

    @property
    def outdated(self) -> list[Node]:
        """The members that run another version than the group launches now."""
        return [node for node in self.nodes if node.lifecycle and node.version != self.version]


def members(group: Mapping[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Lifecycle state and version (of the template; else the configuration's name) of each member, by its id."""
    return {one["instance_id"]: (one["lifecycle_state"], launched_by(one)) for one in group.get("instances", ())}


def launched_by(thing: Mapping[str, Any]) -> str | None:
    """What a group launches, or an instance was launched by."""
    version = (thing.get("launch_template") or {}).get("version")
    return str(version) if version else thing.get("launch_configuration_name")


def problems(seen: Evidence, now: float, days: int, outdated: bool = True) -> list[str]:
    """What does not hold, a clause each; none where the stack is sound.

    `now`: seconds since 1970; `days`: how long a certificate must be valid yet; `outdated`: whether members of another
    version are a problem.
    """
    told = [*_sizes(seen), *_pages(seen), *_sessions(seen), *_certificates(seen, now, days)]
    told += [versions(seen)] if outdated and seen.outdated else []
    causes = seen.judged.causes if seen.judged and told else ()
    return told + [cause.message for cause in causes if cause.cause != "silent_node"]  # which is told already


def versions(seen: Evidence) -> str:
    """Who runs another version than the group launches; "" where nobody does."""
    if not seen.outdated:
        return ""
    run = ", ".join(f"{node.name} ({node.version or 'unknown'})" for node in seen.outdated)
    return f"another version than the group's ({seen.version}) is run by {run}: the playbook update replaces them"


def _sizes(seen: Evidence) -> list[str]:
    found = []
    of_group = [node for node in seen.nodes if node.lifecycle]
    if len(seen.serving) != seen.desired:
        found.append(f"the group wants {seen.desired} nodes, and {len(seen.serving)} of {len(of_group)} are InService")
    if outside := [node.name for node in of_group if node.balancer != SERVING]:
        found.append(f"the balancer gives no sessions to {', '.join(outside)}")
    return found


def _pages(seen: Evidence) -> list[str]:
    silent = [node.count for node in seen.nodes if node.count and node.count.error]
    names = ", ".join(count.member.name for count in silent)
    return [f"the statistics page of {names} is not read ({silent[0].error})"] if silent else []


def _sessions(seen: Evidence) -> list[str]:
    if seen.judged is None or seen.judged.verdict == "spread":
        return []
    return [f"the sessions are {seen.judged.verdict or 'uncounted'} (gained by each node: {gained(seen)})"]


def _certificates(seen: Evidence, now: float, days: int) -> list[str]:
    shown = [(node.name, node.certificate) for node in seen.nodes] + [(seen.way, seen.certificate)]
    found = []
    for name, end in shown:
        if isinstance(end, str):
            found.append(f"the certificate of {name} is unknown: {end}")
        elif end is not None and end - now < days * DAY:
            word = "expired on" if end < now else "expires on"
            found.append(f"the certificate of {name} {word} {_date(end)}")
    return found


def gained(seen: Evidence) -> str:
    """What each node gained: `20, 20, unknown`."""
    counts = [node.count.gained for node in seen.nodes if node.count]
    return ", ".join("unknown" if count is None else str(count) for count in counts)


def told(seen: Evidence) -> str:
    """A sound stack in a sentence."""
    registered = sum(node.count is not None for node in seen.nodes)
    if seen.judged is None:
        would = f"Sessions through {seen.way} would be opened, and counted on each."
        return f"Group and balancer agree on {registered} nodes. {would}"
    held = f"{seen.held} of {seen.asked} sessions through {seen.way} were held"
    return f"{held}, spread over {registered} nodes ({gained(seen)})."


def table(seen: Evidence) -> list[str]:
    """The nodes as lines of a table under their headings, empty columns left out."""
    cells = [_cells(node) for node in seen.nodes]
    wanted = [number for number in range(len(COLUMNS)) if number < 2 or any(row[number] for row in cells)]
    rows = [[(row[number] or "-") for number in wanted] for row in (COLUMNS, *cells)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cells(node: Node) -> tuple[str, ...]:
    count = node.count
    numbers = (count.during, count.gained) if count else (None, None)
    end = node.certificate if isinstance(node.certificate, (str, type(None))) else _date(node.certificate)
    words = (node.name, node.zone, node.lifecycle, node.balancer, node.version)
    return (*(word or "" for word in words), *("" if one is None else str(one) for one in numbers), end or "")


def _date(end: float) -> str:
    return datetime.fromtimestamp(end, timezone.utc).strftime("%Y-%m-%d")
