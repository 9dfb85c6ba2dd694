"""What may be asked of listeners, and by which calls they and their policies change."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._balancer import listener_moves as _listener_moves
from plugins.module_utils._balancer import listeners as _listeners
from plugins.module_utils._balancer.listener_moves import ListenerSet, set_of
from plugins.module_utils._balancer.listeners import NOT_STICKY, Listener, Stickiness, completed, problems
from plugins.module_utils._core.errors import named
from plugins.module_utils._core.step import LATER, Step

OLD, NEW = "arn:aws:acm:us-east-1:123456789012:certificate/old", "arn:aws:acm:us-east-1:123456789012:certificate/new"
TCP = Listener("tcp", 8080, "tcp", 8080)
SSL = Listener("ssl", 8443, "tcp", 8080, OLD)
WEB = Listener("http", 8082, "http", 8082)
HOUR = Stickiness("loadbalancer", expiration=3600)


def listener_set(*listeners: Listener, named: Any = None, cookies: Any = None, others: Any = ()) -> ListenerSet:
    return set_of(listeners, named or {}, cookies or {}, others)


def course(have: ListenerSet, *want: Listener) -> tuple[list[tuple[str, Any]], ListenerSet]:
    done: list[tuple[str, Any]] = []
    aim = [completed(wish, have.at(wish.load_balancer_port)) for wish in want]
    while steps := _listener_moves.moves("wcs", have, aim):
        for step in steps:
            done.append((step.operation, {key: value for key, value in step.args.items() if key != "LoadBalancerName"}))
            have = _listener_moves.foresee(have, step)
        assert len(done) < 30
    return done, have


@pytest.mark.parametrize(
    ("wish", "base", "aim"),
    [
        (Listener("tcp", 8080), None, TCP),
        (Listener("ssl", 8443, certificate_arn=OLD), None, Listener("ssl", 8443, "tcp", 8443, OLD)),
        (Listener("https", 443, certificate_arn=OLD), None, Listener("https", 443, "http", 443, OLD)),
        (Listener("ssl", 8443), SSL, SSL),
        (Listener("ssl", 8443, certificate_arn=NEW), SSL, Listener("ssl", 8443, "tcp", 8080, NEW)),
        (Listener("tcp", 8443), SSL, Listener("tcp", 8443, "tcp", 8080)),
        (Listener("http", 8443), SSL, Listener("http", 8443, "http", 8080)),
        (
            Listener("https", 443, certificate_arn=OLD, stickiness=HOUR),
            None,
            Listener("https", 443, "http", 443, OLD, "ELBSecurityPolicy-2016-08", HOUR),
        ),
    ],
)
def test_what_is_left_out_stays(wish: Listener, base: Listener | None, aim: Listener) -> None:
    assert completed(wish, base) == aim
    assert completed(aim, base) == aim


@pytest.mark.parametrize(
    ("listener", "words"),
    [
        (TCP, []),
        (SSL, []),
        (Listener("https", 443, "https", 8444, OLD, "ELBSecurityPolicy-TLS-1-2-2017-01", HOUR), []),
        (Listener("udp", 8080, "tcp", 8080), ["has protocol 'udp', which is none of http, https, ssl, tcp"]),
        (Listener("tcp", 0, "tcp", 8080), ["has load_balancer_port 0, which is not between 1 and 65535"]),
        (Listener("tcp", 8080, "tcp", 65536), ["has instance_port 65536, which is not between 1 and 65535"]),
        (
            Listener("http", 80, "tcp", 80),
            ["forwards http to tcp: http and https go with http or https, tcp and ssl with tcp or ssl"],
        ),
        (Listener("ssl", 8443, "tcp", 8080), ["has protocol ssl and no certificate_arn"]),
        (Listener("ssl", 8443, "tcp", 8080, LATER), []),
        (Listener("ssl", 8443, "tcp", 8080, "arn:aws-cn:iam::123456789012:server-certificate/path/wcs"), []),
        (
            Listener("ssl", 8443, "tcp", 8080, "0a1b2c3d"),
            ["has certificate_arn '0a1b2c3d', which is not the ARN of a certificate in ACM or IAM"],
        ),
        (
            Listener("ssl", 8443, "tcp", 8080, OLD.replace("us-east-1", "eu-west-1")),
            ["has a certificate of eu-west-1, and the balancer is in us-east-1"],
        ),
        (
            Listener("tcp", 8080, "tcp", 8080, OLD, "X"),
            [
                "has protocol tcp, and certificate_arn is for https and ssl",
                "has protocol tcp, and ssl_policy is for https and ssl",
            ],
        ),
        (
            Listener("tcp", 8080, "tcp", 8080, stickiness=HOUR),
            ["has protocol tcp, and stickiness is for http and https"],
        ),
        (Listener("tcp", 8080, "tcp", 8080, stickiness=NOT_STICKY), []),
        (
            Listener("http", 80, "http", 80, stickiness=Stickiness("application")),
            ["has stickiness.type application: stickiness.cookie goes with application, and only with it"],
        ),
        (
            Listener("http", 80, "http", 80, stickiness=Stickiness("loadbalancer", cookie="a")),
            ["has stickiness.type loadbalancer: stickiness.cookie goes with application, and only with it"],
        ),
        (
            Listener("http", 80, "http", 80, stickiness=Stickiness("loadbalancer", expiration=0)),
            ["has stickiness.expiration 0: it is for type loadbalancer, in seconds from 1"],
        ),
        (
            Listener("http", 80, "http", 80, stickiness=Stickiness("sometimes")),
            ["has stickiness.type 'sometimes', which is none of application, loadbalancer, none"],
        ),
    ],
)
def test_limits(listener: Listener, words: list[str]) -> None:
    assert [named(one, {}) for one in problems([listener], "us-east-1")] == [
        f"the listener at port {listener.load_balancer_port} in listeners {word}" for word in words
    ]


def test_a_port_is_used_once_and_some_port_is_used() -> None:
    assert [named(one, {}) for one in problems([TCP, WEB, TCP])] == [
        "more than one of listeners has load_balancer_port 8080"
    ]
    assert [named(one, {}) for one in problems([])] == ["listeners is empty, and a load balancer needs at least one"]


AWS_TCP = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}
TLS12 = "ELBSecurityPolicy-TLS-1-2-2017-01"
REFERENCE = {
    "PolicyName": f"wcs-ssl-{TLS12}",
    "PolicyTypeName": "SSLNegotiationPolicyType",
    "PolicyAttributes": [{"AttributeName": "Reference-Security-Policy", "AttributeValue": TLS12}],
}


@pytest.mark.parametrize(
    ("have", "want", "calls"),
    [
        (listener_set(TCP), [TCP], []),
        (listener_set(TCP), [Listener("tcp", 8080)], []),
        (listener_set(WEB), [WEB, TCP], [("CreateLoadBalancerListeners", {"Listeners": [AWS_TCP]})]),
        (listener_set(TCP, WEB), [TCP], [("DeleteLoadBalancerListeners", {"LoadBalancerPorts": [8082]})]),
        (
            listener_set(Listener("tcp", 8080, "tcp", 9000), WEB),
            [TCP],
            [
                ("DeleteLoadBalancerListeners", {"LoadBalancerPorts": [8080]}),
                ("CreateLoadBalancerListeners", {"Listeners": [AWS_TCP]}),
                ("DeleteLoadBalancerListeners", {"LoadBalancerPorts": [8082]}),
            ],
        ),
        (
            listener_set(SSL),
            [Listener("ssl", 8443, certificate_arn=NEW)],
            [("SetLoadBalancerListenerSSLCertificate", {"LoadBalancerPort": 8443, "SSLCertificateId": NEW})],
        ),
        (
            listener_set(SSL, named={8443: ["ELBSecurityPolicy-2016-08"]}, others=["ELBSecurityPolicy-2016-08"]),
            [Listener("ssl", 8443, ssl_policy=TLS12)],
            [
                ("CreateLoadBalancerPolicy", REFERENCE),
                ("SetLoadBalancerPoliciesOfListener", {"LoadBalancerPort": 8443, "PolicyNames": [f"wcs-ssl-{TLS12}"]}),
            ],
        ),
        (
            listener_set(SSL, named={8443: [f"wcs-ssl-{TLS12}"]}, others=[f"wcs-ssl-{TLS12}", "theirs"]),
            [Listener("ssl", 8443, ssl_policy="theirs")],
            [
                ("SetLoadBalancerPoliciesOfListener", {"LoadBalancerPort": 8443, "PolicyNames": ["theirs"]}),
                ("DeleteLoadBalancerPolicy", {"PolicyName": f"wcs-ssl-{TLS12}"}),
            ],
        ),
        (
            listener_set(WEB),
            [Listener("http", 8082, stickiness=HOUR)],
            [
                ("CreateLBCookieStickinessPolicy", {"PolicyName": "wcs-cookie-3600", "CookieExpirationPeriod": 3600}),
                ("SetLoadBalancerPoliciesOfListener", {"LoadBalancerPort": 8082, "PolicyNames": ["wcs-cookie-3600"]}),
            ],
        ),
        (
            listener_set(WEB, named={8082: ["theirs"]}, cookies={"theirs": HOUR}),
            [Listener("http", 8082, stickiness=HOUR)],
            [],
        ),
        (
            listener_set(WEB, named={8082: ["wcs-cookie-3600"]}, cookies={"wcs-cookie-3600": HOUR}),
            [Listener("http", 8082, stickiness=NOT_STICKY)],
            [
                ("SetLoadBalancerPoliciesOfListener", {"LoadBalancerPort": 8082, "PolicyNames": []}),
                ("DeleteLoadBalancerPolicy", {"PolicyName": "wcs-cookie-3600"}),
            ],
        ),
        (
            listener_set(WEB),
            [Listener("http", 8082, stickiness=Stickiness("application", "JSESSIONID"))],
            [
                (
                    "CreateAppCookieStickinessPolicy",
                    {"PolicyName": "wcs-app-cookie-d4f23ad31288", "CookieName": "JSESSIONID"},
                ),
                (
                    "SetLoadBalancerPoliciesOfListener",
                    {"LoadBalancerPort": 8082, "PolicyNames": ["wcs-app-cookie-d4f23ad31288"]},
                ),
            ],
        ),
    ],
)
def test_calls(have: ListenerSet, want: list[Listener], calls: list[Any]) -> None:
    done, end = course(have, *want)
    assert done == calls
    assert course(end, *want)[0] == []


def test_a_new_route_keeps_certificate_and_policy() -> None:
    have = listener_set(SSL, named={8443: [f"wcs-ssl-{TLS12}"]}, others=[f"wcs-ssl-{TLS12}"])
    done, end = course(have, Listener("ssl", 8443, "ssl", 8443))
    assert [operation for operation, _ in done] == [
        "DeleteLoadBalancerListeners",
        "CreateLoadBalancerListeners",
        "SetLoadBalancerPoliciesOfListener",
    ]
    assert end.at(8443) == Listener("ssl", 8443, "ssl", 8443, OLD, TLS12, NOT_STICKY)


def test_a_cookie_never_drops_the_ssl_policy() -> None:
    want = Listener("https", 443, certificate_arn=OLD, stickiness=Stickiness("loadbalancer"))
    done, _ = course(listener_set(TCP), TCP, want)
    names = ["wcs-cookie-session", "wcs-ssl-ELBSecurityPolicy-2016-08"]
    assert [
        args["PolicyName"] for operation, args in done if operation.startswith("Create") and "PolicyName" in args
    ] == names
    assert done[-1] == ("SetLoadBalancerPoliciesOfListener", {"LoadBalancerPort": 443, "PolicyNames": names})


def test_two_listeners_share_a_policy_and_foreign_ones_are_left() -> None:
    have = listener_set(WEB, cookies={"theirs": HOUR, "wcs-cookie-5": Stickiness("loadbalancer", expiration=5)})
    done, _ = course(have, Listener("http", 8082, stickiness=HOUR), Listener("http", 8083, stickiness=HOUR))
    assert [operation for operation, _ in done] == [
        "CreateLoadBalancerListeners",
        "CreateLBCookieStickinessPolicy",
        "SetLoadBalancerPoliciesOfListener",
        "SetLoadBalancerPoliciesOfListener",
        "DeleteLoadBalancerPolicy",
    ]
    assert done[-1][1] == {"PolicyName": "wcs-cookie-5"}


def test_the_policy_of_a_new_tls_listener_is_known_later() -> None:
    step = Step("elb", "CreateLoadBalancerListeners", ("", ""), {"Listeners": [_listeners.to_aws(SSL)]})
    made = _listener_moves.foresee(listener_set(TCP), step).at(8443)
    assert made is not None
    assert made.ssl_policy == LATER


def test_a_plain_listener_may_name_an_ssl_policy_and_what_is_shown_of_it_can_be_given_back() -> None:
    have = listener_set(
        WEB, named={8082: ["wcs-ssl-ELBSecurityPolicy-2016-08"]}, others=["wcs-ssl-ELBSecurityPolicy-2016-08"]
    )
    (shown,) = have.listeners
    assert list(problems([shown])) == []
    assert course(have, shown)[0] == []
    done, after = course(have, Listener("http", 8082, stickiness=HOUR))
    assert after.policies_at(8082) == ("wcs-cookie-3600", "wcs-ssl-ELBSecurityPolicy-2016-08")
    assert [operation for operation, _ in done] == [
        "CreateLBCookieStickinessPolicy",
        "SetLoadBalancerPoliciesOfListener",
    ]
