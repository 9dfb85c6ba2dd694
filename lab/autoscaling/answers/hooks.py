# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle hooks and scheduled actions of Auto Scaling groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.autoscaling.responses import AutoScalingResponse

from plugins.module_utils._forecast.schedules import next_due, parse

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.dates import aws_seconds
from ...core.errors import Refused
from ..groups import LAUNCHING, TERMINATING, Group, Member, Wait, find, groups, new_id
from ..schedules import shown_start
from .settings import modifiable

LONGEST = 172800  # seconds; 48 hours
KEPT = ("NotificationTargetARN", "RoleARN", "NotificationMetadata")
SIZES = ("MinSize", "MaxSize", "DesiredCapacity")


def new_hook(group: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The hook as it is described; refused where AWS would."""
    transition, beat = given.get("LifecycleTransition"), int(given.get("HeartbeatTimeout") or 3600)
    result = given.get("DefaultResult") or "ABANDON"
    if transition not in (LAUNCHING, TERMINATING):
        raise Refused("ValidationError", f"Valid lifecycle transitions are: [{LAUNCHING}, {TERMINATING}]")
    if not 30 <= beat <= 7200:
        raise Refused("ValidationError", "HeartbeatTimeout must be between 30 and 7200 seconds")
    if result not in ("CONTINUE", "ABANDON"):
        raise Refused("ValidationError", "Lifecycle action result must be CONTINUE or ABANDON")
    return {
        "LifecycleHookName": given["LifecycleHookName"],
        "AutoScalingGroupName": group,
        "LifecycleTransition": transition,
        "HeartbeatTimeout": beat,
        "GlobalTimeout": min(LONGEST, 100 * beat),
        "DefaultResult": result,
        **{key: given[key] for key in KEPT if given.get(key)},
    }


@answers("A hook of that name is made or changed; what it stores is what was given.", AutoScalingResponse)
def put_lifecycle_hook(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    present = group.hooks.get(ask["LifecycleHookName"], {})
    given = {**present, **{key: value for key, value in ask.given.items() if value is not None}}
    group.hooks[ask["LifecycleHookName"]] = new_hook(group.name, given)
    return {}


@answers("Hooks are described by group, some by name.", AutoScalingResponse)
def describe_lifecycle_hooks(ask: Ask) -> dict[str, Any]:
    """{LifecycleHooks}."""
    group, names = find(ask.region, ask["AutoScalingGroupName"]), ask.get("LifecycleHookNames", [])
    return {"LifecycleHooks": [hook for name, hook in group.hooks.items() if not names or name in names]}


@answers(
    "Deleting a hook ends what is waited for with ABANDON at launch and CONTINUE at termination.", AutoScalingResponse
)
def delete_lifecycle_hook(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    hook = group.hooks.pop(ask["LifecycleHookName"], None)
    if hook is None:
        raise Refused("ValidationError", f"No Lifecycle Hook found with name: {ask['LifecycleHookName']}")
    for member in group.members.values():
        for wait in member.waits:
            if wait.hook == ask["LifecycleHookName"] and wait.result is None:
                wait.result = "ABANDON" if hook["LifecycleTransition"] == LAUNCHING else "CONTINUE"
    return {}


@answers("A lifecycle action is completed once, by its token or its instance.", AutoScalingResponse)
def complete_lifecycle_action(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    if ask["LifecycleActionResult"] not in ("CONTINUE", "ABANDON"):
        raise Refused("ValidationError", "Lifecycle action result must be CONTINUE or ABANDON")
    _waited(ask).result = ask["LifecycleActionResult"]
    return {}


@answers("A heartbeat restarts the clock of a lifecycle action, up to its global timeout.", AutoScalingResponse)
def record_lifecycle_action_heartbeat(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    wait = _waited(ask)
    wait.until = min(ask.now + wait.heartbeat, wait.latest)
    return {}


def _waited(ask: Ask) -> Wait:
    group, name = find(ask.region, ask["AutoScalingGroupName"]), ask["LifecycleHookName"]
    if name not in group.hooks:
        raise Refused("ValidationError", f"No Lifecycle Hook found with name: {name}")
    token, instance_id = ask.get("LifecycleActionToken"), ask.get("InstanceId")

    def meant(member: Member, wait: Wait) -> bool:
        ours = wait.token == token if token else member.instance_id == instance_id
        return ours and wait.hook == name and wait.result is None

    for member in group.members.values():
        for wait in member.waits:
            if meant(member, wait):
                return wait
    what = f"token {token}" if token else f"instance ID {instance_id}"
    raise Refused("ValidationError", f"No active Lifecycle Action found with {what}")


def _put_schedule(ask: Ask, group: Group, given: Mapping[str, Any]) -> None:
    name, recurrence = given["ScheduledActionName"], given.get("Recurrence")
    if all(given.get(key) is None for key in SIZES):
        raise Refused("ValidationError", "At least one of MinSize, MaxSize and DesiredCapacity must be specified")
    start, end = (given.get(key) and aws_seconds(ask.lab, given[key]) for key in ("StartTime", "EndTime"))
    if start and start < ask.now:
        raise Refused("ValidationError", "Given start time is in the past")
    if not start and not recurrence:
        raise Refused("ValidationError", "Either a start time or a recurrence must be specified")
    if recurrence:
        try:
            parse(recurrence)
        except ValueError as wrong:
            raise Refused("ValidationError", f"Given recurrence string:{recurrence} is invalid") from wrong
    if given.get("TimeZone"):
        try:
            ZoneInfo(given["TimeZone"])
        except (ValueError, OSError, ZoneInfoNotFoundError) as wrong:
            raise Refused("ValidationError", f"Given time zone string:{given['TimeZone']} is invalid") from wrong
    arn = f"arn:aws:autoscaling:{ask.region}:{state.ACCOUNT_ID}:scheduledUpdateGroupAction:{new_id()}"
    action = {
        key: value for key, value in given.items() if value is not None and key not in ("Time", "AutoScalingGroupName")
    }
    action |= {"start": start or None, "end": end or None}
    action["ScheduledActionARN"] = f"{arn}:autoScalingGroupName/{group.name}:scheduledActionName/{name}"
    action["due"] = next_due(action, ask.now)
    group.schedules[name] = action


@answers("A scheduled action belongs to its group and is due at its time or by its recurrence.", AutoScalingResponse)
def put_scheduled_update_group_action(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    given = dict(ask.given)
    given["StartTime"] = given.get("StartTime") or given.get("Time")
    _put_schedule(ask, modifiable(ask.region, ask["AutoScalingGroupName"]), given)
    return {}


def _each(names: list[tuple[str, Any]], do: Callable[[Any], None]) -> list[dict[str, str]]:
    """Does `do` for each of (name, item); those that were refused."""

    def refusal(item: Any) -> Refused | None:
        try:
            do(item)
        except Refused as why:
            return why
        return None

    tried = [(name, refusal(item)) for name, item in names]
    return [
        {"ScheduledActionName": name, "ErrorCode": why.code, "ErrorMessage": why.message} for name, why in tried if why
    ]


@answers("Several scheduled actions are put at once; each that fails is in the answer.", AutoScalingResponse)
def batch_put_scheduled_update_group_action(ask: Ask) -> dict[str, Any]:
    """{FailedScheduledUpdateGroupActions}."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    given = [(action["ScheduledActionName"], action) for action in ask["ScheduledUpdateGroupActions"]]
    return {"FailedScheduledUpdateGroupActions": _each(given, lambda action: _put_schedule(ask, group, action))}


def _delete_schedule(group: Group, name: str) -> None:
    if group.schedules.pop(name, None) is None:
        raise Refused("ValidationError", f"Scheduled action name not found: {name}")


@answers("A scheduled action that is not there cannot be deleted.", AutoScalingResponse)
def delete_scheduled_action(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    _delete_schedule(modifiable(ask.region, ask["AutoScalingGroupName"]), ask["ScheduledActionName"])
    return {}


@answers("Several scheduled actions are deleted at once; each that fails is in the answer.", AutoScalingResponse)
def batch_delete_scheduled_action(ask: Ask) -> dict[str, Any]:
    """{FailedScheduledActions}."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    names = [(name, name) for name in ask["ScheduledActionNames"]]
    return {"FailedScheduledActions": _each(names, lambda name: _delete_schedule(group, name))}


@answers("Scheduled actions are described with when they are due next.", AutoScalingResponse)
def describe_scheduled_actions(ask: Ask) -> dict[str, Any]:
    """{ScheduledUpdateGroupActions, NextToken}."""
    wanted, names = ask.get("AutoScalingGroupName"), ask.get("ScheduledActionNames", [])
    found = [
        {**action, "AutoScalingGroupName": group.name, "StartTime": shown_start(action, ask.lab.clock)}
        for group in groups(ask.region).values()
        for name, action in group.schedules.items()
        if (not wanted or group.name == wanted) and (not names or name in names)
    ]
    rows, token = page(ask, found, 50)
    return {"ScheduledUpdateGroupActions": rows, "NextToken": token}
