# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What verification checks: group, balancer, nodes, certificates and sessions must fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .._core.pages import DemoPage
from .._core.plain import DAY, plural
from .._probe.spread import Count, Judgement
from .notices import launched_by
from .published import Published, ago, silent

COLUMNS = ("node", "zone", "group", "balancer", "version", "sessions", "gained", "metric", "certificate")
WIDEST = 80
"""Columns of a terminal that the table keeps to."""

SERVING = "InService"
WEB = ("HTTP", "HTTPS")
"""Protocols of listeners that answer 400 to a WebSocket handshake."""


ENDING = "Terminat"
"""How the lifecycle states of a member begin whose end has begun: it will not be replaced once more."""


@dataclass(frozen=True)
class CheckedNode:
    """One node. `lifecycle` and `version` are the group's, None for no member of the group.

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
        """The balancer's state of it."""
        return self.count.member.health if self.count else None


@dataclass(frozen=True)
class Evidence:
    """All that was seen of a stack.

    `desired`: how many nodes the group wants; `version`: what it launches now, a template's number or a configuration's
    name; `url`: where sessions are opened; `certificate`: that of the URL, as a node's; `judged`: None where no
    sessions were opened; `errors`: why sessions failed, and how many for each reason; `listener`: protocol and port of
    the balancer's listener that they are opened through; `notices`: as `notices.py` has them; `source_gone`: what it
    says of a group that can launch no node; `likeness`: by version of the template, the first that differs from it by
    tags alone; `published`: when nodes published their sessions, None where that is not asked; `demo`: by who serves it
    what was seen of the demo page.
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
    listener: tuple[str, int] | None = None
    notices: Sequence[str] = ()
    source_gone: str | None = None
    likeness: Mapping[str, str] = field(default_factory=dict)
    published: Published | None = None
    demo: Mapping[str, DemoPage] = field(default_factory=dict)

    @property
    def serving(self) -> list[CheckedNode]:
        """The members that the group calls InService."""
        return [node for node in self.nodes if node.lifecycle == SERVING]

    @property
    def outdated(self) -> list[CheckedNode]:
        """The members that run another version than the group launches now, more than tags apart."""
        aim = self.likeness.get(self.version or "", self.version)
        found = [node for node in self.nodes if node.lifecycle and not node.lifecycle.startswith(ENDING)]
        return [node for node in found if self.likeness.get(node.version or "", node.version) != aim]


def members(group: Mapping[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Lifecycle state and version (of the template; else the configuration's name) of each member, by its id."""
    return {one["instance_id"]: (one["lifecycle_state"], launched_by(one)) for one in group.get("instances", ())}


def listening(balancer: Mapping[str, Any], port: int) -> tuple[str, int] | None:
    """Protocol and port of the balancer's listener at that port; None where it has none there."""
    listeners = [one.get("listener") or {} for one in balancer.get("listener_descriptions") or ()]
    return next(((str(one["protocol"]), port) for one in listeners if one.get("load_balancer_port") == port), None)


def problems(seen: Evidence, now: float, days: int, outdated: bool = True) -> list[str]:
    """What does not hold, a clause each; none where the stack is sound.

    `now`: seconds since 1970; `days`: how long a certificate must be valid yet; `outdated`: whether members of another
    version are a problem.
    """
    found = [seen.source_gone] if seen.source_gone else []
    found += [*_sizes(seen), *_listener(seen), *_pages(seen), *_sessions(seen), *_certificates(seen, now, days)]
    found += [f"the demo page of {name} is not right: {page.wrong}" for name, page in reached_demo(seen) if page.wrong]
    found += silent(seen.published, [node.name for node in seen.serving]) if seen.published else []
    found += [versions(seen)] if outdated and seen.outdated else []
    causes = seen.judged.causes if seen.judged and found else ()
    members = {node.name for node in seen.nodes if node.lifecycle}  # of whom the balancer's word is said above
    found += [
        cause.message
        for cause in causes
        if cause.cause != "silent_node" and (cause.cause != "unhealthy_node" or cause.subject not in members)
    ]
    return found + (notes(seen) if found else [])


