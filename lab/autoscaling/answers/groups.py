# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auto Scaling groups: made, changed, described, deleted. What follows from that is the scaling engine's work."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.corrections import correction
from ...core.errors import LabCannot, Refused
from .. import lifecycle
from ..activities import moment
from ..blueprints import configurations
from ..groups import Group, find, groups, new_id, scene
from .hooks import new_hook
from .policies import forget_policies
from .settings import (
    ONE_SOURCE,
    check,
    check_balancers,
    check_processes,
    defaults,
    filters,
    modifiable,
    place,
    source,
    stored,
)

TAKEN = "AutoScalingGroup by this name already exists - A group with the name {} already exists"
TAKEN_STILL = (
    "A group with the name {} already exists and is pending delete.  Please wait until Autoscaling completes the "
    "deletion process before creating another group with the same name."
)
IN_USE = (
    "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the "
    "group."
)
BUSY = "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group."


@correction(
    "What happens to a terminated member is the group's affair.", AutoScalingBackend, "notify_terminate_instances"
)
def notify_terminate_instances(_notify: Any, _backend: Any, _instance_ids: list[str]) -> None:
    """Nothing: the group sees it at its next look."""


@answers(
    "CreateAutoScalingGroup refuses a name in use and what does not exist, keeps every setting and launches later.",
    AutoScalingResponse,
)
def create_auto_scaling_group(ask: Ask) -> None:
    """Nothing."""
    name = ask["AutoScalingGroupName"]
    present = groups(ask.region).get(name)
    if present is not None:
        raise Refused("AlreadyExists", (TAKEN_STILL if present.deleting else TAKEN).format(name))
    if ask.get("InstanceId"):
        raise LabCannot("Answer", "make a launch configuration of an instance for a group")
    launched_from = source(ask.region, ask.given)
    if not launched_from:
        raise Refused("ValidationError", ONE_SOURCE)
    where = place(ask.region, ask.given)
    if not where:
        raise Refused("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
    settings = {**defaults(int(ask["MinSize"])), **stored(ask.given), **launched_from, **where}
    check(settings)
    names = ask.get("LoadBalancerNames", [])
    check_balancers(ask.region, names)
    group = Group(
        name=name,
        arn=f"arn:aws:autoscaling:{ask.region}:{state.ACCOUNT_ID}:autoScalingGroup:{new_id()}:autoScalingGroupName/{name}",
        region=ask.region,
        created=ask.lab.clock.stamp(),
        settings=settings,
        balancers=dict.fromkeys(names, "Adding"),
        tags={t["Key"]: (t.get("Value", ""), bool(t.get("PropagateAtLaunch", True))) for t in ask.get("Tags", [])},
    )
    settings["TargetGroupARNs"] = ask.get("TargetGroupARNs", [])
    for given in ask.get("LifecycleHookSpecificationList", []):
        group.hooks[given["LifecycleHookName"]] = new_hook(name, given)
    at = moment(ask.lab.clock.stamp())
    group.why = (
        f"At {at} a user request created an AutoScalingGroup changing the desired capacity from 0 to {group.desired}."
    )
    groups(ask.region)[name] = group


@answers(
    "UpdateAutoScalingGroup changes what is given, moves the desired capacity into new bounds, refuses others.",
    AutoScalingResponse,
)
def update_auto_scaling_group(ask: Ask) -> None:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    changes = {**stored(ask.given), **source(ask.region, ask.given), **place(ask.region, ask.given)}
    settings = {**group.settings, **changes}
    if "DesiredCapacity" not in changes:
        bounded = max(int(settings["DesiredCapacity"]), int(settings["MinSize"]))
        settings["DesiredCapacity"] = min(bounded, int(settings["MaxSize"]))
    check(settings)
    before, wanted = group.desired, int(settings["DesiredCapacity"])
    group.settings, group.launch_after, group.failures = settings, 0.0, 0
    if wanted != before:
        answer = f"min: {settings['MinSize']}, max: {settings['MaxSize']}, desired: {wanted}"
        group.want(
            wanted,
            f"At {moment(ask.lab.clock.stamp())} a user request update of AutoScalingGroup constraints to {answer} "
            f"changing the desired capacity from {before} to {wanted}.",
        )


@answers("SetDesiredCapacity stays within the group's bounds and can honor the cooldown.", AutoScalingResponse)
def set_desired_capacity(ask: Ask) -> None:
    """Nothing."""
    group, wanted = modifiable(ask.region, ask["AutoScalingGroupName"]), int(ask["DesiredCapacity"])
    for bound, key, beyond in (
        ("above max", "MaxSize", wanted > group["MaxSize"]),
        ("below min", "MinSize", wanted < group["MinSize"]),
    ):
        if beyond:
            raise Refused(
                "ValidationError",
                f"New SetDesiredCapacity value {wanted} is {bound} value {group[key]} for the AutoScalingGroup.",
            )
    if ask.get("HonorCooldown") and (group.busy or ask.now < group.cooldown_until):
        raise Refused("ScalingActivityInProgress", f"Cooldown of AutoScalingGroup {group.name} is not over yet")
    if wanted != group.desired:
        group.want(
            wanted,
            f"At {moment(ask.lab.clock.stamp())} a user request explicitly set group desired capacity changing the "
            f"desired capacity from {group.desired} to {wanted}.",
        )


@answers(
    "A group with instances is deleted by force only; its name stays taken until the last instance is gone.",
    AutoScalingResponse,
)
def delete_auto_scaling_group(ask: Ask) -> None:
    """Nothing."""
    group, force = find(ask.region, ask["AutoScalingGroupName"]), bool(ask.get("ForceDelete"))
    protection = group["DeletionProtection"] or "none"
    if protection == "prevent-all-deletion" or (force and protection == "prevent-force-deletion"):
        raise Refused(
            "ResourceInUse", f"AutoScalingGroup {group.name} is protected: DeletionProtection is {protection}"
        )
    if not force and group.members:
        leaving = all(member.lifecycle.startswith("Terminating") for member in group.members.values())
        raise Refused("ScalingActivityInProgress", BUSY) if leaving else Refused("ResourceInUse", IN_USE)
    group.deleting = True
    seen = scene(ask.lab, ask.region)
    for member in group.members.values():
        lifecycle.leave_balancers(seen, group, member)
    forget_policies(group)


@answers("Groups are described with every setting; those being deleted with their Status.", AutoScalingResponse)
def describe_auto_scaling_groups(ask: Ask) -> dict[str, Any]:
    """{AutoScalingGroups, NextToken}."""
    names = ask.get("AutoScalingGroupNames", [])
    found = [group for group in groups(ask.region).values() if not names or group.name in names]
    for wanted in filters(ask, ("tag-key", "tag-value", "tag:*")):
        found = [group for group in found if _matches(group, wanted["Name"], wanted["Values"])]
    rows, token = page(ask, found, 50)
    return {"AutoScalingGroups": [_show(group) for group in rows], "NextToken": token}


def _matches(group: Group, name: str, values: list[str]) -> bool:
    if name == "tag-key":
        return any(key in values for key in group.tags)
    if name == "tag-value":
        return any(value in values for value, _ in group.tags.values())
    key = name.removeprefix("tag:")
    return key in group.tags and group.tags[key][0] in values


def _show(group: Group) -> dict[str, Any]:
    shown = {key: value for key, value in group.settings.items() if value is not None and key != "WarmPool"}
    at = group.suspended
    return {
        **shown,
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "CreatedTime": group.created,
        "LoadBalancerNames": [name for name, standing in group.balancers.items() if standing != "Removing"],
        "Instances": [member.show(configurations(group.region)) for member in group.members.values()],
        "SuspendedProcesses": [{"ProcessName": name, "SuspensionReason": at[name]} for name in at],
        "EnabledMetrics": [{"Metric": name, "Granularity": size} for name, size in group.metrics.items()],
        "Tags": show_tags(group),
        "TrafficSources": [
            {"Identifier": name, "Type": "elb"} for name, standing in group.balancers.items() if standing != "Removing"
        ],
        **({"Status": "Delete in progress"} if group.deleting else {}),
    }


def show_tags(group: Group) -> list[dict[str, Any]]:
    """The group's tags as AWS lists them."""
    return [
        {
            "ResourceId": group.name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": propagate,
        }
        for key, (value, propagate) in group.tags.items()
    ]


@answers("Processes are suspended by their names, all where none is named.", AutoScalingResponse)
def suspend_processes(ask: Ask) -> None:
    """Nothing."""
    group = find(ask.region, ask["AutoScalingGroupName"])
    if group.deleting:
        raise Refused("ValidationError", "Processes may not be suspended while the AutoScaling group is pending delete")
    at = moment(ask.lab.clock.stamp())
    for name in check_processes(ask.get("ScalingProcesses", [])):
        group.suspended.setdefault(name, f"User suspended at {at}")


@answers("Processes are resumed by their names, all where none is named.", AutoScalingResponse)
def resume_processes(ask: Ask) -> None:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    for name in check_processes(ask.get("ScalingProcesses", [])):
        group.suspended.pop(name, None)
