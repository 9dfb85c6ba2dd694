# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's security groups: what a VPC's default one lets in, and rules without ports."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.responses import EC2Response

from ...core.corrections import correction
from ...core.errors import Refused

ICMP = ("icmp", "1")
PORTS = ("tcp", "6", "udp", "17")
NO_PORTS = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."


@correction("A VPC's default group lets in whoever bears it.", SecurityGroupBackend, "create_security_group")
def create_security_group(create: Any, ec2: Any, *args: Any, **options: Any) -> Any:
    """The group."""
    group = create(ec2, *args, **options)
    if group.is_default:
        itself = {"GroupId": group.id, "OwnerId": ec2.account_id, "UserId": ec2.account_id}
        group.ingress_rules.append(SecurityGroupRule(ec2, "-1", group.id, None, None, None, itself, is_egress=False))
    return group


@correction("A rule for a protocol without ports has none: 47, 50, ICMPv6.", SecurityGroupRule, "__init__")
def rule(begin: Any, made: Any, ec2: Any, protocol: Any, group_id: str, *ports_and_more: Any, **more: Any) -> None:
    """The rule, without ports; every type and code where it is of ICMP."""
    first, last, *rest = ports_and_more
    name = str(protocol).lower()
    bare = first is None or last is None
    if bare and name in PORTS:
        raise Refused("InvalidParameterValue", NO_PORTS)
    begin(made, ec2, protocol, group_id, -1 if bare else first, -1 if bare else last, *rest, **more)
    if bare and name not in ICMP:
        made.from_port = made.to_port = None


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
