# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the page have in common, and the parts about sessions: where they are, how long they took."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from typing import Any, Union

from .._core.answers import number
from .._core.pages import DEMO, reached, websocket_urls
from .facts import Facts, ReportNode, ReportProbe
from .markup import Markup, join, tag
from .shapes import bar, columns, mark, rect, strip
from .words import capital, figure, plural

CROWD = 12
"""Nodes beyond which all of them are also drawn side by side."""

SHORT = 24
"""Letters of a name that is not broken."""

Head = Union[str, "tuple[str, str]"]


def section(title: str, *content: Any) -> Markup:
    """A part of the page."""
    return tag("section", tag("h2", title), tag("div", *content))


def grid(heads: Sequence[Head], rows: Sequence[Any], kind: str | None = None) -> Markup:
    """A table; `heads` are names of columns, some with the class of the column. Without rows it says `None.`"""
    if not rows:
        return tag("p", "None.")
    named = [(head, None) if isinstance(head, str) else head for head in heads]
    head = tag("tr", [tag("th", words, class_=column, scope="col") for words, column in named])
    return tag("table", tag("thead", head), tag("tbody", rows), class_=kind)


def value(words: Any, unit: str = "", digits: int | None = None) -> Markup:
    """A figure; what is unknown says so, and looks like it."""
    if number(words) is None:
        return tag("span", figure(None), class_="unknown")
    return join([figure(words, unit, digits)])


def whole(words: str | None) -> str | None:
    """The class of a cell that is not broken into lines, where that is short enough."""
    return "nowrap" if len(words or "") <= SHORT else None


def connect(facts: Facts) -> Markup | None:
    """Where clients connect, and the pages that the load balancer leads to; None where that is not known."""
    balancer, pages = facts.balancer, facts.pages or {}
    name = balancer and (pages.get("host") or balancer.dns_name)
    if balancer is None or not name or not HOST.fullmatch(name):
        return None
    found = reached(balancer.doors, pages.get("ports") or {})
    urls = [tag("p", url, class_="name") for url in websocket_urls(name, found)]
    web = next((scheme for scheme in ("https", "http") if scheme in found), None)
    base = f"{web}://{name}:{found[web]}" if web else None
    through = [tag("p", "Through the load balancer:", _to(base, pages["path"]))] if base else []
    return section("Connect", urls, through) if urls or through else None


HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
"""A name of a host: nothing else becomes part of a URL."""


def sessions(facts: Facts) -> Markup:
    """Where the sessions are, node by node."""
    if not facts.nodes:
        return section("Sessions", tag("p", "There is no node that could have any."))
    known = [node.now for node in facts.nodes if node.now is not None]
    scale = max(known, default=0)
    mean = statistics.fmean(known) if known else None
    crowd = columns(facts.nodes, scale, mean) if len(facts.nodes) > CROWD and known else None
    return section("Sessions", _spread(facts), crowd, _key(facts, bool(crowd)), _nodes(facts, scale))


def _spread(facts: Facts) -> list[Markup]:
    if facts.probe is None:
        words = "No session was opened for this report."
        return [tag("p", words if facts.asked else "The statistics pages were not read.")]
    return [tag("p", _held(facts.probe)), tag("p", _evenness(facts.probe))]


def _held(probe: ReportProbe) -> str:
    asked = plural(probe.asked, "session")
    words = f"Of {asked} opened through the balancer, {figure(probe.held)} were held while the nodes were read"
    lost = [
        f"{figure(many)} {word}"
        for many, word in ((probe.failed, "failed to open"), (probe.closed_early, "ended early"))
        if many != 0
    ]
    words = f"{', '.join([words, *lost])}."
    others = probe.background
    return (
        f"{words} Meanwhile others {'opened' if others > 0 else 'closed'} {figure(abs(others))}." if others else words
    )


def _evenness(probe: ReportProbe) -> str:
    least, most, chance = probe.least, probe.most, probe.chance
    if least is None or most is None:
        return "Where they went is not known."
    if least == most:
        return f"Each node got {figure(most)} of them."
    mean = figure(probe.mean, digits=1)
    words = f"A node got from {figure(least)} to {figure(most)} of them, {mean} on average."
    if chance is None or chance >= 1:
        return words
    odds = f"{chance:.3f}" if chance >= 0.001 else "less than 0.001"
    return f"{words} Spreading them at random would look as uneven with a probability of {odds}."


def _key(facts: Facts, mean: bool) -> Markup | None:
    if not facts.asked:
        return None
    old = "from before" if facts.probe else "sessions"
    entries = [
        ("old", old),
        *([("new", "opened by the probe")] if facts.probe else []),
        *([("mean", "mean")] if mean else []),
    ]
    return tag("p", [_entry(kind, words) for kind, words in entries], class_="key")


