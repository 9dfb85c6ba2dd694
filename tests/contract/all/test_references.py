"""A dry run refuses what names things that are not there; a run is told by AWS."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.modules import wcs_classic_elb
from tests.support.groups import Stage
from tests.support.harness import Bench, launched, managed

SUBNET, GROUP, IMAGE = "subnet-0123456789abcdef0", "sg-0123456789abcdef0", "ami-0123456789abcdef0"
INSTANCE = "i-0123456789abcdef0"
WAY_OUT = "Fix the option, or create it first."


@pytest.fixture
def stage(lab: Any, aws: Any) -> Stage:
    return Stage(lab, aws)


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"subnets": [SUBNET]}, f"subnet '{SUBNET}'"),
        ({"launch": {"image_id": IMAGE}}, f"image '{IMAGE}'"),
        ({"launch": {"instance_type": "c9.huge"}}, "instance type 'c9.huge'"),
        ({"launch": {"key_name": "nobody"}}, "key pair 'nobody'"),
        ({"launch": {"security_group_ids": [GROUP]}}, f"security group '{GROUP}'"),
    ],
)
def test_of_a_group(stage: Stage, given: dict[str, Any], answer: str) -> None:
    launch = stage.launch(**given.get("launch", {}))
    failure = stage.bench.fails(check=True, **stage.options(**given | {"launch": launch}))
    assert str(failure).startswith("Cannot plan ")
    assert str(failure).endswith(f"there is no {answer} in us-east-1. {WAY_OUT}")


def test_nothing_is_looked_for_where_nothing_is_to_be_done(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    start = stage.bench.mark()
    assert stage.bench.check(**stage.options()).outcome.actions == []
    assert not {"ec2:DescribeSubnets", "ec2:DescribeImages", "ec2:DescribeInstanceTypes"} & set(
        stage.bench.calls(start)
    )


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"subnets": [SUBNET]}, f"subnet '{SUBNET}'"),
        ({"security_group_ids": [GROUP]}, f"security group '{GROUP}'"),
        ({"instance_ids": [INSTANCE]}, f"instance '{INSTANCE}'"),
    ],
)
def test_of_a_balancer(lab: Any, aws: Any, given: dict[str, Any], answer: str) -> None:
    bench = Bench(lab, aws, wcs_classic_elb.ARGUMENTS, managed(wcs_classic_elb, lab))
    usual: dict[str, Any] = {"name": "wcs", "subnets": lab.account.subnet_ids, "instance_ids": launched(lab)}
    assert bench.check(**usual).outcome.actions
    failure = bench.fails(check=True, **usual | given)
    assert str(failure).startswith("Cannot plan ")
    assert str(failure).endswith(f"load balancer 'wcs': there is no {answer} in us-east-1. {WAY_OUT}")
