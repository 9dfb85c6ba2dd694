# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's security groups: what a VPC's default one lets in, and rules without ports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.corrections import correction
from ...core.errors import Refused

ICMP = ("icmp", "1")
PROTOCOLS = ("-1", "all", "tcp", "udp", "icmp", "icmpv6")
PORTS = ("tcp", "6", "udp", "17")
TEXT = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
WORDS = "are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
NO_PORTS = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."


@correction("A VPC's default group lets in whoever bears it.", SecurityGroupBackend, "create_security_group")
def create_security_group(create: Any, ec2: Any, *args: Any, **options: Any) -> Any:
    """The group."""
    group = create(ec2, *args, **options)
    if group.is_default:
        itself = {"GroupId": group.id, "OwnerId": ec2.account_id, "UserId": ec2.account_id}
        group.ingress_rules.append(SecurityGroupRule(ec2, "-1", group.id, None, None, None, itself, is_egress=False))
    return group


@correction(
    "A rule has a known protocol and ports in their range, none for 47, 50 or ICMPv6, and networks in canonical form.",
    SecurityGroupRule,
    "__init__",
)
def rule(begin: Any, made: Any, ec2: Any, protocol: Any, group_id: str, *ports_and_more: Any, **more: Any) -> None:
    """The rule, without ports; every type and code where it is of ICMP."""
    first, last, network, *rest = ports_and_more
    name = str(protocol).lower()
    bare = first is None or last is None
    if name not in PROTOCOLS and not (name.isdigit() and int(name) < 256):
        raise Refused("InvalidParameterValue", f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if name in PORTS:
        _check_ports(first, last)
    begin(made, ec2, protocol, group_id, -1 if bare else first, -1 if bare else last, canonical(network), *rest, **more)
    for described in (made.ip_range, made.source_group):
        if not TEXT.fullmatch(described.get("Description") or ""):
            raise Refused("InvalidParameterValue", f"Invalid rule description. Valid descriptions {WORDS}")
    if bare and name not in ICMP:
        made.from_port = made.to_port = None


def _check_ports(first: Any, last: Any) -> None:
    if first is None or last is None:
        raise Refused("InvalidParameterValue", NO_PORTS)
    for port in (int(first), int(last)):
        if not 0 <= port <= 65535:
            raise Refused("InvalidParameterValue", f"TCP/UDP port ({port}) out of range")
    if int(first) > int(last):
        raise Refused("InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last})")


def canonical(network: Mapping[str, str] | None) -> dict[str, str]:
    """A rule's network without host bits: 10.0.0.0/8 where 10.0.0.1/8 was given."""
    found = dict(network or {})
    for name in ("CidrIp", "CidrIpv6"):
        if name in found:
            found[name] = str(ip_network(found[name], strict=False))
    return found


@correction(
    "A security group's name does not begin with sg-; it and the description are of a few ASCII characters.",
    EC2Backend,
    "create_security_group",
)
def named_group(create: Any, ec2: Any, name: str, description: str, *rest: Any, **more: Any) -> Any:
    """The group."""
    if name.startswith("sg-"):
        raise Refused(
            "InvalidParameterValue",
            f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.",
        )
    for parameter, text in (("GroupName", name), ("GroupDescription", description)):
        if not text.isascii():
            raise Refused(
                "InvalidParameterValue",
                f"Value ({text}) for parameter {parameter} is invalid. Character sets beyond ASCII are not supported.",
            )
        if not TEXT.fullmatch(text):
            what = "names" if parameter == "GroupName" else "descriptions"
            raise Refused(
                "InvalidParameterValue", f"Value ({text}) for parameter {parameter} is invalid. Valid {what} {WORDS}"
            )
    return create(ec2, name, description, *rest, **more)


@correction(
    "A VPC's default security group is not deleted by itself: CannotDelete.", EC2Response, "delete_security_group"
)
def delete_security_group(delete: Any, response: Any) -> Any:
    """What moto answers."""
    group = state.backend("ec2", response.region).get_security_group_from_id(response._get_param("GroupId"))
    if group is not None and group.is_default:
        raise Refused(
            "CannotDelete", f'the specified group: "{group.id}" name: "{group.name}" cannot be deleted by a user'
        )
    return delete(response)


SecurityGroupRule.group_owner_id = property(lambda rule: rule.ec2_backend.account_id)


def _says_done(operation: str) -> None:
    """Has the operation answer whether it was done, which moto leaves out."""

    @correction(f"{operation} says that it was done: Return.", EC2Response, _snake(operation))
    def describe(change: Any, response: Any) -> ActionResult:
        change(response)
        return ActionResult({"Return": True})


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


_says_done("UpdateSecurityGroupRuleDescriptionsIngress")
_says_done("UpdateSecurityGroupRuleDescriptionsEgress")
