# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of Auto Scaling groups: described, protected, terminated, on standby, detached, attached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.errors import Refused
from .. import activities, lifecycle, replacing
from ..activities import Activity, asked_for, from_to, moment
from ..blueprints import configurations
from ..capacity import GROUP_TAG
from ..groups import Group, Member, Scene, find, find_member, forgotten, groups, scene
from .settings import filters, modifiable

AT_MIN = (
    "Currently, desiredSize equals minSize ({}). Terminating instance without replacement will violate group's min "
    "size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size."
)


KEPT_BY: dict[str, Callable[[Mapping[str, Any], list[str]], bool]] = {  # filters of activities
    "StartTimeLowerBound": lambda activity, values: bool(activity["StartTime"] >= moment_of(values[0])),
    "StartTimeUpperBound": lambda activity, values: bool(activity["StartTime"] <= moment_of(values[0])),
    "Status": lambda activity, values: activity["StatusCode"] in values,
}


def moment_of(text: str) -> datetime:
    """The time of an ISO 8601 text, UTC where it does not say; refused where it is none."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as wrong:
        raise Refused("ValidationError", f"'{text}' is not an ISO 8601 timestamp") from wrong
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


@answers("Instances of groups are described with their state and health.", AutoScalingResponse)
def describe_auto_scaling_instances(ask: Ask) -> dict[str, Any]:
    """{AutoScalingInstances, NextToken}; 50 a page."""
    ids = ask.get("InstanceIds", [])
    there = configurations(ask.region)
    found = [
        {**member.show(there), "AutoScalingGroupName": group.name, "HealthStatus": member.health.upper()}
        for group in groups(ask.region).values()
        for member in group.members.values()
        if not ids or member.instance_id in ids
    ]
    rows, token = page(ask, found, 50)
    return {"AutoScalingInstances": rows, "NextToken": token}


@answers(
    "Activities are listed newest first, running ones before others, by start or status, of deleted groups when asked.",
    AutoScalingResponse,
)
def describe_scaling_activities(ask: Ask) -> dict[str, Any]:
    """{Activities, NextToken}; 100 a page."""
    name, ids, deleted = ask.get("AutoScalingGroupName"), ask.get("ActivityIds", []), ask.get("IncludeDeletedGroups")
    if name and name not in groups(ask.region) and not deleted:
        find(ask.region, name)
    found = [a for group in groups(ask.region).values() for a in group.activities if not name or a.group == name]
    gone = [a for a in forgotten(ask.region) if not name or a.group == name] if deleted else []
    shown = [show(a) for a in sorted(found, key=lambda a: not a.running)]
    shown += [{**show(a), "AutoScalingGroupState": "Deleted"} for a in gone]
    shown = [a for a in shown if not ids or a["ActivityId"] in ids]
    for wanted in filters(ask, tuple(KEPT_BY)):
        shown = [a for a in shown if KEPT_BY[wanted["Name"]](a, wanted["Values"])]
    rows, token = page(ask, shown, 100)
    return {"Activities": rows, "NextToken": token}


def show(activity: Activity) -> dict[str, Any]:
    """The activity as AWS describes it."""
    shown: dict[str, Any] = {
        "ActivityId": activity.activity_id,
        "AutoScalingGroupName": activity.group,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": activity.start,
        "StatusCode": activity.status,
        "Progress": activity.progress,
        "Details": activities.written(activity.details),
    }
    if activity.end is not None:
        shown["EndTime"] = activity.end
    if activity.message:
        shown["StatusMessage"] = activity.message
    return shown


def _members(group: Group, ids: list[str], states: tuple[str, ...], words: str) -> list[Member]:
    found = []
    for instance_id in ids:
        member = group.members.get(instance_id)
        if member is None:
            raise Refused(
                "ValidationError", f"The instance {instance_id} is not part of Auto Scaling group {group.name}."
            )
        if member.lifecycle not in states:
            raise Refused("ValidationError", f"The instance {instance_id} is not in {words}.")
        found.append(member)
    return found


@answers("Protection from scale-in is set for members in service or on standby.", AutoScalingResponse)
def set_instance_protection(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    states = ("InService", "EnteringStandby", "Standby")
    for member in _members(group, ask["InstanceIds"], states, "InService or EnteringStandby or Standby"):
        member.protected = bool(ask["ProtectedFromScaleIn"])
    return {}


@answers("Health set by hand counts at once, but not within the grace period unless asked to.", AutoScalingResponse)
def set_instance_health(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group, member = find_member(ask.region, ask["InstanceId"])
    health = ask["HealthStatus"]
    if health not in ("Healthy", "Unhealthy"):
        raise Refused("ValidationError", "Valid instance health states are: [Healthy, Unhealthy]")
    if member.lifecycle.startswith("Terminating"):
        raise Refused("ValidationError", f"The instance {member.instance_id} is terminating")
    if health == "Healthy":
        member.health, member.sick_by = "Healthy", None
        return {}
    began = ask.now if member.in_service_at is None else member.in_service_at
    if not ask.get("ShouldRespectGracePeriod", True) or ask.now >= began + group["HealthCheckGracePeriod"]:
        replacing.mark(member, "user")
    return {}


@answers(
    "Terminating a member is not stopped by protection; with decrement not below the minimum.", AutoScalingResponse
)
def terminate_instance_in_auto_scaling_group(ask: Ask) -> dict[str, Any]:
    """{Activity}, in progress."""
    group, member = find_member(ask.region, ask["InstanceId"])
    modifiable(ask.region, group.name)
    if member.lifecycle == "Terminating:Retained":
        lifecycle.end(scene(ask.lab, ask.region), group, member)
        return {"Activity": show(member.activity)}
    if member.lifecycle == "EnteringStandby" or member.lifecycle.startswith("Terminating"):
        raise Refused(
            "ScalingActivityInProgress",
            f"Activity {member.activity.activity_id} is in progress for {member.instance_id}",
        )
    seen, change = scene(ask.lab, ask.region), "."
    if ask["ShouldDecrementDesiredCapacity"]:
        if group.desired <= int(group["MinSize"]):
            raise Refused("ValidationError", AT_MIN.format(group["MinSize"]))
        change = _decrement(group, 1)
    cause = asked_for(seen.when, member.instance_id, "taken out of service", change)
    lifecycle.terminate(seen, group, member, cause)
    return {"Activity": show(member.activity)}


def _decrement(group: Group, number: int) -> str:
    before = group.desired
    group.settings["DesiredCapacity"] = before - number
    return from_to("shrinking", before, before - number)


def _refuse_below_min(group: Group, number: int, words: str) -> None:
    if group.desired - number < int(group["MinSize"]):
        raise _sizes(group, words.format(_instances(number)))


def _instances(number: int) -> str:
    return f"{number} instance{'s' if number > 1 else ''}"


def _sizes(group: Group, words: str) -> Refused:
    have = f"min-size={group['MinSize']}, max-size={group['MaxSize']}, and desired-size={group.desired}"
    return Refused(
        "ValidationError",
        f"AutoScalingGroup {group.name} has {have}. To {words}, "
        "please update the AutoScalingGroup sizes appropriately.",
    )


def _begin(seen: Scene, group: Group, member: Member, description: str, cause: str) -> Activity:
    member.activity = group.begin(f"{description}: {member.instance_id}", cause, seen.when)
    return member.activity


@answers("A member enters standby once it has drained; with decrement not below the minimum.", AutoScalingResponse)
def enter_standby(ask: Ask) -> dict[str, Any]:
    """{Activities}, in progress."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    members = _members(group, ask.get("InstanceIds", []), ("InService",), "InService")
    seen, change = scene(ask.lab, ask.region), "."
    if ask["ShouldDecrementDesiredCapacity"]:
        _refuse_below_min(group, len(members), "place into standby {}")
        change = _decrement(group, len(members))
    begun = []
    for member in members:
        cause = asked_for(seen.when, member.instance_id, "moved to standby", change)
        _begin(seen, group, member, "Moving EC2 instance to Standby", cause).at("InProgress", 50)
        lifecycle.leave_balancers(seen, group, member)
        member.lifecycle = "EnteringStandby"
        begun.append(show(member.activity))
    return {"Activities": begun}


