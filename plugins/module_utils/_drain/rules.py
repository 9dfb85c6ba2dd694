# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a drain must not begin: each rule with its reason, and what would work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .._core.errors import Refusal, Why
from .._core.instances import ENDED
from .._core.licences import Servers, over
from .._core.plain import plural
from .._steering.view import LiveNode, View, unevenness
from .goal import DrainGoal, order

LONGEST = 3600  # seconds; the most that a Classic Load Balancer drains


def refuse(view: View, goal: DrainGoal) -> Refusal | None:
    """Why the goal cannot be aimed at from here, or None."""
    verb = "drain" if goal.state == "drained" else "put back nodes of"
    why = standing(view) or (_calling_off(view, goal) if goal.state == "in_service" else _draining(view, goal))
    return Refusal(verb, "group", view.name, *why) if why else None


def standing(view: View) -> Why | None:
    """What makes a group none that can be steered."""
    if view.deleting:
        return "it is being deleted", "Wait until it is gone, and create it again"
    if view.foreign:
        reason = f"it has {view.foreign}, and sessions are steered by Classic Load Balancers only"
        return reason, "Use a group with Classic Load Balancers alone"
    if not view.balancers:
        reason = "it has no Classic Load Balancer, so nothing keeps new sessions from a node"
        return reason, "Attach its load balancer (O(wcs_asg: load_balancers))"
    if view.weighted:
        reason = "its nodes have weights (WeightedCapacity), so its sizes do not count nodes"
        return reason, "Remove the weights from its mixed instances policy, or use a group without them"
    return None


def countable(view: View) -> Why | None:
    """What makes it impossible to know when a node is empty."""
    running = [node for node in view.nodes if node.state in ("InService", "Standby") and node.running]
    if running and all(node.sessions is None for node in running):
        reason = "no node's statistics page answers from here, so it is unknown where sessions are"
        return reason, "Open the statistics port to this controller, or set O(address), O(stat_port) or O(stat_scheme)"
    return None


def patient(view: View, timeout: float | None) -> Why | None:
    """What makes a timeout impossible."""
    for balancer in view.balancers:
        if balancer.draining is None:
            reason = (
                f"connection draining of balancer {balancer.name} is off: taking a node out cuts its sessions at once"
            )
            return reason, f"Turn it on (O(wcs_classic_elb: connection_draining), at most {LONGEST})"
        if timeout is not None and timeout > balancer.draining:
            late = (
                f"O(timeout) is {timeout:g} s, and balancer {balancer.name} closes what is "
                f"left after {balancer.draining} s"
            )
            draining = f"raise O(wcs_classic_elb: connection_draining) (at most {LONGEST})"
            return late, f"Set O(timeout) to {balancer.draining} or less, or {draining}"
    if timeout is not None and timeout < 0:
        return f"O(timeout) is {timeout:g} s", "Set it to 0 or more"
    return None


def _draining(view: View, goal: DrainGoal) -> Why | None:
    victims = order(view, goal)
    if why := _named(view, goal.instance_ids):
        return why
    if not victims:
        return None
    if lost := [node for node in victims if node.stuck]:
        states = ", ".join(f"{node.instance_id} is {node.state}" for node in lost)
        return f"{states}, and it is not known how that state ends", "Wait until it is InService, or name others"
    if view.journal and view.journal.rollout:
        reason = f"a rollout to version {view.journal.target} is under way, which drains nodes itself"
        return reason, "Finish it, or take it back (O(wcs_rollout: state): rolled_back)"
    if "Terminate" in view.suspended and goal.then == "terminate":
        return "its process Terminate is suspended", "Resume it, or set O(then): standby"
    why = patient(view, goal.timeout) or countable(view) or _enough(view, goal, victims) or _even(view, goal, victims)
    return why or _licensed(view, goal, victims)


def _named(view: View, ids: Sequence[str]) -> Why | None:
    """Named instances that are no members. Members that have ended need no draining."""
    for one in ids:
        state = view.strangers.get(one, "terminated")
        if not state:
            return f"{one} never was one of its members", "Correct O(instance_ids): name nodes of the group"
        if state not in ENDED:
            return f"{one} is not one of its members", "Correct O(instance_ids): name nodes of the group"
    return None


