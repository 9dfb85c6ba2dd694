# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollout must not begin: each rule with its reason, and what would work."""

from __future__ import annotations

from .._core.errors import Refusal, Why
from .._core.licences import Servers, over
from .._core.step import LATER
from .._drain.rules import countable, counted_nodes, patient, standing
from .._steering.view import View, listed
from .goal import RolloutGoal, aim, peak, settled, sizes

NEEDED = ("AddToLoadBalancer", "Launch", "Terminate")
"""Processes without which nodes are not replaced."""


def refuse(view: View, goal: RolloutGoal) -> Refusal | None:
    """Why the goal cannot be aimed at from here, or None."""
    verb = "roll back" if goal.state == "rolled_back" else "roll out to"
    why = standing(view) or _aimless(view, goal)
    if why is None and not (settled(view, aim(view, goal)) and view.journal is None):
        why = _hindered(view) or _counts(view, goal) or patient(view, goal.timeout) or countable(view)
        why = why or _licensed(view, goal)
    return Refusal(verb, "group", view.name, *why) if why else None


def _aimless(view: View, goal: RolloutGoal) -> Why | None:
    if view.template is None:
        reason = "it does not launch from a version of a launch template"
        return reason, "Move it to a template (O(wcs_asg: launch.kind): template)"
    target = aim(view, goal)
    if target is None:
        return (
            "no rollout is recorded on it, so the version before is unknown",
            "Name the version with O(version) and O(state): current",
        )
    if view.template.versions and target not in (*view.template.versions, LATER):
        reason = f"template {view.template.name} has no version {target}"
        return reason, f"Set O(version) to one that it has (the latest is {view.template.latest})"
    return None


def _hindered(view: View) -> Why | None:
    if view.leaving and not (view.journal and view.journal.rollout):
        way_out = "Finish it, or call it off (O(wcs_drain: state): in_service)"
        return f"a drain of {listed(view.leaving)} is under way", way_out
    if stopped := sorted(view.suspended & set(NEEDED)):
        return f"its processes {', '.join(stopped)} are suspended", "Resume them: without them nodes are not replaced"
    return None


def _counts(view: View, goal: RolloutGoal) -> Why | None:
    size, surge = sizes(view, goal)
    if goal.surge < 0 or goal.at_once < 1:
        return (
            f"O(surge) is {goal.surge} and O(batch) {goal.at_once}",
            "Set O(surge) to 0 or more, and O(batch) to 1 or more",
        )
    if goal.min_in_service is not None and goal.min_in_service < 1:
        return f"O(min_in_service) is {goal.min_in_service}", "Set it to 1 or more: one node always serves"
    if goal.min_in_service is not None and goal.min_in_service >= size + surge:
        reason = (
            f"with {counted_nodes(size)} and {surge} added, O(min_in_service) {goal.min_in_service} lets none leave"
        )
        return reason, f"Set O(min_in_service) to {size + surge - 1} or less, or O(surge) to more"
    if size and not surge and goal.at_once >= size:
        reason = f"without O(surge), a O(batch) of {goal.at_once} of {counted_nodes(size)} leaves none in service"
        return reason, "Set O(surge) to 1 or more, or O(batch) to less"
    return None


def _licensed(view: View, goal: RolloutGoal) -> Why | None:
    if view.marketplace:
        return None
    surge = sizes(view, goal)[1]
    nodes = peak(view, goal) - surge - sum(node.retained and node.running for node in view.nodes)
    servers = [Servers(nodes, "node"), Servers(surge, "node", "of surge"), view.idle, Servers(view.beside, "seed")]
    return over(servers, goal.licences, "Set O(surge) to less, scale in first")
