# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forecast as a table for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._core.plain import plural

WIDTH = 80
NAME = 24
HEAD = ("", "peak nodes", "node hours", "USD", "refused", "cut")
WIDE = (NAME, 10, 10, 9, 8, 7)


def table(result: Mapping[str, Any]) -> list[str]:
    """The lines, none longer than 80 characters."""
    lines = [*_cut(f"Forecast of {_load(result['load'])}"), "", _row(HEAD)]
    lines += [_row(_cells(one)) for one in result["variants"]]
    lines += ["", *_bands(result["variants"])]
    for one in result["variants"]:
        if one["refused"]["first_time"]:
            text = f"{one['name']}: first refused at {one['refused']['first_time']}"
            lines += _cut(f"{text}, {one['refused']['session_hours']} session hours in all")
    lines += [line for text in result["notices"] for line in _cut(f"- {text}", "  ")]
    return [*lines, *_suggested(result.get("suggestion"))]


def _load(load: Mapping[str, Any]) -> str:
    return f"{load['start']} to {load['end']}: {plural(load['points'], 'point')}, at most {load['peak']} sessions"


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    usd = one["cost"]["usd"]
    return (
        str(one["name"]),
        str(one["peak"]["nodes"]),
        f"{one['cost']['node_hours']:.1f}",
        "unknown" if usd is None else f"{usd:.2f}",
        f"{one['refused']['sessions']:.0f}",
        f"{one['cut']:.0f}",
    )


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    first = " ".join(first.split())
    name = first if len(first) <= NAME else f"{first[: NAME - 3]}..."
    fitting = (one if len(one) <= wide else f"{float(one):.0e}" for one, wide in zip(rest, WIDE[1:], strict=True))
    return f"{name:{NAME}}" + "".join(f"  {one:>{wide}}" for one, wide in zip(fitting, WIDE[1:], strict=True))


def _bands(variants: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What cannot be known exactly, for AWS does not publish how its own alarms look."""
    for one in variants:
        if band := one["band"]:
            nodes, hours = band["nodes"], band["node_hours"]
            if nodes["lower"] == nodes["upper"] and hours["lower"] == hours["upper"]:
                continue
            yield from _cut(
                f"{one['name']}: {nodes['lower']} to {nodes['upper']} nodes at the peak, {hours['lower']} to "
                f"{hours['upper']} node hours: AWS does not publish when target tracking acts"
            )


def _suggested(found: Mapping[str, Any] | None) -> Iterator[str]:
    if not found:
        return
    yield ""
    if not found["possible"]:
        yield from _cut(f"No suggestion: {found['reason']}.")
        return
    group = found["group"]
    times = group["scheduled_actions"]
    more = f" by {plural(len(times), 'scheduled action')}" if times else ""
    yield from _cut(
        f"Suggestion (not applied): at least {plural(group['min_size'], 'node')}{', and more' if times else ''}{more}, "
        f"for {found['sessions_per_node']} sessions a node. {found['cost']['node_hours']:.1f} node hours would have "
        f"refused nobody, with {found['margin'] * 100:.0f} % to spare at the tightest moment."
    )
    for action in times:
        yield from _cut(f"  {action['recurrence']}: at least {plural(action['min_size'], 'node')}")


def _cut(text: str, more: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=more) or [""]
