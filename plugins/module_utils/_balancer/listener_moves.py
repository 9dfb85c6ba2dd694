# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a Classic Load Balancer listens: its listeners, the policies they name, and how both change.

An SSL policy and a cookie are policies of the balancer, made under a name and then named by a listener. Ours bear names
that tell their content, so that no further call is needed to read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._core.references import PREDEFINED
from .._core.step import LATER, Step
from . import listeners as _listeners
from .calls import call
from .listeners import APPLICATION_PREFIX, COOKIE_PREFIX, NOT_STICKY, Listener, Stickiness

SSL_PREFIX = "wcs-ssl-"
CERTIFICATE_NOT_YET = ("CertificateNotFound",)
"""A certificate that was made a moment ago is unknown to load balancing for a while."""


@dataclass(frozen=True)
class ListenerSet:
    """All listeners by port, the policies that each port names, and the policies that the balancer has."""

    listeners: tuple[Listener, ...] = ()
    named: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    cookies: Mapping[str, Stickiness] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    def at(self, port: int) -> Listener | None:
        """The listener at this port of the balancer."""
        return next((listener for listener in self.listeners if listener.load_balancer_port == port), None)

    def policies_at(self, port: int) -> tuple[str, ...]:
        """The names of the policies at this port, sorted."""
        return self.named.get(port, ())

    @property
    def policies(self) -> set[str]:
        """The names of all policies that the balancer has."""
        return {*self.cookies, *self.others}

    @property
    def instance_ports(self) -> set[int]:
        """The ports of the instances that listeners lead to."""
        return {listener.instance_port for listener in self.listeners if listener.instance_port}


def set_of(
    listeners: Iterable[Listener],
    named: Mapping[int, Iterable[str]],
    cookies: Mapping[str, Stickiness],
    others: Iterable[str],
) -> ListenerSet:
    """The whole, with each listener's policies shown as `ssl_policy` and `stickiness`."""
    names = {port: tuple(sorted(policies)) for port, policies in named.items() if policies}
    answer = [_answer(listener, names.get(listener.load_balancer_port, ()), cookies) for listener in listeners]
    return ListenerSet(tuple(_listeners.in_order(answer)), names, dict(cookies), tuple(sorted(set(others))))


def _answer(listener: Listener, names: Sequence[str], cookies: Mapping[str, Stickiness]) -> Listener:
    sticky = next((cookies[name] for name in names if name in cookies), NOT_STICKY)
    unknown = LATER if listener.ssl_policy == LATER else None
    ssl = next((name.removeprefix(SSL_PREFIX) for name in names if name not in cookies), unknown)
    return replace(listener, stickiness=sticky, ssl_policy=ssl if listener.protocol in _listeners.TLS else None)


