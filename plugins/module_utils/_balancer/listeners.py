# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listeners of a Classic Load Balancer: what one is, and what may be asked of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .._core.plain import without
from .._core.step import LATER

PROTOCOLS = ("http", "https", "ssl", "tcp")
WEB = ("http", "https")
TLS = ("https", "ssl")
PORTS = (1, 65535)
STICKINESS = ("application", "loadbalancer", "none")
AWS_SSL_POLICY = "ELBSecurityPolicy-2016-08"
"""What AWS gives a TLS listener that is made without a policy (guide: Update the SSL negotiation configuration)."""

NAMED = ("Protocol", "LoadBalancerPort", "InstanceProtocol", "InstancePort", "SSLCertificateId")
"""What of AWS's shape has a name here."""

COOKIE_PREFIX = "wcs-cookie-"
APPLICATION_PREFIX = "wcs-app-cookie-"


@dataclass(frozen=True)
class Stickiness:
    """By which cookie a web session keeps its instance: the balancer's own, one of the application, or none."""

    type: str
    cookie: str | None = None
    expiration: int | None = None

    @property
    def policy(self) -> str:
        """The name of our policy of this content; a balancer's cookie without expiration ends with the browser."""
        if self.type == "application":
            return APPLICATION_PREFIX + hashlib.sha256(str(self.cookie).encode()).hexdigest()[:12]
        return f"{COOKIE_PREFIX}{self.expiration or 'session'}"


NOT_STICKY = Stickiness("none")


CERTIFICATE = re.compile(
    r"arn:aws[a-z-]*:(acm:(?P<region>[a-z0-9-]+):\d{12}:certificate|iam::\d{12}:server-certificate)/\S+"
)
"""A certificate of ACM serves in its own Region; one of IAM serves everywhere."""


@dataclass(frozen=True)
class Listener:
    """One port of the balancer and where it leads; in a wish None is what the user left out.

    `ssl_policy` is a predefined policy of AWS, or the name of a policy that the balancer has. `rest` is what else AWS's
    answer says of it, in AWS's shape: a listener that is created again has it, too.
    """

    protocol: str
    load_balancer_port: int
    instance_protocol: str | None = None
    instance_port: int | None = None
    certificate_arn: str | None = None
    ssl_policy: str | None = None
    stickiness: Stickiness | None = None
    rest: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def route(self) -> tuple[str, str | None, int | None]:
        """What AWS cannot change in place."""
        return self.protocol, self.instance_protocol, self.instance_port

    @property
    def is_sticky(self) -> bool:
        """Whether it has, or should have, a cookie."""
        return self.stickiness not in (None, NOT_STICKY)


CREATION = (Listener("tcp", 8080, "tcp", 8080),)
"""WebSocket of WCS: a Classic Load Balancer carries it on TCP and SSL listeners only."""


def completed(wish: Listener, base: Listener | None) -> Listener:
    """The wish with what was left out: as it is at that port, else as AWS would have it."""
    web, tls = wish.protocol in WEB, wish.protocol in TLS
    there = base.instance_protocol if base and (base.instance_protocol in WEB) == web else None
    listener = replace(
        wish,
        instance_protocol=wish.instance_protocol or there or ("http" if web else "tcp"),
        instance_port=wish.instance_port or (base and base.instance_port) or wish.load_balancer_port,
        certificate_arn=wish.certificate_arn or (base.certificate_arn if base and tls else None),
        ssl_policy=wish.ssl_policy or (base.ssl_policy if base and tls else None),
        stickiness=wish.stickiness or (base.stickiness if base and web else None),
        rest=base.rest if base else None,
    )
    if tls and listener.is_sticky and not listener.ssl_policy:
        return replace(listener, ssl_policy=AWS_SSL_POLICY)  # policies are set as a whole: a cookie alone would drop it
    return listener


def problems(listeners: Sequence[Listener], region: str = "") -> Iterator[str]:
    """What AWS would refuse in complete listeners of a balancer in that Region, in its own terms."""
    if not listeners:
        yield "O(listeners) is empty, and a load balancer needs at least one"
    ports = [listener.load_balancer_port for listener in listeners]
    for port in sorted({port for port in ports if ports.count(port) > 1}):
        yield f"more than one of O(listeners) has load_balancer_port {port}"
    for listener in listeners:
        odd = (*_odd_route(listener), *_odd_security(listener, region), *_odd_stickiness(listener))
        for problem in odd:
            yield f"the listener at port {listener.load_balancer_port} in O(listeners) {problem}"


