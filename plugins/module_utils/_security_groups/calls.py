# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write calls for security groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Ref, Step
from .value import CIDR, GROUP, SOURCES, SecurityGroup, SecurityGroups, SecurityRule, in_order

THING = "security group"
NOT_YET = ("InvalidGroup.NotFound", "InvalidSecurityGroupID.NotFound")
"""A group that was just made is unknown for a while."""

GONE = NOT_YET


def create(have: SecurityGroups, name: str, description: str, tags: Mapping[str, str]) -> Step:
    """The call that makes a group; it learns its id."""
    args: dict[str, Any] = {
        "GroupName": name,
        "Description": description,
        "VpcId": have.vpc_id,
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": _tags.to_aws(tags)}],
    }
    learns = {_ref(name): "GroupId"}
    return Step("ec2", "CreateSecurityGroup", (THING, name), args, learns=learns, exists=("InvalidGroup.Duplicate",))


def delete(group: SecurityGroup) -> Step:
    """The call that removes a group; what used it may be seen for a moment longer."""
    args = {"GroupId": group.group_id}
    not_yet = ("DependencyViolation",)
    return Step("ec2", "DeleteSecurityGroup", (THING, group.name), args, lost="repeat", gone=GONE, not_yet=not_yet)


def tagging(operation: str, group: SecurityGroup, tags: Sequence[Mapping[str, str]]) -> Step:
    """A call for the group's tags."""
    args = {"Resources": [_id(group)], "Tags": list(tags)}
    return Step("ec2", operation, (f"tags of {THING}", group.name), args, lost="repeat", not_yet=NOT_YET)


def rules(
    operation: str, have: SecurityGroups, group: SecurityGroup, egress: bool, rules: Sequence[SecurityRule]
) -> Step:
    """A call for rules of the group: `Authorize`, `Revoke` or `UpdateDescriptions`."""
    way = "Egress" if egress else "Ingress"
    name = {"UpdateDescriptions": f"UpdateSecurityGroupRuleDescriptions{way}"}.get(
        operation, f"{operation}SecurityGroup{way}"
    )
    return Step(
        "ec2",
        name,
        (f"rules of {THING}", group.name),
        {"GroupId": _id(group), "IpPermissions": [_permission(have, rule) for rule in in_order(rules)]},
        lost="repeat" if operation == "UpdateDescriptions" else "adopt",
        exists=("InvalidPermission.Duplicate",) if operation == "Authorize" else (),
        gone=("InvalidPermission.NotFound",) if operation == "Revoke" and len(rules) == 1 else (),
        not_yet=NOT_YET,
    )


def unlink(have: SecurityGroups, group: SecurityGroup, egress: bool, among: Sequence[SecurityRule]) -> Step:
    """The call that revokes the group's rules about others, so that these can go; the group itself may be gone, too."""
    revoked = rules("Revoke", have, group, egress, among)
    return replace(revoked, gone=(*revoked.gone, *GONE), not_yet=())


def _permission(have: SecurityGroups, rule: SecurityRule) -> dict[str, Any]:
    ports = {} if rule.from_port is None else {"FromPort": rule.from_port, "ToPort": rule.to_port}
    answer = {"Description": rule.description} if rule.description else {}
    key, source = _source(have, rule)
    return {"IpProtocol": rule.proto, **ports, key: [{**source, **answer}]}


def _source(have: SecurityGroups, rule: SecurityRule) -> tuple[str, dict[str, Any]]:
    if rule.kind != GROUP:
        key, member = SOURCES.get(rule.kind, SOURCES[CIDR])
        return key, {member: rule.source}
    if managed := have.groups.get(rule.source):
        return "UserIdGroupPairs", {"GroupId": _id(managed)}
    owner, _, group_id = rule.source.rpartition("/")
    return "UserIdGroupPairs", {"GroupId": group_id, **({"UserId": owner} if owner else {})}


def _ref(name: str) -> Ref:
    return Ref(THING, name, "id")


def _id(group: SecurityGroup) -> str | Ref:
    return _ref(group.name) if group.group_id == LATER else group.group_id
