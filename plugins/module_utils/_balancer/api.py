# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Classic Load Balancers in AWS: the one place that asks for them, and reads the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.aws import Aws
from .._core.plain import NOTHING, plain, snake_case
from . import health as _health_check
from . import listener_moves as _listener_moves
from . import listeners as _listeners
from .attributes import attributes_from_aws
from .health import InstanceHealth
from .listener_moves import ListenerSet
from .listeners import Stickiness
from .value import BIRTH, Attributes, Balancer, Ids, over

SETTABLE = "LoadBalancerAttributes"
DESCRIBED = "LoadBalancerDescriptions"
NOT_FOUND = ("LoadBalancerNotFound", "AccessPointNotFound")


def describe(aws: Aws, name: str) -> dict[str, Any] | None:
    """The balancer as AWS answers; None where there is none of that name."""
    found = aws.pages("elb", "DescribeLoadBalancers", DESCRIBED, missing=NOT_FOUND, LoadBalancerNames=[name])
    return dict(found[0]) if found else None


def read_target(aws: Aws, name: str) -> str:
    """The target of the balancer's health check; "" where there is none of that name."""
    return str(((describe(aws, name) or {}).get("HealthCheck") or {}).get("Target") or "")


def read_attributes(aws: Aws, name: str) -> Attributes | None:
    """The balancer's attributes; None where there is no such balancer."""
    raw = describe_attributes(aws, name)
    return None if raw is None else attributes_from_aws(raw)


def describe_attributes(aws: Aws, name: str) -> dict[str, Any] | None:
    """The balancer's attributes as AWS answers; None where there is no such balancer."""
    reply = aws.read("elb", "DescribeLoadBalancerAttributes", missing=NOT_FOUND, LoadBalancerName=name)
    return None if reply is None else dict(reply["LoadBalancerAttributes"])


TAGS_A_CALL = 20
"""For so many balancers at most DescribeTags answers."""


