# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stack as a picture: the balancer, below it its zones, in each its nodes with their state and sessions.

Drawn twice, for a screen or a sheet and for a phone; the page shows the one that fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .facts import Facts, ReportNode, State
from .markup import Markup, clean, tag
from .shapes import mark
from .words import figure, plural

GAP = 16
HEAD, LEGEND = 34, 28
CARD = (200, 54)
ROOMY = 240
TILE = (46, 40)
CROWD = 6
"""Nodes in the fullest zone beyond which nodes are drawn as tiles."""

ACROSS = {0: 1, 1: 1, 2: 2, 4: 2}
"""Zones side by side where it is not three."""

LETTER = 7.3
"""The width of a letter of a name, in the units of the drawing."""


@dataclass(frozen=True)
class Place:
    """A zone's frame: where it lies, how large it is, and what is in it."""

    name: str
    nodes: Sequence[ReportNode]
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Sheet:
    """What is drawn on: its width, and the size and kind of a node."""

    width: int
    columns: int
    tiles: bool

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a node with its margin."""
        wide, high = TILE if self.tiles else CARD
        return wide + 6, high + 8


def pictures(facts: Facts) -> Markup:
    """Both drawings."""
    return Markup(picture(facts, 960, "wide") + picture(facts, 358, "narrow"))


def picture(facts: Facts, width: int, kind: str) -> Markup:
    """The drawing, so wide; as high as it needs."""
    zones = _zones(facts)
    tiles = max((len(nodes) for _, nodes in zones), default=0) > CROWD
    across = 1 if kind == "narrow" else ACROSS.get(len(zones), 3)
    sheet = Sheet(width, across, tiles)
    top = 34 + (74 if facts.balancer else 50) + 30
    places = _places(zones, sheet, top)
    bottom = max((place.y + place.height for place in places), default=top - 30)
    drawn = [
        _clients(facts, width),
        _balancer(facts, width),
        [_wire(place, top - 30) for place in reversed(places)],
        [_frame(place, sheet, facts) for place in places],
        _legend(facts, bottom + LEGEND - 8, width),
    ]
    height = bottom + LEGEND + (18 if kind == "narrow" else 0)
    title = tag("title", _summary(facts))
    return tag("svg", title, drawn, class_=f"picture {kind}", viewBox=f"0 0 {width} {height:g}", role="img")


def _summary(facts: Facts) -> str:
    states = ", ".join(f"{figure(len(facts.of(state)))} {word}" for state, word in WORDS if facts.of(state))
    return f"The stack {facts.name}: {plural(len(facts.nodes), 'node')}{f', {states}' if states else ''}"


WORDS: tuple[tuple[State, str], ...] = (
    ("serving", "in service"),
    ("moving", "coming or going"),
    ("out", "out of service"),
    ("unknown", "unknown"),
)


def _zones(facts: Facts) -> list[tuple[str, list[ReportNode]]]:
    found = [(zone, [node for node in facts.nodes if node.zone == zone]) for zone in facts.zones]
    homeless = [node for node in facts.nodes if node.zone is None]
    return [*found, *([("zone unknown", homeless)] if homeless else [])]


def _places(zones: Sequence[tuple[str, list[ReportNode]]], sheet: Sheet, top: float) -> list[Place]:
    wide = (sheet.width - GAP * (sheet.columns - 1)) / sheet.columns
    found: list[Place] = []
    y = top
    for start in range(0, len(zones), sheet.columns):
        row = zones[start : start + sheet.columns]
        high = max(_height(len(nodes), wide, sheet) for _, nodes in row)
        found += [Place(name, nodes, at * (wide + GAP), y, wide, high) for at, (name, nodes) in enumerate(row)]
        y += high + GAP
    return found


def _across(width: float, sheet: Sheet) -> int:
    return max(1, int((width - 18) // sheet.cell[0]))


def _height(many: int, width: float, sheet: Sheet) -> float:
    rows = max(1, -(-many // _across(width, sheet)))
    return HEAD + rows * sheet.cell[1] + 4


def _clients(facts: Facts, width: int) -> list[Markup]:
    middle = width / 2
    words = " · ".join(facts.balancer.listeners[:4] if facts.balancer else ())
    return [
        _words(middle, 12, "clients", "small muted", "middle"),
        tag("path", d=f"M{middle:g} 18v14m-4 -5l4 5 4 -5", class_="wire"),
        *([_words(middle + 12, 29, _fit(words, int(middle / LETTER) - 2), "small muted")] if words else []),
    ]


def _balancer(facts: Facts, width: int) -> list[Markup]:
    if not facts.balancer:
        box = _box(0.5, 34.5, width - 1, 49, "box dashed")
        return [box, _words(14, 64, "no balancer", "muted")]
    box = _box(0.5, 34.5, width - 1, 73, "box")
    cross = f"health check {facts.balancer.health_check or 'unknown'}"
    name, letters = facts.balancer.name or "", int((width - 28) / LETTER)
    return [
        box,
        _words(14, 55, _fit(f"Classic Load Balancer {name}", letters), "strong"),
        _words(14, 75, _fit(facts.balancer.dns_name or "no name", letters), "name"),
        _words(14, 95, _fit(cross, letters + 4), "small muted"),
    ]


def _wire(place: Place, top: float) -> Markup:
    middle = place.x + place.width / 2
    return tag("path", d=f"M{middle:g} {top:g}V{place.y:g}", class_="wire" if place.nodes else "wire dashed")


def _frame(place: Place, sheet: Sheet, facts: Facts) -> list[Any]:
    frame = _box(
        place.x + 0.5, place.y + 0.5, place.width - 1, place.height - 1, "zone" if place.nodes else "zone dashed"
    )
    serving = sum(node.state == "serving" for node in place.nodes)
    words = f"{figure(serving)} of {figure(len(place.nodes))}" if place.nodes else "no node"
    across = _across(place.width, sheet)
    wide, high = (place.width - 18) / across, sheet.cell[1]
    draw = _tile if sheet.tiles else _card
    nodes = [
        draw(node, place.x + 12 + at % across * wide, place.y + HEAD + at // across * high, wide - 6, facts)
        for at, node in enumerate(place.nodes)
    ]
    return [
        frame,
        _words(place.x + 12, place.y + 22, _fit(place.name, int((place.width - 90) / LETTER)), "strong"),
        _words(place.x + place.width - 12, place.y + 22, words, "small muted", "end"),
        nodes,
    ]


def _card(node: ReportNode, x: float, y: float, wide: float, facts: Facts) -> Markup:
    return tag(
        "g",
        tag("title", _title(node)),
        _box(x, y, wide, CARD[1], f"node {node.state}"),
        mark(node.state, x + 10, y + 11),
        _words(x + 28, y + 21, _fit(node.id, int((wide - 34) / LETTER)), "name"),
        _words(x + 28, y + 41, _fit(node.label, int((wide - 34) / LETTER) // 2 + 3), "small"),
        _words(x + wide - 10, y + 41, _sessions(node, wide), "small muted", "end") if facts.asked else None,
    )


def _sessions(node: ReportNode, wide: float) -> str:
    words = figure(node.now) if wide < ROOMY else plural(node.now, "session")
    return words if node.gained is None else f"{figure(node.before)} → {words}"


def _tile(node: ReportNode, x: float, y: float, wide: float, facts: Facts) -> Markup:
    many = node.now
    words = "?" if many is None else f"{many / 1000:.0f}k" if many > 99_999 else str(many)
    return tag(
        "g",
        tag("title", _title(node)),
        _box(x, y, wide, TILE[1], f"node {node.state}"),
        mark(node.state, x + wide / 2 - 6, y + 5),
        _words(x + wide / 2, y + 32, words, "small", "middle") if facts.asked else None,
    )


def _box(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    sizes = {"x": x, "y": y, "width": width, "height": height}
    return tag("rect", **{key: f"{size:g}" for key, size in sizes.items()}, rx=4, class_=kind)


def _title(node: ReportNode) -> str:
    return f"{node.id}, {node.zone or 'zone unknown'}: {node.label}, sessions {figure(node.now)}"


def _legend(facts: Facts, y: float, width: int) -> list[Markup]:
    drawn, x = [], 0.0
    for state, word in WORDS:
        many = len(facts.of(state))
        if not many:
            continue
        words = f"{figure(many)} {word}"
        if x + 18 + len(words) * 7 > width:
            x, y = 0.0, y + 18
        drawn += [mark(state, x, y - 10), _words(x + 18, y, words, "small muted")]
        x += 18 + len(words) * 6.6 + 18
    return drawn


def _fit(value: str, letters: int) -> str:
    """The text with its middle left out where it is too long."""
    words = clean(value)
    if len(words) <= letters or letters < 5:
        return words[: max(letters, 1)]
    head = (letters - 1) * 3 // 5
    return f"{words[:head]}…{words[-(letters - 1 - head) :]}"


def _words(x: float, y: float, words: str, kind: str, anchor: str | None = None) -> Markup:
    return tag("text", words, x=f"{x:g}", y=f"{y:g}", class_=kind, text_anchor=anchor)
