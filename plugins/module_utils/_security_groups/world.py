# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security groups in AWS: how they are read and looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.api import instances_by_id, interfaces_by
from .._core.aws import Aws
from .._core.instances import Instance
from .._core.step import LATER, Ref, Step, Wait, WaitState
from .api import security_groups, vpcs
from .value import GROUP, GroupUser, SecurityGroups, WantedSecurityGroups, from_aws


class SecurityGroupsWorld:
    """The security groups of some names, as far as a want (None: that they be absent) is about them."""

    def __init__(
        self,
        aws: Aws,
        stacks: Mapping[str, str],
        vpc_id: str | None,
        want: WantedSecurityGroups | None,
        adopt: bool,
        beside: Callable[[Sequence[str], str], Collection[str]] = lambda _, __: (),
    ) -> None:
        """`stacks`: by the groups' names whose tag they have; `adopt`: groups without it may be treated as ours.

        `beside`: those of some load balancers that are there and are not of a stack.
        """
        self.aws, self.stacks, self.vpc_id, self.want, self.adopt = aws, stacks, vpc_id, want, adopt
        self.beside = beside
        self._place: list[str] | None = None
        self._beside: dict[str, frozenset[str]] = {}

    def read(self) -> SecurityGroups:
        """What there is; who uses a group is asked only where it should go."""
        filters = {"group-name": sorted(self.stacks), **({"vpc-id": [self.vpc_id]} if self.vpc_id else {})}
        said = security_groups(self.aws, filters) if self.stacks and self.vpc_id != LATER else []
        have = self._sorted(said)
        if self.want is None:
            doomed = {group.group_id: group.name for group in have.doomed}
            return replace(have, users=tuple(self._users(doomed))) if doomed else have
        if not set(self.stacks) - set(have.groups):
            return replace(have, unknown=self._unknown(have, self.want))
        elsewhere = self._elsewhere(sorted(set(self.stacks) - set(have.groups)))
        place = next(iter(have.groups.values())).vpc_id if have.groups else self._home()
        return replace(have, vpc_id=place, unknown=self._unknown(have, self.want), elsewhere=elsewhere)

    def look(self, wait: Wait) -> WaitState:
        """Whether nobody uses the groups any more."""
        have = self.read()
        users = [f"{user.who} uses {user.group}" for user in have.users]
        return WaitState(not users, f"{wait.what}: {'; '.join(users[:3])}" if users else "")

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        return self.aws.write(step, known)

    def _sorted(self, said: Sequence[Mapping[str, Any]]) -> SecurityGroups:
        """One group a name: that which has our tag, where there are several."""
        by_name: dict[str, list[Mapping[str, Any]]] = {}
        for one in said:
            by_name.setdefault(one["GroupName"], []).append(one)
        chosen = {
            name: [one for one in found if _tags.is_marked(_tags.from_aws(one.get("Tags")), self.stacks[name])] or found
            for name, found in by_name.items()
        }
        names = {one["GroupId"]: name for name, found in chosen.items() for one in found}
        return SecurityGroups(
            self.stacks,
            self.adopt,
            {name: from_aws(found[0], names) for name, found in chosen.items()},
            {name: tuple(sorted(one["VpcId"] for one in found)) for name, found in chosen.items() if len(found) > 1},
        )

    def _elsewhere(self, missing: Sequence[str]) -> dict[str, str]:
        """The VPCs where groups of these names are that have their stack's tag, where a VPC was given."""
        if self.vpc_id in (None, LATER):
            return {}
        found = security_groups(self.aws, {"group-name": missing, "tag-key": [_tags.STACK]})
        ours = (one for one in found if _tags.from_aws(one["Tags"])[_tags.STACK] == self.stacks[one["GroupName"]])
        return {one["GroupName"]: str(one["VpcId"]) for one in ours if one["VpcId"] != self.vpc_id}

    def _home(self) -> str | None:
        """The VPC of new groups: the given one, or the default one; None where it is not there."""
        if self.vpc_id == LATER:
            return LATER
        if self._place is None:
            self._place = vpcs(self.aws, {"vpc-id": [self.vpc_id]} if self.vpc_id else {"is-default": ["true"]})
        return self._place[0] if self._place else None

    def _unknown(self, have: SecurityGroups, want: WantedSecurityGroups) -> frozenset[str]:
        """Ids in new rules that are not there; what a rule names already was there when it was made."""
        there = [*have.groups.values()]
        used = {rule.source for group in there for rule in group.rules + group.egress}
        known = used | {group.group_id for group in there} | set(self.stacks) | {LATER}
        asked = [rule for one in want.groups for rule in (*(one.rules or ()), *(one.egress or ()))]
        ids = {rule.source for rule in asked if rule.kind == GROUP and rule.source.startswith("sg-")} - known
        found = {one["GroupId"] for one in security_groups(self.aws, {"group-id": sorted(ids)})} if ids else set()
        return frozenset(ids - found)

    def _users(self, doomed: Mapping[str, str]) -> Iterator[GroupUser]:
        for way in ("ip-permission", "egress.ip-permission"):
            for other in security_groups(self.aws, {f"{way}.group-id": sorted(doomed)}):
                named = [item for item in _pairs(other, way) if item in doomed and other["GroupId"] not in doomed]
                for item in named:
                    yield GroupUser(doomed[item], f"a rule of security group '{other['GroupName']}'", lasting=True)
        interfaces = interfaces_by(self.aws, "group-id", sorted(doomed))
        ids = sorted({one for interface in interfaces if (one := _instance(interface))})
        instances = instances_by_id(self.aws, ids)
        fronts = sorted({name for one in interfaces if (name := _balancer(one))})
        for interface in interfaces:
            owner = instances.get(_instance(interface) or "")
            for name in (doomed[one["GroupId"]] for one in interface.get("Groups") or () if one["GroupId"] in doomed):
                stack = self.stacks[name]
                yield _machine(name, owner, stack) if owner else self._without_machine(name, interface, fronts, stack)

    def _without_machine(self, name: str, interface: Mapping[str, Any], fronts: Sequence[str], stack: str) -> GroupUser:
        """Interfaces of the stack's own balancers and of what has ended go by themselves; others stay."""
        who = f"network interface {interface['NetworkInterfaceId']} ({interface.get('Description') or 'of nobody'})"
        if _instance(interface):
            return GroupUser(name, who, lasting=False)
        front = _balancer(interface)
        if front is None:
            return GroupUser(name, who, lasting=True)
        if stack not in self._beside:
            self._beside[stack] = frozenset(self.beside(fronts, stack))
        foreign = front in self._beside[stack]
        return GroupUser(name, f"load balancer '{front}'" if foreign else who, lasting=foreign)


def _pairs(said: Mapping[str, Any], way: str) -> Iterator[str]:
    key = "IpPermissions" if way == "ip-permission" else "IpPermissionsEgress"
    for permission in said.get(key) or ():
        yield from {str(pair.get("GroupId")) for pair in permission.get("UserIdGroupPairs") or ()}


def _instance(interface: Mapping[str, Any]) -> str | None:
    return (interface.get("Attachment") or {}).get("InstanceId")


def _balancer(interface: Mapping[str, Any]) -> str | None:
    """The name of the Classic Load Balancer whose interface it is. Others have a slash in the name."""
    kind, _, name = str(interface.get("Description") or "").partition("ELB ")
    return name if name and not kind and "/" not in name and not _instance(interface) else None


def _machine(name: str, owner: Instance, stack: str) -> GroupUser:
    """An instance without the stack's tag stays."""
    ours = _tags.is_marked(owner.tags, stack) or owner.tags.get(_tags.GROUP) == stack
    return GroupUser(name, f"instance {owner.instance_id}", not ours and not owner.ended)
