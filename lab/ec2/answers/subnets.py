# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's subnets: which ones are an account's default ones, and their states."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.models.subnets import Subnet, SubnetBackend
from moto.ec2.models.vpcs import VPCBackend

from ...core.corrections import correction


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


@correction("An account whose default VPC is gone has none until it makes one.", VPCBackend, "delete_vpc")
def delete_vpc(delete: Any, ec2: Any, vpc_id: str) -> Any:
    """The VPC that is gone."""
    gone = delete(ec2, vpc_id)
    if ec2.default_vpc is gone:
        ec2.default_vpc = None
    return gone
