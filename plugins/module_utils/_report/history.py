# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines over time: how the group went of late, and how a forecast says that it would go.

Answers are believed in nothing: what is not of the expected type is left out, and a gap in a line is what is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import groupby
from typing import Any

from .._core.answers import number, table, tables, text
from .markup import Markup, clean, tag
from .words import figure, moment, plural

HIGH, LEFT, TOP, FOOT = 150, 4, 20, 30
COLUMN = 2
"""Units of a drawing in which all values are one, the largest of them."""
PIECE = 100
"""Points of a line that are drawn in one go: longer attributes are cut off."""
METRIC = "connections_websocket"
MOST_VARIANTS = 12


@dataclass(frozen=True)
class Trace:
    """A line: its name, how it looks, and its values over time; None where one is not known."""

    name: str
    kind: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True)
class Chart:
    """Lines that share a scale, and limits that lie across it."""

    title: str
    traces: Sequence[Trace]
    limits: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True)
class Curves:
    """Charts of the same time, one below the other; with a `title` and a `summary`."""

    title: str
    charts: Sequence[Chart]
    summary: str = ""


def history_curves(history: Any, policies: Any) -> Curves | None:
    """Sessions of each node beside the targets of policies on sessions, and the number of nodes; None without any."""
    found = table(history)
    by_node = [_trace("", "each", rows, "sessions") for _, rows in sorted(table(found.get("by_node")).items())]
    points = found.get("points")
    mean = Trace("sessions a node, on average", "first", _means(points))
    nodes = _trace("nodes", "first", points, "nodes")
    if not any(value is not None for trace in (mean, nodes, *by_node) for _, value in trace.points):
        return None
    each = Chart("Sessions of each node", [*by_node, mean], _targets(policies))
    return Curves("", [each, Chart("Nodes", [nodes])])


def forecast_curves(forecast: Any, licences: int | None = None) -> list[Curves]:
    """Of each variant sessions beside capacity, and nodes beside the licences."""
    found = table(forecast)
    variants = tables(found.get("variants")) or ([found] if found else [])
    drawn = []
    for variant in variants[:MOST_VARIANTS]:
        rows, peak = variant.get("timeline"), table(variant.get("peak"))
        limit = number(peak.get("licence_limit")) if licences is None else licences
        room = [
            _trace("sessions", "first", rows, "sessions"),
            _trace("capacity", "second", rows, "capacity", least=True),
        ]
        nodes = [_trace("nodes", "first", rows, "nodes")]
        limits = [("licences", limit)] if limit is not None else []
        charts = [Chart("Sessions", room), Chart("Nodes", nodes, limits)]
        if any(trace.points for chart in charts for trace in chart.traces):
            drawn.append(Curves(text(variant.get("name")) or "forecast", charts, _outcome(variant)))
    return drawn


def _outcome(variant: Any) -> str:
    peak, cost, refused = (table(variant.get(key)) for key in ("peak", "cost", "refused"))
    most = number(peak.get("nodes"))
    words = f"At most {plural(most, 'node')}, {figure(cost.get('node_hours'))} node hours"
    turned = number(refused.get("sessions"))
    return f"{words}; at most {figure(turned)} sessions at a time without room." if turned else f"{words}."


def _trace(name: str, kind: str, rows: Any, key: str, least: bool = False) -> Trace:
    found = [(when.timestamp(), number(row.get(key))) for row in tables(rows) if (when := moment(row.get("time")))]
    known = [(at, None if value is None or value < 0 else value) for at, value in found]
    return Trace(name, f"{kind}{' least' if least else ''}", sorted(known, key=lambda one: one[0]))


def _means(rows: Any) -> Sequence[tuple[float, float | None]]:
    nodes = dict(_trace("", "", rows, "nodes").points)
    return [
        (at, value / of if value is not None and (of := nodes.get(at)) else None)
        for at, value in _trace("", "", rows, "sessions").points
    ]


def _targets(policies: Any) -> list[tuple[str, float]]:
    """The targets of the policies on sessions, by their names."""
    found = []
    for policy in tables(policies):
        tracking = table(policy.get("target_tracking_configuration"))
        metric = text(table(tracking.get("customized_metric_specification")).get("metric_name"))
        target = number(tracking.get("target_value"))
        if metric == METRIC and target is not None and target >= 0:
            found.append((f"target of policy {text(policy.get('policy_name')) or 'unknown'}", target))
    return found