def _odd_route(listener: Listener) -> Iterator[str]:
    front, back = listener.protocol, listener.instance_protocol
    for option in ("protocol", "instance_protocol"):
        if (value := getattr(listener, option)) not in PROTOCOLS:
            yield f"has {option} '{value}', which is none of {', '.join(PROTOCOLS)}"
    for option in ("load_balancer_port", "instance_port"):
        if not PORTS[0] <= (value := getattr(listener, option)) <= PORTS[1]:
            yield f"has {option} {value}, which is not between {PORTS[0]} and {PORTS[1]}"
    if (front in WEB) != (back in WEB):
        yield f"forwards {front} to {back}: http and https go with http or https, tcp and ssl with tcp or ssl"


def _odd_security(listener: Listener, region: str) -> Iterator[str]:
    front, arn = listener.protocol, listener.certificate_arn
    if front in TLS and not arn:
        yield f"has protocol {front} and no certificate_arn"
    if arn and arn != LATER:
        found = CERTIFICATE.fullmatch(arn)
        if not found:
            yield f"has certificate_arn '{arn}', which is not the ARN of a certificate in ACM or IAM"
        elif found["region"] not in (None, region) and region:
            yield f"has a certificate of {found['region']}, and the balancer is in {region}"
    if front not in TLS:
        for option in ("certificate_arn", "ssl_policy"):
            if getattr(listener, option):
                yield f"has protocol {front}, and {option} is for https and ssl"


def _odd_stickiness(listener: Listener) -> Iterator[str]:
    sticky = listener.stickiness
    if sticky is None:
        return
    if listener.is_sticky and listener.protocol not in WEB:
        yield f"has protocol {listener.protocol}, and stickiness is for http and https"
    if sticky.type not in STICKINESS:
        yield f"has stickiness.type '{sticky.type}', which is none of {', '.join(STICKINESS)}"
    if (sticky.type == "application") != (sticky.cookie is not None):
        yield f"has stickiness.type {sticky.type}: stickiness.cookie goes with application, and only with it"
    if sticky.expiration is not None and (sticky.type != "loadbalancer" or sticky.expiration < 1):
        yield f"has stickiness.expiration {sticky.expiration}: it is for type loadbalancer, in seconds from 1"


def all_from_aws(said: Iterable[Mapping[str, Any]]) -> list[Listener]:
    """Listeners that a call has just made: which SSL policy AWS gives them is known afterwards."""
    listeners = [from_aws(one) for one in said]
    return [replace(one, ssl_policy=LATER) if one.protocol in TLS else one for one in listeners]


def in_order(listeners: Iterable[Listener]) -> list[Listener]:
    """By port, so that equal wants make equal calls."""
    return sorted(listeners, key=lambda one: one.load_balancer_port)


def from_aws(said: Mapping[str, Any]) -> Listener:
    """The listener in AWS's shape, which keeps policies elsewhere."""
    return Listener(
        str(said["Protocol"]).lower(),
        int(said["LoadBalancerPort"]),
        str(said.get("InstanceProtocol") or said["Protocol"]).lower(),
        int(said["InstancePort"]),
        said.get("SSLCertificateId") or None,
        rest=without(said, NAMED),
    )


def to_aws(listener: Listener) -> dict[str, Any]:
    """AWS's shape of a complete listener."""
    certificate = {"SSLCertificateId": listener.certificate_arn} if listener.certificate_arn else {}
    return {
        **(listener.rest or {}),
        "Protocol": listener.protocol.upper(),
        "LoadBalancerPort": listener.load_balancer_port,
        "InstanceProtocol": str(listener.instance_protocol).upper(),
        "InstancePort": listener.instance_port,
        **certificate,
    }


def show(listener: Listener) -> dict[str, Any]:
    """The options that make this listener."""
    shown = {key: value for key, value in asdict(listener).items() if key != "rest"}
    return shown | ({} if listener.is_sticky else {"stickiness": None})
