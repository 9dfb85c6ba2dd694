# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Classic Load Balancer is, and how AWS describes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..core import backends as state
from ..core.errors import Refused
from .health import HealthCheck, Verdict

SECURE = ("HTTPS", "SSL")
WEB = ("HTTP", "HTTPS")


@dataclass
class Listener:
    """A front port and where its connections go."""

    protocol: str
    port: int
    instance_protocol: str
    instance_port: int
    certificate: str | None = None
    policies: list[str] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, int, str, int, str | None]:
        """What makes two listeners of one port the same."""
        return self.protocol, self.port, self.instance_protocol, self.instance_port, self.certificate

    def show(self) -> dict[str, Any]:
        """Its ListenerDescription."""
        shown: dict[str, Any] = {
            "Protocol": self.protocol,
            "LoadBalancerPort": self.port,
            "InstanceProtocol": self.instance_protocol,
            "InstancePort": self.instance_port,
        }
        if self.certificate:
            shown["SSLCertificateId"] = self.certificate
        return {"Listener": shown, "PolicyNames": list(self.policies)}


@dataclass
class Target:
    """A registered instance; `check_at` is when it is checked next, at first when its registration is through.

    `seen` is the verdict of its checks, and `verdict` the one that the balancer uses and shows.
    """

    instance_id: str
    check_at: float
    checking: bool = False  # a check is under way
    seen: Verdict = field(default_factory=Verdict)
    verdict: Verdict = field(default_factory=Verdict)


@dataclass(frozen=True)
class Policy:
    """A policy of listeners or back ends; `attributes` are (name, value) pairs."""

    name: str
    kind: str
    attributes: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """The value of an attribute."""
        return dict(self.attributes).get(name)


def default_attributes() -> dict[str, Any]:
    """The attributes of a new balancer."""
    return {
        "CrossZoneLoadBalancing": {"Enabled": False},
        "AccessLog": {"Enabled": False},
        "ConnectionDraining": {"Enabled": False, "Timeout": 300},
        "ConnectionSettings": {"IdleTimeout": 60},
        "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "defensive"}],
    }


@dataclass
class Balancer:
    """A Classic Load Balancer.

    `subnets` maps zones to subnet ids, `interfaces` subnet ids to those of network interfaces, `leaving` instance ids
    to the end of their draining, `connections` instance ids to the number open (counted by the data plane).
    `once` are all that were ever registered.
    """

    name: str
    region: str
    dns_name: str
    scheme: str
    vpc_id: str
    subnets: dict[str, str]
    security_groups: list[str]
    created_at: datetime
    check: HealthCheck
    listeners: dict[int, Listener] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=default_attributes)
    policies: dict[str, Policy] = field(default_factory=dict)
    backend_policies: dict[int, list[str]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    leaving: dict[str, float] = field(default_factory=dict)
    once: set[str] = field(default_factory=set)
    interfaces: dict[str, str] = field(default_factory=dict)
    connections: dict[str, int] = field(default_factory=dict)

    @property
    def zones(self) -> list[str]:
        """The zones it serves."""
        return sorted(self.subnets)

    @property
    def draining_timeout(self) -> int | None:
        """Seconds that connections of a leaving instance may live on; None when draining is off."""
        draining = self.attributes["ConnectionDraining"]
        return int(draining["Timeout"]) if draining["Enabled"] else None

    @property
    def cross_zone(self) -> bool:
        """Whether each address serves the instances of every zone."""
        return bool(self.attributes["CrossZoneLoadBalancing"]["Enabled"])

    @property
    def idle_timeout(self) -> int:
        """Seconds without payload after which a connection is closed."""
        return int(self.attributes["ConnectionSettings"]["IdleTimeout"])

    def register(self, instance_id: str, check_at: float) -> None:
        """Adds an instance whose first check is at `check_at`; one that is registered stays as it is.

        One that is still draining is known: it is checked at once.
        """
        came_back = self.leaving.pop(instance_id, None) is not None
        self.once.add(instance_id)
        self.targets.setdefault(instance_id, Target(instance_id, 0.0 if came_back else check_at))

    def deregister(self, instance_id: str, now: float) -> None:
        """Takes an instance out: no new connections, existing ones until the end of draining."""
        if self.targets.pop(instance_id, None) is not None:
            self.leaving[instance_id] = now + (self.draining_timeout or 0)

    def show(self) -> dict[str, Any]:
        """Its LoadBalancerDescription."""
        return {
            "LoadBalancerName": self.name,
            "DNSName": self.dns_name,
            "CanonicalHostedZoneName": self.dns_name,
            "CanonicalHostedZoneNameID": "Z35SXDOTRQ7X7K",
            "ListenerDescriptions": [listener.show() for listener in self.listeners.values()],
            "Policies": self._show_policies(),
            "BackendServerDescriptions": [
                {"InstancePort": port, "PolicyNames": names} for port, names in self.backend_policies.items() if names
            ],
            "AvailabilityZones": self.zones,
            "Subnets": [self.subnets[zone] for zone in self.zones],
            "VPCId": self.vpc_id,
            "Instances": [{"InstanceId": instance_id} for instance_id in self.targets],
            "HealthCheck": show_check(self.check),
            "SourceSecurityGroup": {"OwnerAlias": state.ACCOUNT_ID, "GroupName": "default"},
            "SecurityGroups": list(self.security_groups),
            "CreatedTime": self.created_at,
            "Scheme": self.scheme,
        }

    def _show_policies(self) -> dict[str, Any]:
        app, lb, other = [], [], []
        for policy in self.policies.values():
            if policy.kind == "AppCookieStickinessPolicyType":
                app.append({"PolicyName": policy.name, "CookieName": policy.get("CookieName")})
            elif policy.kind == "LBCookieStickinessPolicyType":
                period = int(policy.get("CookieExpirationPeriod") or 0)
                lb.append({"PolicyName": policy.name, "CookieExpirationPeriod": period})
            else:
                other.append(policy.name)
        return {"AppCookieStickinessPolicies": app, "LBCookieStickinessPolicies": lb, "OtherPolicies": other}


def show_check(check: HealthCheck) -> dict[str, Any]:
    """A health check as AWS writes it."""
    return {
        "Target": check.target,
        "Interval": check.interval,
        "Timeout": check.timeout,
        "UnhealthyThreshold": check.unhealthy_threshold,
        "HealthyThreshold": check.healthy_threshold,
    }


def balancers(region: str) -> dict[str, Balancer]:
    """The balancers of a Region, by name; they are kept where moto would keep its own."""
    found: dict[str, Balancer] = state.backend("elb", region).load_balancers
    return found


def every_balancer() -> Iterator[Balancer]:
    """The balancers of all Regions."""
    for backend in state.existing("elb"):
        yield from list(backend.load_balancers.values())


def find(region: str, name: str) -> Balancer:
    """The balancer of that name; refused with LoadBalancerNotFound."""
    balancer = balancers(region).get(name)
    if balancer is None:
        raise Refused("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")
    return balancer