# Drawing


def drawn(curves: Curves) -> list[Markup | None]:
    """The charts with their titles, each for a screen or a sheet and for a phone."""
    times = [at for chart in curves.charts for trace in chart.traces for at, _ in trace.points]
    if not times:
        return []
    span = min(times), max(times)
    return [
        tag("h3", curves.title) if curves.title else None,
        tag("p", curves.summary) if curves.summary else None,
        *(_picture(chart, span, *size) for chart in curves.charts for size in ((960, "wide"), (358, "narrow"))),
    ]


def _picture(chart: Chart, span: tuple[float, float], width: int, kind: str) -> Markup:
    values = [value for trace in chart.traces for _, value in trace.points if value is not None]
    top = max([*values, *(limit for _, limit in chart.limits)], default=0) or 1
    lines = [_line(trace, span, top, width) for trace in chart.traces]
    bottom = TOP + HIGH
    return tag(
        "svg",
        tag("title", f"{chart.title}: {_summary(chart)}"),
        _text(LEFT, 13, f"{chart.title}{_key(chart)}", "small"),
        tag("path", d=f"M0 {bottom}H{width}", class_="axis"),
        lines,
        [_limit(limit, top, width) for _, limit in chart.limits],
        _text(LEFT, TOP + 12, figure(round(top, 1)), "small muted"),
        _text(LEFT, bottom + 14, _date(span[0]), "small muted"),
        _text(width - LEFT, bottom + 14, f"{_date(span[1])} UTC", "small muted", "end"),
        class_=f"picture {kind}",
        viewBox=f"0 0 {width} {bottom + FOOT}",
        role="img",
    )


def _summary(chart: Chart) -> str:
    """The most of all lines, and the limits, for who does not see them."""
    found = []
    for trace in chart.traces:
        known = [value for _, value in trace.points if value is not None]
        if trace.name and known:
            found.append(f"{trace.name} from {figure(min(known))} to {figure(max(known))}")
    return "; ".join([*found, *(f"{name} {figure(limit)}" for name, limit in chart.limits)]) or plural(None, "value")


def _key(chart: Chart) -> str:
    """What the lines are that are not the chart's own."""
    dashed = (trace for trace in chart.traces if trace.kind.startswith("second"))
    second = [trace.name for trace in dashed if any(value is not None for _, value in trace.points)]
    words = [f"dashed: {name}" for name in second] + [f"dotted: {name} {figure(limit)}" for name, limit in chart.limits]
    thick = [f"thick: {trace.name}" for trace in chart.traces if len(chart.traces) > 2 and trace.kind == "first"]
    return f" ({clean('; '.join([*thick, *words]))[:90]})" if thick or words else ""


def _line(trace: Trace, span: tuple[float, float], top: float, width: int) -> list[Markup]:
    """The line, broken where a value is not known."""
    start, end = span
    unit = width / (end - start) if end > start else 0.0
    choose = min if trace.kind.endswith("least") else max
    parts, pen = [], "M"
    for column, rows in groupby(trace.points, key=lambda one: int((one[0] - start) * unit // COLUMN)):
        known = [value for _, value in rows if value is not None]
        if not known:
            pen = "M"
            continue
        parts.append(f"{pen}{column * COLUMN} {TOP + HIGH - choose(known) / top * HIGH:.1f}")
        pen = "L"
    pieces = (parts[at : at + PIECE + 1] for at in range(0, len(parts), PIECE))
    return [tag("path", d="".join(_alone(piece)), class_=f"trace {trace.kind}") for piece in pieces]


def _alone(parts: Sequence[str]) -> Iterable[str]:
    """A piece begins with its first point, and a point without a neighbour is a short stroke."""
    parts = [f"M{parts[0][1:]}", *parts[1:]]
    for at, part in enumerate(parts):
        yield part
        if part.startswith("M") and (at + 1 == len(parts) or parts[at + 1].startswith("M")):
            yield f"h{COLUMN}"


def _limit(limit: float, top: float, width: int) -> Markup:
    return tag("path", d=f"M0 {TOP + HIGH - limit / top * HIGH:.1f}H{width}", class_="limit")


def _text(x: float, y: float, words: str, kind: str, anchor: str | None = None) -> Markup:
    return tag("text", words, x=f"{x:g}", y=f"{y:g}", class_=kind, text_anchor=anchor)


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%d %b %H:%M")
