"""Groups that people made, shared and took things from by hand: nothing of others is lost, no node is cut unasked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from tests.support.groups import NAME, Stage
from tests.support.overlay import Overlay


@pytest.fixture
def stage() -> Iterator[Stage]:
    lab = open_lab(default_vpc=True)
    yield Stage(lab, Overlay(clients(lab)))
    lab.close()


def default_subnets(stage: Stage) -> dict[str, str]:
    """The default subnets of the account by their zones."""
    filters = [{"Name": "default-for-az", "Values": ["true"]}]
    found = stage.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    return {one["AvailabilityZone"]: one["SubnetId"] for one in found}


@pytest.mark.parametrize("check", [True, False])
def test_h2_subnets_that_leave_out_a_zone_of_a_group_by_zones(stage: Stage, check: bool) -> None:
    subnets = default_subnets(stage)
    zones = sorted(subnets)[:2]
    data = {"ImageId": stage.lab.account.wcs_image_id, "InstanceType": "c5.large"}
    stage.aws("ec2").create_launch_template(LaunchTemplateName="theirs", LaunchTemplateData=data)
    stage.aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=NAME,
        MinSize=2,
        MaxSize=4,
        AvailabilityZones=zones,
        LaunchTemplate={"LaunchTemplateName": "theirs", "Version": "1"},
    )
    stage.lab.run(120)
    start = stage.bench.mark()
    failure = stage.bench.fails(check, name=NAME, adopt=True, subnets=[subnets[zones[0]]])
    assert f"subnets leaves out {subnets[zones[1]]}, where nodes are" in str(failure)
    assert stage.bench.writes(start) == []
    members = sorted(one["InstanceId"] for one in stage.group()["Instances"])
    stage.bench.run(check, name=NAME, adopt=True, subnets=[subnets[zone] for zone in zones])
    assert sorted(one["InstanceId"] for one in stage.group()["Instances"]) == members
