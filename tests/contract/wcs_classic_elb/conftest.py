"""What the tests of wcs_classic_elb share."""

from __future__ import annotations

from typing import Any

from plugins.modules import wcs_classic_elb
from tests.support.harness import Bench, issued, managed

READS = ["elb:DescribeLoadBalancers", "elb:DescribeLoadBalancerAttributes", "elb:DescribeTags"]
CREATE = ["elb:CreateLoadBalancer", "elb:ConfigureHealthCheck", "elb:ModifyLoadBalancerAttributes"]
HEALTH = "elb:DescribeInstanceHealth"
REGISTER, DEREGISTER = "elb:RegisterInstancesWithLoadBalancer", "elb:DeregisterInstancesFromLoadBalancer"
TLS12 = "ELBSecurityPolicy-TLS-1-2-2017-01"


def balancer_bench(lab: Any, aws: Any) -> Bench:
    """Runs wcs_classic_elb in the lab."""
    return Bench(lab, aws, wcs_classic_elb.ARGUMENTS, managed(wcs_classic_elb, lab))


def certificate(bench: Bench, name: str = "wcs.example.com") -> str:
    """The ARN of a new certificate."""
    return issued(bench.aws, name)


def of(answer: Any) -> dict[str, Any]:
    """The balancer in an answer."""
    return dict(answer.returns["load_balancer"])
