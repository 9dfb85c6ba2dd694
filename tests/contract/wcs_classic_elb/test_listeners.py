"""wcs_classic_elb against the lab: listeners with TLS, their certificates, policies and cookies."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from tests.contract.wcs_classic_elb.conftest import (
    CREATE,
    TLS12,
    balancer_bench,
    certificate,
    of,
)
from tests.support.harness import Bench


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


@pytest.fixture
def subnets(bench: Bench) -> list[str]:
    return list(bench.lab.account.subnet_ids)


def test_listeners_with_tls(bench: Bench, subnets: list[str]) -> None:
    old, new = certificate(bench), certificate(bench, "new.example.com")
    tls = {"protocol": "SSL", "load_balancer_port": 8443, "instance_port": 8080, "certificate_arn": old}
    secure = {"protocol": "https", "load_balancer_port": 8445, "instance_port": 8082, "certificate_arn": old}
    plain = {"protocol": "tcp", "load_balancer_port": 8080}
    made = bench.exact(
        name="wcs",
        subnets=subnets,
        listeners=[tls | {"ssl_policy": TLS12}, secure | {"stickiness": {"type": "loadbalancer"}}, plain],
        health_check={"protocol": "HTTPS", "port": 8444},
    )
    assert made.outcome.actions == [
        CREATE[0],
        "elb:CreateLBCookieStickinessPolicy",
        "elb:CreateLoadBalancerPolicy",
        "elb:CreateLoadBalancerPolicy",
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:SetLoadBalancerPoliciesOfListener",
        *CREATE[1:],
    ]
    assert [(one["protocol"], one["ssl_policy"], one["stickiness"]) for one in of(made)["listeners"]] == [
        ("tcp", None, None),
        ("ssl", TLS12, None),
        ("https", "ELBSecurityPolicy-2016-08", {"type": "loadbalancer", "cookie": None, "expiration": None}),
    ]
    swapped = bench.exact(name="wcs", listeners=[tls | {"certificate_arn": new}, secure, plain])
    assert swapped.outcome.actions == ["elb:SetLoadBalancerListenerSSLCertificate"]
    listeners = [plain, tls | {"ssl_policy": "ELBSecurityPolicy-2016-08"}, secure | {"stickiness": {"type": "none"}}]
    policies = bench.exact(name="wcs", listeners=[{**one, "certificate_arn": None} for one in listeners])
    assert policies.outcome.actions == [
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:DeleteLoadBalancerPolicy",
        "elb:DeleteLoadBalancerPolicy",
    ]
    assert [one["certificate_arn"] for one in of(policies)["listeners"]] == [None, new, old]


def test_a_tls_listener_without_a_policy_has_the_one_of_aws(bench: Bench, subnets: list[str]) -> None:
    tls = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": certificate(bench)}
    foreseen = bench.check(name="wcs", subnets=subnets, listeners=[tls])
    assert of(foreseen)["listeners"][0]["ssl_policy"] == LATER
    made = bench.exact(name="wcs", subnets=subnets, listeners=[tls])
    assert of(made)["listeners"][0]["ssl_policy"] == "ELBSecurityPolicy-2016-08"


def test_stickiness_for_hls(bench: Bench, subnets: list[str]) -> None:
    web = {"protocol": "http", "load_balancer_port": 8082}
    bench.exact(
        name="wcs", subnets=subnets, listeners=[web | {"stickiness": {"type": "loadbalancer", "expiration": 60}}]
    )
    assert bench.exact(name="wcs", listeners=[web]).outcome.actions == []
    application = {"type": "application", "cookie": "session"}
    changed = bench.exact(name="wcs", listeners=[web | {"stickiness": application}])
    assert changed.outcome.actions == [
        "elb:CreateAppCookieStickinessPolicy",
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:DeleteLoadBalancerPolicy",
    ]
    assert of(changed)["listeners"][0]["stickiness"] == application | {"expiration": None}


def test_another_instance_port_is_another_listener(bench: Bench, subnets: list[str]) -> None:
    bench.run(name="wcs", subnets=subnets)
    moved = bench.exact(name="wcs", listeners=[{"protocol": "tcp", "load_balancer_port": 8080, "instance_port": 9090}])
    assert moved.outcome.actions == ["elb:DeleteLoadBalancerListeners", "elb:CreateLoadBalancerListeners"]


def test_a_certificate_that_was_just_made_is_asked_for_again(bench: Bench, subnets: list[str]) -> None:
    arn = certificate(bench)
    tls = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": arn}
    bench.lab.faults.add("error-before", "CreateLoadBalancer", count=3, code="CertificateNotFound", status=400)
    bench.exact(name="wcs", subnets=subnets, listeners=[tls])
    bench.lab.faults.add(
        "error-before", "SetLoadBalancerListenerSSLCertificate", count=3, code="CertificateNotFound", status=400
    )
    swapped = bench.exact(name="wcs", listeners=[tls | {"certificate_arn": certificate(bench, "b.example.com")}])
    assert swapped.outcome.actions == ["elb:SetLoadBalancerListenerSSLCertificate"]
