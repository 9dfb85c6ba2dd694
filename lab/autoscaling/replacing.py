# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unhealthy members: found by EC2 or by a balancer, marked, replaced."""

from __future__ import annotations

from ..elb.balancers import Balancer, balancers
from ..elb.engine import standing
from . import activities, lifecycle
from .groups import Group, Member, Scene


def look(scene: Scene, group: Group) -> None:
    """Follows the balancers, marks unhealthy members and replaces those that the group may replace now."""
    _follow_balancers(scene, group)
    if group.runs("HealthCheck") and scene.now >= group.checked_at + scene.lab.delays.group_health_check:
        group.checked_at = scene.now
        for member in group.members.values():
            _check(scene, group, member)
    if group.runs("ReplaceUnhealthy") and group.runs("Terminate"):
        _replace(scene, group)


def mark(member: Member, found_by: str) -> None:
    """Marks a member unhealthy; the mark stays until it is set back."""
    if member.health == "Healthy":
        member.health, member.sick_by = "Unhealthy", found_by


def _follow_balancers(scene: Scene, group: Group) -> None:
    """Added once its members are registered, InService once one of them has passed, gone once all have drained."""
    known = balancers(group.region)
    for name, at in list(group.balancers.items()):
        balancer = known.get(name)
        if at == "Removing":
            if balancer is None or not any(member in balancer.leaving for member in group.members):
                del group.balancers[name]
        elif balancer is not None and at != "InService":
            passed = any(_in_service(scene, balancer, member) for member in group.members.values())
            group.balancers[name] = "InService" if passed else "Added"


def _in_service(scene: Scene, balancer: Balancer, member: Member) -> bool:
    machine = scene.machine(member.instance_id)
    return standing(balancer, member.instance_id, machine, member.zone, scene.now).in_service


def _check(scene: Scene, group: Group, member: Member) -> None:
    if member.lifecycle != "InService" or member.in_service_at is None:
        return
    if scene.machine(member.instance_id) != "running":
        mark(member, "EC2")
    elif group["HealthCheckType"] == "ELB" and scene.now >= member.in_service_at + group["HealthCheckGracePeriod"]:
        # a group none of whose members ever passed replaces nobody
        judges = [b for b in lifecycle.attached(group) if group.balancers[b.name] == "InService"]
        if any(_failing(scene, balancer, member) for balancer in judges):
            mark(member, "ELB")


def _failing(scene: Scene, balancer: Balancer, member: Member) -> bool:
    """Whether a balancer calls a running member OutOfService; one that still registers is not judged.

    AWS does not say what a member that was deregistered by hand is; the lab takes it for failing once it has drained,
    which is the worst case, unless it is told otherwise.
    """
    target = balancer.targets.get(member.instance_id)
    if target is not None:
        return target.verdict.standing != "new" and not _in_service(scene, balancer, member)
    if member.instance_id not in balancer.once or member.instance_id in balancer.leaving:
        return False
    return scene.lab.deregistered_is_unhealthy


def _replace(scene: Scene, group: Group) -> None:
    """Takes out the unhealthy: dead ones at once, those a balancer failed a tenth of the group at a time."""
    sick = [m for m in group.members.values() if m.lifecycle == "InService" and m.health == "Unhealthy"]
    if not sick:
        return
    unsettled = sum(not _settled(group, member) for member in group.active)
    missing = max(0, group.desired - len(group.active))
    room = max(1, group.desired // 10) - unsettled - missing
    for member in sick:
        found_by = member.sick_by or "user"
        if found_by == "ELB":
            if room <= 0:
                continue
            room -= 1
        lifecycle.terminate(scene, group, member, activities.sick(scene.when, found_by))
        group.replacing += 1


def _settled(group: Group, member: Member) -> bool:
    """Whether a member is in service and has its first checks behind it."""
    targets = [b.targets.get(member.instance_id) for b in lifecycle.attached(group)]
    return member.lifecycle == "InService" and all(t is None or t.verdict.standing != "new" for t in targets)
