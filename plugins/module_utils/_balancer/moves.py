# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a Classic Load Balancer is created, changed and removed: a domain for `_core.converge`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.step import Move, Step, Wait
from . import health as _health_check
from . import listener_moves as _listener_moves
from . import listeners as _listeners
from .attributes import attributes_to_aws
from .calls import THING, call, tagging
from .effects import GONE, IN_SERVICE, foresee, settle
from .rules import refuse
from .value import Balancer, Have, Ids, Wanted, complete, creation_tags, show, tags_aimed

__all__ = ["complete", "foresee", "moves", "refuse", "settle", "show"]

SAME_ZONE = ("InvalidConfigurationRequest~multiple subnets in the same AZ",)
"""A subnet that was just detached still counts for a moment (seen in the field)."""


def moves(have: Have, want: Wanted | None) -> Sequence[Move]:
    """The next calls, or the wait, on the way; () at its end."""
    if want is None:
        return _leave(have)
    if have.balancer is None:
        return (_create(want),)
    for phase in PHASES:
        if found := phase(have.balancer, want):
            return found
    return ()


def _leave(have: Have) -> Sequence[Move]:
    if have.balancer:
        return (call("DeleteLoadBalancer", have.name),)
    if have.interfaces:
        return (Wait(f"the network interfaces of {THING} '{have.name}'", "gone", (GONE, have.name)),)
    return ()


def _create(want: Wanted) -> Step:
    """AWS answers a repetition with the same arguments by what is there, so a lost reply may be repeated."""
    places = {"Subnets": want.subnets, "AvailabilityZones": want.zones, "SecurityGroups": want.security_group_ids}
    args: dict[str, Any] = {
        "Listeners": [_listeners.to_aws(listener) for listener in _listeners.in_order(want.listeners or ())],
        "Scheme": want.scheme,
        "Tags": _tags.to_aws(creation_tags(want)),
    }
    args |= {key: sorted(set(ids)) for key, ids in places.items() if ids}
    exists, soon = ("DuplicateLoadBalancerName",), _listener_moves.CERTIFICATE_NOT_YET
    return call("CreateLoadBalancer", want.name, args, exists=exists, soon=soon)


def _tagged(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    """Tags come first, so that an adopted balancer is ours before it is changed; removals first, for there are ten."""
    aim = tags_aimed(balancer, want)
    if keys := _tags.removed(balancer.tags, aim):
        return (tagging("RemoveTags", balancer.name, [{"Key": key} for key in keys]),)
    if new := _tags.added(balancer.tags, aim):
        return (tagging("AddTags", balancer.name, _tags.to_aws(new)),)
    return ()


def _placed(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    """AWS takes one subnet a zone and never none: what is free comes first, then zones are exchanged one by one."""
    if want.subnets is None or balancer.subnets is None:
        return ()
    new, old = _missing(want.subnets, balancer.subnets), _missing(balancer.subnets, want.subnets)
    taken = {balancer.zone_of[subnet] for subnet in old if subnet in balancer.zone_of}
    free = [subnet for subnet in new if balancer.zone_of.get(subnet) not in taken]
    if free:
        attach = call("AttachLoadBalancerToSubnets", balancer.name, {"Subnets": free}, lost="adopt", not_yet=SAME_ZONE)
        return (attach,)
    awaited = {balancer.zone_of.get(subnet) for subnet in new}
    leaving = [subnet for subnet in old if balancer.zone_of.get(subnet) in awaited][-1:] if new else old
    if not leaving or len(leaving) == len(balancer.subnets):
        return ()
    return (call("DetachLoadBalancerFromSubnets", balancer.name, {"Subnets": leaving}, lost="adopt"),)


def _zoned(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    if want.zones is None or balancer.zones is None:
        return ()
    if new := _missing(want.zones, balancer.zones):
        return (call("EnableAvailabilityZonesForLoadBalancer", balancer.name, {"AvailabilityZones": new}),)
    if old := _missing(balancer.zones, want.zones):
        return (call("DisableAvailabilityZonesForLoadBalancer", balancer.name, {"AvailabilityZones": old}),)
    return ()


def _secured(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    groups = want.security_group_ids
    if groups is None or set(groups) == set(balancer.security_group_ids or ()):
        return ()
    return (call("ApplySecurityGroupsToLoadBalancer", balancer.name, {"SecurityGroups": sorted(set(groups))}),)


def _listened(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    return () if want.listeners is None else _listener_moves.moves(balancer.name, balancer.listener_set, want.listeners)


def _checked(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    if want.health_check in (None, balancer.health_check) or want.health_check is None:
        return ()
    check = _health_check.to_aws(want.health_check)
    return (call("ConfigureHealthCheck", balancer.name, {"HealthCheck": check}, of="the health check"),)


def _attributed(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    """AWS leaves attributes alone that are not named."""
    args = attributes_to_aws(balancer.attributes, want.attributes)
    if not args:
        return ()
    return (call("ModifyLoadBalancerAttributes", balancer.name, {"LoadBalancerAttributes": args}, of="attributes"),)


def _registered(balancer: Balancer, want: Wanted) -> Sequence[Step]:
    """Joins what is missing; takes out what is too much, the members of Auto Scaling groups excepted."""
    if want.instance_ids is None:
        return ()
    if new := _missing(want.instance_ids, balancer.instance_ids):
        return (_instances("RegisterInstancesWithLoadBalancer", balancer.name, new),)
    old = [one for one in _missing(balancer.instance_ids, want.instance_ids) if one not in balancer.members]
    if old and want.purge_instance_ids:
        return (_instances("DeregisterInstancesFromLoadBalancer", balancer.name, old),)
    return ()


def _instances(operation: str, name: str, ids: Sequence[str]) -> Step:
    return call(operation, name, {"Instances": [{"InstanceId": one} for one in ids]}, of="instances")


def _awaited(balancer: Balancer, want: Wanted) -> Sequence[Wait]:
    health = balancer.health
    if all(one in health and health[one].in_service for one in want.instance_ids or ()):
        return ()
    until = f"InService on every one of O(instance_ids) (health check {balancer.health_check.target})"
    return (Wait(f"the health of {THING} '{balancer.name}'", until, (IN_SERVICE, balancer.name)),)


PHASES: tuple[Callable[[Balancer, Wanted], Sequence[Move]], ...] = (
    _tagged,
    _placed,
    _zoned,
    _secured,
    _listened,
    _checked,
    _attributed,
    _registered,
    _awaited,
)
"""The order of a change; the first phase that has something to do does it."""


def _missing(wanted: Ids, there: Ids) -> list[str]:
    return sorted(set(wanted) - set(there))