def _entry(kind: str, words: str) -> Markup:
    sample = tag(
        "svg",
        rect(0, 4, 10, 2, kind) if kind == "mean" else rect(0, 0, 10, 10, kind),
        viewBox="0 0 10 10",
        aria_hidden="true",
    )
    return tag("span", sample, words)


def _nodes(facts: Facts, scale: float) -> Markup:
    counts = ("Before", "During", "New") if facts.probe else ("Sessions",)
    heads: list[Head] = ["Node", "State", "Zone", "Version", *((words, "number") for words in counts)]
    heads += [("", "bar"), ("Stats page", "number")]
    rows = [_row(node, facts, scale, len(heads)) for node in facts.nodes]
    return grid(heads, rows, "dense" if len(rows) > CROWD else None)


def _row(node: ReportNode, facts: Facts, scale: float, width: int) -> list[Markup]:
    counts: Sequence[tuple[str, int | None]] = (("sessions", node.sessions),)
    if facts.probe:
        counts = (("before", node.before), ("during", node.during), ("new", node.gained))
    name = tag("span", node.id, class_="name")
    host = tag("small", node.host, _links(node.host, facts), class_="name") if node.host else None
    note = _note(node)
    row = tag(
        "tr",
        tag("th", mark(node.state), name, host, scope="row", class_=whole(node.id)),
        tag("td", node.label, class_=whole(node.label)),
        tag("td", node.zone or tag("span", "unknown", class_="unknown"), class_=whole(node.zone)),
        tag("td", node.version or tag("span", "none", class_="unknown"), data_label="version"),
        [tag("td", value(many), class_="number", data_label=label) for label, many in counts],
        tag("td", bar(node, scale), class_="bar"),
        tag("td", value(node.page_ms, "ms", 1), class_="number", data_label="stats page"),
        class_="noted" if note else None,
    )
    return [row, *([tag("tr", tag("td", note, colspan=width), class_="note")] if note else [])]


def _links(host: str, facts: Facts) -> Markup | None:
    """Links to the node's statistics page and demo page; None without `pages`, or where it is no address."""
    pages = facts.pages
    if not pages or not ADDRESS.fullmatch(host):
        return None
    return _to(f"{pages['scheme']}://{f'[{host}]' if ':' in host else host}:{pages['port']}", pages["path"])


def _to(base: str, path: str) -> Markup:
    """Links to the two pages of that server."""
    found = (("statistics", path), ("demo", DEMO))
    return join([[" ", tag("a", name, href=f"{base}{goal}", rel="noreferrer")] for name, goal in found])


ADDRESS = re.compile(r"[0-9a-f.:]{3,45}")
"""An address of IPv4 or IPv6: nothing else becomes a link."""


def _note(node: ReportNode) -> str:
    """What the state does not say by itself."""
    said = [node.why, node.error]
    if node.lifecycle is None:
        said.append("It is not a member of the group")
    elif node.balancer is None:
        said.append("It is not registered with the load balancer")
    return " ".join(f"{capital(one)}." for one in said if one)


def latency(facts: Facts) -> Markup:
    """How long things took, in milliseconds."""
    rows: list[tuple[str, Sequence[float | None]]] = []
    if facts.probe and facts.probe.latency[1] is not None:
        rows.append(("Until a session was established, through the balancer", facts.probe.latency))
    pages = sorted(node.page_ms for node in facts.nodes if node.page_ms is not None)
    if pages:
        ninety_five = pages[max(0, math.ceil(len(pages) * 0.95) - 1)]
        rows.append(
            (
                f"Until the statistics page was read, {plural(len(pages), 'node')}",
                [pages[0], statistics.median(pages), ninety_five, pages[-1]],
            )
        )
    if not rows:
        return section("Latency", tag("p", "Nothing was measured."))
    heads: list[Head] = ["", *((words, "number") for words in ("Min", "Median", "p95", "Max")), ("", "bar")]
    scale = max((figures[2] or 0 for _, figures in rows), default=0)
    return section("Latency", grid(heads, [_measured(words, figures, scale) for words, figures in rows]))


def _measured(words: str, figures: Sequence[float | None], scale: float) -> Markup:
    labels = ("min", "median", "p95", "max")
    low, middle, high = (figures[at] or 0 for at in (0, 1, 2))
    return tag(
        "tr",
        tag("th", words, scope="row"),
        [tag("td", value(one, "ms", 1), class_="number", data_label=labels[at]) for at, one in enumerate(figures)],
        tag("td", strip(low, middle, high, scale), class_="bar"),
    )
