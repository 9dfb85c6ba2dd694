# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Costs in a few lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from .._core.plain import plural

WIDTH = 80


def usd(value: float | None, digits: int = 3) -> str:
    """0.195, or unknown."""
    return "unknown" if value is None else f"{value:.{digits}f}"


def lines(found: Mapping[str, Any], complete: bool = False, width: int = WIDTH) -> list[str]:
    """The costs as a plan shows them, none longer than `width` unless complete."""
    said = [f"Costs in {found['currency']}, by {found['source']}:", *map(_indented, _sums(found))]
    left_out = f"Not counted: {', '.join(found['left_out'])}"
    whole = [*said, _indented(left_out)]
    return whole if complete else [part for line in whole for part in _wrapped(line, width)]


def _indented(line: str) -> str:
    return f"  {line}"


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, subsequent_indent="    ", break_long_words=True)


def _sums(found: Mapping[str, Any]) -> Iterator[str]:
    now, after, most, run = (_sum(found, key) for key in ("hour_now", "hour_after", "hour_at_maximum", "this_run"))
    nodes = found["nodes_at_maximum"]
    changed = f", {after} after this run" if found["hour_after"] != found["hour_now"] else ""
    yield f"An hour: {now} now{changed}" + (f", {most} at most ({plural(nodes, 'node')})" if nodes else "")
    if found["licences_peak"]:
        month, peak = usd(found["month_licences_peak"], 2), plural(found["licences_peak"], "server")
        yield f"Licences: {month} a month, if there are {peak} at a time"
    if found["this_run_servers"]:
        servers = " and ".join(found["this_run_servers"])
        yield f"This run: {run} for {servers}, counted for an hour"


def _sum(found: Mapping[str, Any], key: str) -> str:
    """The figure; one that lacks what costs most is the least that it may be."""
    return f"{'more than ' if key in found['incomplete'] and found[key] is not None else ''}{usd(found[key])}"
