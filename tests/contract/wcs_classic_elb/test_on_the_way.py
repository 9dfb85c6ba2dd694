"""What serves goes on serving: refused before the first call, in a dry run and in a run."""

from __future__ import annotations

from typing import Any

import pytest

from lab.machines import Check
from plugins.module_utils._nodes import fetch
from plugins.modules import wcs_classic_elb
from tests.contract.wcs_classic_elb.conftest import balancer_bench, certificate
from tests.support.harness import Bench, launched

WELL, MISSING, CLOSED = Check(True, 200), Check(False, 404), Check(False, None, "connection refused on port 8081")
SILENT = Check(False, None, "no answer within 3 s")


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


@pytest.fixture
def serving(bench: Bench) -> list[str]:
    """Instances in service behind a balancer with TCP 8080, in the first and the second zone."""
    first, second, _ = bench.lab.account.subnet_ids
    ids = [*launched(bench.lab, 1, first), *launched(bench.lab, 1, second)]
    bench.run(name="wcs", subnets=[first, second], instance_ids=ids)
    return ids


def refused(bench: Bench, **given: Any) -> str:
    """The sentence; the same in a dry run and in a run, neither of which writes anything, within ten seconds."""
    start, began = bench.mark(), bench.lab.clock.now()
    sentences = {str(bench.fails(check, name="wcs", **given)) for check in (True, False)}
    assert bench.writes(start) == []
    assert bench.lab.clock.now() - began <= 10
    (sentence,) = sentences
    return sentence


ARNS = [
    "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "arn:aws:iam::123456789012:server-certificate/none",
]


@pytest.mark.parametrize("arn", ARNS, ids=["acm", "iam"])
@pytest.mark.parametrize("port", [8080, 8443], ids=["replaced", "new"])
def test_h1_a_certificate_that_is_not_there(bench: Bench, serving: list[str], arn: str, port: int) -> None:
    tls = {"protocol": "ssl", "load_balancer_port": port, "certificate_arn": arn}
    assert serving
    assert refused(bench, listeners=[tls]) == (
        f"Cannot plan listeners of load balancer 'wcs': there is no certificate '{arn}' in us-east-1. "
        "Fix the option, or create it first."
    )


def test_h1_a_certificate_that_is_not_issued(bench: Bench, serving: list[str]) -> None:
    arn = bench.aws("acm").request_certificate(DomainName="wcs.example.com")["CertificateArn"]
    tls = {"protocol": "ssl", "load_balancer_port": 8080, "certificate_arn": arn}
    assert serving
    assert "is PENDING_VALIDATION, and a load balancer needs one that is ISSUED" in refused(bench, listeners=[tls])


@pytest.mark.parametrize("there", [True, False], ids=["serving", "new"])
def test_a_security_policy_that_aws_does_not_have(bench: Bench, request: pytest.FixtureRequest, there: bool) -> None:
    policy = "ELBSecurityPolicy-TLS-1-2-2017"
    tls = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": certificate(bench), "ssl_policy": policy}
    more = {} if there else {"subnets": bench.lab.account.subnet_ids[:1]}
    assert not there or request.getfixturevalue("serving")
    sentence = refused(bench, listeners=[{"protocol": "tcp", "load_balancer_port": 8080}, tls], **more)
    assert f"'wcs': there is no security policy '{policy}' in us-east-1" in sentence


def test_h1_a_certificate_of_a_name_that_another_path_has(bench: Bench, serving: list[str]) -> None:
    arn = certificate(bench).replace("server-certificate/", "server-certificate/elsewhere/")
    tls = {"protocol": "ssl", "load_balancer_port": 8080, "certificate_arn": arn}
    assert serving
    assert "there is no certificate" in refused(bench, listeners=[tls])


def test_h1_a_certificate_that_comes_a_moment_later(bench: Bench, serving: list[str]) -> None:
    arn = certificate(bench)
    bench.lab.faults.add("error-before", "GetServerCertificate", count=3, code="NoSuchEntity", status=404)
    tls = {"protocol": "ssl", "load_balancer_port": 8080, "certificate_arn": arn}
    assert serving
    assert bench.run(name="wcs", listeners=[tls]).outcome.actions == [
        "elb:DeleteLoadBalancerListeners",
        "elb:CreateLoadBalancerListeners",
    ]


@pytest.mark.parametrize("kept", [0, 1])
def test_h2_a_subnet_where_an_instance_serves(bench: Bench, serving: list[str], kept: int) -> None:
    subnets = bench.lab.account.subnet_ids[:2]
    gone, zone = subnets[1 - kept], bench.lab.account.zones[1 - kept]
    assert refused(bench, subnets=[subnets[kept]]) == (
        f"Cannot change load balancer 'wcs': subnets leaves out {gone} of zone {zone}, where {serving[1 - kept]} is in "
        f"service. Keep {gone}, drain what serves there (wcs_drain), or set allow_subnet_removal: true."
    )
    allowed = bench.exact(name="wcs", subnets=[subnets[kept]], allow_subnet_removal=True)
    assert allowed.outcome.actions == ["elb:DetachLoadBalancerFromSubnets"]


def test_h2_a_subnet_exchanged_in_its_zone(bench: Bench, serving: list[str]) -> None:
    account = bench.lab.account
    other = bench.aws("ec2").create_subnet(
        VpcId=account.vpc_id, CidrBlock=f"{bench.lab.block}.9.0/24", AvailabilityZone=account.zones[0]
    )["Subnet"]["SubnetId"]
    sentence = refused(bench, subnets=[other, account.subnet_ids[1]])
    assert (
        f"leaves out {account.subnet_ids[0]} of zone {account.zones[0]}, where {serving[0]} is in service" in sentence
    )


