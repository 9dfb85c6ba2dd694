# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused of security groups before the first call, and the rule behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._core import tags as _tags
from .._core.errors import Refusal
from .._core.step import LATER
from .calls import THING
from .value import (
    ANY,
    CIDR,
    GROUP,
    PREFIXES,
    WITH_PORTS,
    WITH_TYPES,
    SecurityGroups,
    SecurityRule,
    WantedSecurityGroup,
    WantedSecurityGroups,
    complete,
    network,
)

TEXT = re.compile(r"^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$")
GROUP_ID = re.compile(r"^(\d{12}/)?sg-[0-9a-z]+$")
PREFIX_LIST_ID = re.compile(r"^pl-[0-9a-z]+$")
TAGS = 50
CORRECT = "Correct O(groups) and run again"
LAST_PORT = dict.fromkeys(WITH_PORTS, 65535) | dict.fromkeys(WITH_TYPES, 255)
FIRST_PORT = dict.fromkeys(WITH_PORTS, 0) | dict.fromkeys(WITH_TYPES, -1)


def refuse(have: SecurityGroups, want: WantedSecurityGroups | None) -> Refusal | None:
    """The first thing that speaks against it, or None."""
    verb = "delete" if want is None else "change" if have.groups else "create"
    for name, reason, way_out in _objections(have, want):
        return Refusal(verb, THING, name, reason, way_out)
    return None


def _objections(have: SecurityGroups, want: WantedSecurityGroups | None) -> Iterator[tuple[str, str, str]]:
    for name, places in sorted(have.places.items()):
        yield name, f"it is there in more than one VPC ({', '.join(places)})", "Set O(vpc_id)"
    if want is None:
        for user in have.users:
            if user.lasting:
                yield user.group, f"{user.who} uses it", "Remove the security group from it, or keep the group"
        return
    names = [one.name for one in want.groups]
    for problem in (*want.problems, *(["O(groups) is empty"] if not names else [])):
        yield "", problem, CORRECT
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield name, "O(groups) lists it more than once", CORRECT
    goal = complete(have, want)
    for one in goal.groups if goal else ():
        yield from ((one.name, problem, CORRECT) for problem in _problems(one, names))
        yield from _foreign(have, one)
    for name, place in sorted(have.elsewhere.items()):
        reason = f"stack '{have.stacks[name]}' has it in another VPC ({place}), and a stack is in one"
        yield (
            name,
            reason,
            "Set O(vpc_id) to that, or remove it there first (O(state): absent, or the playbook teardown)",
        )
    if have.unknown:
        reason = f"its rules name the security group '{sorted(have.unknown)[0]}', which does not exist"
        yield sorted(names)[0], reason, "Fix the option, or create it first"
    if have.vpc_id is None and set(names) - set(have.groups):
        missing = sorted(set(names) - set(have.groups))[0]
        reason = f"there is no VPC '{want.vpc_id}'" if want.vpc_id else "this Region has no default VPC"
        yield missing, reason, "Set O(vpc_id) to a VPC that exists"


def _problems(one: WantedSecurityGroup, names: list[str]) -> Iterator[str]:
    if not TEXT.match(one.name) or one.name.startswith("sg-"):
        yield "a name has 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, and does not begin with sg-"
    if one.description is not None and not TEXT.match(one.description):
        yield "a description has 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
    if problem := _tags.problem(one.tags, TAGS - 1):
        yield problem
    for rule in (*(one.rules or ()), *(one.egress or ())):
        yield from (f"its rule '{rule.text}' {problem}" for problem in _wrong(rule, names))


def _wrong(rule: SecurityRule, names: list[str]) -> Iterator[str]:
    proto, first, last = rule.proto, rule.from_port, rule.to_port
    if proto not in LAST_PORT and proto != ANY and not (proto.isdigit() and int(proto) <= 255):
        yield "has no valid protocol: tcp, udp, icmp, icmpv6, all, or a number from 0 to 255"
    if proto in LAST_PORT and first is not None and last is not None:
        low, high = FIRST_PORT[proto], LAST_PORT[proto]
        if not (low <= first <= high and low <= last <= high):
            yield f"has ports that are not between {low} and {high}"
        elif proto in WITH_PORTS and first > last:
            yield "has a from_port above its to_port"
    if rule.kind == CIDR and network(rule.source) is None:
        yield "has a network that is not one like 203.0.113.0/24"
    if rule.kind == PREFIXES and not PREFIX_LIST_ID.match(rule.source):
        yield "has a prefix list that is not one like pl-…"
    if rule.kind == GROUP and rule.source not in (*names, LATER) and not GROUP_ID.match(rule.source):
        yield "names a group that is neither an ID nor in O(groups)"
    if rule.description and not TEXT.match(rule.description):
        yield "has a description that is not 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"


def _foreign(have: SecurityGroups, one: WantedSecurityGroup) -> Iterator[tuple[str, str, str]]:
    group = have.groups.get(one.name)
    if group and not have.adopt and not have.is_ours(group):
        mark = f"{_tags.STACK}={have.stacks[one.name]}"
        reason = (
            f"a group of this name exists ({group.group_id}) and is not tagged {mark}, so it is not managed by this "
            "collection"
        )
        yield one.name, reason, "Set O(adopt): true to have it managed here, or choose another name"