def _enough(view: View, goal: DrainGoal, victims: Sequence[LiveNode]) -> Why | None:
    """The floor: AWS goes no lower than min_size, and one node always serves."""
    others = [node for node in view.leaving if node not in victims and node.state == "InService"]
    counting = [node for node in victims if node.state == "InService"]
    there = max(view.desired, sum(node.active for node in view.nodes)) if goal.surplus else view.desired
    most = max(0, there - view.floor - len(others))
    if len(counting) > most:
        reason = (
            f"removing {len(counting) + len(others)} of {view.desired} nodes would leave fewer than {view.floor} "
            f"(the minimum size is {view.min_size}, and one node always serves)"
        )
        return reason, _fewer(most, f"lower O(wcs_asg: min_size) below {view.min_size}" if view.min_size > 1 else "")
    going = sum(view.serves(node) for node in counting if node.mark is None)
    most = max(0, len(view.serving) - view.floor)
    if going > most:
        reason = f"only {len(view.serving)} of {view.desired} nodes are in service, and {view.floor} have to stay"
        return reason, _fewer(most, "wait until more are in service")
    if goal.count is not None and len(victims) < goal.count - len(view.taken):
        reason = f"{counted_nodes(len(victims))} can leave, and O(count) is {goal.count}"
        return reason, f"Set O(count) to {len(victims)}"
    return None


def _fewer(most: int, otherwise: str) -> str:
    first = f"Drain {counted_nodes(most)} at most" if most else ""
    way_out = ", or ".join(filter(None, (first, otherwise)))
    return way_out[:1].upper() + way_out[1:] or "Add nodes first (O(wcs_asg: desired_capacity))"


def counted_nodes(number: int) -> str:
    """1 node, 2 nodes."""
    return plural(number, "node")


def _even(view: View, goal: DrainGoal, victims: Sequence[LiveNode]) -> Why | None:
    """Named nodes whose leaving makes AWS move others: rebalancing launches in one zone and terminates in another."""
    if not goal.instance_ids or not goal.decrement or "AZRebalance" in _of_others(view):
        return None
    going = [node.instance_id for node in victims if node.state == "InService"]
    after = unevenness(view, going)
    if after <= 1 or after <= unevenness(view):
        return None
    reason = (
        f"without {', '.join(going)} the zones would differ by {after} nodes, and AWS would terminate another node to "
        "rebalance them"
    )
    way_out = f"Set O(count): {len(going)} in place of O(instance_ids), or O(decrement_desired): false"
    return reason, way_out


def _of_others(view: View) -> frozenset[str]:
    """The processes that somebody else suspended."""
    return view.suspended - (view.journal.suspended if view.journal else frozenset())


def _licensed(view: View, goal: DrainGoal, victims: Sequence[LiveNode]) -> Why | None:
    """A node that AWS replaces runs, or stands by, while the one in its place is launched.

    Nodes on standby go on running, and the group may grow to its maximum beside them.
    """
    if view.marketplace:
        return None
    seeds, counting = Servers(view.beside, "seed"), [node for node in victims if node.active]
    if not goal.decrement:
        there = sum(node.running for node in view.nodes) - view.idle.count
        nodes = [Servers(there, "node"), Servers(len(counting), "replacement"), view.idle, seeds]
        if why := over(nodes, goal.licences, "Drain fewer, set O(decrement_desired): true"):
            return why
    if goal.then == "standby":
        idle = replace(view.idle, count=view.idle.count + len(counting))
        most = [Servers(view.max_size, "node", "at most"), idle, seeds]
        return over(most, goal.licences, "Lower O(wcs_asg: max_size), set O(then): terminate")
    return None


def _calling_off(view: View, goal: DrainGoal) -> Why | None:
    for one in goal.instance_ids:
        node = view.find(one)
        if node is None:
            return f"{one} is no longer one of its members", "Name nodes that are draining or on standby"
        if node.gone:
            return (
                f"{one} is {node.state}: it is already ending",
                "Raise O(wcs_asg: desired_capacity) to have a node in its place",
            )
    standby = [
        node for one in goal.instance_ids if (node := view.find(one)) and node.state in ("Standby", "EnteringStandby")
    ]
    if standby and view.desired + len(standby) > view.max_size:
        reason = f"{view.desired} nodes and {len(standby)} from standby are more than the maximum size, {view.max_size}"
        return reason, f"Raise O(wcs_asg: max_size) to {view.desired + len(standby)}"
    if standby and "Launch" in view.suspended:
        return "its process Launch is suspended, so nothing leaves standby", "Resume it"
    return None
