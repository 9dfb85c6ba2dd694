# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Classic Load Balancer's network, attributes and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.elb.responses import ELBResponse

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.errors import Refused
from .. import interfaces
from ..balancers import Balancer, find

NAME = re.compile(r"[A-Za-z0-9-]+")
TAG_LIMIT = 10
ONE_A_ZONE = "ELB cannot be attached to multiple subnets in the same AZ."


def check_name(name: str) -> None:
    """Refused with ValidationError unless AWS takes it as a balancer's name."""
    if len(name) > 32:
        raise Refused("ValidationError", "LoadBalancer name cannot be longer than 32 characters")
    if not NAME.fullmatch(name):
        raise Refused(
            "ValidationError",
            "LoadBalancer name cannot contain characters that are not letters, or digits or the dash.",
        )
    if name.startswith("-") or name.endswith("-"):
        raise Refused("ValidationError", "LoadBalancer name cannot begin or end with a dash.")


def network(ask: Ask) -> tuple[dict[str, str], str]:
    """(subnet id by zone, VPC id) of a new balancer, from its subnets or, in a default VPC, its zones."""
    if ask.get("Subnets"):
        return subnets_by_zone(ask.region, ask["Subnets"])
    if not ask.get("AvailabilityZones"):
        raise Refused("ValidationError", "Either AvailabilityZones or SubnetIds must be specified")
    return subnets_by_zone(ask.region, default_subnets(ask.region, ask["AvailabilityZones"]))


def default_subnets(region: str, zones: Sequence[str]) -> list[str]:
    """The ids of the default subnets of zones; refused where a zone has none."""
    defaults = state.backend("ec2", region).get_default_subnets()
    missing = [zone for zone in zones if zone not in defaults]
    if missing:
        raise Refused("InvalidConfigurationRequest", f"No default subnet for availability zone: '{missing[0]}'.", 409)
    return [str(defaults[zone].id) for zone in zones]


def subnets_by_zone(region: str, ids: list[str]) -> tuple[dict[str, str], str]:
    """(subnet id by zone, VPC id); refused when one is missing, two share a zone or they are of several VPCs."""
    known = {s.id: s for zones in state.backend("ec2", region).subnets.values() for s in zones.values()}
    found: dict[str, str] = {}
    for subnet_id in ids:
        if subnet_id not in known:
            raise Refused("SubnetNotFound", f"The subnet ID '{subnet_id}' does not exist")
        zone = known[subnet_id].availability_zone
        if found.get(zone, subnet_id) != subnet_id:
            raise Refused("InvalidConfigurationRequest", ONE_A_ZONE, 409)
        found[zone] = subnet_id
    vpcs = {known[subnet_id].vpc_id for subnet_id in ids}
    if len(vpcs) > 1:
        raise Refused("InvalidConfigurationRequest", "All subnets must belong to the same VPC.", 409)
    return found, vpcs.pop()


def check_groups(region: str, groups: list[str]) -> None:
    """Refused with InvalidSecurityGroup when one is missing."""
    ec2 = state.backend("ec2", region)
    if any(ec2.get_security_group_from_id(group) is None for group in groups):
        raise Refused("InvalidSecurityGroup", "One or more of the specified security groups do not exist.")


@answers("Security groups must exist.", ELBResponse)
def apply_security_groups_to_load_balancer(ask: Ask) -> dict[str, Any]:
    """{SecurityGroups}."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    check_groups(ask.region, ask["SecurityGroups"])
    balancer.security_groups = list(ask["SecurityGroups"])
    interfaces.keep(ask.lab, balancer)
    return {"SecurityGroups": balancer.security_groups}


@answers("A balancer has one subnet a zone; its zones are those of its subnets.", ELBResponse)
def attach_load_balancer_to_subnets(ask: Ask) -> dict[str, Any]:
    """{Subnets}, all that are attached now."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    both, vpc_id = subnets_by_zone(ask.region, [*balancer.subnets.values(), *ask["Subnets"]])
    if vpc_id != balancer.vpc_id:
        raise Refused("InvalidConfigurationRequest", "All subnets must belong to the VPC of the load balancer.", 409)
    return _attached(ask, balancer, both)


