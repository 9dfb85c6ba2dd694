# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS makes of a Classic Load Balancer with each call, and what it does alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .._core import tags as _tags
from .._core.step import LATER, Step, Wait
from . import health as _health_check
from . import listener_moves as _listener_moves
from . import listeners as _listeners
from .attributes import attributes_from_aws
from .health import WELL
from .value import BIRTH, Balancer, Have, Ids, over

IN_SERVICE = "health"
GONE = "interfaces"
"""The two kinds of waits."""


def settle(have: Have, wait: Wait) -> Have:
    """The world after a wait: interfaces gone, or instances in service."""
    if wait.subject[0] == GONE or have.balancer is None:
        return replace(have, interfaces=())
    balancer = have.balancer
    return replace(have, balancer=replace(balancer, health=dict.fromkeys(balancer.instance_ids, WELL)))


def foresee(have: Have, step: Step) -> Have:
    """The world after a call of `moves`."""
    if step.operation == "CreateLoadBalancer":
        return replace(have, balancer=_newborn(have.name, step))
    if step.operation == "DeleteLoadBalancer":
        return replace(have, balancer=None, interfaces=(LATER,))
    assert have.balancer is not None  # noqa: S101 - every other call changes a balancer that is there
    foreseen = EFFECTS.get(step.operation)
    if foreseen is None:
        listener_set = _listener_moves.foresee(have.balancer.listener_set, step)
        return replace(have, balancer=replace(have.balancer, listener_set=listener_set))
    return replace(have, balancer=foreseen(have.balancer, step))


def _newborn(name: str, step: Step) -> Balancer:
    args = step.args
    listeners = _listeners.all_from_aws(args["Listeners"])
    return Balancer(
        name=name,
        scheme=args["Scheme"],
        dns_name=LATER,
        hosted_zone_id=LATER,
        vpc_id=LATER,
        subnets=_ids(args.get("Subnets")),
        zones=_ids(args.get("AvailabilityZones")),
        security_group_ids=_ids(args.get("SecurityGroups")),
        listener_set=_listener_moves.set_of(listeners, {}, {}, ()),
        health_check=_health_check.at_birth(listeners[0].instance_port or 0),
        attributes=BIRTH,
        tags=_tags.from_aws(args["Tags"]),
    )


def _ids(given: Sequence[str] | None) -> Ids | None:
    return None if given is None else tuple(given)


def _after_tagging(balancer: Balancer, step: Step) -> Balancer:
    keys = {tag["Key"] for tag in step.args["Tags"]}
    kept = {key: value for key, value in balancer.tags.items() if key not in keys}
    return replace(balancer, tags=kept | (_tags.from_aws(step.args["Tags"]) if step.operation == "AddTags" else {}))


def _after_placing(balancer: Balancer, step: Step) -> Balancer:
    there, named = set(balancer.subnets or ()), set(step.args["Subnets"])
    subnets = there | named if step.operation.startswith("Attach") else there - named
    known = subnets <= set(balancer.zone_of)
    zones = tuple(sorted({balancer.zone_of[subnet] for subnet in subnets})) if known else None
    return replace(balancer, subnets=tuple(sorted(subnets)), zones=zones)


def _after_zoning(balancer: Balancer, step: Step) -> Balancer:
    there, named = set(balancer.zones or ()), set(step.args["AvailabilityZones"])
    zones = there | named if step.operation.startswith("Enable") else there - named
    return replace(balancer, zones=tuple(sorted(zones)), subnets=None)


def _after_modifying(balancer: Balancer, step: Step) -> Balancer:
    said = replace(attributes_from_aws(step.args["LoadBalancerAttributes"]), rest=None)
    return replace(balancer, attributes=over(balancer.attributes, said))


def _after_registering(balancer: Balancer, step: Step) -> Balancer:
    there, named = set(balancer.instance_ids), {one["InstanceId"] for one in step.args["Instances"]}
    ids = there | named if step.operation.startswith("Register") else there - named
    health = {one: health for one, health in balancer.health.items() if one not in named}
    return replace(balancer, instance_ids=tuple(sorted(ids)), health=health)


EFFECTS: dict[str, Callable[[Balancer, Step], Balancer]] = {
    "AddTags": _after_tagging,
    "RemoveTags": _after_tagging,
    "AttachLoadBalancerToSubnets": _after_placing,
    "DetachLoadBalancerFromSubnets": _after_placing,
    "EnableAvailabilityZonesForLoadBalancer": _after_zoning,
    "DisableAvailabilityZonesForLoadBalancer": _after_zoning,
    "ApplySecurityGroupsToLoadBalancer": lambda balancer, step: replace(
        balancer, security_group_ids=tuple(step.args["SecurityGroups"])
    ),
    "ConfigureHealthCheck": lambda balancer, step: replace(
        balancer, health_check=_health_check.from_aws(step.args["HealthCheck"])
    ),
    "ModifyLoadBalancerAttributes": _after_modifying,
    "RegisterInstancesWithLoadBalancer": _after_registering,
    "DeregisterInstancesFromLoadBalancer": _after_registering,
}
"""What each call does to a balancer; the calls for listeners and policies are foreseen in `_listeners`."""
