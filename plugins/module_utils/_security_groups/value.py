# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What security groups and their rules are, and what can be wanted of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER

ANY = "-1"
PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": ANY}
WITH_PORTS = ("tcp", "udp")
WITH_TYPES = ("icmp", "icmpv6")
CIDR, CIDR6, PREFIXES, GROUP = "cidr", "cidr6", "prefix list", "group"
PARTS = ("balancer", "node", "seed")


@dataclass(frozen=True)
class SecurityRule:
    """One protocol, one range of ports, one source (for egress: one destination).

    A group as source is its name where the same call manages it, else its id, with the account before it (`owner/id`)
    where that is another one. A description of None in a wish stays as it is.
    """

    proto: str
    from_port: int | None
    to_port: int | None
    kind: str
    source: str
    description: str | None = None

    @property
    def opens(self) -> tuple[Any, ...]:
        """What makes the rule: AWS takes no second one that differs in its description alone."""
        return (self.proto, self.from_port, self.to_port, self.kind, self.source)

    @property
    def text(self) -> str:
        """`tcp 8080 0.0.0.0/0`."""
        first, last = self.from_port, self.to_port
        ports = "" if first is None else f" {first}" if first == last else f" {first}-{last}"
        return f"{'all' if self.proto == ANY else self.proto}{ports} {self.source}"


Rules = tuple[SecurityRule, ...]
BIRTH: Rules = (SecurityRule(ANY, None, None, CIDR, "0.0.0.0/0"),)
"""The rules for leaving traffic that AWS gives to a new group."""


@dataclass(frozen=True)
class SecurityGroup:
    """A security group that is there, or foreseen: then its id is LATER."""

    name: str
    group_id: str
    vpc_id: str | None
    description: str
    rules: Rules = ()
    egress: Rules = BIRTH
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupUser:
    """Who uses a security group. `lasting`: it is not the stack's, so nobody will take it away."""

    group: str
    who: str
    lasting: bool


@dataclass(frozen=True)
class SecurityGroups:
    """What is there under some names; `stacks` says by name whose tag a group gets.

    `places` are the VPCs of a name that is there more than once; `vpc_id` is where new groups are made, None where
    there is no such VPC; `unknown` are ids in wanted rules that are not there; `users` are read before a removal.
    `elsewhere`: by name the VPC of a group that the stack has in another one, read where one is to be made.
    """

    stacks: Mapping[str, str]
    adopt: bool = False
    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vpc_id: str | None = None
    unknown: frozenset[str] = frozenset()
    users: tuple[GroupUser, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def is_ours(self, group: SecurityGroup) -> bool:
        """Whether it has our tag."""
        return _tags.is_marked(group.tags, self.stacks[group.name])

    @property
    def doomed(self) -> tuple[SecurityGroup, ...]:
        """Those that a removal takes: without our tag a group is left alone."""
        return tuple(group for _, group in sorted(self.groups.items()) if self.adopt or self.is_ours(group))


@dataclass(frozen=True)
class WantedSecurityGroup:
    """What is wanted of one group; None is what was left out."""

    name: str
    description: str | None = None
    rules: Rules | None = None
    egress: Rules | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True)
class WantedSecurityGroups:
    """What is wanted of the groups of one call."""

    groups: tuple[WantedSecurityGroup, ...]
    vpc_id: str | None = None
    purge_rules: bool = True
    purge_tags: bool = True
    problems: tuple[str, ...] = ()


def stack_of(name: str, stack: str | None) -> str:
    """The stack of a group: the given one, else that of `<stack>-balancer` and the like, else the name itself."""
    before, _, part = name.rpartition("-")
    return stack or (before if before and part in PARTS else name)


def protocol(given: str) -> str:
    """The protocol as AWS says it."""
    return PROTOCOLS.get(given.lower(), given.lower())


def network(given: str) -> tuple[str, str] | None:
    """Kind and canonical form of a network; None where it is none."""
    try:
        found = ipaddress.ip_network(given.strip(), strict=False)
    except ValueError:
        return None
    return (CIDR if found.version == 4 else CIDR6), str(found)


def complete(have: SecurityGroups, want: WantedSecurityGroups | None) -> WantedSecurityGroups | None:
    """The want with groups of the same call by their names, each rule once."""
    if want is None:
        return None
    names = {group.group_id: name for name, group in have.groups.items() if group.group_id != LATER}
    return replace(
        want,
        groups=tuple(
            replace(one, rules=_once(one.rules, names), egress=_once(one.egress, names)) for one in want.groups
        ),
    )