def notes(seen: Evidence) -> list[str]:
    """What is no problem, and may explain some: the notices, and the demo pages that were not reached from here."""
    lost = {name: page.wrong for name, page in seen.demo.items() if not page.reached}
    if not lost:
        return list(seen.notices)
    why = f"{next(iter(lost.values()))}, as where a security group does not let this machine in"
    return [*seen.notices, f"the demo page of {', '.join(lost)} is not verified: {why}"]


def reached_demo(seen: Evidence) -> list[tuple[str, DemoPage]]:
    """Who serves the demo page and was reached, and what was seen."""
    return [(name, page) for name, page in seen.demo.items() if page.reached]


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
    return found + [_outside(seen, node) for node in of_group if (node.lifecycle, node.balancer) != (SERVING, SERVING)]


def _outside(seen: Evidence, node: CheckedNode) -> str:
    if node.lifecycle != SERVING:
        return f"{node.name} is {node.lifecycle} in the group"
    if node.count is None:
        return f"{node.name} is not registered with load balancer '{seen.load_balancer}'"
    why = f" ({node.count.member.why})" if node.count.member.why else ""
    return f"{node.name} is {node.balancer} in load balancer '{seen.load_balancer}'{why}"


def _listener(seen: Evidence) -> list[str]:
    if seen.listener is None or seen.listener[0] not in WEB:
        return []
    protocol, port = seen.listener
    instead = "TCP" if protocol == "HTTP" else "SSL"
    return [f"the {protocol} listener {port} answers 400 to WebSocket sessions: make it {instead}"]


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
    nodes = plural(registered, "node")
    if seen.judged is None:
        would = f"Sessions through {seen.url} would be opened, and counted on each node."
        return f"Group and load balancer agree on {nodes}. {would}"
    held = f"{seen.held} of {seen.asked} sessions through {seen.url} were held"
    if registered == 1:
        return f"{held} ({gained(seen)}). One node in service: spread cannot be proven."
    return f"{held}, spread over {nodes} ({gained(seen)})."


def shown_demo(seen: Evidence) -> str:
    """Where the demo page was opened, a sentence; "" where it was not."""
    names = [name for name, page in reached_demo(seen) if not page.wrong]
    return f"The demo page opens on {', '.join(names)}." if names else ""


def table(seen: Evidence) -> list[str]:
    """The nodes as lines of a table under their headings, empty columns left out, at most `WIDEST` wide."""
    cells = [_cells(node, seen.published) for node in seen.nodes]
    wanted = [number for number in range(len(COLUMNS)) if number < 2 or any(row[number] for row in cells)]
    rows = [[(row[number] or "-") for number in wanted] for row in (COLUMNS, *cells)]
    lines = _lines(rows)
    if max(map(len, lines)) > WIDEST:
        lines = _lines(_narrowed([_short_zone(row) for row in rows]))
    return lines


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _short_zone(row: Sequence[str]) -> list[str]:
    """The row with the end of its zone's name, `1a`: a stack has one Region."""
    return [row[0], row[1].rpartition("-")[2] or "-", *row[2:]]


def _narrowed(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows with the ends of their longest cells left out, as far as the width demands; ids stay whole."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    while sum(widths) + 2 * (len(widths) - 1) > WIDEST and max(widths[1:]) > SHORTEST:
        at = widths.index(max(widths[1:]), 1)
        widths[at] -= 1
        columns[at] = [cell if len(cell) <= widths[at] else f"{cell[: widths[at] - 1]}…" for cell in columns[at]]
    return [list(row) for row in zip(*columns, strict=True)]


SHORTEST = 6
"""Signs that a cell keeps, however narrow the table has to be."""


def _cells(node: CheckedNode, published: Published | None) -> tuple[str, ...]:
    count = node.count
    numbers = (count.during, count.gained) if count else (None, None)
    end = "unknown" if isinstance(node.certificate, str) else node.certificate and _date(node.certificate)
    words = (node.name, node.zone, node.lifecycle, node.balancer, node.version)
    last = ago(published, node.name) if published and node.lifecycle == SERVING else ""
    return (*(word or "" for word in words), *("" if one is None else str(one) for one in numbers), last, end or "")


def _date(end: float) -> str:
    return datetime.fromtimestamp(end, timezone.utc).strftime("%Y-%m-%d")
