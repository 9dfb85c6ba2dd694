# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS makes of a role and its instance profile with each call."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Step, Wait
from .value import POLICY_NAME, InstanceProfile, NodeProfile, NodeRole, trust_of


def settle(have: NodeProfile, wait: Wait) -> NodeProfile:  # noqa: ARG001 - there is nothing to wait for
    """The world, which waits do not change."""
    return have


def foresee(have: NodeProfile, step: Step) -> NodeProfile:
    """The world after a call of `moves`."""
    args, operation = step.args, step.operation
    if operation in MADE:
        return MADE[operation](have, _tags.from_aws(args["Tags"]))
    if operation == "DeleteRole":
        return replace(have, role=None)
    if operation == "DeleteInstanceProfile":
        return replace(have, profile=None)
    if operation in OF_ROLE and have.role:
        return replace(have, role=OF_ROLE[operation](have.role, args))
    return replace(have, profile=have.profile and OF_PROFILE[operation](have.profile, args))


def _role(have: NodeProfile, tags: Mapping[str, str]) -> NodeProfile:
    return replace(have, role=NodeRole(LATER, trust_of(have.region), tags=tags))


def _profile(have: NodeProfile, tags: Mapping[str, str]) -> NodeProfile:
    return replace(have, profile=InstanceProfile(LATER, tags=tags))


MADE: Mapping[str, Callable[[NodeProfile, Mapping[str, str]], NodeProfile]] = {
    "CreateRole": _role,
    "CreateInstanceProfile": _profile,
}


def _tagged(tags: Mapping[str, str], args: Mapping[str, Any]) -> dict[str, str]:
    return {**tags, **_tags.from_aws(args["Tags"])}


def _untagged(tags: Mapping[str, str], args: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in args["TagKeys"]}


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)


def _forbidden(role: NodeRole, args: Mapping[str, Any]) -> NodeRole:
    name = args["PolicyName"]
    return replace(role, inline=_without(role.inline, name), policy=None if name == POLICY_NAME else role.policy)


OF_ROLE: Mapping[str, Callable[[NodeRole, Mapping[str, Any]], NodeRole]] = {
    "UpdateAssumeRolePolicy": lambda role, args: replace(role, trust=json.loads(args["PolicyDocument"])),
    "PutRolePolicy": lambda role, args: replace(role, policy=json.loads(args["PolicyDocument"])),
    "TagRole": lambda role, args: replace(role, tags=_tagged(role.tags, args)),
    "UntagRole": lambda role, args: replace(role, tags=_untagged(role.tags, args)),
    "DeleteRolePolicy": _forbidden,
    "DetachRolePolicy": lambda role, args: replace(role, attached=_without(role.attached, args["PolicyArn"])),
}
OF_PROFILE: Mapping[str, Callable[[InstanceProfile, Mapping[str, Any]], InstanceProfile]] = {
    "AddRoleToInstanceProfile": lambda one, args: replace(one, roles=(*one.roles, args["RoleName"])),
    "RemoveRoleFromInstanceProfile": lambda one, args: replace(one, roles=_without(one.roles, args["RoleName"])),
    "TagInstanceProfile": lambda one, args: replace(one, tags=_tagged(one.tags, args)),
    "UntagInstanceProfile": lambda one, args: replace(one, tags=_untagged(one.tags, args)),
}