def _once(rules: Rules | None, names: Mapping[str, str]) -> Rules | None:
    if rules is None:
        return None
    found: dict[tuple[Any, ...], SecurityRule] = {}
    for rule in rules:
        named = replace(rule, source=names.get(rule.source, rule.source)) if rule.kind == GROUP else rule
        found.setdefault(named.opens, named)
    return tuple(found.values())


def tags_aimed(have: SecurityGroups, group: SecurityGroup, want: WantedSecurityGroup, purge: bool) -> dict[str, str]:
    """The tags that a group should have: the wanted ones and our tag."""
    return _tags.aimed(group.tags, want.tags, purge, _tags.marks(have.stacks[group.name]))


def show(have: SecurityGroups) -> dict[str, Any] | None:
    """The managed fields, each rule under its own words; None where there is no group."""
    groups = [
        {**_shown(group), "rules": _worded(group.rules), "egress": _worded(group.egress)}
        for _, group in sorted(have.groups.items())
    ]
    return {"security_groups": groups} if groups else None


def given_back(have: SecurityGroups) -> list[dict[str, Any]] | None:
    """The groups in the words of the options, which can be given again; None where there is none."""
    return [
        {**_shown(group), "rules": _options(group.rules), "egress": _options(group.egress)}
        for _, group in sorted(have.groups.items())
    ] or None


def _shown(group: SecurityGroup) -> dict[str, Any]:
    return {
        "name": group.name,
        "group_id": group.group_id,
        "vpc_id": group.vpc_id,
        "description": group.description,
        "stack": group.tags.get(_tags.STACK),
        "tags": {key: value for key, value in sorted(group.tags.items()) if not key.startswith((_tags.PREFIX, "aws:"))},
    }


def _worded(rules: Iterable[SecurityRule]) -> dict[str, str]:
    return {rule.text: rule.description or "" for rule in in_order(rules)}


def _options(rules: Iterable[SecurityRule]) -> list[dict[str, Any]]:
    return [
        {
            "proto": rule.proto,
            "from_port": rule.from_port,
            "to_port": rule.to_port,
            "cidrs": [rule.source] if rule.kind in (CIDR, CIDR6) else [],
            "groups": [rule.source] if rule.kind == GROUP else [],
            "prefix_list_ids": [rule.source] if rule.kind == PREFIXES else [],
            "description": rule.description,
        }
        for rule in in_order(rules)
    ]


def in_order(rules: Iterable[SecurityRule]) -> list[SecurityRule]:
    """The rules in an order that does not depend on where they come from."""
    return sorted(rules, key=lambda rule: (rule.proto, rule.from_port or 0, rule.to_port or 0, rule.kind, rule.source))


SOURCES = {CIDR: ("IpRanges", "CidrIp"), CIDR6: ("Ipv6Ranges", "CidrIpv6"), PREFIXES: ("PrefixListIds", "PrefixListId")}
"""Where AWS keeps the sources of each kind; groups have more than a name."""


def from_aws(said: Mapping[str, Any], names: Mapping[str, str]) -> SecurityGroup:
    """The group of DescribeSecurityGroups; `names` are those of the groups of this call by their ids."""
    owner = said.get("OwnerId")
    return SecurityGroup(
        name=said["GroupName"],
        group_id=said["GroupId"],
        vpc_id=said.get("VpcId"),
        description=said.get("Description") or "",
        rules=_rules_from(said.get("IpPermissions") or (), names, owner),
        egress=_rules_from(said.get("IpPermissionsEgress") or (), names, owner),
        tags=_tags.from_aws(said.get("Tags")),
    )


def _rules_from(permissions: Sequence[Mapping[str, Any]], names: Mapping[str, str], owner: str | None) -> Rules:
    found: list[SecurityRule] = []
    for one in permissions:
        proto = protocol(str(one["IpProtocol"]))
        ports = (one.get("FromPort"), one.get("ToPort")) if proto in WITH_PORTS + WITH_TYPES else (None, None)
        for kind, (key, member) in SOURCES.items():
            found += [
                SecurityRule(proto, *ports, kind, _network_or(item[member]), item.get("Description") or None)
                for item in one.get(key) or ()
            ]
        found += [
            SecurityRule(proto, *ports, GROUP, _pair_from(item, names, owner), item.get("Description") or None)
            for item in one.get("UserIdGroupPairs") or ()
        ]
    return tuple(in_order(found))


def _network_or(text: str) -> str:
    found = network(text)
    return found[1] if found else text


def _pair_from(pair: Mapping[str, Any], names: Mapping[str, str], owner: str | None) -> str:
    group = str(pair.get("GroupId") or pair.get("GroupName"))
    account = pair.get("UserId")
    return names.get(group) or (f"{account}/{group}" if owner and account and account != owner else group)
