# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A member's way through its group: launched, waiting, in service, leaving, gone."""

from __future__ import annotations

from ..core import backends as state
from ..elb.balancers import Balancer, balancers
from .activities import moment
from .groups import LAUNCHING, TERMINATING, Group, Member, Scene, Wait, new_id

OVER = ("shutting-down", "terminated")
ABANDONED = (
    "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {} was abandoned: "
    "Lifecycle Action Completed with ABANDON Result"
)


def attached(group: Group) -> list[Balancer]:
    """The balancers the group is attached to and that exist."""
    known = balancers(group.region)
    return [known[name] for name, standing in group.balancers.items() if standing != "Removing" and name in known]


def add_to_balancers(scene: Scene, group: Group, member: Member) -> None:
    """Registers the member, unless that process is suspended."""
    if group.runs("AddToLoadBalancer"):
        for balancer in attached(group):
            balancer.register(member.instance_id, scene.now + scene.lab.delays.elb_registration)


def leave_balancers(scene: Scene, group: Group, member: Member) -> None:
    """Deregisters the member; its connections may drain."""
    for balancer in attached(group):
        balancer.deregister(member.instance_id, scene.now)


def draining(group: Group, member: Member) -> bool:
    """Whether a balancer of the Region still waits for the member's connections to end."""
    return any(member.instance_id in balancer.leaving for balancer in balancers(group.region).values())


def advance(scene: Scene, group: Group) -> None:
    """Moves every member on as far as it can go now."""
    for member in list(group.members.values()):
        step = STEPS.get(member.lifecycle)
        if step is not None:
            step(scene, group, member)


def terminate(scene: Scene, group: Group, member: Member, cause: str) -> None:
    """Begins a member's end: out of the balancers, drained, its hooks, then its instance."""
    if member.lifecycle.startswith("Terminating"):
        return
    if member.activity.running:
        member.activity.finish(scene.when, "Cancelled")
    member.activity = group.begin(f"Terminating EC2 instance: {member.instance_id}", cause, scene.when)
    member.lifecycle, member.waits = "Terminating", []
    leave_balancers(scene, group, member)
    _leave(scene, group, member)


def end(scene: Scene, group: Group, member: Member) -> None:
    """Terminates the member's instance, whatever is still connected to it."""
    member.lifecycle = "Terminating:Proceed"
    if scene.machine(member.instance_id) not in OVER:
        state.backend("ec2", group.region).terminate_instances([member.instance_id])


def open_waits(scene: Scene, group: Group, member: Member, transition: str) -> bool:
    """Starts the lifecycle actions of the group's hooks for a transition; False when there are none."""
    for name, hook in group.hooks.items():
        if hook["LifecycleTransition"] == transition:
            beat = int(hook["HeartbeatTimeout"])
            latest = scene.now + int(hook["GlobalTimeout"])
            member.waits.append(
                Wait(name, new_id(), min(scene.now + beat, latest), latest, beat, hook["DefaultResult"])
            )
    if member.waits:
        member.activity.at("MidLifecycleAction", 60)
    return bool(member.waits)


def settle(scene: Scene, member: Member) -> str | None:
    """CONTINUE or ABANDON once the member's lifecycle actions are over, None while one is waited for."""
    for wait in member.waits:
        if wait.result is None and scene.now >= wait.until:
            wait.result = wait.default
    results = [wait.result for wait in member.waits]
    if "ABANDON" in results:
        return "ABANDON"
    return None if None in results else "CONTINUE"


def serve(scene: Scene, group: Group, member: Member) -> None:
    """Puts a member into service and registers it with the balancers."""
    member.lifecycle, member.in_service_at, member.waits = "InService", scene.now, []
    member.activity.finish(scene.when)
    add_to_balancers(scene, group, member)


def _arrive(scene: Scene, group: Group, member: Member) -> None:
    machine = scene.machine(member.instance_id)
    if machine in (*OVER, "stopped"):
        _lose(scene, group, member)
    elif machine == "running":
        if open_waits(scene, group, member, LAUNCHING):
            member.lifecycle = "Pending:Wait"
        else:
            serve(scene, group, member)


def _lose(scene: Scene, group: Group, member: Member) -> None:
    reason = f"Instance became unhealthy while waiting for instance to be in InService state, at {moment(scene.when)}."
    member.activity.finish(scene.when, "Failed", reason)
    end(scene, group, member)
    group.members.pop(member.instance_id)


def _wait_to_serve(scene: Scene, group: Group, member: Member) -> None:
    result = settle(scene, member)
    if result == "CONTINUE":
        member.lifecycle = "Pending:Proceed"
    elif result == "ABANDON":
        token = next(wait.token for wait in member.waits if wait.result == "ABANDON")
        member.activity.finish(scene.when, "Cancelled", ABANDONED.format(token))
        cause = f"At {moment(scene.when)} an instance was taken out of service in response to a launch failure."
        member.lifecycle = "Terminating:Proceed"
        member.activity = group.begin(f"Terminating EC2 instance: {member.instance_id}", cause, scene.when)
        end(scene, group, member)


def _leave(scene: Scene, group: Group, member: Member) -> None:
    if scene.machine(member.instance_id) not in OVER and draining(group, member):
        member.activity.at("WaitingForELBConnectionDraining", 50)
    elif open_waits(scene, group, member, TERMINATING):
        member.lifecycle = "Terminating:Wait"
    else:
        end(scene, group, member)


def _wait_to_go(scene: Scene, group: Group, member: Member) -> None:
    result = settle(scene, member)
    triggers = (group["InstanceLifecyclePolicy"] or {}).get("RetentionTriggers") or {}
    if result == "ABANDON" and triggers.get("TerminateHookAbandon") == "retain":
        member.lifecycle = "Terminating:Retained"
    elif result is not None:
        end(scene, group, member)


def _go(scene: Scene, group: Group, member: Member) -> None:
    if scene.machine(member.instance_id) == "terminated":
        member.activity.finish(scene.when)
        group.members.pop(member.instance_id)


def _keep(scene: Scene, group: Group, member: Member) -> None:
    """A retained member stays until its instance is terminated."""
    if scene.machine(member.instance_id) in OVER:
        end(scene, group, member)


def _stand_by(scene: Scene, group: Group, member: Member) -> None:
    if not draining(group, member):
        member.lifecycle = "Standby"
        member.activity.finish(scene.when)


def _detach(scene: Scene, group: Group, member: Member) -> None:
    if not draining(group, member):
        member.activity.finish(scene.when)
        group.members.pop(member.instance_id)


STEPS = {
    "Pending": _arrive,
    "Pending:Wait": _wait_to_serve,
    "Pending:Proceed": serve,
    "Terminating": _leave,
    "Terminating:Wait": _wait_to_go,
    "Terminating:Proceed": _go,
    "Terminating:Retained": _keep,
    "EnteringStandby": _stand_by,
    "Detaching": _detach,
}
