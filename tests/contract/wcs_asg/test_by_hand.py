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


def test_w6_a_balancer_made_anew_gets_the_nodes_that_serve(stage: Stage) -> None:
    stage.bench.run(**stage.options(min_size=2))
    members = sorted(one["InstanceId"] for one in stage.group()["Instances"])
    stage.aws("elb").delete_load_balancer(LoadBalancerName="wcs")
    stage.balancer("wcs")
    done = stage.bench.exact(**stage.options(min_size=2))
    assert done.outcome.actions == ["elb:RegisterInstancesWithLoadBalancer"]
    health = stage.aws("elb").describe_instance_health(LoadBalancerName="wcs")["InstanceStates"]
    assert sorted((one["InstanceId"], one["State"]) for one in health) == [(one, "InService") for one in members]


def test_a_balancer_that_is_gone_is_named_before_the_first_write(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.balancer("second")
    stage.bench.run(**stage.options(load_balancers=["wcs", "second"]))
    stage.aws("elb").delete_load_balancer(LoadBalancerName="second")
    start = stage.bench.mark()
    both = {"name": NAME, "max_size": 9, "load_balancers": ["second", "wcs"]}
    (found,) = {str(stage.bench.fails(check, **both)) for check in (True, False)}
    assert found == (
        "Cannot change group 'wcs': it is in load balancer 'second', which no longer exists. "
        "Create it first (wcs_classic_elb), or remove it from load_balancers."
    )
    assert stage.bench.writes(start) == []
    foreseen = stage.bench.check(**both, planned_load_balancers=["second"]).outcome.actions
    assert foreseen == ["autoscaling:UpdateAutoScalingGroup", "elb:RegisterInstancesWithLoadBalancer"]
    left = stage.bench.run(name=NAME, load_balancers=["wcs"]).outcome.actions
    assert left == ["autoscaling:DetachLoadBalancers"]


def test_versions_that_another_group_launches_are_kept(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.bench.run(**stage.options(launch=stage.launch(instance_type="c5.xlarge")))
    stage.aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="theirs",
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=stage.lab.account.subnet_ids[0],
        LaunchTemplate={"LaunchTemplateName": NAME, "Version": "2"},
    )
    for kind in ("c5.2xlarge", "c5.4xlarge", "c5.9xlarge"):
        stage.bench.run(**stage.options(launch=stage.launch(instance_type=kind)))
        _relaunch(stage)
    stage.bench.exact(**stage.options(launch=stage.launch(instance_type="c5.12xlarge")))
    assert [version["VersionNumber"] for version in stage.versions()] == [2, 5, 6]


def test_configurations_that_another_group_launches_are_kept(stage: Stage) -> None:
    first = stage.launch(kind="configuration")
    stage.bench.run(**stage.options(launch=first))
    name = stage.group()["LaunchConfigurationName"]
    stage.aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="theirs",
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=stage.lab.account.subnet_ids[0],
        LaunchConfigurationName=name,
    )
    for kind in ("c5.xlarge", "c5.2xlarge"):
        stage.bench.run(**stage.options(launch=stage.launch(kind="configuration", instance_type=kind, keep=1)))
        _relaunch(stage)
    done = stage.bench.exact(**stage.options(launch=stage.launch(kind="template")))
    assert "autoscaling:DeleteLaunchConfiguration" in done.outcome.actions
    left = stage.aws("autoscaling").describe_launch_configurations()["LaunchConfigurations"]
    assert name in {one["LaunchConfigurationName"] for one in left}


def _relaunch(stage: Stage) -> None:
    """Ends the members, so that the group launches what it names now."""
    for one in stage.group()["Instances"]:
        stage.aws("autoscaling").terminate_instance_in_auto_scaling_group(
            InstanceId=one["InstanceId"], ShouldDecrementDesiredCapacity=False
        )
    stage.lab.run(200)


def test_a_version_that_was_deleted_by_hand_is_made_anew(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    wanted = stage.options(launch=stage.launch(instance_type="c5.xlarge"))
    stage.bench.run(**wanted)
    ec2 = stage.aws("ec2")
    ec2.modify_launch_template(LaunchTemplateName=NAME, DefaultVersion="1")
    ec2.delete_launch_template_versions(LaunchTemplateName=NAME, Versions=["2"])
    stage.bench.exact(**wanted)
    assert [version["VersionNumber"] for version in stage.versions()] == [1, 3]