@answers("A member leaves standby by raising the desired capacity; not while Launch is suspended.", AutoScalingResponse)
def exit_standby(ask: Ask) -> dict[str, Any]:
    """{Activities}, PreInService."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    members = _members(group, ask.get("InstanceIds", []), ("Standby",), "Standby")
    if not group.runs("Launch"):
        raise Refused("ValidationError", "Launch process is suspended: instances cannot be moved out of Standby")
    before, after = group.desired, group.desired + len(members)
    if after > int(group["MaxSize"]):
        raise _sizes(group, f"move out of standby {_instances(len(members))}")
    seen = scene(ask.lab, ask.region)
    group.settings["DesiredCapacity"] = after
    begun = []
    for member in members:
        cause = asked_for(seen.when, member.instance_id, "moved out of standby", from_to("increasing", before, after))
        _begin(seen, group, member, "Moving EC2 instance out of Standby", cause).at("PreInService", 30)
        member.lifecycle, member.in_service_at = "Pending", None
        begun.append(show(member.activity))
    return {"Activities": begun}


@answers("A detached instance drains and goes on without the group and its protection.", AutoScalingResponse)
def detach_instances(ask: Ask) -> dict[str, Any]:
    """{Activities}, in progress."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    members = _members(group, ask.get("InstanceIds", []), ("InService", "Standby"), "InService or Standby")
    seen, change = scene(ask.lab, ask.region), "."
    if ask["ShouldDecrementDesiredCapacity"]:
        _refuse_below_min(group, len(members), "detach {}")
        change = _decrement(group, len(members))
    begun = []
    for member in members:
        cause = asked_for(seen.when, member.instance_id, "detached", change)
        _begin(seen, group, member, "Detaching EC2 instance", cause).at("InProgress", 50)
        lifecycle.leave_balancers(seen, group, member)
        member.lifecycle, member.protected = "Detaching", False
        state.backend("ec2", ask.region).delete_tags([member.instance_id], {GROUP_TAG: group.name})
        begun.append(show(member.activity))
    return {"Activities": begun}


