# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's subnets, VPCs and internet gateways: which are an account's default ones, and what holds them."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.models.internet_gateways import InternetGatewayBackend
from moto.ec2.models.subnets import Subnet, SubnetBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.corrections import correction
from ...core.errors import Refused

DEPENDENCIES = "The {} '{}' has dependencies and cannot be deleted."


@correction("A subnet's IPv6 block tells its state as one word.", Subnet, "ipv6_cidr_block_association_set")
def ipv6_blocks(blocks: Any, subnet: Any) -> list[dict[str, Any]]:
    """The blocks that are associated."""
    return [{**block, "ipv6CidrBlockState": block["ipv6CidrBlockState"]["state"]} for block in blocks(subnet)]


@correction(
    "A new subnet is not the default one of its zone and gives no public addresses by itself.",
    SubnetBackend,
    "create_subnet",
)
def create_subnet(create: Any, ec2: Any, vpc_id: str, *rest: Any, **options: Any) -> Any:
    """The subnet."""
    subnet = create(ec2, vpc_id, *rest, **options)
    subnet.default_for_az = subnet.map_public_ip_on_launch = False
    return subnet


@correction(
    "A zone has one default subnet, in the default VPC, which gives public addresses.",
    SubnetBackend,
    "create_default_subnet",
)
def create_default_subnet(create: Any, ec2: Any, availability_zone: str) -> Any:
    """The subnet, in the first block of the default VPC that is free."""
    vpc = ec2.get_default_vpc()
    if vpc is None or availability_zone in ec2.get_default_subnets():
        return create(ec2, availability_zone)
    taken = [subnet.cidr for subnet in ec2.describe_subnets(filters={"vpc-id": vpc.id})]
    blocks = ipaddress.ip_network(vpc.cidr_block).subnets(new_prefix=20)
    free = next(block for block in blocks if not any(block.overlaps(one) for one in taken))
    subnet = ec2.create_subnet(vpc.id, str(free), availability_zone=availability_zone)
    subnet.default_for_az = subnet.map_public_ip_on_launch = True
    return subnet


@correction(
    "A subnet in which there is a network interface is not deleted; its place in route tables goes with it.",
    SubnetBackend,
    "delete_subnet",
)
def delete_subnet(delete: Any, ec2: Any, subnet_id: str) -> Any:
    """The subnet that is gone."""
    if any(interface.subnet.id == subnet_id for interface in ec2.enis.values()):
        raise Refused("DependencyViolation", DEPENDENCIES.format("subnet", subnet_id))
    gone = delete(ec2, subnet_id)
    for table in ec2.route_tables.values():
        for association in [key for key, subnet in table._associations.items() if subnet == subnet_id]:
            del table._associations[association]
    return gone


@correction(
    "A VPC with a gateway or a security group besides its own is not deleted; an account whose default VPC is gone has "
    "none until it makes one.",
    VPCBackend,
    "delete_vpc",
)
def delete_vpc(delete: Any, ec2: Any, vpc_id: str) -> Any:
    """The VPC that is gone."""
    if _gateways(ec2, vpc_id) or any(not group.is_default for group in ec2.groups.get(vpc_id, {}).values()):
        raise Refused("DependencyViolation", DEPENDENCIES.format("vpc", vpc_id))
    gone = delete(ec2, vpc_id)
    if ec2.default_vpc is gone:
        ec2.default_vpc = None
    return gone


def _gateways(ec2: Any, vpc_id: str) -> list[Any]:
    return [gateway for gateway in ec2.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc_id]


@correction("A VPC has one internet gateway.", InternetGatewayBackend, "attach_internet_gateway")
def attach_internet_gateway(attach: Any, ec2: Any, internet_gateway_id: str, vpc_id: str) -> Any:
    """The attachment."""
    if any(gateway.id != internet_gateway_id for gateway in _gateways(ec2, vpc_id)):
        raise Refused("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")
    return attach(ec2, internet_gateway_id, vpc_id)


@correction(
    "An internet gateway through which public addresses of its VPC are reached stays attached.",
    InternetGatewayBackend,
    "detach_internet_gateway",
)
def detach_internet_gateway(detach: Any, ec2: Any, internet_gateway_id: str, vpc_id: str) -> None:
    """Nothing."""
    if any(interface.subnet.vpc_id == vpc_id and interface.public_ip for interface in ec2.enis.values()):
        raise Refused(
            "DependencyViolation",
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway.",
        )
    detach(ec2, internet_gateway_id, vpc_id)


@answers("An account's attributes are told by name; its default VPC is one of them.", EC2Response)
def describe_account_attributes(ask: Ask) -> dict[str, Any]:
    """{AccountAttributes}."""
    default = state.backend("ec2", ask.region).default_vpc
    values = {
        "supported-platforms": "VPC",
        "default-vpc": default.id if default is not None else "none",
        "max-instances": "20",
        "vpc-max-security-groups-per-interface": "5",
        "max-elastic-ips": "5",
        "vpc-max-elastic-ips": "5",
    }
    asked = ask.get("AttributeNames", list(values))
    rows = {name: [{"AttributeValue": value}] for name, value in values.items() if name in asked}
    return {"AccountAttributes": [{"AttributeName": name, "AttributeValues": row} for name, row in rows.items()]}
