# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lifecycle hooks of a group: what holds an instance on its way in or out until it is told to continue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.plain import merged, without
from .._core.step import Step

TRANSITIONS = ("autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING")
RESULTS = ("CONTINUE", "ABANDON")
KEYS = {
    "name": "LifecycleHookName",
    "transition": "LifecycleTransition",
    "heartbeat_timeout": "HeartbeatTimeout",
    "default_result": "DefaultResult",
    "notification_target_arn": "NotificationTargetARN",
    "role_arn": "RoleARN",
    "notification_metadata": "NotificationMetadata",
}
SHARED = ("notification_target_arn", "role_arn")
"""What all hooks of one create call must have alike."""


@dataclass(frozen=True)
class Hook:
    """A lifecycle hook. None: as a want, left out; as what is there, not set. `heartbeat_timeout` is in seconds.

    `rest` holds its other settings, under AWS's names; they are kept.
    """

    name: str
    transition: str | None = None
    heartbeat_timeout: int | None = None
    default_result: str | None = None
    notification_target_arn: str | None = None
    role_arn: str | None = None
    notification_metadata: str | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


DEFAULTS = Hook("", heartbeat_timeout=3600, default_result="ABANDON")


def problem(hooks: Sequence[Hook]) -> str | None:
    """What AWS would refuse, or None. Limits: PutLifecycleHook."""
    if len({hook.name for hook in hooks}) < len(hooks):
        return "O(lifecycle_hooks) lists the same hook twice"
    if len(hooks) > 50:
        return f"O(lifecycle_hooks) has {len(hooks)} hooks; AWS allows at most 50 per group"
    for hook in hooks:
        if hook.heartbeat_timeout is not None and not 30 <= hook.heartbeat_timeout <= 7200:
            seconds = hook.heartbeat_timeout
            return (
                f"heartbeat_timeout of hook '{hook.name}' in O(lifecycle_hooks) is {seconds} s; AWS allows 30 to 7200"
            )
    return None


def lacking(want: Sequence[Hook], goal: Sequence[Hook]) -> str | None:
    """What a hook lacks of the pair that is asked for, even with what is there; or None."""
    for asked, hook in zip(want, goal, strict=True):
        half = (hook.notification_target_arn is None) != (hook.role_arn is None)
        if half and (asked.notification_target_arn or asked.role_arn):
            return (
                f"hook '{hook.name}' in O(lifecycle_hooks) needs both notification_target_arn and role_arn, or neither"
            )
    return None


def complete(have: Sequence[Hook], want: Sequence[Hook]) -> tuple[Hook, ...]:
    """The wanted hooks; what an option leaves out is as it is there, and for a new hook AWS's default."""
    there = {hook.name: hook for hook in have}
    return tuple(_over(hook, there.get(hook.name, DEFAULTS)) for hook in want)


def _over(want: Hook, base: Hook) -> Hook:
    named: dict[str, Any] = {n: getattr(want, n) if getattr(want, n) is not None else getattr(base, n) for n in KEYS}
    return Hook(**named, rest=base.rest)


def at_creation(goal: Sequence[Hook]) -> list[dict[str, Any]]:
    """The hooks that the create call may take: those that share the first one's target and role."""
    alike = [hook for hook in goal if all(getattr(hook, name) == getattr(goal[0], name) for name in SHARED)]
    return [to_aws(hook) for hook in alike]


def moves(group: str, have: Sequence[Hook], goal: Sequence[Hook], purge: bool) -> list[Step]:
    """The steps by which the hooks become what is wanted."""
    there = {hook.name: hook for hook in have}
    wanted_names = {hook.name for hook in goal}
    puts = [_put(group, hook) for hook in goal if there.get(hook.name) != hook]
    gone = [_delete(group, name) for name in sorted(there) if purge and name not in wanted_names]
    return puts + gone


def _put(group: str, hook: Hook) -> Step:
    args = {"AutoScalingGroupName": group, **to_aws(hook)}
    return Step("autoscaling", "PutLifecycleHook", ("lifecycle hook", hook.name), args, lost="repeat")


def _delete(group: str, name: str) -> Step:
    args = {"AutoScalingGroupName": group, "LifecycleHookName": name}
    gone = ("ValidationError~not found", "ValidationError~No Lifecycle Hook")
    return Step("autoscaling", "DeleteLifecycleHook", ("lifecycle hook", name), args, lost="repeat", gone=gone)


def after(have: Sequence[Hook], operation: str, args: Mapping[str, Any]) -> tuple[Hook, ...]:
    """The hooks after PutLifecycleHook or DeleteLifecycleHook."""
    kept = [hook for hook in have if hook.name != args["LifecycleHookName"]]
    new = [from_aws(args)] if operation == "PutLifecycleHook" else []
    return tuple(sorted((*kept, *new), key=lambda hook: hook.name))


def to_aws(hook: Hook) -> dict[str, Any]:
    """AWS's shape; what is not set is left out."""
    return merged(hook.rest, {key: getattr(hook, name) for name, key in KEYS.items()})


def from_aws(raw: Mapping[str, Any]) -> Hook:
    """The hook of DescribeLifecycleHooks, or of the arguments that make one."""
    given: dict[str, Any] = {name: raw.get(key) for name, key in KEYS.items()}
    return Hook(**given, rest=without(raw, ("AutoScalingGroupName", *KEYS.values())))


def show(hooks: Sequence[Hook]) -> list[dict[str, Any]]:
    """The hooks under the names of their options."""
    return [{name: getattr(hook, name) for name in KEYS} for hook in hooks]
