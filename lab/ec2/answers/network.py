# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's network: VPCs and security groups; and what holds for EC2 as a whole."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from ...core import backends as state
from ...core.corrections import correction
from ...core.errors import Refused
from ...core.lab import current
from .groups import canonical

NO_DEFAULT_VPC = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC."


def _now() -> Any:
    return current().clock.stamp()


state.use_clock(_now)


@correction("An account may be with or without a default VPC.", EC2Backend, "create_default_vpc")
def create_default_vpc(create: Any, ec2: Any) -> Any:
    """The VPC; None while moto opens the Region of an account that is to be without."""
    if not hasattr(ec2, "default_vpc") and not current().default_vpc:
        return None
    ec2.default_vpc = vpc = create(ec2)
    gateway = ec2.create_internet_gateway()
    ec2.attach_internet_gateway(gateway.id, vpc.id)
    main = next(table for table in ec2.route_tables.values() if table.vpc_id == vpc.id and table.main_association_id)
    ec2.create_route(main.id, "0.0.0.0/0", None, gateway_id=gateway.id)
    return vpc


@correction("A resource's tags are found by its id, however many resources there are.", TaggedEC2Resource, "get_tags")
def get_tags(_search: Any, resource: Any) -> list[dict[str, str]]:
    """The tags; asked for each resource of each answer, and moto would go through all there are."""
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    tags = resource.ec2_backend.tags.get(resource.id) or {}
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in tags.items()
    ]


@correction(
    "A security group without a VPC is refused where there is no default one.", EC2Backend, "create_security_group"
)
def security_group_without_vpc(
    create: Any, ec2: Any, name: str, description: str, vpc_id: str | None = None, *rest: Any, **more: Any
) -> Any:
    """The new group."""
    if vpc_id is None and ec2.default_vpc is None:
        raise Refused("VPCIdNotSpecified", NO_DEFAULT_VPC)
    if vpc_id is not None:
        ec2.get_vpc(vpc_id)
    return create(ec2, name, description, vpc_id, *rest, **more)


@correction(
    "A security group that a network interface or another group's rule uses is not deleted.",
    EC2Backend,
    "_delete_security_group",
)
def security_group_in_use(delete: Any, ec2: Any, vpc_id: str | None, group_id: str) -> Any:
    """What moto returns; DependencyViolation while something depends on the group."""
    group = ec2.get_security_group_from_id(group_id)
    if group is not None and _has_dependents(ec2, group):
        raise Refused("DependencyViolation", f"resource {group_id} has a dependent object")
    return delete(ec2, vpc_id, group_id)


def _has_dependents(ec2: Any, group: Any) -> bool:
    if any(group in interface.group_set for interface in ec2.enis.values()):
        return True
    others = (other for groups in ec2.groups.values() for other in groups.values() if other is not group)
    return any(
        (rule.source_group or {}).get("GroupId") == group.id
        for other in others
        for rule in [*other.ingress_rules, *other.egress_rules]
    )


@correction("A rule is what it opens, whatever its description.", SecurityGroupRule, "__eq__")
def same_rule(_same: Any, rule: Any, other: Any) -> bool:
    """Whether both open the same ports to the same; moto compares the descriptions of groups, too."""
    kept = rule.source_group, other.source_group
    sources = [{key: value for key, value in one.items() if key in ("GroupId", "GroupName")} for one in kept]
    ranges = [rule.ip_range.get(key) == other.ip_range.get(key) for key in ("CidrIp", "CidrIpv6")]
    ports = (rule.ip_protocol, rule.from_port, rule.to_port) == (other.ip_protocol, other.from_port, other.to_port)
    return ports and all(ranges) and sources[0] == sources[1] and rule.prefix_list_id == other.prefix_list_id


@correction("An IPv6 rule for leaving traffic is revoked in every VPC.", EC2Backend, "revoke_security_group_egress")
def egress_revoked(revoke: Any, ec2: Any, *args: Any, **named: Any) -> Any:
    """What moto returns, which leaves rules for IPv6 in a VPC that has no such network."""
    ranges = named.get("ip_ranges", args[4] if len(args) > 4 else None) or []
    sixes = {canonical(one)["CidrIpv6"] for one in ranges if "CidrIpv6" in one}
    answer = revoke(ec2, *args, **named)
    group = ec2.get_security_group_by_name_or_id(named.get("group_name_or_id", args[0] if args else None), None)
    proto, *ports = [named.get(key) for key in ("ip_protocol", "from_port", "to_port")]
    group.egress_rules = [
        rule
        for rule in group.egress_rules
        if not (
            rule.cidr_ipv6 in sixes
            and rule.ip_protocol == proto
            and (proto == "-1" or [str(rule.from_port), str(rule.to_port)] == [str(port) for port in ports])
        )
    ]
    return answer
