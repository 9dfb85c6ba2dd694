# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics pages of nodes, read by one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.limits import check_limits
from .._core.module import Run
from .members import Page
from .options import LIMITS
from .pages import How, read_nodes
from .stats import Node, distribution, totals
from .world import find_nodes


def look(params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The answer: `nodes`, `totals`, `distribution`; all of it is in the Failure that `fail_on_error` makes."""
    check_limits(params, LIMITS)
    fleet = find_nodes(run.aws, params)
    page = Page(params["scheme"], params["port"], params["path"])
    nodes = read_nodes(page.jobs(fleet.members, params["address"]), How.of(params))
    answer = {
        "nodes": [node.show() for node in nodes],
        "totals": totals(nodes, params["counters"] or ()),
        "distribution": distribution(node.connections_websocket for node in nodes if node.ok),
    }
    silent = [node for node in nodes if not node.ok]
    if params["fail_on_error"] and silent:
        raise Failure(_complaint(silent, len(nodes)), details=answer)
    return answer


def _complaint(silent: Sequence[Node], of: int) -> Refusal:
    """What a failing module says of the nodes that did not answer."""
    shown = [f"{node.instance_id or node.host}: {node.error}" for node in silent[:5]]
    more = [f"and {len(silent) - 5} more"] if len(silent) > 5 else []
    pages = f"the statistics page of {len(silent)} of {of} nodes"
    way_out = "Check that WCS runs there and that its port is open to this machine, or leave O(fail_on_error) out"
    return Refusal("read", pages, "", "; ".join(shown + more), way_out)
