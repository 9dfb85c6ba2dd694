# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classic Load Balancers: made, described, deleted; their health check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from moto.elb.responses import ELBResponse

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.errors import Refused
from .. import interfaces
from ..balancers import Balancer, balancers, every_balancer, find, show_check
from ..health import HealthCheck
from . import instances as elb_instances  # noqa: F401  (the rest of the service)
from .listeners import new_listener, secure
from .settings import check_groups, check_name, merged_tags, network

ELBResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER = {}  # answers are in AWS's shape already

WEB_TARGET = re.compile(r"(HTTPS?):(\d+)(/.*)", re.IGNORECASE)
PLAIN_TARGET = re.compile(r"(TCP|SSL):(\d+)", re.IGNORECASE)


@answers("The same call again returns the balancer there is, other settings or tags are refused.", ELBResponse)
def create_load_balancer(ask: Ask) -> dict[str, Any]:
    """{DNSName}: the new balancer's own loopback address."""
    name = ask["LoadBalancerName"]
    check_name(name)
    listeners = [new_listener(ask, given) for given in ask.get("Listeners", [])]
    if not listeners:
        raise Refused("ValidationError", "Listeners cannot be empty")
    subnets, vpc_id = network(ask)
    groups = ask.get("SecurityGroups", [])
    check_groups(ask.region, groups)
    scheme = ask.get("Scheme", "internet-facing")
    if scheme not in ("internet-facing", "internal"):
        raise Refused("InvalidScheme", f"The scheme '{scheme}' is not valid")
    balancer = Balancer(
        name=name,
        region=ask.region,
        dns_name=_free_address(ask.lab.front),
        scheme=scheme,
        vpc_id=vpc_id,
        subnets=subnets,
        security_groups=list(groups) or [_default_group(ask.region, vpc_id)],
        created_at=ask.lab.clock.stamp(),
        check=HealthCheck(port=listeners[0].instance_port),
        listeners={listener.port: listener for listener in listeners},
        tags=merged_tags(ask.get("Tags", []), {}),
    )
    present = balancers(ask.region).get(name)
    if present is not None:
        _refuse_difference(present, balancer)
        return {"DNSName": present.dns_name}
    secure(balancer, listeners)
    balancers(ask.region)[name] = balancer
    interfaces.keep(ask.lab, balancer)
    return {"DNSName": balancer.dns_name}


def _refuse_difference(present: Balancer, asked: Balancer) -> None:
    words = f"Load Balancer named {present.name} already exists and it is configured with different"
    if present.tags != asked.tags:
        raise Refused("DuplicateLoadBalancerName", f"{words} tags.")

    def settings(balancer: Balancer) -> tuple[Any, ...]:
        shapes = {listener.shape for listener in balancer.listeners.values()}
        return balancer.scheme, balancer.subnets, sorted(balancer.security_groups), shapes

    if settings(present) != settings(asked):
        raise Refused("DuplicateLoadBalancerName", f"{words} parameters.")


def _default_group(region: str, vpc_id: str) -> str:
    return str(state.backend("ec2", region).get_default_security_group(vpc_id).id)


def _free_address(block: str) -> str:
    """The next address of the block's part for balancers: x.y.250.1, x.y.250.2, …"""
    used = {balancer.dns_name for balancer in every_balancer()}
    addresses = (f"{block}.{250 + number // 254}.{number % 254 + 1}" for number in count())
    return next(address for address in addresses if address not in used)


@answers("Balancers are described with the zones of their subnets; a name that is not there is an error.", ELBResponse)
def describe_load_balancers(ask: Ask) -> dict[str, Any]:
    """{LoadBalancerDescriptions, NextMarker}; 400 a page unless set otherwise."""
    names = ask.get("LoadBalancerNames", [])
    found = [find(ask.region, name) for name in names] if names else list(balancers(ask.region).values())
    rows, marker = page(ask, found, 400)
    return {"LoadBalancerDescriptions": [balancer.show() for balancer in rows], "NextMarker": marker}


@answers("Deleting succeeds also for a name that is not there; the network interfaces linger.", ELBResponse)
def delete_load_balancer(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    balancer = balancers(ask.region).pop(ask["LoadBalancerName"], None)
    if balancer is not None:
        ask.lab.later(ask.lab.delays.elb_interfaces_linger, lambda: interfaces.drop(balancer))
    return {}


@answers("A health check is held to AWS's ranges, its timeout below its interval, HTTP with a path.", ELBResponse)
def configure_health_check(ask: Ask) -> dict[str, Any]:
    """{HealthCheck} as configured."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    balancer.check = health_check(ask["HealthCheck"])
    return {"HealthCheck": show_check(balancer.check)}


def health_check(given: Mapping[str, Any]) -> HealthCheck:
    """The health check in AWS's `HealthCheck` structure; refused with ValidationError."""
    target = str(given["Target"])
    web, plain = WEB_TARGET.fullmatch(target), PLAIN_TARGET.fullmatch(target)
    found = web or plain
    if found is None and target.upper().startswith("HTTP"):
        raise Refused(
            "ValidationError",
            "HealthCheck HTTP Target must specify a port followed by a path that begins with a slash. "
            "e.g. HTTP:80/ping/this/path",
        )
    if found is None or not 1 <= int(found[2]) <= 65535:
        raise Refused("ValidationError", "HealthCheck Target must begin with one of HTTP, TCP, HTTPS, SSL")
    if int(given["Timeout"]) >= int(given["Interval"]):
        raise Refused("ValidationError", "HealthCheck Timeout must be less than the HealthCheck Interval")
    return HealthCheck(
        protocol=found[1].upper(),
        port=int(found[2]),
        path=web[3] if web else "",
        interval=int(given["Interval"]),
        timeout=int(given["Timeout"]),
        unhealthy_threshold=int(given["UnhealthyThreshold"]),
        healthy_threshold=int(given["HealthyThreshold"]),
    )
