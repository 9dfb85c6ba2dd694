"""Every way in which wcs_classic_elb fails: the whole sentence, and the `error` fields."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import LATER
from tests.contract.wcs_classic_elb.conftest import balancer_bench, certificate
from tests.support.harness import Bench, launched

NO_CALL = {"service": None, "operation": None, "code": None, "request_id": None}
FIX = "Fix the cause and run again. Completed steps are kept."


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


def fails(bench: Bench, **given: Any) -> Failure:
    return bench.fails(**{"name": "wcs", "subnets": list(bench.lab.account.subnet_ids), **given})


READABLE = "the answer could not be read (it is not what this API answers)"
ALLOW = "Allow the action elasticloadbalancing:{} to these credentials (see the policies in docs/iam)."


@pytest.mark.parametrize(
    ("given", "sentence", "operation", "code"),
    [
        (
            {"subnets": ["subnet-00000000"]},
            "Cannot create load balancer 'wcs': The subnet ID 'subnet-00000000' does not exist (SubnetNotFound). "
            + FIX,
            "CreateLoadBalancer",
            "SubnetNotFound",
        ),
        (
            {"security_group_ids": ["sg-00000000"]},
            "Cannot create load balancer 'wcs': One or more of the specified security groups do not exist. "
            "(InvalidSecurityGroup). " + FIX,
            "CreateLoadBalancer",
            "InvalidSecurityGroup",
        ),
        (
            {"instance_ids": ["i-00000000"]},
            "Cannot register instances of load balancer 'wcs': Could not find EC2 instance i-00000000. "
            "(InvalidInstance). " + FIX,
            "RegisterInstancesWithLoadBalancer",
            "InvalidInstance",
        ),
    ],
)  # fmt: skip
def test_what_only_aws_can_know(bench: Bench, given: dict[str, Any], sentence: str, operation: str, code: str) -> None:
    failure = fails(bench, **given)
    assert str(failure) == sentence
    fields = failure.call.fields()
    assert fields.pop("request_id")
    assert fields == {"service": "elb", "operation": operation, "code": code}


def test_a_certificate_that_load_balancing_never_comes_to_know(bench: Bench) -> None:
    tls = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": certificate(bench)}
    bench.lab.faults.add("error-before", "CreateLoadBalancer", count=None, code="CertificateNotFound", status=400)
    failure = fails(bench, listeners=[tls], wait_timeout=600)
    assert str(failure).startswith("Cannot create load balancer 'wcs': ")
    assert (failure.call.operation, failure.call.code) == ("CreateLoadBalancer", "CertificateNotFound")


@pytest.mark.parametrize(
    ("operation", "subject", "made"),
    [
        ("CreateLoadBalancer", "create load balancer 'wcs'", 0),
        ("ConfigureHealthCheck", "configure the health check of load balancer 'wcs'", 1),
        ("ModifyLoadBalancerAttributes", "change attributes of load balancer 'wcs'", 2),
        ("RegisterInstancesWithLoadBalancer", "register instances of load balancer 'wcs'", 3),
        ("DescribeLoadBalancers", "call elb:DescribeLoadBalancers", 0),
    ],
)
def test_what_the_credentials_may_not_do(bench: Bench, operation: str, subject: str, made: int) -> None:
    ids = launched(bench.lab)
    bench.lab.faults.add("error-before", operation, code="AccessDenied", status=403)
    failure = fails(bench, instance_ids=ids)
    assert str(failure) == f"Cannot {subject}: An internal error has occurred (AccessDenied). {ALLOW.format(operation)}"
    fields = failure.call.fields()
    assert fields.pop("request_id")
    assert fields == {"service": "elb", "operation": operation, "code": "AccessDenied"}
    assert len(failure.actions) == made


TOO_BUSY = "Rate exceeded (Throttling). Run again later, or from fewer places at once. Completed steps are kept."
AGAIN = "Run again: AWS failed on its side. Completed steps are kept."
INTERNAL = f"An internal error has occurred (InternalError). {AGAIN}"
PAGE = f"Internal Server Error (500). {AGAIN}"
CUT = "the connection was cut (Connection was closed before we received a valid response from endpoint URL: "


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "options", "reason", "code"),
    [
        ("throttle", {}, TOO_BUSY, "Throttling"),
        ("error-before", {}, INTERNAL, "InternalError"),
        ("error-after", {}, INTERNAL, "InternalError"),
        ("error-before", {"code": ""}, PAGE, "500"),
        ("error-before", {"code": "-"}, PAGE, "500"),
        ("error-before", {"code": "", "status": 200}, f"{READABLE}. Run again.", None),
        ("cut-reply", {}, CUT, None),
    ],
)
@pytest.mark.parametrize(
    ("operation", "subject"),
    [
        ("DescribeLoadBalancers", "call elb:DescribeLoadBalancers"),
        ("CreateLoadBalancer", "create load balancer 'wcs'"),
        ("ModifyLoadBalancerAttributes", "change attributes of load balancer 'wcs'"),
    ],
)
def test_a_bad_day_of_aws(
    bench: Bench, operation: str, subject: str, kind: str, options: dict[str, Any], reason: str, code: str | None
) -> None:
    bench.lab.faults.add(kind, operation, count=None, **options)
    failure = fails(bench)
    assert str(failure).startswith(f"Cannot {subject}: {reason}")
    fields = failure.call.fields()
    assert bool(fields.pop("request_id")) == (code not in (None, "500"))
    assert fields == {"service": "elb", "operation": operation, "code": code}


CORRECT = "Correct the option and run again."
NEEDS = "a new load balancer needs subnets, or zones in a default VPC"
NAME = "a name has 1 to 32 letters, digits and hyphens, and no hyphen at its ends. Choose another name."
EMPTY = "it is an empty string. Leave it out, or give it a value."
UNKNOWN = f"'{LATER}' is known only in check mode. Give the real value, which an earlier task returns."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"subnets": None}, f"Cannot create load balancer 'wcs': {NEEDS}. {CORRECT}"),
        (
            {"idle_timeout": 0},
            f"Cannot create load balancer 'wcs': idle_timeout 0 is not between 1 and 4000. {CORRECT}",
        ),
        ({"name": "wcs_1"}, f"Cannot create load balancer 'wcs_1': {NAME}"),
        (
            {"listeners": [{"protocol": "", "load_balancer_port": 1}]},
            f"Cannot use option 'listeners[0].protocol': {EMPTY}",
        ),
        ({"subnets": [LATER]}, f"Cannot use option 'subnets[0]': {UNKNOWN}"),
    ],
)
def test_refused_before_the_first_write(bench: Bench, given: dict[str, Any], sentence: str) -> None:
    start = bench.mark()
    failure = fails(bench, **given)
    assert str(failure) == sentence
    assert failure.call.fields() == NO_CALL
    assert bench.writes(start) == []


@pytest.mark.long
def test_a_balancer_made_meanwhile_by_somebody_else(bench: Bench) -> None:
    """The read before the creation is stale: AWS refuses the name, and what is there is not ours."""
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    bench.lab.faults.add("stale", "DescribeLoadBalancers")
    bench.aws("elb").create_load_balancer(
        LoadBalancerName="wcs", Listeners=[listener], Subnets=list(bench.lab.account.subnet_ids)
    )
    start = bench.mark()
    failure = fails(bench)
    assert str(failure) == (
        "Cannot change load balancer 'wcs': a load balancer of this name exists and is not tagged "
        "webcallserver.aws:stack=wcs, so it is not managed by this collection. Set adopt: true to have "
        "it managed here, or choose another name."
    )
    assert failure.call.fields() == NO_CALL
    assert bench.writes(start) == []


@pytest.mark.long
def test_a_wait_that_takes_too_long(bench: Bench) -> None:
    bench.run(name="wcs", subnets=list(bench.lab.account.subnet_ids))
    failure = bench.fails(name="wcs", state="absent", wait_timeout=10)
    assert str(failure) == (
        "Cannot finish waiting for the network interfaces of load balancer 'wcs': it was not gone within wait_timeout "
        "(10 s); last seen: the network interfaces of load balancer 'wcs': 3 left. It goes "
        "on in AWS: run again to wait for "
        "the rest, with a longer wait_timeout if needed."
    )
    assert failure.call.fields() == NO_CALL
    assert failure.actions == ["elb:DeleteLoadBalancer"]
    assert bench.run(name="wcs", state="absent").outcome.actions == []
