# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a group gets from the capacity it has to the one it wants: launches, scale-in, even zones."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException

from ..core import backends as state
from ..core.errors import Refused
from ..ec2 import launching
from . import activities, lifecycle
from .blueprints import Blueprint, blueprint, configurations
from .groups import Group, Member, Scene
from .placement import Candidate, unbalanced, victims, zone_for_launch

BATCH = 20  # launches a tick
FIRST_RETRY, LAST_RETRY = 15.0, 300.0  # AWS seconds after a failed launch
GROUP_TAG = "aws:autoscaling:groupName"
NO_BALANCER = "Cannot find Load Balancer {}. Validating load balancer configuration failed."
ALL_PROTECTED = "Could not scale to desired capacity because all remaining instances are protected from scale-in."
WORDS = {"InvalidAMIID.NotFound": "The AMI ID {ImageId} does not exist"}


def zones(group: Group) -> dict[str, list[str]]:
    """The subnets of each of the group's zones, in the order they are named, of those that still exist."""
    ec2 = state.backend("ec2", group.region)
    found: dict[str, list[str]] = {}
    known = {subnet_id: zone for zone, subnets in ec2.subnets.items() for subnet_id in subnets}
    named = _subnets(group)
    for subnet_id in named:
        if subnet_id in known:
            found.setdefault(known[subnet_id], []).append(subnet_id)
    if not named:
        defaults = ec2.get_default_subnets()
        found = {zone: [defaults[zone].id] for zone in group["AvailabilityZones"] or [] if zone in defaults}
    return found


def _subnets(group: Group) -> list[str]:
    return [subnet_id for subnet_id in (group["VPCZoneIdentifier"] or "").split(",") if subnet_id]


def meet(scene: Scene, group: Group) -> None:
    """Launches what is missing or terminates what is too much."""
    have = len(group.active)
    if have < group.desired and group.runs("Launch") and scene.now >= group.launch_after:
        _grow(scene, group, have)
    elif have > group.desired and group.runs("Terminate"):
        _shrink(scene, group, have)
    elif have == group.desired:
        _even_out(scene, group)


def _grow(scene: Scene, group: Group, have: int) -> None:
    for _ in range(min(BATCH, group.desired - have)):
        if group.replacing:
            group.replacing -= 1
            cause, scaled = activities.replaced(scene.when), False
        else:
            cause = _because(group, activities.launched(scene.when, have, group.desired))
            scaled = group.by_policy
        if not launch(scene, group, cause, scaled):
            return


def _because(group: Group, cause: str) -> str:
    return f"{group.why}  {cause}" if group.why else cause


def launch(scene: Scene, group: Group, cause: str, scaled: bool = False, balancing: bool = False) -> bool:
    """Launches one instance into the emptiest zone; False, with a failed activity, where AWS would not."""
    open_zones = zones(group)
    zone = zone_for_launch(list(open_zones), [member.zone for member in group.active])
    description = "Launching a new EC2 instance"
    try:
        if zone is None:
            raise Refused("InvalidSubnetID.NotFound", _no_subnet(group))
        plan = blueprint(group)
        instance = _run(scene, group, plan, open_zones[zone])
    except (Refused, ServiceException) as why:  # moto's own refusals are worded as AWS's
        refused = Refused(why.code, why.message)
        _fail(scene, group, group.begin(description, cause, scene.when), refused, locals().get("plan"))
        return False
    activity = group.begin(f"{description}: {instance.id}", cause, scene.when, "PreInService")
    activity.progress = 30
    activity.details = {
        **group.details, "Subnet ID": instance.subnet_id, "Availability Zone": instance.placement.zone,
    }  # fmt: skip
    group.failures = 0
    group.members[instance.id] = Member(
        instance_id=instance.id,
        zone=instance.placement.zone,
        instance_type=plan.instance_type,
        launched_at=scene.now,
        activity=activity,
        template=plan.template,
        configuration=plan.configuration,
        protected=bool(group["NewInstancesProtectedFromScaleIn"]),
        scaled=scaled,
        balancing=balancing,
    )
    return True