def moves(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    """The next calls of one kind towards the wanted listeners; () when nothing is left.

    What is new serves before what is old goes, so that a refusal by AWS leaves what serves. A certificate is swapped in
    place. Another protocol or instance port needs a new listener at the same port: those are replaced one by one.
    """
    want = _listeners.in_order(want)
    for kind in (_opened, _certified, _created, _set, _replaced, _closed, _tidied):
        if steps := kind(name, have, want):
            return steps
    return ()


def _opened(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    new = [_listeners.to_aws(listener) for listener in want if not have.at(listener.load_balancer_port)]
    if not new:
        return ()
    args = {"Listeners": new}
    return (call("CreateLoadBalancerListeners", name, args, of="listeners", soon=CERTIFICATE_NOT_YET),)


def _replaced(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    """Closes the first port that leads elsewhere; it is opened again before another one is closed."""
    return _delete(name, [one.load_balancer_port for one in want if _is_replaced(have, one)][:1])


def _is_replaced(have: ListenerSet, want: Listener) -> bool:
    there = have.at(want.load_balancer_port)
    return there is not None and there.route != want.route


def _closed(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    wanted = {listener.load_balancer_port for listener in want}
    return _delete(name, [one.load_balancer_port for one in have.listeners if one.load_balancer_port not in wanted])


def _delete(name: str, ports: Sequence[int]) -> Sequence[Step]:
    return (call("DeleteLoadBalancerListeners", name, {"LoadBalancerPorts": ports}, of="listeners"),) if ports else ()


def _certified(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    return [
        call(
            "SetLoadBalancerListenerSSLCertificate",
            name,
            {"LoadBalancerPort": listener.load_balancer_port, "SSLCertificateId": listener.certificate_arn},
            of=f"the certificate at port {listener.load_balancer_port}",
            soon=CERTIFICATE_NOT_YET,
        )
        for listener in want
        if not _is_replaced(have, listener)
        and (there := have.at(listener.load_balancer_port))
        and listener.certificate_arn
        and there.certificate_arn != listener.certificate_arn
    ]


def _created(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    missing: dict[str, Step] = {}
    for listener in want:
        if _is_replaced(have, listener):
            continue
        there = have.policies | set(have.policies_at(listener.load_balancer_port))
        missing |= {policy: _policy(name, policy, listener) for policy in _aimed(have, listener) if policy not in there}
    return [missing[policy] for policy in sorted(missing)]


def _policy(name: str, policy: str, listener: Listener) -> Step:
    """The call that makes a policy of ours: its name shows its kind."""
    cookie = listener.stickiness or NOT_STICKY
    args: dict[str, object] = {"PolicyName": policy}
    if policy.startswith(APPLICATION_PREFIX):
        operation, args["CookieName"] = "CreateAppCookieStickinessPolicy", cookie.cookie
    elif policy.startswith(COOKIE_PREFIX):
        operation = "CreateLBCookieStickinessPolicy"
        args |= {"CookieExpirationPeriod": cookie.expiration} if cookie.expiration else {}
    else:
        operation, args["PolicyTypeName"] = "CreateLoadBalancerPolicy", "SSLNegotiationPolicyType"
        attribute = {"AttributeName": PREDEFINED, "AttributeValue": listener.ssl_policy}
        args["PolicyAttributes"] = [attribute]
    return call(operation, name, args, of=f"policy {policy}", lost="adopt", exists=("DuplicatePolicyName",))


def _set(name: str, have: ListenerSet, want: Sequence[Listener]) -> Sequence[Step]:
    return [
        call(
            "SetLoadBalancerPoliciesOfListener",
            name,
            {"LoadBalancerPort": listener.load_balancer_port, "PolicyNames": list(aim)},
            of=f"policies at port {listener.load_balancer_port}",
        )
        for listener in want
        if not _is_replaced(have, listener)
        and (aim := _aimed(have, listener)) != have.policies_at(listener.load_balancer_port)
    ]


def _aimed(have: ListenerSet, want: Listener) -> tuple[str, ...]:
    """The policies that the listener should name: what is not managed, or already as wanted, stays."""
    there, names = have.at(want.load_balancer_port), have.policies_at(want.load_balancer_port)
    ssl = [name for name in names if name not in have.cookies]
    sticky = [name for name in names if name in have.cookies]
    if want.ssl_policy not in (None, LATER, there and there.ssl_policy):
        ssl = [str(want.ssl_policy) if want.ssl_policy in have.others else f"{SSL_PREFIX}{want.ssl_policy}"]
    if want.stickiness and there and want.stickiness != there.stickiness:
        sticky = [want.stickiness.policy] if want.is_sticky else []
    return tuple(sorted({*ssl, *sticky}))


def _tidied(name: str, have: ListenerSet, _want: Sequence[Listener]) -> Sequence[Step]:
    """Policies of ours that no listener names any more."""
    used = {policy for names in have.named.values() for policy in names}
    return [
        call("DeleteLoadBalancerPolicy", name, {"PolicyName": policy}, of=f"policy {policy}", gone=("PolicyNotFound",))
        for policy in sorted(have.policies - used)
        if policy.startswith((SSL_PREFIX, COOKIE_PREFIX, APPLICATION_PREFIX))
    ]


def foresee(have: ListenerSet, step: Step) -> ListenerSet:
    """The listeners and policies after a call of `moves`."""
    args = step.args
    listeners = {one.load_balancer_port: one for one in have.listeners}
    named, cookies, others = dict(have.named), dict(have.cookies), set(have.others)
    port, policy = args.get("LoadBalancerPort", 0), args.get("PolicyName", "")
    match step.operation:
        case "DeleteLoadBalancerListeners":
            for closed in args["LoadBalancerPorts"]:
                listeners.pop(closed, None)
                named.pop(closed, None)
        case "CreateLoadBalancerListeners":
            listeners |= {one.load_balancer_port: one for one in _listeners.all_from_aws(args["Listeners"])}
        case "SetLoadBalancerListenerSSLCertificate":
            listeners[port] = replace(listeners[port], certificate_arn=args["SSLCertificateId"])
        case "SetLoadBalancerPoliciesOfListener":
            named[port] = tuple(args["PolicyNames"])
        case "CreateAppCookieStickinessPolicy":
            cookies[policy] = Stickiness("application", cookie=args["CookieName"])
        case "CreateLBCookieStickinessPolicy":
            cookies[policy] = Stickiness("loadbalancer", expiration=args.get("CookieExpirationPeriod"))
        case "CreateLoadBalancerPolicy":
            others.add(policy)
        case "DeleteLoadBalancerPolicy":
            cookies.pop(policy, None)
            others.discard(policy)
    return set_of(listeners.values(), named, cookies, others)
