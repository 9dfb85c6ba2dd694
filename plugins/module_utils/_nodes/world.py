# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes in AWS: how the members of a group or balancer are found, with their addresses and health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._balancer import api as _balancers
from .._balancer.health import InstanceHealth
from .._core.api import instances_by_id
from .._core.aws import Aws
from .._core.errors import Failure, Refusal
from .._core.step import LATER
from .._group import api as _groups
from .members import AskedNode, Front, NodeSet

GONE = ("Terminating:Proceed", "Terminated")
KEPT = ("Terminating:Retained",)
"""A machine that is kept after its end: it may have sessions, but gets none any more."""


def find_nodes(aws: Aws, params: Mapping[str, Any], with_balancer: bool = False) -> NodeSet:
    """The nodes that the options name. `with_balancer`: also the balancer, and its state of each node."""
    if params.get("hosts") is not None:
        return NodeSet(tuple(AskedNode(host) for host in params["hosts"] if host != LATER))
    if name := params.get("group_name"):
        return nodes_of(aws, read_group(aws, name), params["address"], with_balancer)
    if name := params.get("load_balancer_name"):
        ids = [one["InstanceId"] for one in _description(aws, name)["Instances"]]
    else:
        ids = [one for one in params.get("instance_ids") or () if one != LATER]
    return _nodes(aws, ids, name if with_balancer else None, params["address"])


def read_group(aws: Aws, name: str) -> Mapping[str, Any]:
    """The group as AWS answers. Raises Failure where there is none."""
    if (group := _groups.describe(aws, name)) is None:
        raise _missing("group", name, aws.region, "group_name")
    return group


def nodes_of(aws: Aws, group: Mapping[str, Any], address: str, with_balancer: bool = False) -> NodeSet:
    """The members of a group that AWS has described. `with_balancer`: as for `find_nodes`."""
    without = (*GONE, *(KEPT if with_balancer else ()))
    ids = [one["InstanceId"] for one in group["Instances"] if one["LifecycleState"] not in without]
    balancer = next(iter(group.get("LoadBalancerNames") or ()), None)
    return _nodes(aws, ids, balancer if with_balancer else None, address)


def _nodes(aws: Aws, ids: Sequence[str], balancer: str | None, address: str) -> NodeSet:
    found = instances_by_id(aws, ids)
    members = tuple(_member(instance_id, found.get(instance_id), address) for instance_id in ids)
    return _balanced(aws, members, balancer) if balancer else NodeSet(members)


def _description(aws: Aws, name: str) -> Mapping[str, Any]:
    if (balancer := _balancers.describe(aws, name)) is None:
        raise _missing("load balancer", name, aws.region, "load_balancer_name")
    return balancer


def _missing(thing: str, name: str, region: str, option: str) -> Failure:
    reason = f"there is none of that name in {region}"
    return Failure(Refusal("find", thing, name, reason, f"Correct O({option}) or the Region"))


def _member(instance_id: str, instance: Mapping[str, Any] | None, address: str) -> AskedNode:
    if instance is None:
        return AskedNode(None, instance_id)
    key = "PublicIpAddress" if address == "public" else "PrivateIpAddress"
    running = instance["State"]["Name"] == "running"
    host = instance.get(key) if running else None
    return AskedNode(host or None, instance_id, instance.get("Placement", {}).get("AvailabilityZone"))


def _balanced(aws: Aws, members: Sequence[AskedNode], name: str) -> NodeSet:
    described = _description(aws, name)
    attributes = _balancers.describe_attributes(aws, name) or {}
    cross_zone = (attributes.get("CrossZoneLoadBalancing") or {}).get("Enabled", False)
    states = _balancers.read_health(aws, name) or {}
    front = Front(name, described["DNSName"], bool(cross_zone), tuple(sorted(described["AvailabilityZones"])))
    return NodeSet(tuple(_judged(member, states.get(member.instance_id or "")) for member in members), front)


def _judged(member: AskedNode, health: InstanceHealth | None) -> AskedNode:
    """The member with the balancer's state; one that gets no new connections is out of service, whatever its state."""
    if health is None:
        return AskedNode(member.host, member.instance_id, member.zone, "OutOfService", "it is not registered")
    state = "OutOfService" if health.state == "InService" and not health.in_service else health.state
    return AskedNode(member.host, member.instance_id, member.zone, state, health.why)