def _no_subnet(group: Group) -> str:
    named = _subnets(group)
    if named:
        return f"The subnet ID '{named[0]}' does not exist"
    return f"No default subnet for availability zone: '{(group['AvailabilityZones'] or [None])[0]}'"


def _run(scene: Scene, group: Group, plan: Blueprint, subnets: list[str]) -> Any:
    known = {balancer.name for balancer in lifecycle.attached(group)}
    for name, standing in group.balancers.items():
        if standing != "Removing" and name not in known:
            raise Refused("ValidationError", NO_BALANCER.format(name))
    if scene.lab.launch_failures:
        raise Refused("InsufficientInstanceCapacity", scene.lab.launch_failures.pop(0))
    subnet = subnets[len(group.members) % len(subnets)]
    tags = {key: value for key, (value, propagate) in group.tags.items() if propagate}
    tags |= {**plan.tags, GROUP_TAG: group.name}
    return launching.launch(group.region, plan.data, 1, subnet, tags).instances[0]


def _fail(scene: Scene, group: Group, activity: activities.Activity, refused: Refused, plan: Blueprint | None) -> None:
    words = WORDS.get(refused.code)
    reason = words.format_map(plan.data) if words and plan else refused.message.rstrip(".")
    if not reason.endswith("failed"):
        reason = f"{reason}. Launching EC2 instance failed"
    activity.finish(scene.when, "Failed", f"{reason}.")
    group.failures += 1
    group.launch_after = scene.now + min(LAST_RETRY, FIRST_RETRY * 2 ** (group.failures - 1))


def candidate(group: Group, member: Member, in_zones: dict[str, list[str]]) -> Candidate:
    """The member as the choice of a victim sees it."""
    launched_from: tuple[int, str, int] = (0, "", 0)
    if member.template is not None:
        own = (group["LaunchTemplate"] or {}).get("LaunchTemplateId") == member.template["LaunchTemplateId"]
        launched_from = (int(own), member.template["LaunchTemplateId"], int(member.template["Version"]))
    elif member.configuration in configurations(group.region):
        made = configurations(group.region)[member.configuration]["CreatedTime"]
        launched_from = (int(made.timestamp()), member.configuration, 0)
    return Candidate(
        instance_id=member.instance_id,
        zone=member.zone,
        launched_at=member.launched_at,
        launch=launched_from,
        from_configuration=member.configuration is not None,
        protected=member.protected,
        healthy=member.health == "Healthy",
        foreign=member.zone not in in_zones,
    )


def _shrink(scene: Scene, group: Group, have: int) -> None:
    if any(member.balancing and member.in_service_at is None for member in group.active):
        return  # rebalancing takes nobody out before the new member serves
    in_zones = zones(group)
    members = [candidate(group, member, in_zones) for member in group.active]
    chosen = victims(members, have - group.desired, group["TerminationPolicies"], scene.now)
    for instance_id in chosen:
        cause = _because(group, activities.shrunk(scene.when, instance_id, have, group.desired))
        lifecycle.terminate(scene, group, group.members[instance_id], cause)
    if not chosen and not group.equilibrium_noted:
        group.equilibrium_noted = True
        cause = f"{group.why}  At {activities.moment(scene.when)} group reached equilibrium.".strip()
        group.begin(ALL_PROTECTED, cause, scene.when).finish(scene.when, "Cancelled", ALL_PROTECTED)


def _even_out(scene: Scene, group: Group) -> None:
    """Launches into the emptiest zone first; what is then too much goes by the termination policy."""
    if not group.runs("AZRebalance") or not group.runs("Launch") or group.busy or scene.now < group.launch_after:
        return
    move = unbalanced(list(zones(group)), [member.zone for member in group.active])
    if move is not None:
        launch(scene, group, activities.balanced(scene.when, *move), balancing=True)