def test_h2_a_zone_where_nothing_serves_is_left(bench: Bench, serving: list[str]) -> None:
    subnets = bench.lab.account.subnet_ids
    bench.run(name="wcs", subnets=subnets)
    assert serving
    left = bench.exact(name="wcs", subnets=subnets[:2])
    assert left.outcome.actions == ["elb:DetachLoadBalancerFromSubnets"]


@pytest.mark.parametrize("answer", [MISSING, CLOSED], ids=["404", "closed"])
@pytest.mark.parametrize("check", [{"path": "/nothing"}, {"port": 8082}, {"protocol": "https"}], ids=str)
def test_h5_a_health_check_that_serving_instances_fail(
    bench: Bench, serving: list[str], check: dict[str, Any], answer: Check
) -> None:
    bench.lab.machines[serving[0]].health = answer
    said = "HTTP 404" if answer.status else answer.why
    assert refused(bench, health_check=check) == (
        f"Cannot change load balancer 'wcs': {serving[0]} is in service and would fail the new health check "
        f"({said}). Correct health_check, or set allow_failing_health_check: true."
    )
    allowed = bench.exact(name="wcs", health_check=check, allow_failing_health_check=True)
    assert allowed.outcome.actions == ["elb:ConfigureHealthCheck"]


def test_h5_instances_that_cannot_be_reached_are_told_and_not_judged(bench: Bench, serving: list[str]) -> None:
    bench.lab.machines[serving[0]].health = SILENT
    answer = bench.run(name="wcs", health_check={"path": "/other"})
    assert answer.outcome.actions == ["elb:ConfigureHealthCheck"]
    assert list(answer.warnings) == [
        f"The new health check of load balancer 'wcs' could not be tried on {serving[0]} from here: {SILENT.why}."
    ]


def test_h5_without_the_library_that_asks_nothing_is_changed(
    lab: Any, aws: Any, serving: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MISSING", "the Python library requests>=2.32.3 is not installed for python")
    bench = Bench(lab, aws, wcs_classic_elb.ARGUMENTS, wcs_classic_elb.manage)
    assert serving
    assert refused(bench, health_check={"path": "/other"}).startswith(
        "Cannot ask the nodes: the Python library requests>=2.32.3 is not installed for python. Run: "
    )
    assert bench.run(name="wcs", idle_timeout=60).outcome.changed
    allowed = bench.run(name="wcs", health_check={"path": "/other"}, allow_failing_health_check=True)
    assert allowed.outcome.actions == ["elb:ConfigureHealthCheck"]


def test_h5_thresholds_are_nothing_to_ask_instances_for(bench: Bench, serving: list[str]) -> None:
    for one in serving:
        bench.lab.machines[one].health = MISSING
    changed = bench.exact(name="wcs", health_check={"unhealthy_threshold": 9})
    assert changed.outcome.actions == ["elb:ConfigureHealthCheck"]


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ({"instance_ids": ["i-00000000"]}, "instance", "i-00000000"),
        ({"security_group_ids": ["sg-00000000"]}, "security group", "sg-00000000"),
    ],
)
def test_ids_that_never_were(bench: Bench, serving: list[str], given: dict[str, Any], kind: str, name: str) -> None:
    assert serving
    assert f"there is no {kind} '{name}' in us-east-1" in refused(bench, idle_timeout=60, **given)


def twin_of(bench: Bench, subnet: str) -> tuple[str, str]:
    """Another subnet of the same zone, and the zone."""
    ec2, account = bench.aws("ec2"), bench.lab.account
    zone = str(ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailabilityZone"])
    vpc = ec2.describe_vpcs(VpcIds=[account.vpc_id])["Vpcs"][0]["CidrBlock"]
    block = ".".join([*vpc.split(".")[:2], "200", "0"]) + "/24"
    made = ec2.create_subnet(VpcId=account.vpc_id, CidrBlock=block, AvailabilityZone=zone)["Subnet"]
    return str(made["SubnetId"]), zone


@pytest.mark.parametrize("others", [0, 1], ids=["in place", "beside"])
def test_h2_two_subnets_of_one_zone(bench: Bench, serving: list[str], others: int) -> None:
    first, second, _ = bench.lab.account.subnet_ids
    twin, zone = twin_of(bench, first)
    pair = sorted([first, twin])
    assert serving
    assert refused(bench, subnets=[*pair, *[second][:others]]) == (
        f"Cannot change load balancer 'wcs': subnets has {pair[0]} and {pair[1]}, which are both in zone {zone}: "
        "a load balancer has one subnet a zone. Correct the option and run again."
    )


def test_h2_two_subnets_of_one_zone_for_a_new_balancer(bench: Bench) -> None:
    first, _, third = bench.lab.account.subnet_ids
    twin, zone = twin_of(bench, first)
    pair = sorted([first, twin])
    start = bench.mark()
    assert str(bench.fails(check=True, name="wcs", subnets=[*pair, third])) == (
        f"Cannot plan load balancer 'wcs': it names {pair[0]} and {pair[1]}, which are both in zone {zone}: "
        "a load balancer has one subnet a zone. Give one of them alone."
    )
    bench.fails(name="wcs", subnets=[*pair, third])
    assert bench.writes(start) == []
