# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classic Load Balancer listeners and their certificates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from moto.elb.responses import ELBResponse

from ...core.ask import Ask, answers
from ...core.errors import Refused
from .. import certificates
from ..balancers import SECURE, WEB, Balancer, Listener, Policy, find

PROTOCOLS = ("HTTP", "HTTPS", "TCP", "SSL")
DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"  # guide: Update the SSL negotiation configuration


def new_listener(ask: Ask, given: Mapping[str, Any]) -> Listener:
    """The listener in AWS's `Listener` structure; refused where AWS would."""
    protocol = str(given["Protocol"]).upper()
    instance_protocol = str(given.get("InstanceProtocol") or ("HTTP" if protocol in WEB else "TCP")).upper()
    for name, value in (("Protocol", protocol), ("InstanceProtocol", instance_protocol)):
        if value not in PROTOCOLS:
            raise Refused("ValidationError", f"Listener {name} must be HTTP, HTTPS, TCP or SSL, not {value}")
    if (protocol in WEB) != (instance_protocol in WEB):
        raise Refused(
            "InvalidConfigurationRequest",
            f"Listener protocol {protocol} and instance protocol {instance_protocol} must be of the same layer",
            409,
        )
    for name in ("LoadBalancerPort", "InstancePort"):
        if not 1 <= int(given[name]) <= 65535:
            raise Refused("ValidationError", f"{name} must be between 1 and 65535")
    certificate = given.get("SSLCertificateId") or None
    if protocol in SECURE and not certificate:
        raise Refused("ValidationError", "Secure Listeners need to specify a SSLCertificateId")
    if certificate and protocol not in SECURE:
        raise Refused("InvalidConfigurationRequest", "SSLCertificateId is only for HTTPS and SSL listeners", 409)
    if certificate:
        check_certificate(ask, certificate)
    return Listener(
        protocol, int(given["LoadBalancerPort"]), instance_protocol, int(given["InstancePort"]), certificate
    )


def check_certificate(ask: Ask, arn: str) -> None:
    """Refused with CertificateNotFound unless IAM or ACM has it."""
    if certificates.find(ask.region, arn) is None:
        raise Refused("CertificateNotFound", f"Server Certificate not found for the key: {arn}")


@answers("A listener that is there already is accepted, one that differs is refused: DuplicateListener.", ELBResponse)
def create_load_balancer_listeners(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    wanted = [new_listener(ask, given) for given in ask.get("Listeners", [])]
    for listener in wanted:
        present = balancer.listeners.get(listener.port)
        if present is not None and present.shape != listener.shape:
            raise Refused(
                "DuplicateListener",
                f"A listener already exists for {balancer.name} with LoadBalancerPort {listener.port}, "
                "but with a different InstancePort, Protocol, or SSLCertificateId",
            )
    for listener in wanted:
        balancer.listeners.setdefault(listener.port, listener)
    secure(balancer, wanted)
    return {}


def secure(balancer: Balancer, made: Iterable[Listener]) -> None:
    """Gives new HTTPS and SSL listeners the policy that AWS takes for them."""
    for listener in made:
        if listener.protocol in SECURE:
            attributes = (("Reference-Security-Policy", DEFAULT_POLICY),)
            balancer.policies.setdefault(DEFAULT_POLICY, Policy(DEFAULT_POLICY, "SSLNegotiationPolicyType", attributes))
            listener.policies = [DEFAULT_POLICY]


@answers("Listeners of several ports are deleted in one call; ports without one are passed over.", ELBResponse)
def delete_load_balancer_listeners(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    balancer = find(ask.region, ask["LoadBalancerName"])
    for port in ask.get("LoadBalancerPorts", []):
        balancer.listeners.pop(int(port), None)
    return {}


def listener_at(balancer: Balancer, port: Any) -> Listener:
    """The listener of a front port; refused with ListenerNotFound."""
    listener = balancer.listeners.get(int(port))
    if listener is None:
        raise Refused("ListenerNotFound", f"Listener not found for port {port} of load balancer {balancer.name}")
    return listener


@answers("A certificate is put on a listener that exists and is secure.", ELBResponse)
def set_load_balancer_listener_ssl_certificate(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    listener = listener_at(find(ask.region, ask["LoadBalancerName"]), ask["LoadBalancerPort"])
    if listener.protocol not in SECURE:
        raise Refused("InvalidConfigurationRequest", f"Listener on port {listener.port} is not HTTPS or SSL", 409)
    check_certificate(ask, ask["SSLCertificateId"])
    listener.certificate = ask["SSLCertificateId"]
    return {}