@answers(
    "A running instance of no group is attached within the maximum and raises the desired capacity.",
    AutoScalingResponse,
)
def attach_instances(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group, ids = modifiable(ask.region, ask["AutoScalingGroupName"]), ask.get("InstanceIds", [])
    seen = scene(ask.lab, ask.region)
    for instance_id in ids:
        if seen.machine(instance_id) != "running":
            raise Refused("ValidationError", f"Invalid Instance ID(s): [{instance_id}] specified.")
        if any(instance_id in other.members for other in groups(ask.region).values()):
            raise Refused("ValidationError", f"Instance {instance_id} is already part of an AutoScalingGroup.")
    before, after = group.desired, group.desired + len(ids)
    if after > int(group["MaxSize"]):
        raise _sizes(group, f"attach {_instances(len(ids))}")
    group.settings["DesiredCapacity"] = after
    for instance_id in ids:
        instance = seen.instances[instance_id]
        cause = (
            f"At {moment(seen.when)} an instance was attached in response to a user request"
            f"{from_to('increasing', before, after)}"
        )
        group.members[instance_id] = Member(
            instance_id=instance_id,
            zone=instance.placement.zone,
            instance_type=instance.instance_type,
            launched_at=seen.now,
            activity=group.begin(
                f"Attaching an existing EC2 instance: {instance_id}", cause, seen.when, "PreInService"
            ),
            protected=bool(group["NewInstancesProtectedFromScaleIn"]),
        )
        instance.add_tags({GROUP_TAG: group.name})
    return {}
