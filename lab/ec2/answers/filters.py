# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's describe calls, filtered as AWS documents it."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, page
from ...core.corrections import correction
from ...core.errors import Refused
from ...core.filters import Filters, key
from ...core.lab import current

EVERYTHING = 1_000_000
"""Rows of a page whose size the request leaves open."""
FILTERED = {
    "describe_addresses": "DescribeAddresses",
    "describe_availability_zones": "DescribeAvailabilityZones",
    "describe_dhcp_options": "DescribeDhcpOptions",
    "describe_egress_only_internet_gateways": "DescribeEgressOnlyInternetGateways",
    "describe_images": "DescribeImages",
    "describe_instance_type_offerings": "DescribeInstanceTypeOfferings",
    "describe_instance_status": "DescribeInstanceStatus",
    "describe_internet_gateways": "DescribeInternetGateways",
    "describe_key_pairs": "DescribeKeyPairs",
    "describe_managed_prefix_lists": "DescribeManagedPrefixLists",
    "describe_nat_gateways": "DescribeNatGateways",
    "describe_network_acls": "DescribeNetworkAcls",
    "describe_network_interfaces": "DescribeNetworkInterfaces",
    "describe_prefix_lists": "DescribePrefixLists",
    "describe_regions": "DescribeRegions",
    "describe_route_tables": "DescribeRouteTables",
    "describe_security_group_rules": "DescribeSecurityGroupRules",
    "describe_security_groups": "DescribeSecurityGroups",
    "describe_snapshots": "DescribeSnapshots",
    "describe_subnets": "DescribeSubnets",
    "describe_tags": "DescribeTags",
    "describe_volumes": "DescribeVolumes",
    "describe_volumes_modifications": "DescribeVolumesModifications",
    "describe_vpc_endpoints": "DescribeVpcEndpoints",
    "describe_vpc_peering_connections": "DescribeVpcPeeringConnections",
    "describe_vpcs": "DescribeVpcs",
}


def asked(response: Any, operation: str) -> Filters:
    """The filters of the request that `response` answers, checked; moto is kept from applying its own."""
    given = response._get_params().get("Filters") or response._get_params().get("Filter") or []
    filters = Filters(operation, given, response.RESPONSE_KEY_PATH_TO_TRANSFORMER)
    response._filters_from_querystring = dict
    return filters


def _filtered(method: str, operation: str) -> None:
    """Has a describe call apply every filter that AWS documents, by what it answers, and answer page by page."""

    @correction(f"{operation} takes every documented filter, with * and ?, and refuses others.", EC2Response, method)
    def described(describe: Any, response: Any) -> Any:
        filters = asked(response, operation)
        ask = Ask(current(), response.region, response._get_params())
        answer = describe(response)
        if not filters.asked and "MaxResults" not in ask and "NextToken" not in ask:
            return answer
        rows, token = page(ask, [row for row in answer.result[key(operation)] if filters.pass_row(row)], EVERYTHING)
        return ActionResult({**answer.result, key(operation): rows, **({"NextToken": token} if token else {})})


for _method, _operation in FILTERED.items():
    _filtered(_method, _operation)


@correction(
    "DescribeInstances takes every documented filter, with * and ?, and refuses others.",
    EC2Response,
    "describe_instances",
)
def describe_instances(describe: Any, response: Any) -> Any:
    """The reservations with the instances that pass, page by page; a token is the id of the last one of its page."""
    token = response._get_param("NextToken")
    if token and token not in state.backend("ec2", response.region).reservations:
        raise Refused("InvalidNextToken", f"The token '{token}' is invalid.")
    filters = asked(response, "DescribeInstances")
    response._filters_from_querystring = lambda: filters
    return describe(response)


def _passing(reservations: list[Any], filters: Any) -> list[Any]:
    """The reservations with what passes, without those of which nothing does."""
    found = []
    for reservation in reservations:
        kept = copy.copy(reservation)
        kept.instances = [one for one in reservation.instances if filters.pass_row(one, reservation)]
        if kept.instances:
            found.append(kept)
    return found


@correction("Instances pass filters by what is answered of them.", InstanceBackend, "describe_instances")
def all_reservations(describe: Any, ec2: Any, filters: Any = None) -> list[Any]:
    """The reservations."""
    ours = isinstance(filters, Filters)
    found: list[Any] = describe(ec2, filters=None if ours else filters)
    return _passing(found, filters) if ours and filters.asked else found


@correction("Instances found by id pass filters, too.", InstanceBackend, "get_reservations_by_instance_ids")
def reservations_by_id(describe: Any, ec2: Any, instance_ids: list[str], filters: Any = None) -> list[Any]:
    """The reservations."""
    ours = isinstance(filters, Filters)
    found: list[Any] = describe(ec2, instance_ids, filters=None if ours else filters)
    return _passing(found, filters) if ours and filters.asked else found
