# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What verification checks: group, balancer, nodes, certificates and sessions must fit together."""

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
class CheckedNode:
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
    name; `url`: where sessions are opened; `certificate`: that of the URL, as a node's; `judged`: None where no
    sessions were opened; `errors`: why sessions failed, and how many for each reason.
    """

    desired: int
    version: str | None
    nodes: Sequence[CheckedNode]
    url: str
    load_balancer: str = ""
    judged: Judgement | None = None
    asked: int = 0
    held: int = 0
    certificate: float | str | None = None
    errors: tuple[tuple[str, int], ...] = ()

    @property
    def serving(self) -> list[CheckedNode]:
        """The members that the group calls InService."""
        return [node for node in self.nodes if node.lifecycle == SERVING]

    @property
    def outdated(self) -> list[CheckedNode]:
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
    found = [*_sizes(seen), *_pages(seen), *_sessions(seen), *_certificates(seen, now, days)]
    found += [versions(seen)] if outdated and seen.outdated else []
    causes = seen.judged.causes if seen.judged and found else ()
    members = {node.name for node in seen.nodes if node.lifecycle}  # of whom the balancer's word is said above
    return found + [
        cause.message
        for cause in causes
        if cause.cause != "silent_node" and (cause.cause != "unhealthy_node" or cause.subject not in members)
    ]


def versions(seen: Evidence) -> str:
    """Who runs another version than the group launches; "" where nobody does."""
    if not seen.outdated:
        return ""
    by_version: dict[str, list[str]] = {}
    for node in seen.outdated:
        by_version.setdefault(node.version or "unknown", []).append(node.name)
    run = ", ".join(
        f"{', '.join(names)} {'runs' if len(names) == 1 else 'run'} {_launched(version)}"
        for version, names in sorted(by_version.items())
    )
    return f"{run}; the group launches {_launched(seen.version or 'unknown')}. The playbook update replaces them"


def _launched(version: str) -> str:
    return f"launch template version {version}" if version.isdigit() else f"launch configuration {version}"


def _sizes(seen: Evidence) -> list[str]:
    found = []
    of_group = [node for node in seen.nodes if node.lifecycle]
    if len(seen.serving) != seen.desired:
        found.append(f"the group wants {seen.desired} nodes, and {len(seen.serving)} of {len(of_group)} are InService")
    return found + [_outside(seen, node) for node in of_group if node.balancer != SERVING]


def _outside(seen: Evidence, node: CheckedNode) -> str:
    if node.count is None:
        return f"{node.name} is not registered with load balancer '{seen.load_balancer}'"
    why = f" ({node.count.member.why})" if node.count.member.why else ""
    return f"{node.name} is {node.balancer} in load balancer '{seen.load_balancer}'{why}"


def _pages(seen: Evidence) -> list[str]:
    silent = [node.count for node in seen.nodes if node.count and node.count.error]
    names = ", ".join(count.member.name for count in silent)
    return [f"the statistics page of {names} is not read ({silent[0].error})"] if silent else []


def _sessions(seen: Evidence) -> list[str]:
    if seen.judged is None or seen.judged.verdict == "spread":
        return []
    reasons = "; ".join(f"{count} of {seen.asked}: {error}" for error, count in seen.errors[:REASONS])
    if seen.judged.verdict == "unreachable":
        return [f"no session could be opened through {seen.url} ({reasons or 'no reason is known'})"]
    failed = f"; failed: {reasons}" if reasons else ""
    if seen.judged.verdict is None:
        return [f"sessions through {seen.url} could not be counted on any node{failed}"]
    return [f"sessions are not spread evenly (new sessions of each node: {gained(seen)}){failed}"]


REASONS = 3
"""So many reasons of failed sessions are named."""


def _certificates(seen: Evidence, now: float, days: int) -> list[str]:
    shown = [(node.name, node.certificate) for node in seen.nodes] + [(seen.url, seen.certificate)]
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


def summary(seen: Evidence) -> str:
    """A stack that passed, in a sentence or two."""
    registered = sum(node.count is not None for node in seen.nodes)
    nodes = f"{registered} node{'' if registered == 1 else 's'}"
    if seen.judged is None:
        would = f"Sessions through {seen.url} would be opened, and counted on each node."
        return f"Group and load balancer agree on {nodes}. {would}"
    held = f"{seen.held} of {seen.asked} sessions through {seen.url} were held"
    if registered == 1:
        return f"{held} ({gained(seen)}). One node in service: spread cannot be proven."
    return f"{held}, spread over {nodes} ({gained(seen)})."


def table(seen: Evidence) -> list[str]:
    """The nodes as lines of a table under their headings, empty columns left out."""
    cells = [_cells(node) for node in seen.nodes]
    wanted = [number for number in range(len(COLUMNS)) if number < 2 or any(row[number] for row in cells)]
    rows = [[(row[number] or "-") for number in wanted] for row in (COLUMNS, *cells)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cells(node: CheckedNode) -> tuple[str, ...]:
    count = node.count
    numbers = (count.during, count.gained) if count else (None, None)
    end = node.certificate if isinstance(node.certificate, (str, type(None))) else _date(node.certificate)
    words = (node.name, node.zone, node.lifecycle, node.balancer, node.version)
    return (*(word or "" for word in words), *("" if one is None else str(one) for one in numbers), end or "")


def _date(end: float) -> str:
    return datetime.fromtimestamp(end, timezone.utc).strftime("%Y-%m-%d")
