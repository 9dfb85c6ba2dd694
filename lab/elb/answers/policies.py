# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classic Load Balancer policies: stickiness, SSL negotiation, proxy protocol."""

from __future__ import annotations

from typing import Any

from moto.elb.responses import ELBResponse

from ...core.ask import Ask, answers, page
from ...core.errors import Refused
from ..balancers import SECURE, WEB, Balancer, Policy, find
from .listeners import listener_at

COOKIES = ("AppCookieStickinessPolicyType", "LBCookieStickinessPolicyType")
SSL_NEGOTIATION = "SSLNegotiationPolicyType"
TYPES = (
    *COOKIES,
    SSL_NEGOTIATION,
    "ProxyProtocolPolicyType",
    "PublicKeyPolicyType",
    "BackendServerAuthenticationPolicyType",
)
PROTOCOLS = ("Protocol-TLSv1", "Protocol-SSLv3", "Protocol-TLSv1.1", "Protocol-TLSv1.2")
MODERN = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
)
OLDER = ("ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "AES128-SHA", "AES256-SHA")
PREDEFINED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # name: (protocols, ciphers)
    "ELBSecurityPolicy-TLS-1-2-2017-01": (PROTOCOLS[3:], MODERN),
    "ELBSecurityPolicy-TLS-1-1-2017-01": (PROTOCOLS[2:], MODERN + OLDER),
    "ELBSecurityPolicy-2016-08": (("Protocol-TLSv1", *PROTOCOLS[2:]), MODERN + OLDER),
    "ELBSecurityPolicy-2015-05": (("Protocol-TLSv1", *PROTOCOLS[2:]), (*MODERN, *OLDER, "DES-CBC3-SHA")),
}


