# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How scaling policies and their alarms become what is wanted: policies first, for their alarms call them by ARN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core.step import LATER, Ref, Step
from . import alarms as _alarms
from . import policies as _policies
from .alarms import Alarm
from .policies import Policy


def moves(
    group: str,
    have: Sequence[Policy],
    alarms: Mapping[str, Alarm],
    goal: Sequence[Policy],
    purge: bool,
    stack: str | None = None,
) -> list[Step]:
    """What can be done from here: policies that go, policies set, then their alarms, then alarms left over.

    `stack`: whose tag new alarms get, the group's name where left out.
    """
    there = {policy.name: policy for policy in have}
    wanted = {policy.name: policy for policy in goal}
    going = {name for name, policy in there.items() if _goes(policy, wanted.get(name))}
    if removals := [delete(group, name) for name in sorted(going) if purge or name in wanted]:
        orphans = [name for name in sorted(alarms) if _alarms.policy_of(group, name) in going - wanted.keys()]
        return removals + (_alarms.delete(group, orphans) if purge else [])
    if puts := [put(group, policy) for policy in goal if not _same(there.get(policy.name), policy)]:
        return puts
    ringing = [
        _alarms.put(group, one.name, _arn(there[one.name]), one.alarm, alarms.get(one.alarm.name), stack)
        for one in goal
        if one.managed and one.alarm and not _rings(group, there[one.name], one.alarm, alarms)
    ]
    return ringing or _alarms.delete(group, _left_over(group, there, alarms, wanted))


def _goes(have: Policy, goal: Policy | None) -> bool:
    """Whether it is to make room, for nothing or for one of another type; of a type unknown here it stays."""
    return have.managed and (goal is None or goal.type != have.type)


def _rings(group: str, policy: Policy, goal: Alarm, alarms: Mapping[str, Alarm]) -> bool:
    return _alarms.rings(group, alarms.get(goal.name), goal, policy.arn)


def _arn(policy: Policy) -> str | Ref:
    return arn_ref(policy.name) if policy.arn == LATER else policy.arn


def removal(group: str, have: Sequence[Policy], alarms: Mapping[str, Alarm]) -> list[Step]:
    """The steps by which nothing is left of them."""
    there = {policy.name: policy for policy in have}
    names = [name for name in sorted(alarms) if _alarms.policy_of(group, name) in there]
    names += _left_over(group, there, alarms, {})
    return [delete(group, name) for name in sorted(there) if there[name].managed] + _alarms.delete(group, names)


def _left_over(
    group: str, there: Mapping[str, Policy], alarms: Mapping[str, Alarm], wanted: Mapping[str, Policy]
) -> list[str]:
    """The names of alarms that have no use any more: their policy is gone, is of a kind without one, or has another.

    Of unknown policies, only alarms that have our tag: a name alone may be chance.
    """
    found = []
    for name, alarm in sorted(alarms.items()):
        policy = _alarms.policy_of(group, name) or ""
        if policy in wanted:
            own = wanted[policy].alarm
            stale = wanted[policy].type == "target_tracking" or (own is not None and own.name != name)
        else:
            stale = policy not in there and _alarms.MARK in alarm.description
        if stale:
            found.append(name)
    return found


def _same(have: Policy | None, goal: Policy) -> bool:
    """Whether AWS has what the goal says."""
    if not goal.managed:
        return True
    if have is None or have.type != goal.type:
        return False
    return all(getattr(goal, name) in (None, getattr(have, name)) for name in _policies.FIELDS[goal.type])


# Steps, and what they lead to


def arn_ref(policy: str) -> Ref:
    """The ARN of the policy, once AWS has given it."""
    return Ref("scaling policy", policy, "arn")


def put(group: str, policy: Policy) -> Step:
    """Makes the policy, or changes it; its ARN stays as long as the policy is not deleted."""
    name = {"AutoScalingGroupName": group, "PolicyName": policy.name, "PolicyType": _policies.AWS_TYPES[policy.type]}
    return Step(
        "autoscaling",
        "PutScalingPolicy",
        ("scaling policy", policy.name),
        {**name, **_policies.to_aws(policy)},
        lost="repeat",
        learns={arn_ref(policy.name): "PolicyARN"},
        not_yet=("ScalingActivityInProgress",),
    )


def delete(group: str, name: str) -> Step:
    """Removes the policy of this group: another group may have one of the same name."""
    return Step(
        "autoscaling",
        "DeletePolicy",
        ("scaling policy", name),
        {"AutoScalingGroupName": group, "PolicyName": name},
        lost="repeat",
        gone=("ValidationError~not found", "ValidationError~pending delete"),  # a group takes its policies with it
        not_yet=("ScalingActivityInProgress",),
    )


def after_put(have: Sequence[Policy], args: Mapping[str, Any]) -> tuple[Policy, ...]:
    """The policies after PutScalingPolicy."""
    there = next((policy for policy in have if policy.name == args["PolicyName"]), None)
    policy = _policies.from_aws(args)
    aws_own = (there.alarms if there else (LATER, LATER)) if policy.type == "target_tracking" else ()
    policy = replace(policy, arn=there.arn if there else LATER, alarms=aws_own)
    return tuple(sorted((*(one for one in have if one.name != policy.name), policy), key=lambda one: one.name))


def after_delete(
    group: str, have: Sequence[Policy], alarms: Mapping[str, Alarm], name: str
) -> tuple[tuple[Policy, ...], dict[str, Alarm]]:
    """The policies and alarms after DeletePolicy: AWS takes the action off an alarm and leaves the alarm."""
    own = f":autoScalingGroupName/{group}:policyName/{name}"
    arns = {policy.arn for policy in have if policy.name == name}
    freed = {
        key: replace(alarm, actions=tuple(a for a in alarm.actions if a not in arns and not a.endswith(own)))
        if _alarms.policy_of(group, key) == name
        else alarm
        for key, alarm in alarms.items()
    }
    return tuple(policy for policy in have if policy.name != name), freed
