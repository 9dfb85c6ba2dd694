# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rolling out a version of the launch template: new nodes first, then the old ones leave once their sessions ended.

AWS launches what the group names. So the group is pointed to the version and made larger by some nodes; while these
are not proven, no old node is touched. Each old node that has left is made up for by AWS, but for the last ones, by
which the group comes back to its size. New nodes that fail send the group back to the version before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .._core.errors import Refusal
from .._core.plain import span
from .._core.steer import Decision, Halt, Watch
from .._drain import decide as _drain
from .._group.journal import Journal
from .._group.readiness import FAILED_LAUNCHES
from .._steering import calls as steps
from .._steering import leaving as _leaving
from .._steering import view as _view
from .._steering.view import LiveNode, View, listed, show
from .back import go_back, settle
from .goal import (
    RolloutGoal,
    aim,
    before,
    complete,
    dead,
    drain_options,
    floor,
    fresh,
    lack,
    order,
    outdated,
    peak,
    settled,
    sizes,
    stays_even,
    unpaid,
)
from .rules import refuse

__all__ = ["RolloutGoal", "decide", "describe", "is_new", "order", "peak", "refuse", "show"]


def decide(view: View, goal: RolloutGoal, now: float) -> Decision:
    """What to do now; () when every node runs the version, and nothing of ours is left behind."""
    journal, target = view.journal, aim(view, goal)
    if journal is None or not journal.rollout:
        if settled(view, target):
            return _leaving.finish(view, drain_options(view, goal))
        return _begin(view, goal, now, _leaving.restored(view))
    if journal.phase == "back":
        return go_back(view, goal, journal, now)
    if journal.target != target:
        return _aim_anew(view, goal, journal, now)
    if why := _hopeless(view, goal, journal):
        return [steps.write_journal(view, replace(journal, phase="back", why=why))]
    over = _done(view, goal, journal) or _held_up(view, goal, journal)
    if not over and (prepared := _leaving.begin(view, (), drain_options(view, goal), now)):
        return prepared
    return _point(view, journal) or (
        _add(view, goal, journal, now) if journal.phase == "surge" else _replace_old(view, goal, journal, now)
    )


def _done(view: View, goal: RolloutGoal, journal: Journal) -> bool:
    """Whether no node is to be added or to leave any more."""
    others = outdated(view, journal.target)
    going = any(node.mark or _free(view, node) for node in others) if others else bool(_debt(view, goal, journal))
    return journal.phase == "drain" and not going


def _held_up(view: View, goal: RolloutGoal, journal: Journal) -> bool:
    """Whether old nodes have to stay, because others left the group meanwhile."""
    still = complete(view) and len(view.serving) == len(view.staying) and not any(node.mark for node in view.nodes)
    if journal.phase != "drain" or not still or not all(node.proven for node in fresh(view, journal.target)):
        return False
    free = any(_free(view, node) for node in outdated(view, journal.target))
    return free and not _next(view, goal, journal, drain_options(view, goal))[0]


def is_new(view: View, goal: RolloutGoal, node: LiveNode) -> bool:
    """Whether a node runs the version that every node should run, and so has to be proven."""
    return node.version is not None and node.version == aim(view, goal)


