# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options of wcs_security_groups ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._core import options as _options
from .._core import tags as _tags
from .value import (
    ANY,
    CIDR,
    GROUP,
    PREFIXES,
    WITH_PORTS,
    WITH_TYPES,
    Rules,
    SecurityGroups,
    SecurityRule,
    WantedSecurityGroup,
    WantedSecurityGroups,
    network,
    protocol,
)

RULES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "proto": {"type": "str", "default": "tcp"},
        "from_port": {"type": "int"},
        "to_port": {"type": "int"},
        "ports": {"type": "list", "elements": "int"},
        "cidrs": {"type": "list", "elements": "str"},
        "groups": {"type": "list", "elements": "str"},
        "prefix_list_ids": {"type": "list", "elements": "str"},
        "description": {"type": "str"},
    },
}
ARGUMENTS: dict[str, Any] = {
    "groups": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "description": {"type": "str"},
            "rules": RULES,
            "egress": RULES,
            "tags": {"type": "dict"},
        },
    },
    "stack": {"type": "str"},
    "vpc_id": {"type": "str"},
    "purge_rules": {"type": "bool", "default": True},
    "state": _options.IDENTITY["state"],
    "validate_only": _options.IDENTITY["validate_only"],
    **_options.TAGS,
    **_options.waiting(120),
}


def wanted(params: Mapping[str, Any]) -> WantedSecurityGroups:
    """The want in the options. `problems` are what is no rule."""
    common = _tags.texts(params["tags"])
    problems: list[str] = []
    groups = []
    for given in params["groups"]:
        own = _tags.texts(given.get("tags"))
        tags = None if common is None and own is None else {**(common or {}), **(own or {})}
        rules, egress = (_rules(given, key, problems) for key in ("rules", "egress"))
        groups.append(WantedSecurityGroup(given["name"], given.get("description"), rules, egress, tags))
    return WantedSecurityGroups(
        tuple(groups), params["vpc_id"], params["purge_rules"], params["purge_tags"], tuple(problems)
    )


def _rules(group: Mapping[str, Any], key: str, problems: list[str]) -> Rules | None:
    given = group.get(key)
    if given is None:
        return None
    found: list[SecurityRule] = []
    for index, one in enumerate(given):
        where = f"{key}[{index}] of '{group['name']}'"
        sources = list(_sources(one))
        if all(one.get(option) is None for option in ("cidrs", "groups", "prefix_list_ids")):
            problems.append(f"{where} has none of cidrs, groups and prefix_list_ids")
        for kind, source in sources:
            found += [
                SecurityRule(protocol(one.get("proto") or "tcp"), *ports, kind, source, one.get("description"))
                for ports in _ports(one, where, problems)
            ]
    return tuple(found)


def _sources(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for given in rule.get("cidrs") or ():
        yield network(given) or (CIDR, given)
    for given in rule.get("groups") or ():
        yield GROUP, given
    for given in rule.get("prefix_list_ids") or ():
        yield PREFIXES, given


def _ports(rule: Mapping[str, Any], where: str, problems: list[str]) -> Sequence[tuple[int | None, int | None]]:
    proto = protocol(rule.get("proto") or "tcp")
    first, last, several = rule.get("from_port"), rule.get("to_port"), rule.get("ports")
    if proto in WITH_TYPES and several:
        problems.append(f"{where} is for {proto}, which has types, said by from_port and to_port, and no ports")
        return []
    if (proto == ANY or proto.isdigit()) and (several or not {first, last} <= WHOLE):
        problems.append(f"{where} is for {'all' if proto == ANY else proto}, which has no ports: all would be open")
        return []
    if several is not None:
        if first is not None or last is not None:
            problems.append(f"{where} has ports and from_port or to_port, which exclude each other")
        return [(port, port) for port in several]
    if proto in WITH_TYPES:
        return [(-1 if first is None else first, -1 if last is None else last)]
    if proto not in WITH_PORTS:
        return [(None, None)]
    if first is None:
        problems.append(f"{where} is for {proto} and has neither ports nor from_port")
    return [(first, first if last is None else last)]


WHOLE = {None, -1, 0, 65535}
"""What from_port and to_port may say of a protocol without ports."""


def warnings(have: SecurityGroups, want: WantedSecurityGroups | None) -> Iterator[str]:
    """What the user should know of what is there."""
    if want is None:
        for name, group in sorted(have.groups.items()):
            yield f"Security group '{name}' ({group.group_id}) is left alone: it is not tagged webcallserver.aws:stack."
        return
    for one in want.groups:
        there = have.groups.get(one.name)
        if there and one.description not in (None, there.description):
            yield f"Security group '{one.name}' keeps its description '{there.description}': AWS cannot change it."