def read_tags(aws: Aws, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """The tags of those of the balancers that are there, by name. AWS refuses the whole call where one is not."""
    found: dict[str, dict[str, str]] = {}
    for at in range(0, len(names), TAGS_A_CALL):
        part = list(names[at : at + TAGS_A_CALL])
        reply = aws.read("elb", "DescribeTags", missing=NOT_FOUND, LoadBalancerNames=part)
        if reply is None:
            single = (read_tags(aws, [name]) for name in part) if len(part) > 1 else ()
            found |= {name: tags for one in single for name, tags in one.items()}
        else:
            found |= {one["LoadBalancerName"]: _tags.from_aws(one.get("Tags")) for one in reply["TagDescriptions"]}
    return found


def beside(aws: Aws, names: Sequence[str], stack: str) -> frozenset[str]:
    """Those of the balancers that are there and do not have the stack's tag."""
    return frozenset(name for name, tags in read_tags(aws, names).items() if not _tags.is_marked(tags, stack))


def describe_marked(aws: Aws, stack: str) -> list[dict[str, Any]]:
    """The balancers that have the stack's tag, by name, as AWS answers."""
    found = {one["LoadBalancerName"]: one for one in aws.pages("elb", "DescribeLoadBalancers", DESCRIBED)}
    tags = read_tags(aws, sorted(found))
    return [found[name] for name in sorted(tags) if _tags.is_marked(tags[name], stack)]


def marked(aws: Aws, stack: str) -> list[str]:
    """The names of the balancers that have the stack's tag."""
    return [str(one["LoadBalancerName"]) for one in describe_marked(aws, stack)]


def read_health(aws: Aws, name: str, ids: Sequence[str] | None = None) -> dict[str, InstanceHealth] | None:
    """What the balancer says of its instances (None: all of them), by id; None where there is no such balancer.

    AWS refuses the whole call for an instance that never was registered: then nothing is said of any, {}.
    """
    named: dict[str, Any] = {} if ids is None else {"Instances": [{"InstanceId": one} for one in ids]}
    missing = NOT_FOUND if ids is None else ("InvalidInstance", *NOT_FOUND)
    reply = aws.read("elb", "DescribeInstanceHealth", missing=missing, LoadBalancerName=name, **named)
    if reply is None:
        return None if ids is None else {}
    return health_from_aws(reply)


def health_from_aws(reply: Mapping[str, Any]) -> dict[str, InstanceHealth]:
    """What DescribeInstanceHealth answered, by the ids of the instances."""
    return {
        one["InstanceId"]: InstanceHealth(one["State"], one.get("ReasonCode") or "N/A", one.get("Description") or "N/A")
        for one in reply.get("InstanceStates") or ()
    }


def read(aws: Aws, name: str) -> Balancer | None:
    """The balancer with its attributes and tags; None where there is none of that name."""
    raw = describe(aws, name)
    if raw is None:
        return None
    attributes = describe_attributes(aws, name)
    tags = read_tags(aws, [name]).get(name)
    return None if attributes is None or tags is None else _writable(aws, from_aws(raw, attributes, tags))


def _writable(aws: Aws, balancer: Balancer) -> Balancer:
    """The balancer with that alone of what has no name here which its calls can say."""

    def kept(operation: str, key: str, rest: Any) -> Any:
        return aws.writable("elb", operation, {key: rest}).get(key)

    check, attributes, listener_set = balancer.health_check, balancer.attributes, balancer.listener_set
    rests = kept("CreateLoadBalancerListeners", "Listeners", [one.rest or {} for one in listener_set.listeners]) or ()
    listeners = (replace(one, rest=rest) for one, rest in zip(listener_set.listeners, rests, strict=True))
    return replace(
        balancer,
        health_check=replace(check, rest=kept("ConfigureHealthCheck", "HealthCheck", check.rest)),
        attributes=replace(attributes, rest=kept("ModifyLoadBalancerAttributes", SETTABLE, attributes.rest)),
        listener_set=replace(listener_set, listeners=tuple(listeners)),
    )


def from_aws(raw: Mapping[str, Any], attributes: Mapping[str, Any], tags: Mapping[str, str]) -> Balancer:
    """The balancer of DescribeLoadBalancers and DescribeLoadBalancerAttributes, with its tags."""
    listener_set = _listeners_from_aws(raw)
    first = min(listener_set.instance_ports, default=0)
    check = raw.get("HealthCheck")
    return Balancer(
        name=raw["LoadBalancerName"],
        scheme=raw.get("Scheme") or "internet-facing",
        dns_name=raw["DNSName"],
        hosted_zone_id=raw.get("CanonicalHostedZoneNameID"),
        vpc_id=raw.get("VPCId"),
        subnets=_sorted(raw.get("Subnets")),
        zones=_sorted(raw.get("AvailabilityZones")),
        security_group_ids=_sorted(raw.get("SecurityGroups")),
        listener_set=listener_set,
        health_check=_health_check.from_aws(check) if check else _health_check.at_birth(first),
        attributes=over(BIRTH, attributes_from_aws(attributes)),
        instance_ids=_sorted(one["InstanceId"] for one in raw.get("Instances") or ()),
        tags=dict(tags),
        foreign=_foreign(raw, attributes),
    )


FACTS = {
    *("LoadBalancerName", "DNSName", "CanonicalHostedZoneName", "CanonicalHostedZoneNameID", "CreatedTime", "VPCId"),
    *("Scheme", "Subnets", "AvailabilityZones", "SecurityGroups", "SourceSecurityGroup", "Instances", "HealthCheck"),
    *("ListenerDescriptions", "Policies", "AccessLog", "ConnectionDraining", "ConnectionSettings"),
    "CrossZoneLoadBalancing",
}
"""What the answers say that is managed, or no setting."""


def _foreign(raw: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What is left over: shown and left alone."""
    left = {key: value for key, value in {**raw, **attributes}.items() if key not in FACTS}
    backends = [one for one in raw.get("BackendServerDescriptions") or () if one.get("PolicyNames")]
    left |= {"BackendServerDescriptions": backends}
    return {snake_case(key): plain(value) for key, value in sorted(left.items()) if value not in NOTHING}


def _listeners_from_aws(raw: Mapping[str, Any]) -> ListenerSet:
    listeners_raw = raw.get("ListenerDescriptions") or ()
    policies = raw.get("Policies") or {}
    own = {
        one["PolicyName"]: Stickiness("loadbalancer", expiration=one.get("CookieExpirationPeriod") or None)
        for one in policies.get("LBCookieStickinessPolicies") or ()
    }
    application = {
        one["PolicyName"]: Stickiness("application", cookie=one.get("CookieName"))
        for one in policies.get("AppCookieStickinessPolicies") or ()
    }
    named = {int(one["Listener"]["LoadBalancerPort"]): one.get("PolicyNames") or () for one in listeners_raw}
    listeners = [_listeners.from_aws(one["Listener"]) for one in listeners_raw]
    return _listener_moves.set_of(listeners, named, own | application, policies.get("OtherPolicies") or ())


def _sorted(ids: Iterable[str] | None) -> Ids:
    return tuple(sorted(set(ids or ())))