@answers("A policy's name is used once, its type is one of AWS's.", ELBResponse)
def create_load_balancer_policy(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    kind = ask["PolicyTypeName"]
    if kind not in TYPES:
        raise Refused("PolicyTypeNotFound", f"There is no policy type with name {kind}")
    given = {a["AttributeName"]: a.get("AttributeValue", "") for a in ask.get("PolicyAttributes", [])}
    _add(ask, ask["PolicyName"], kind, expanded(given) if kind == SSL_NEGOTIATION else given)
    return {}


def expanded(given: dict[str, str]) -> dict[str, str]:
    """The attributes of an SSL negotiation policy with those of its Reference-Security-Policy written out."""
    reference = given.get("Reference-Security-Policy")
    if reference is None:
        return given
    if reference not in PREDEFINED:
        raise Refused("InvalidConfigurationRequest", f"Invalid security policy {reference}", 409)
    protocols, ciphers = PREDEFINED[reference]
    on = dict.fromkeys((*protocols, "Server-Defined-Cipher-Order", *ciphers), "true")
    return {"Reference-Security-Policy": reference, **dict.fromkeys(PROTOCOLS, "false"), **on}


@answers(
    "A cookie policy's name is used once: DuplicatePolicyName; a period of 0 is none, and is shown as 0.", ELBResponse
)
def create_lb_cookie_stickiness_policy(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    period = int(ask.get("CookieExpirationPeriod", 0))
    if period < 0:
        raise Refused("ValidationError", "CookieExpirationPeriod must not be negative")
    _add(ask, ask["PolicyName"], COOKIES[1], {"CookieExpirationPeriod": str(period)})
    return {}


@answers("An application cookie policy's name is used once: DuplicatePolicyName.", ELBResponse)
def create_app_cookie_stickiness_policy(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    _add(ask, ask["PolicyName"], COOKIES[0], {"CookieName": ask["CookieName"]})
    return {}


def _add(ask: Ask, name: str, kind: str, attributes: dict[str, str]) -> None:
    balancer = find(ask.region, ask["LoadBalancerName"])
    if name in balancer.policies:
        raise Refused(
            "DuplicatePolicyName", f"There is already a policy with name {name} for load balancer {balancer.name}"
        )
    balancer.policies[name] = Policy(name, kind, tuple(attributes.items()))


def _policy(balancer: Balancer, name: str) -> Policy:
    if name not in balancer.policies:
        raise Refused("PolicyNotFound", f"There is no policy with name {name} for load balancer {balancer.name}")
    return balancer.policies[name]


@answers("A policy in use stays; one that is not there is passed over.", ELBResponse)
def delete_load_balancer_policy(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    balancer, name = find(ask.region, ask["LoadBalancerName"]), ask["PolicyName"]
    used = [*(listener.policies for listener in balancer.listeners.values()), *balancer.backend_policies.values()]
    if any(name in names for names in used):
        raise Refused("InvalidConfigurationRequest", f"Policy {name} is in use and cannot be deleted", 409)
    balancer.policies.pop(name, None)
    return {}


@answers(
    "A listener takes policies that exist and fit: cookies on HTTP and HTTPS, SSL negotiation where secure.",
    ELBResponse,
)
def set_load_balancer_policies_of_listener(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    listener = listener_at(balancer, ask["LoadBalancerPort"])
    wanted = [_policy(balancer, name) for name in ask.get("PolicyNames", [])]
    for policy in wanted:
        fits = {SSL_NEGOTIATION: SECURE, **dict.fromkeys(COOKIES, WEB)}.get(policy.kind)
        if fits is not None and listener.protocol not in fits:
            raise Refused(
                "InvalidConfigurationRequest",
                f"Policy {policy.name} of type {policy.kind} cannot be set for a {listener.protocol} listener",
                409,
            )
    if sum(policy.kind in COOKIES for policy in wanted) > 1:
        raise Refused("InvalidConfigurationRequest", "A listener may have one stickiness policy", 409)
    listener.policies = [policy.name for policy in wanted]
    return {}


@answers("Back-end policies must exist and their port must be an instance port.", ELBResponse)
def set_load_balancer_policies_for_backend_server(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    balancer, port = find(ask.region, ask["LoadBalancerName"]), int(ask["InstancePort"])
    if port not in {listener.instance_port for listener in balancer.listeners.values()}:
        raise Refused("InvalidConfigurationRequest", f"There is no listener with instance port {port}", 409)
    balancer.backend_policies[port] = [_policy(balancer, name).name for name in ask.get("PolicyNames", [])]
    return {}


@answers("Policies are described by name; one that is not there: PolicyNotFound.", ELBResponse)
def describe_load_balancer_policies(ask: Ask) -> dict[str, Any]:
    """{PolicyDescriptions}; without a balancer, AWS's predefined SSL policies."""
    names = ask.get("PolicyNames", [])
    if "LoadBalancerName" not in ask:
        rows = [
            Policy(name, SSL_NEGOTIATION, tuple(expanded({"Reference-Security-Policy": name}).items()))
            for name in PREDEFINED
            if not names or name in names
        ]
        return {"PolicyDescriptions": [_show(policy) for policy in rows]}
    balancer = find(ask.region, ask["LoadBalancerName"])
    found = [_policy(balancer, name) for name in names] if names else list(balancer.policies.values())
    return {"PolicyDescriptions": [_show(policy) for policy in found]}


def _show(policy: Policy) -> dict[str, Any]:
    attributes = [{"AttributeName": name, "AttributeValue": value} for name, value in policy.attributes]
    return {"PolicyName": policy.name, "PolicyTypeName": policy.kind, "PolicyAttributeDescriptions": attributes}


@answers("The policy types are AWS's.", ELBResponse)
def describe_load_balancer_policy_types(ask: Ask) -> dict[str, Any]:
    """{PolicyTypeDescriptions}, without their attributes."""
    names = ask.get("PolicyTypeNames", TYPES)
    return {"PolicyTypeDescriptions": [{"PolicyTypeName": name} for name in TYPES if name in names]}


@answers("Limits are AWS's defaults.", ELBResponse)
def describe_account_limits(ask: Ask) -> dict[str, Any]:
    """{Limits, NextMarker}."""
    limits = {"classic-load-balancers": 20, "classic-listeners": 100, "classic-registered-instances": 1000}
    rows, marker = page(ask, [{"Name": name, "Max": str(value)} for name, value in limits.items()], 400)
    return {"Limits": rows, "NextMarker": marker}
