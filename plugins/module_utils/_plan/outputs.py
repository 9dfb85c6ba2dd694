# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run ends: where to connect, each node's pages, how long it took, and where the report is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.plain import span
from .table import Part, data

NODES = 8
"""So many nodes are shown, unless all are asked for."""


def outputs(stack: str, addresses: Mapping[str, Any] | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fact `wcs_outputs`. `addresses`: as wcs_verify answers them, None where nothing was looked at."""
    found = addresses or {}
    balancer = found.get("load_balancer") or {}
    return {
        "stack": stack,
        "websocket_urls": list(balancer.get("websocket_urls") or ()),
        "load_balancer": dict(balancer) or None,
        "nodes": list(found.get("nodes") or ()),
        **facts,
    }


def ended(
    params: Mapping[str, Any], parts: Sequence[Part], seconds: float | None, costs: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """What the module wcs_plan answers as `outputs`; None where no stack is named."""
    if params.get("stack") is None:
        return None
    totals = data(parts)["totals"]
    facts = {"changes": totals, "changed": any(totals.values()), "seconds": seconds, "report": params.get("report")}
    return outputs(params["stack"], params.get("addresses"), {**facts, "costs": costs})


def shown(found: Mapping[str, Any], complete: bool = False) -> list[str]:
    """The lines for a terminal. URLs are never cut."""
    lines: list[str] = []
    if found["websocket_urls"]:
        lines += ["", "Connect to:", *(f"  {url}" for url in found["websocket_urls"])]
    places = [(one["instance_id"], one) for one in found["nodes"]]
    if (found["load_balancer"] or {}).get("statistics_url"):
        places.insert(0, ("load balancer", found["load_balancer"]))
    few = places if complete or len(places) <= NODES else places[: NODES - 1]
    if few:
        lines += ["", "Statistics page and demo page:"]
    for name, one in few:
        if one["statistics_url"] is None:
            lines += [f"  {name}: no address that can be reached from here"]
        else:
            lines += [f"  {name}", f"    {one['statistics_url']}", f"    {one['demo_url']}"]
    if rest := len(places) - len(few):
        lines += [f"  and {rest} more (-v shows all)"]
    last = [f"Took {span(found['seconds'])}."] if found.get("seconds") is not None else []
    last += [f"Report: {found['report']}"] if found.get("report") else []
    return [*lines, *(["", " ".join(last)] if last else [])]
