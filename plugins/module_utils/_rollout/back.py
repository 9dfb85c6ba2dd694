# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a rollout ends: what it leaves set, and the way back when its new nodes fail."""

from __future__ import annotations

from dataclasses import replace

from .._core.errors import Refusal
from .._core.steer import Decision, Halt, Watch
from .._core.step import Step
from .._group.journal import Journal
from .._group.readiness import FAILED_LAUNCHES
from .._steering import calls as steps
from .._steering import leaving as _leaving
from .._steering import view as _view
from .._steering.view import JOINING, LiveNode, View, listed
from .goal import RolloutGoal, aim, complete, drain_options, failing, fresh, stays_even


def settle(view: View, journal: Journal, version: str | None, back_to: str | None) -> list[Step]:
    """The default version, the size limit and the version to go back to, as they should be from now on."""
    found: list[Step] = []
    if version and view.template and view.template.default != version:
        found.append(steps.set_default(view, version))
    raised = journal.desired + journal.surge
    limit = max(journal.max_size, view.desired)
    if view.max_size == raised > journal.max_size and limit < raised:
        found.append(steps.update(view, max_size=limit))
    if back_to and view.previous != back_to:
        found.append(steps.record_previous(view, back_to))
    return found


def go_back(view: View, goal: RolloutGoal, journal: Journal, now: float) -> Decision:
    """Points the group to the version before, takes out the nodes that failed, and brings the group to its size."""
    if view.template and view.template.version != journal.source:
        return [steps.update(view, journal.source)]
    excess = max(0, min(journal.surge, view.desired - journal.desired))
    if lower := _given_up(view, goal, excess):
        return [lower]
    bad = [node for node in fresh(view, journal.target) if failing(view, goal, node) and not node.returning]
    if unused := [node for node in bad if _never_used(view, node, goal)]:
        return _discard(view, unused, excess)
    how = replace(drain_options(view, goal), floor=1)
    paying = max(0, excess - sum(node.mark.lowers for node in view.leaving if node.mark))
    if used := [node for node in bad if node.state == "InService" and _may_leave(view, node, goal)]:
        return _leaving.begin(view, used, how, now, lowering=_lowering(view, used, paying))
    spare = min(paying, len(view.serving) - journal.desired)
    if spare > 0 and not bad and complete(view):
        surplus = _surplus(view, journal, spare)
        return _leaving.begin(view, surplus, how, now, lowering=surplus)
    if moves := _leaving.go_on(view, how, now):
        return moves
    if bad or paying or not complete(view):
        answer = f"{listed(bad) or 'new nodes'} to be settled" if complete(view) else "AWS to launch"
        return [Watch(f"group '{view.name}': back to version {journal.source}, waiting for {answer}")]
    if moves := settle(view, journal, None, journal.source) or _leaving.tidy(view):
        return moves
    return [*_leaving.close(view), *([_failed(view, journal)] if journal.target == aim(view, goal) else [])]


def _given_up(view: View, goal: RolloutGoal, excess: int) -> Step | None:
    """Where AWS cannot launch the nodes that were added, they are not waited for."""
    missing = view.desired - sum(node.active for node in view.nodes)
    hopeless = len(view.failures) >= FAILED_LAUNCHES or view.short > goal.patience(view)
    return steps.update(view, desired=view.desired - min(excess, missing)) if excess and missing and hopeless else None


def _discard(view: View, nodes: list[LiveNode], excess: int) -> list[Step]:
    lowering = _lowering(view, nodes, excess)
    return [steps.terminate(node, node in lowering) for node in nodes]


def _lowering(view: View, nodes: list[LiveNode], most: int) -> list[LiveNode]:
    """Those of the nodes that AWS need not make up for: so many at most, and only while the zones stay even."""
    found = _view.order(view, nodes, most)
    while found and not stays_even(view, found):
        found.pop()
    return found


def _surplus(view: View, journal: Journal, number: int) -> list[LiveNode]:
    """Who leaves so that the group has its size again: new nodes where zones stay even by that, else the emptiest."""
    all_ = [node for node in view.staying if node.state == "InService" and node.mark is None]
    new = [node for node in all_ if node.version == journal.target != journal.source]
    chosen = _view.order(view, new, number)
    return chosen if len(chosen) == number and stays_even(view, chosen) else _view.order(view, all_, number)


def _never_used(view: View, node: LiveNode, goal: RolloutGoal) -> bool:
    """Whether no session can have reached a node: it never was in service, or it has none and never may get one."""
    if node.served or view.serves(node) or node.mark is not None:
        return False
    joining = all(state == JOINING for state in node.standing.values())
    return not node.running or joining or node.sessions == 0 or node.watched > goal.patience(view)


def _may_leave(view: View, node: LiveNode, goal: RolloutGoal) -> bool:
    """Whether a node that may have been used is to be drained now: before, it may yet show that nobody used it."""
    return node.served or view.serves(node) or bool(node.sessions) or node.watched > goal.patience(view)


def _failed(view: View, journal: Journal) -> Halt:
    new = [node for node in view.staying if node.version == journal.target != journal.source]
    rest = f"{len(new)} proven nodes of the new version stay" if new else "old nodes were not touched"
    why = journal.why or "its nodes did not come into service"
    reason = f"{why}. The group is back at version {journal.source}; {rest}"
    way_out = "Correct the image or what nodes are launched with, and run again"
    return Halt(Refusal("roll out", "version", journal.target or "", reason, way_out))
