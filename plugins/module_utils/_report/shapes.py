# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small drawings: the mark of a state (a shape each, so that colour is never needed), bars, strips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .facts import ReportNode
from .markup import Markup, tag

SHAPES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "serving": [("circle", {"cx": 6, "cy": 6, "r": 4.5, "class_": "fill good"})],
    "moving": [
        ("circle", {"cx": 6, "cy": 6, "r": 4.2, "class_": "line"}),
        ("path", {"d": "M6 1.8a4.2 4.2 0 0 1 0 8.4z", "class_": "fill"}),
    ],
    "out": [("path", {"d": "M6 .8 11.6 11H.4z", "class_": "fill bad"})],
    "unknown": [("path", {"d": "M6 1 11 6 6 11 1 6z", "class_": "line"})],
    "ringing": [("path", {"d": "M6 .8 11.6 11H.4z", "class_": "fill warn"})],
}
WIDTH = 100.0


def mark(state: str, x: float | None = None, y: float | None = None) -> Markup:
    """The sign of a state: in a drawing at a place, or without one as a drawing of its own."""
    shape = [tag(name, **attributes) for name, attributes in SHAPES[state]]
    if x is not None and y is not None:
        return tag("g", shape, transform=f"translate({x:g} {y:g})")
    return tag("svg", shape, class_="mark", viewBox="0 0 12 12", aria_hidden="true")


def bar(node: ReportNode, scale: float) -> Markup:
    """A node's sessions: those from before, then the new ones; a dashed frame where the count is unknown."""
    total = node.now
    if total is None:
        return _strip(rect(0.5, 1, WIDTH - 1, 8, "line dashed faint"))
    new = min(max(node.gained or 0, 0), total)
    old, unit = total - new, WIDTH / scale if scale else 0.0
    return _strip(rect(0, 0, old * unit, 10, "old"), rect(old * unit, 0, new * unit, 10, "new"))


def strip(low: float, middle: float, high: float, scale: float) -> Markup:
    """From the least to the 95th percentile, with the median."""
    unit = WIDTH / scale if scale else 0.0
    return _strip(
        rect(0, 4.5, WIDTH, 1, "rail"),
        rect(low * unit, 2.5, max((high - low) * unit, 0.8), 5, "old"),
        rect(min(middle * unit, WIDTH - 1.2), 0, 1.2, 10, "new"),
    )


def columns(nodes: Sequence[ReportNode], scale: float, mean: float | None) -> Markup:
    """All nodes side by side; the line is the mean."""
    width, unit = 1000 / max(len(nodes), 1), 100 / scale if scale else 0.0
    drawn: list[Any] = []
    for place, node in enumerate(nodes):
        x, wide = place * width + width * 0.12, width * 0.76
        if node.now is None:
            drawn.append(rect(x, 0, wide, 100, "hatched"))
            continue
        new = min(max(node.gained or 0, 0), node.now)
        drawn.append(rect(x, 100 - (node.now - new) * unit, wide, (node.now - new) * unit, "old"))
        drawn.append(rect(x, 100 - node.now * unit, wide, new * unit, "new"))
    if mean is not None:
        drawn.append(rect(0, 100 - mean * unit - 0.3, 1000, 0.6, "mean"))
    return tag("svg", drawn, class_="columns", viewBox="0 0 1000 100", preserveAspectRatio="none", aria_hidden="true")


def rect(x: float, y: float, width: float, height: float, kind: str) -> Markup | None:
    """A rectangle; None where it would have no width."""
    if width <= 0 or height <= 0:
        return None
    sizes = {"x": x, "y": y, "width": width, "height": height}
    return tag("rect", **{key: f"{value:.4g}" for key, value in sizes.items()}, class_=kind)


def _strip(*drawn: Markup | None) -> Markup:
    return tag("svg", drawn, class_="strip", viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")
