# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack on one page of HTML that needs nothing but itself: no network, no script."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from .facts import Facts
from .findings import findings
from .history import drawn
from .inventory import costs, last, leftovers, licences, versions
from .markup import Markup, tag
from .picture import pictures
from .scaling import activities, scaling
from .sections import connect, latency, section, sessions, value
from .shapes import mark
from .style import STYLE
from .words import figure, plural


def page(facts: Facts) -> str:
    """The whole page. Equal facts give equal text."""
    found = findings(facts)
    body = tag(
        "body",
        tag("header", _title(facts, found), _figures(facts)),
        tag(
            "main",
            section("Attention", _findings(found)) if found else None,
            section("Stack", pictures(facts)) if facts.group or facts.balancer else None,
            connect(facts),
            sessions(facts),
            latency(facts),
            section("The last hours", drawn(facts.history)) if facts.history else None,
            section("Forecast", [drawn(one) for one in facts.forecasts]) if facts.forecasts else None,
            scaling(facts),
            activities(facts),
            versions(facts),
            licences(facts),
            costs(facts),
            leftovers(facts),
        ),
        last(facts),
    )
    return f"<!DOCTYPE html>\n{tag('html', _head(facts), body, lang='en')}\n"


def _head(facts: Facts) -> Markup:
    """The head forbids what the page does not do: run scripts, load things, send forms."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{facts.name}: Web Call Server stack"),
        tag("link", rel="icon", href="data:,"),
        tag("style", Markup(STYLE)),
    )


def _title(facts: Facts, found: list[str]) -> list[Markup | None]:
    over = " · ".join(filter(None, ("Web Call Server stack", facts.region, facts.generated)))
    return [tag("p", over, class_="over"), tag("h1", facts.name), tag("p", _lede(facts, found), class_="lede")]


def _lede(facts: Facts, found: list[str]) -> list[Any]:
    if not facts.group and not facts.balancer:
        return [_verdict("unknown", "Not there.", "warn")]
    serving, nodes = len(facts.of("serving")), len(facts.nodes)
    words = [f" {figure(serving)} of {plural(nodes, 'node')} in service."]
    if facts.probe and facts.probe.verdict == "spread":
        held = facts.probe.held or 0
        words.append(
            f" {plural(held, 'new session')} {'reached it' if nodes == 1 else 'spread evenly over the nodes'}."
        )
    if not found:
        return [_verdict("serving", "Nothing stands out.", "good"), *words]
    return [_verdict("ringing", f"{plural(len(found), 'thing')} to look at.", "warn"), *words]


def _verdict(state: str, words: str, kind: str) -> Markup:
    return tag("span", mark(state), words, class_=f"verdict {kind}")


def _findings(found: list[str]) -> Markup:
    return tag("ul", [tag("li", mark("ringing"), words) for words in found], class_="findings")


def _figures(facts: Facts) -> Markup | None:
    if not facts.group and not facts.balancer:
        return None
    probe = facts.probe
    entries = [
        ("Nodes in service", f"{figure(len(facts.of('serving')))} of {figure(len(facts.nodes))}", _wanted(facts)),
        ("WebSocket sessions", value(facts.sessions), _counted(facts)),
        *(
            [
                (
                    "Fullest node over the mean",
                    value(probe.ratio, digits=2),
                    "of new sessions",
                )
            ]
            if probe
            else []
        ),
        *(
            [
                (
                    "To an established session",
                    value(probe.latency[1], "ms"),
                    f"p95: {figure(probe.latency[2], 'ms')}",
                )
            ]
            if probe
            else []
        ),
        (
            "Servers at the peak",
            value(facts.peak),
            f"licence: {figure(facts.licence_limit)}" if facts.licence_limit is not None else "maximum and seed",
        ),
    ]
    return tag("dl", [_figure(*entry) for entry in entries], class_="figures")


def _figure(name: str, words: Any, more: str) -> Markup:
    kind = "unknown" if 'class="unknown"' in words else None
    return tag("div", tag("dt", name), tag("dd", words, class_=kind), tag("dd", more))


def _wanted(facts: Facts) -> str:
    low, desired, high = facts.sizes
    return f"wanted {desired}, from {low} to {high}" if facts.group else "no group"


def _counted(facts: Facts) -> str:
    words = sum(node.old is not None for node in facts.nodes)
    if not facts.asked:
        return "not read" if facts.nodes else "no nodes"
    of = "" if words == len(facts.nodes) else f"of {figure(words)} of {plural(len(facts.nodes), 'node')}"
    return " ".join(filter(None, (of, "before the probe" if facts.probe else ""))) or "now"