@answers("The last subnet cannot be detached.", ELBResponse)
def detach_load_balancer_from_subnets(ask: Ask) -> dict[str, Any]:
    """{Subnets}, all that are attached now."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    left = {zone: subnet for zone, subnet in balancer.subnets.items() if subnet not in ask["Subnets"]}
    if not left:
        raise Refused("InvalidConfigurationRequest", "A load balancer must have at least one subnet attached.", 409)
    return _attached(ask, balancer, left)


def _attached(ask: Ask, balancer: Balancer, subnets: dict[str, str]) -> dict[str, Any]:
    balancer.subnets = subnets
    interfaces.keep(ask.lab, balancer)
    return {"Subnets": [subnets[zone] for zone in balancer.zones]}


@answers("Zones are added where the balancer is in the default VPC; elsewhere by its subnets only.", ELBResponse)
def enable_availability_zones_for_load_balancer(ask: Ask) -> dict[str, Any]:
    """{AvailabilityZones}, all that it is in now."""
    balancer = _of_default_vpc(ask, "EnableAvailabilityZones")
    added = [zone for zone in ask["AvailabilityZones"] if zone not in balancer.subnets]
    found = default_subnets(ask.region, added)
    return _zones(ask, balancer, {**balancer.subnets, **dict(zip(added, found, strict=True))})


@answers("Zones are taken away where the balancer is in the default VPC; elsewhere by its subnets only.", ELBResponse)
def disable_availability_zones_for_load_balancer(ask: Ask) -> dict[str, Any]:
    """{AvailabilityZones}, all that it is in now; never none."""
    balancer = _of_default_vpc(ask, "DisableAvailabilityZones")
    left = {zone: subnet for zone, subnet in balancer.subnets.items() if zone not in ask["AvailabilityZones"]}
    if not left:
        raise Refused("InvalidConfigurationRequest", "A load balancer must have at least one zone.", 409)
    return _zones(ask, balancer, left)


def _of_default_vpc(ask: Ask, operation: str) -> Balancer:
    balancer = find(ask.region, ask["LoadBalancerName"])
    if not state.backend("ec2", ask.region).vpcs[balancer.vpc_id].is_default:
        raise Refused("InvalidConfigurationRequest", f"{operation} is not supported for VPC load balancers", 409)
    return balancer


def _zones(ask: Ask, balancer: Balancer, subnets: dict[str, str]) -> dict[str, Any]:
    _attached(ask, balancer, subnets)
    return {"AvailabilityZones": balancer.zones}


@answers("A missing balancer has no attributes: LoadBalancerNotFound.", ELBResponse)
def describe_load_balancer_attributes(ask: Ask) -> dict[str, Any]:
    """{LoadBalancerAttributes}."""
    return {"LoadBalancerAttributes": find(ask.region, ask["LoadBalancerName"]).attributes}


@answers("Attributes are held to their ranges; those not named stay; there is one desync mode.", ELBResponse)
def modify_load_balancer_attributes(ask: Ask) -> dict[str, Any]:
    """{LoadBalancerName, LoadBalancerAttributes}: what was given."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    given: Mapping[str, Any] = ask["LoadBalancerAttributes"]
    draining = given.get("ConnectionDraining") or {}
    if draining.get("Timeout") is not None and not 1 <= int(draining["Timeout"]) <= 3600:
        raise Refused("ValidationError", "ConnectionDraining timeout must be between 1 and 3600 seconds")
    log = given.get("AccessLog") or {}
    if log.get("Enabled") and not log.get("S3BucketName"):
        raise Refused("InvalidConfigurationRequest", "Access logs need an S3BucketName", 409)
    for name, value in given.items():
        if name == "AdditionalAttributes":
            named = {a["Key"]: a["Value"] for a in (*balancer.attributes[name], *value)}
            balancer.attributes[name] = [{"Key": key, "Value": text} for key, text in named.items()]
        elif name == "AccessLog":
            balancer.attributes[name] = dict(value)
        else:
            balancer.attributes[name] = {**balancer.attributes[name], **value}
    return {"LoadBalancerName": balancer.name, "LoadBalancerAttributes": {n: balancer.attributes[n] for n in given}}


def merged_tags(given: list[dict[str, str]], present: Mapping[str, str]) -> dict[str, str]:
    """The present tags with the given ones; refused above ten or with a key twice."""
    keys = [tag["Key"] for tag in given]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise Refused("DuplicateTagKeys", f"Tag key was specified more than once: {twice[0]}")
    merged = {**present, **{tag["Key"]: tag.get("Value", "") for tag in given}}
    if len(merged) > TAG_LIMIT:
        limit = "The quota for the number of tags that can be assigned to a load balancer has been reached"
        raise Refused("TooManyTags", limit)
    return merged


@answers("A balancer bears ten tags: TooManyTags.", ELBResponse)
def add_tags(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    for name in ask["LoadBalancerNames"]:
        balancer = find(ask.region, name)
        balancer.tags = merged_tags(ask["Tags"], balancer.tags)
    return {}


@answers("Tags are removed by key; keys that are not there are passed over.", ELBResponse)
def remove_tags(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    gone = {tag["Key"] for tag in ask["Tags"]}
    for name in ask["LoadBalancerNames"]:
        balancer = find(ask.region, name)
        balancer.tags = {key: value for key, value in balancer.tags.items() if key not in gone}
    return {}


@answers("Tags are described for up to 20 balancers.", ELBResponse)
def describe_tags(ask: Ask) -> dict[str, Any]:
    """{TagDescriptions}."""
    found = [find(ask.region, name) for name in ask["LoadBalancerNames"]]
    return {
        "TagDescriptions": [
            {"LoadBalancerName": b.name, "Tags": [{"Key": k, "Value": v} for k, v in b.tags.items()]} for b in found
        ]
    }
