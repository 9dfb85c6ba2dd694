# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who leaves a group in a drain, or comes back, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .._core.licences import UNCOUNTED, Licences
from .._core.surplus import Surplus
from .._steering import view as _view
from .._steering.leaving import OnTimeout
from .._steering.view import LiveNode, View
from . import surplus as _surplus


@dataclass(frozen=True)
class DrainGoal:
    """Which nodes should leave (a `count`, the `surplus`, or `instance_ids`) and how, or which should come back.

    `timeout` in seconds; None: as long as the balancers let sessions live.
    """

    state: Literal["drained", "in_service"] = "drained"
    count: int | None = None
    instance_ids: tuple[str, ...] = ()
    then: Literal["terminate", "standby"] = "terminate"
    timeout: float | None = None
    on_timeout: OnTimeout = "fail"
    decrement: bool = True
    licences: Licences = UNCOUNTED
    surplus: Surplus | None = None


def order(view: View, goal: DrainGoal) -> list[LiveNode]:
    """The nodes that are to leave and have not left yet: those on their way first, then fewest sessions first."""
    if goal.state == "in_service":
        return _called_back(view, goal)
    if goal.instance_ids:
        named = [node for node in view.nodes if node.instance_id in goal.instance_ids and _may_leave(view, goal, node)]
        going = [node for node in named if node.leaving]
        return going + _view.order(view, [node for node in named if not node.leaving])
    if goal.surplus and (view.taken or _surplus.ours(view)):
        return _surplus.ours(view)
    going = [] if goal.surplus else view.leaving
    taken = set(view.taken) | {node.instance_id for node in view.nodes if node.mark}
    fresh = [node for node in view.nodes if node.state == "InService" and node.instance_id not in taken]
    count = _surplus.find(view, goal.surplus).count if goal.surplus else goal.count or 0
    more = max(0, count - len(taken))
    return going + _view.order(view, fresh, more)


def _may_leave(view: View, goal: DrainGoal, node: LiveNode) -> bool:
    """Whether a named node still has to go: not gone, not called back, not yet where it should be."""
    if node.gone or node.returning or (goal.then == "standby" and node.state == "Standby" and not node.leaving):
        return False
    return node.leaving or node.instance_id not in view.taken


def _called_back(view: View, goal: DrainGoal) -> list[LiveNode]:
    """The nodes to be put back: those on their way out, or those named that are out."""
    if not goal.instance_ids:
        return view.leaving
    named = [node for node in view.nodes if node.instance_id in goal.instance_ids and not node.gone]
    return [node for node in named if node.leaving or (node.state == "Standby" and not node.returning)]
