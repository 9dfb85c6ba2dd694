# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in AWS: how the members of a group or balancer are found, with their addresses and health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._balancer.instance_health import InstanceHealth, instance_health
from .._core.aws import Aws
from .._core.errors import Failure, Refusal
from .._core.step import LATER
from .members import Balancer, Fleet, Member

GONE = ("Terminating:Proceed", "Terminated")


def find_fleet(aws: Aws, params: Mapping[str, Any], with_balancer: bool = False) -> Fleet:
    """The nodes that the options name. `with_balancer`: also the balancer, and its word on each node's health."""
    if params.get("hosts") is not None:
        return Fleet(tuple(Member(host) for host in params["hosts"] if host != LATER))
    ids, balancer_name = _named(aws, params)
    found = _instances(aws, ids)
    members = tuple(_member(instance_id, found.get(instance_id), params["address"]) for instance_id in ids)
    return _balanced(aws, members, balancer_name) if with_balancer and balancer_name else Fleet(members)


def _named(aws: Aws, params: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """The ids of the nodes, and the name of their balancer."""
    if name := params.get("group_name"):
        group = _group(aws, name)
        alive = [one["InstanceId"] for one in group["Instances"] if one["LifecycleState"] not in GONE]
        return alive, next(iter(group.get("LoadBalancerNames") or ()), None)
    if name := params.get("load_balancer_name"):
        return [one["InstanceId"] for one in _description(aws, name)["Instances"]], name
    return [one for one in params.get("instance_ids") or () if one != LATER], None


def _group(aws: Aws, name: str) -> Mapping[str, Any]:
    groups = aws.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", AutoScalingGroupNames=[name])
    if not groups:
        raise _missing("group", name, aws.region, "group_name")
    return dict(groups[0])


def _description(aws: Aws, name: str) -> Mapping[str, Any]:
    missing = ("LoadBalancerNotFound",)
    found = aws.pages(
        "elb", "DescribeLoadBalancers", "LoadBalancerDescriptions", missing=missing, LoadBalancerNames=[name]
    )
    if not found:
        raise _missing("load balancer", name, aws.region, "load_balancer_name")
    return dict(found[0])


def _missing(thing: str, name: str, region: str, option: str) -> Failure:
    reason = f"there is none of that name in {region}"
    return Failure(Refusal("find", thing, name, reason, f"Correct {option} or the Region"))


def _instances(aws: Aws, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Instances by id, as far as they are there; without ids nobody is asked, for there may be no AWS."""
    if not ids:
        return {}
    reservations = aws.filtered("DescribeInstances", "Reservations", "instance-id", ids)
    return {one["InstanceId"]: one for reservation in reservations for one in reservation["Instances"]}


def _member(instance_id: str, instance: Mapping[str, Any] | None, address: str) -> Member:
    if instance is None:
        return Member(None, instance_id)
    key = "PublicIpAddress" if address == "public" else "PrivateIpAddress"
    running = instance["State"]["Name"] == "running"
    host = instance.get(key) if running else None
    return Member(host or None, instance_id, instance.get("Placement", {}).get("AvailabilityZone"))


def _balanced(aws: Aws, members: Sequence[Member], name: str) -> Fleet:
    described = _description(aws, name)
    attributes = aws.read("elb", "DescribeLoadBalancerAttributes", LoadBalancerName=name) or {}
    cross_zone = attributes.get("LoadBalancerAttributes", {}).get("CrossZoneLoadBalancing", {}).get("Enabled", False)
    health = aws.read("elb", "DescribeInstanceHealth", LoadBalancerName=name) or {}
    states = instance_health(health)
    balancer = Balancer(name, described["DNSName"], bool(cross_zone), tuple(sorted(described["AvailabilityZones"])))
    return Fleet(tuple(_judged(member, states.get(member.instance_id or "")) for member in members), balancer)


def _judged(member: Member, health: InstanceHealth | None) -> Member:
    """The member with the balancer's word; one that gets no new connections is out of service, whatever its state."""
    if health is None:
        return Member(member.host, member.instance_id, member.zone, "OutOfService", "it is not registered")
    state = "OutOfService" if health.state == "InService" and not health.in_service else health.state
    return Member(member.host, member.instance_id, member.zone, state, health.why)
