# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS makes of security groups with each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Ref, Step, Wait
from .calls import THING
from .value import Rules, SecurityGroup, SecurityGroups, SecurityRule, from_aws, in_order


def settle(have: SecurityGroups, wait: Wait) -> SecurityGroups:  # noqa: ARG001 - there is one kind of wait
    """The world after the wait for those that use a group."""
    return replace(have, users=())


def foresee(have: SecurityGroups, step: Step) -> SecurityGroups:
    """The world after a call of `moves`."""
    name, args = step.subject[1], step.args
    if step.operation == "DeleteSecurityGroup":
        return replace(have, groups={key: group for key, group in have.groups.items() if key != name})
    if step.operation == "CreateSecurityGroup":
        tags = _tags.from_aws(args["TagSpecifications"][0]["Tags"])
        group = SecurityGroup(name, LATER, args["VpcId"], args["Description"], tags=tags)
    elif step.operation == "CreateTags":
        group = have.groups[name]
        group = replace(group, tags={**group.tags, **_tags.from_aws(args["Tags"])})
    elif step.operation == "DeleteTags":
        group, keys = have.groups[name], {tag["Key"] for tag in args["Tags"]}
        group = replace(group, tags={key: value for key, value in group.tags.items() if key not in keys})
    else:
        group = _after_rules(have, have.groups[name], step)
    return replace(have, groups={**have.groups, name: group})


def _after_rules(have: SecurityGroups, group: SecurityGroup, step: Step) -> SecurityGroup:
    egress = step.operation.endswith("Egress")
    named = {rule.opens: rule for rule in _named(have, step.args["IpPermissions"])}
    there = group.egress if egress else group.rules
    left: list[SecurityRule] = [rule for rule in there if rule.opens not in named]
    if not step.operation.startswith("Revoke"):
        left += named.values()
    rules: Rules = tuple(in_order(left))
    return replace(group, egress=rules) if egress else replace(group, rules=rules)


def _named(have: SecurityGroups, permissions: Sequence[Mapping[str, Any]]) -> Rules:
    """The rules of a call, in which a group made by this run is a Ref."""
    names = {group.group_id: name for name, group in have.groups.items() if group.group_id != LATER}
    plain = [
        {
            **one,
            "UserIdGroupPairs": [
                {**pair, "GroupId": pair["GroupId"].name} if isinstance(pair["GroupId"], Ref) else pair
                for pair in one.get("UserIdGroupPairs") or ()
            ],
        }
        for one in permissions
    ]
    said = {"GroupName": THING, "GroupId": LATER, "OwnerId": "this account", "IpPermissions": plain}
    return from_aws(said, names).rules
