# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Classic Load Balancers in AWS: how they are read and looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.aws import Aws
from .._core.errors import Refusal
from .._core.step import LATER, Ref, Step, Wait, WaitState
from . import health as _health_check
from . import listener_moves as _listening
from . import listeners as _listeners
from .effects import GONE, attributes_from
from .instance_health import InstanceHealth, instance_health
from .listener_moves import Listening
from .listeners import Stickiness
from .value import BIRTH, Balancer, Have, Ids, Wanted, over

NOT_FOUND = ("LoadBalancerNotFound",)
MEMBERS_A_CALL = 50
LOOKS = 15
"""So often in a row must an instance be seen in a state that does not pass by itself, for AWS may be late to tell."""

UNREPORTED = "AWS reports no health for it, as for an instance that is in terminated state"
HOPELESS = {
    "is in stopped state": "Start it, or take it out of instance_ids",
    "is in terminated state": "Take it out of instance_ids",
    "for which LoadBalancer is not configured": "Add a subnet of its zone to subnets, or take it out of instance_ids",
}


class BalancerWorld:
    """The balancer of one name, as far as a want (None: that it be absent) is about it."""

    def __init__(self, aws: Aws, name: str, want: Wanted | None, adopt: bool) -> None:
        """`adopt`: a balancer without our mark may be treated as ours."""
        self.aws, self.name, self.want, self.adopt = aws, name, want, adopt
        self._health: Mapping[str, InstanceHealth] | None = None
        self._interfaces: Ids | None = None
        self._looks = 0

    def read(self) -> Have:
        """What there is; what the last look of a wait saw is not read again."""
        balancer = self._balancer()
        have = Have(self.name, self.adopt, balancer)
        if balancer is None and self.want is None:
            return replace(have, interfaces=self._seen_interfaces())
        if balancer is None or self.want is None:
            return have
        return replace(have, balancer=self._in_question(balancer, self.want))

    def look(self, wait: Wait) -> WaitState:
        """Whether the instances are in service, or the interfaces gone."""
        if wait.subject[0] == GONE:
            self._interfaces = self._read_interfaces()
            count = len(self._interfaces)
            return WaitState(count == 0, f"{wait.what}: {count} left")
        wanted = self.want.instance_ids if self.want else None
        self._health = self._read_health(wanted or ())
        state = sighted(self._health, wanted or ())
        self._looks = self._looks + 1 if state.hopeless else 0
        return state if self._looks >= LOOKS else replace(state, hopeless=None)

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        self._health = self._interfaces = None
        return self.aws.write(step, known)

    def _balancer(self) -> Balancer | None:
        one = [self.name]
        found = self.aws.pages(
            "elb", "DescribeLoadBalancers", "LoadBalancerDescriptions", missing=NOT_FOUND, LoadBalancerNames=one
        )
        if not found:
            return None
        attributes = self.aws.read(
            "elb", "DescribeLoadBalancerAttributes", missing=NOT_FOUND, LoadBalancerName=self.name
        )
        tags = self.aws.read("elb", "DescribeTags", missing=NOT_FOUND, LoadBalancerNames=one)
        if attributes is None or tags is None:
            return None
        return shaped(found[0], attributes["LoadBalancerAttributes"], tags["TagDescriptions"][0].get("Tags"))

    def _in_question(self, balancer: Balancer, want: Wanted) -> Balancer:
        """The balancer with what only this want makes worth a call."""
        named, registered = set(want.instance_ids or ()), set(balancer.instance_ids)
        surplus = registered - named if want.purge_instance_ids and want.instance_ids is not None else set()
        differ = want.subnets is not None and set(want.subnets) != set(balancer.subnets or ())
        return replace(
            balancer,
            zone_of=self._zones_of({*(balancer.subnets or ()), *(want.subnets or ())}) if differ else {},
            members=self._members(sorted(surplus)),
            health=self._seen_health(sorted(named & registered)),
        )

    def _zones_of(self, subnets: Iterable[str]) -> dict[str, str]:
        """Only subnets that are there: a filter, unlike a list of ids, takes unknown ones."""
        filters = [{"Name": "subnet-id", "Values": sorted(set(subnets) - {LATER})}]
        found = self.aws.pages("ec2", "DescribeSubnets", "Subnets", Filters=filters)
        return {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in found}

    def _members(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the instances that an Auto Scaling group has; many are not asked for 50 by 50."""
        if not ids:
            return frozenset()
        if len(ids) <= MEMBERS_A_CALL:
            operation, key = "DescribeAutoScalingInstances", "AutoScalingInstances"
            found = self.aws.pages("autoscaling", operation, key, InstanceIds=list(ids))
        else:
            groups = self.aws.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", MaxRecords=100)
            found = [one for group in groups for one in group["Instances"]]
        return frozenset(one["InstanceId"] for one in found) & set(ids)

    def _seen_health(self, ids: Sequence[str]) -> Mapping[str, InstanceHealth]:
        seen, self._health = self._health, None
        return self._read_health(ids) if seen is None else seen

    def _read_health(self, ids: Sequence[str]) -> Mapping[str, InstanceHealth]:
        """Of registered instances: AWS refuses the whole call for one that never was."""
        if not ids:
            return {}
        instances = [{"InstanceId": one} for one in ids]
        reply = self.aws.read(
            "elb",
            "DescribeInstanceHealth",
            missing=("InvalidInstance", *NOT_FOUND),
            LoadBalancerName=self.name,
            Instances=instances,
        )
        return instance_health(reply)

    def _seen_interfaces(self) -> Ids:
        seen, self._interfaces = self._interfaces, None
        return self._read_interfaces() if seen is None else seen

    def _read_interfaces(self) -> Ids:
        filters = [{"Name": "description", "Values": [f"ELB {self.name}"]}]
        found = self.aws.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters)
        return tuple(sorted(one["NetworkInterfaceId"] for one in found))


def sighted(health: Mapping[str, InstanceHealth], ids: Sequence[str]) -> WaitState:
    """What the health of these instances says about the wait for all of them."""
    ill = {one: health.get(one) for one in ids if one not in health or not health[one].in_service}
    told = [f"{one} {state or 'not known yet'}" for one, state in ill.items()]
    text = f"{len(ids) - len(ill)} of {len(ids)} InService" + "".join(f"; {line}" for line in told[:5])
    hopeless = next((refusal for one, state in ill.items() if (refusal := _hopeless(one, state))), None)
    return WaitState(not ill, text, hopeless, {"instances": shown(health, ids)})


def _hopeless(instance_id: str, health: InstanceHealth | None) -> Refusal | None:
    told = health.description if health else UNREPORTED
    way_out = next((way_out for text, way_out in HOPELESS.items() if text in told), None)
    return Refusal("bring into service", "instance", instance_id, told, way_out) if way_out else None


def shown(health: Mapping[str, InstanceHealth], ids: Iterable[str]) -> list[dict[str, str]]:
    """The health of instances for the user; LATER where it was not seen."""
    unknown = InstanceHealth(LATER, LATER, LATER)
    return [{"instance_id": one, **vars(health.get(one, unknown))} for one in sorted(ids)]


def shaped(
    said: Mapping[str, Any], attributes: Mapping[str, Any], tags: Iterable[Mapping[str, Any]] | None
) -> Balancer:
    """The balancer in AWS's shape."""
    listening = _heard(said)
    first = min(listening.instance_ports, default=0)
    check = said.get("HealthCheck")
    return Balancer(
        name=said["LoadBalancerName"],
        scheme=said.get("Scheme") or "internet-facing",
        dns_name=said["DNSName"],
        hosted_zone_id=said.get("CanonicalHostedZoneNameID"),
        vpc_id=said.get("VPCId"),
        subnets=_sorted(said.get("Subnets")),
        zones=_sorted(said.get("AvailabilityZones")),
        security_group_ids=_sorted(said.get("SecurityGroups")),
        listening=listening,
        health_check=_health_check.from_aws(check) if check else _health_check.at_birth(first),
        attributes=over(BIRTH, attributes_from(attributes)),
        instance_ids=_sorted(one["InstanceId"] for one in said.get("Instances") or ()),
        tags=_tags.from_aws(tags),
    )


def _heard(said: Mapping[str, Any]) -> Listening:
    told = said.get("ListenerDescriptions") or ()
    policies = said.get("Policies") or {}
    own = {
        one["PolicyName"]: Stickiness("loadbalancer", expiration=one.get("CookieExpirationPeriod") or None)
        for one in policies.get("LBCookieStickinessPolicies") or ()
    }
    application = {
        one["PolicyName"]: Stickiness("application", cookie=one.get("CookieName"))
        for one in policies.get("AppCookieStickinessPolicies") or ()
    }
    named = {int(one["Listener"]["LoadBalancerPort"]): one.get("PolicyNames") or () for one in told}
    listeners = [_listeners.from_aws(one["Listener"]) for one in told]
    return _listening.described(listeners, named, own | application, policies.get("OtherPolicies") or ())


def _sorted(ids: Iterable[str] | None) -> Ids:
    return tuple(sorted(set(ids or ())))
