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
from .._core.instances import RETAINED, Instance
from .._core.step import LATER
from .._group import api as _groups
from .._group.value import Group
from .members import AskedNode, Front, NodeSet

GONE = ("Terminating:Proceed", "Terminated")


def find_nodes(aws: Aws, params: Mapping[str, Any], with_balancer: bool = False) -> NodeSet:
    """The nodes that the options name. `with_balancer`: also the balancer, and its state of each node."""
    if params.get("hosts") is not None:
        return NodeSet(tuple(AskedNode(host) for host in params["hosts"] if host != LATER))
    if name := params.get("group_name"):
        return nodes_of(aws, _groups.existing(aws, name), params["address"], with_balancer)
    if name := params.get("load_balancer_name"):
        ids = [one["InstanceId"] for one in _description(aws, name)["Instances"]]
    else:
        ids = [one for one in params.get("instance_ids") or () if one != LATER]
    return _nodes(aws, ids, name if with_balancer else None, params["address"])


def nodes_of(aws: Aws, group: Group, address: str, with_balancer: bool = False) -> NodeSet:
    """The members of the group. `with_balancer`: as for `find_nodes`."""
    without = (*GONE, *((RETAINED,) if with_balancer else ()))  # may have sessions, but gets none any more
    ids = [one.instance_id for one in group.members if one.state not in without]
    balancer = next(iter(group.balancers), None)
    return _nodes(aws, ids, balancer if with_balancer else None, address)


def _nodes(aws: Aws, ids: Sequence[str], balancer: str | None, address: str) -> NodeSet:
    found = instances_by_id(aws, ids)
    members = tuple(_member(instance_id, found.get(instance_id), address) for instance_id in ids)
    return _balanced(aws, members, balancer) if balancer else NodeSet(members)


def _description(aws: Aws, name: str) -> Mapping[str, Any]:
    if (balancer := _balancers.describe(aws, name)) is None:
        reason = f"there is none of that name in {aws.region}"
        raise Failure(Refusal("find", "load balancer", name, reason, "Correct O(load_balancer_name) or the Region"))
    return balancer


def _member(instance_id: str, instance: Instance | None, address: str) -> AskedNode:
    if instance is None:
        return AskedNode(None, instance_id)
    host = instance.address(address) if instance.state == "running" else None
    return AskedNode(host, instance_id, instance.zone or None)


def _balanced(aws: Aws, members: Sequence[AskedNode], name: str) -> NodeSet:
    described = _description(aws, name)
    attributes = _balancers.read_attributes(aws, name)
    states = _balancers.read_health(aws, name) or {}
    front = Front(
        name,
        described["DNSName"],
        bool(attributes and attributes.cross_zone),
        tuple(sorted(described["AvailabilityZones"])),
    )
    return NodeSet(tuple(_judged(member, states.get(member.instance_id or "")) for member in members), front)


def _judged(member: AskedNode, health: InstanceHealth | None) -> AskedNode:
    """The member with the balancer's state; one that gets no new connections is out of service, whatever its state."""
    if health is None:
        return AskedNode(member.host, member.instance_id, member.zone, "OutOfService", "it is not registered")
    state = "OutOfService" if health.state == "InService" and not health.in_service else health.state
    return AskedNode(member.host, member.instance_id, member.zone, state, health.why)
