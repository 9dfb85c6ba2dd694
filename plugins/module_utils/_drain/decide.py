# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draining: so many nodes, or those named, leave a group once their sessions have ended; or are called back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from .._core.errors import Refusal
from .._core.steer import Decision, Halt
from .._steering import leaving as _leaving
from .._steering.leaving import DrainOptions
from .._steering.view import LiveNode, View, show
from . import surplus as _surplus
from .goal import DrainGoal, order
from .rules import refuse

__all__ = ["DrainGoal", "decide", "describe", "foreseen", "last_seen", "order", "outcomes", "refuse", "show", "summary"]


def drain_options(view: View, goal: DrainGoal) -> DrainOptions:
    """How the nodes leave."""
    limits = [balancer.draining for balancer in view.balancers if balancer.draining]
    return DrainOptions(
        timeout=min(limits, default=0) if goal.timeout is None else goal.timeout,
        on_timeout=goal.on_timeout,
        then=goal.then,
        floor=view.floor,
        least=view.floor,
        only=_ours(view, goal),
    )


def _ours(view: View, goal: DrainGoal) -> frozenset[str] | None:
    if goal.state == "in_service":
        return frozenset()
    if goal.surplus:
        return frozenset(node.instance_id for node in view.nodes if node.mark and node.mark.surplus)
    return frozenset(goal.instance_ids) if goal.instance_ids else None


def decide(view: View, goal: DrainGoal, now: float) -> Decision:
    """What to do now; () when who should leave has left, and nothing of ours is left behind."""
    how = drain_options(view, goal)
    victims = order(view, goal)
    if goal.state == "in_service":
        if back := [node for node in victims if not node.returning]:
            return [*_leaving.begin(view, (), how, now), *_leaving.come_back(view, back, now)]
    elif fresh := [node for node in victims if node.mark is None]:
        lowering = _surplus.lowering(view, fresh) if goal.surplus else fresh if goal.decrement else ()
        return _leaving.begin(view, fresh, how, now, lowering=lowering, surplus=goal.surplus is not None)
    elif goal.surplus and (back := _surplus.needed_again(view, goal.surplus)):
        return _leaving.come_back(view, back, now, needed=True)
    if moves := _leaving.go_on(view, how, now):
        return moves
    if not _tidied_by_rollout(view) and (moves := _leaving.finish(view, how)):
        return moves
    if goal.surplus and (moves := _surplus.remember(view, goal.surplus)):
        return moves
    return _short_of(view, goal)


def _tidied_by_rollout(view: View) -> bool:
    """Whether a rollout is under way, which tidies up itself."""
    return view.journal is not None and view.journal.rollout


def _short_of(view: View, goal: DrainGoal) -> Decision:
    """The end; short of the goal where nodes that this run took are back, though it did not put them back."""
    back = [one["instance_id"] for one in outcomes(view, goal.instance_ids) if one["outcome"] == "returned"]
    if goal.state == "in_service":
        return _not_serving(view, back)
    if not back or goal.surplus or goal.on_timeout == "return_to_service":
        return ()
    reason = f"{', '.join(back)} went back into service: it was called off, or too few nodes would have stayed"
    way_out = "Run again to go on"
    return [Halt(Refusal("drain", "group", view.name, reason, way_out))]


def _not_serving(view: View, back: Sequence[str]) -> Decision:
    sick = [node.instance_id for node in view.nodes if node.instance_id in back and not view.serves(node)]
    if not sick:
        return ()
    reason = f"{', '.join(sick)} was put back and is not healthy in the load balancer"
    return [Halt(Refusal("put back nodes of", "group", view.name, reason, "Look at the node: AWS will replace it"))]


# What became of it


def outcomes(view: View, ids: Collection[str] = ()) -> list[dict[str, Any]]:
    """The nodes that this run had on its way, as last seen, and what became of each, in the order of `ids`."""
    return [last_seen(view, view.taken[one]) for one in ids or sorted(view.taken) if one in view.taken]


def last_seen(view: View, last: LiveNode) -> dict[str, Any]:
    """A node as it was last seen on its way, and what became of it."""
    node = view.find(last.instance_id)
    shown = {"instance_id": last.instance_id, "zone": last.zone, "sessions": last.sessions}
    if node is not None and node.retained:
        return shown | {"sessions": node.sessions, "outcome": "retained"}
    if node is None or node.gone:
        return shown | {"outcome": "drained" if last.empty else "cut"}
    shown["sessions"] = node.sessions
    if node.state in ("Standby", "EnteringStandby"):
        return shown | {"outcome": "standby"}
    return shown | {"outcome": "draining" if node.leaving else "returned"}


def describe(view: View, victims: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a module returns: the group, the nodes with what became of them, and who was cut."""
    cut = [
        {"instance_id": one["instance_id"], "sessions": one["sessions"]} for one in victims if one["outcome"] == "cut"
    ]
    return {"group": show(view), "victims": list(victims), "cut": cut}


def summary(victims: Sequence[dict[str, Any]], check: bool, why: str = "") -> str:
    """What became of the nodes in a sentence or two; `why` no node is among them."""
    if not victims:
        return f"No node {'would leave' if check else 'left'} the group{f': {why}' if why else ''}."
    nodes = ", ".join(f"{one['instance_id']}: {one['sessions' if check else 'outcome']}" for one in victims)
    if check:
        return f"Would drain, in this order, with their sessions now: {nodes}."
    cut = ", ".join(f"{one['instance_id']}: {one['sessions']}" for one in victims if one["outcome"] == "cut")
    return f"Nodes: {nodes}. {f'Sessions cut: {cut}' if cut else 'No session was cut'}."


def foreseen(nodes: Sequence[LiveNode]) -> list[dict[str, Any]]:
    """The nodes that would leave, in this order."""
    return [
        {"instance_id": node.instance_id, "zone": node.zone, "sessions": node.sessions, "outcome": None}
        for node in nodes
    ]