def describe(first: View, view: View, goal: RolloutGoal, victims: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the module returns: the rollout as it was begun, the group as it is, who left, and who was cut."""
    target = aim(first, goal)
    known = first.template is not None and target is not None
    under_way = first.journal if first.journal and first.journal.rollout else None
    rollout = {
        "from_version": under_way.source if under_way else (before(first, target) if known else None),
        "to_version": target,
        "outdated": len(outdated(first, target)) if known else 0,
        "peak": peak(first, goal),
        "min_in_service": floor(first, goal),
    }
    return {"rollout": rollout, **_drain.describe(view, victims)}


# Beginning


def _begin(view: View, goal: RolloutGoal, now: float, found: Journal | None) -> Decision:
    """Writes down what is to be; a rollback that fails is not taken back in its turn."""
    target = aim(view, goal)
    size, surge = sizes(view, goal)
    journal = Journal(
        found.started if found else now,
        found.suspended if found else frozenset(),
        target if goal.state == "rolled_back" else before(view, target),
        target,
        desired=size,
        max_size=view.max_size,
        surge=surge,
        phase="surge" if surge else "drain",
    )
    return _leaving.begin(view, (), drain_options(view, goal), now, journal)


def _aim_anew(view: View, goal: RolloutGoal, journal: Journal, now: float) -> Decision:
    """Another version than the one under way: who leaves is put back, and what was added serves the new aim."""
    target = aim(view, goal)
    surplus = max(0, min(journal.surge, view.desired - journal.desired))
    surge = max(surplus, min(goal.surge, len(outdated(view, target))))
    again = replace(journal, started=now, target=target, surge=surge, phase="surge" if surge else "drain", why="")
    back = _leaving.come_back(view, view.leaving, now, needed=True) if view.leaving else []
    return [*back, *_leaving.begin(view, (), drain_options(view, goal), now, again)]


def _point(view: View, journal: Journal) -> Decision:
    """Makes the group launch the version, and in the surge some nodes more."""
    version = journal.target if view.template and view.template.version != journal.target else None
    size = journal.desired + journal.surge
    grow = journal.phase == "surge" and view.desired < size
    if version is None and not grow:
        return []
    return [
        steps.update(
            view,
            version,
            desired=size if grow else None,
            max_size=size if grow and view.max_size < size else None,
        )
    ]


# New nodes


def _add(view: View, goal: RolloutGoal, journal: Journal, now: float) -> Decision:
    """Waits until the new nodes are proven."""
    new = fresh(view, journal.target)
    if complete(view) and not view.returning and all(node.proven for node in new):
        return [steps.write_journal(view, replace(journal, phase="drain"))]
    return _leaving.go_on(view, drain_options(view, goal), now) or [_awaited(view, goal, new)]


def _awaited(view: View, goal: RolloutGoal, new: list[LiveNode]) -> Watch:
    unproven = [node for node in new if not node.proven or not view.serves(node)]
    left = goal.patience(view) - max((max(node.sick, node.watched * (not node.proven)) for node in unproven), default=0)
    answer = ", ".join(f"{node.instance_id} ({lack(view, node)})" for node in unproven) or "AWS launches"
    text = f"group '{view.name}': {len(new) - len(unproven)} new nodes proven, waiting for: {answer}; {span(left)} left"
    return Watch(text)


def _hopeless(view: View, goal: RolloutGoal, journal: Journal) -> str:
    """Why the version will not do, or nothing."""
    if len(view.failures) >= FAILED_LAUNCHES:
        return f"{len(view.failures)} launches failed: {view.failures[-1].rstrip('.')}"
    patience = goal.patience(view)
    if view.short > patience:
        return f"AWS launched no node for {span(view.short)}"
    for node in fresh(view, journal.target):
        if dead(node) or node.sick > patience or (not node.proven and node.watched > patience):
            return f"{node.instance_id}: {lack(view, node)}" + ("" if dead(node) else f" after {span(node.watched)}")
    return ""


# Old nodes


def _replace_old(view: View, goal: RolloutGoal, journal: Journal, now: float) -> Decision:
    """Lets old nodes leave, a batch at a time; then ends the rollout."""
    how = drain_options(view, goal)
    picked, lowering = _next(view, goal, journal, how)
    if picked:
        return _leaving.begin(view, picked, how, now, lowering=lowering)
    if moves := _leaving.go_on(view, how, now):
        return moves
    left = [node for node in outdated(view, journal.target) if not node.leaving]
    kept = [node for node in left if not _free(view, node)]
    new = fresh(view, journal.target)
    if _held_up(view, goal, journal):
        return _leaving.tidy(view) or [_too_few(view, journal, how.floor)]
    if len(left) > len(kept) or not complete(view) or not all(node.proven for node in new):
        return [_awaited(view, goal, new)]
    if kept:
        return _leaving.tidy(view) or [_incomplete(journal, kept)]
    return _end(view, goal, journal)


def _next(
    view: View, goal: RolloutGoal, journal: Journal, how: _leaving.DrainOptions
) -> tuple[list[LiveNode], list[LiveNode]]:
    """Who is to leave next, and who of them is not made up for: nobody while a node is missing or unproven.

    The last old nodes pay the surge back, where the zones stay even by that; else new nodes do, after the old ones.
    """
    proven = all(node.proven for node in fresh(view, journal.target))
    if view.returning or not proven or not complete(view):
        return [], []
    room, spare = goal.at_once - len(view.leaving), len(view.serving) - how.floor
    old = [node for node in order(view, goal) if _free(view, node)]
    debt = _debt(view, goal, journal)
    others = outdated(view, journal.target)
    if not others and debt:
        surplus = _view.order(view, [node for node in view.serving if _free(view, node)], min(debt, room, spare))
        return surplus, surplus
    picked: list[LiveNode] = []
    lowering: list[LiveNode] = []
    for at, node in enumerate(old):
        if len(picked) >= room or (view.serves(node) and spare <= 0):
            break
        spare -= view.serves(node)
        picked.append(node)
        last = len(others) - len(view.leaving) - at <= debt
        if last and stays_even(view, [*lowering, node]):
            lowering.append(node)
    return picked, lowering


def _debt(view: View, goal: RolloutGoal, journal: Journal) -> int:
    """By how many nodes the capacity is still to be lowered."""
    return min(unpaid(view, journal), max(0, view.desired - drain_options(view, goal).least))


def _free(view: View, node: LiveNode) -> bool:
    """Whether a node may be picked: not on its way, and not put back because its time was up or it was called off."""
    kept = node.instance_id in view.taken and node.instance_id not in view.yielded
    return node.mark is None and not kept and node.state == "InService"


def _incomplete(journal: Journal, kept: list[LiveNode]) -> Halt:
    reason = f"{listed(kept)} went back into service: their timeout was over, or it was called off"
    way_out = "Run again to go on, or take it back (O(state): rolled_back)"
    return Halt(Refusal("finish rolling out", "version", journal.target or "", reason, way_out))


def _too_few(view: View, journal: Journal, floor: int) -> Halt:
    reason = f"{len(view.serving)} nodes are in service, and {floor} have to stay: somebody scaled in meanwhile"
    way_out = "Run again with a lower O(min_in_service), or scale out first"
    return Halt(Refusal("finish rolling out", "version", journal.target or "", reason, way_out))


def _end(view: View, goal: RolloutGoal, journal: Journal) -> Decision:
    back_to = journal.target if goal.state == "rolled_back" else journal.source
    return settle(view, journal, journal.target, back_to) or _leaving.tidy(view) or _leaving.close(view)
