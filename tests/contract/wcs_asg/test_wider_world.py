"""AWS holds more than our options say: cases W1 to W13, and what is looked for before the first write (H13, H15)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.validate import ParamValidator

from lab.api.inprocess import clients
from lab.open import open_lab
from tests.support.groups import CPU, NAME, Stage, round_trip
from tests.support.overlay import Overlay

READ = {"purge_policies": False, "scaling_policies": [], "launch": {}}
MATH = {
    "Metrics": [
        {
            "Id": "s",
            "MetricStat": {"Metric": {"Namespace": "WCS", "MetricName": "sessions"}, "Stat": "Sum"},
            "ReturnData": False,
        },
        {
            "Id": "n",
            "MetricStat": {"Metric": {"Namespace": "WCS", "MetricName": "nodes"}, "Stat": "Sum"},
            "ReturnData": False,
        },
        {"Id": "e", "Expression": "s / n", "ReturnData": True},
    ]
}
FAST = {"MetricName": "connections_websocket", "Namespace": "WCS", "Statistic": "Average", "Period": 10}


@pytest.fixture
def stage() -> Iterator[Stage]:
    lab = open_lab()
    stage = Stage(lab, Overlay(clients(lab)))
    yield stage
    lab.close()


def answer(stage: Stage, operation: str, change: Any) -> None:
    stage.aws.changes[operation] = change  # type: ignore[attr-defined]


def tracked(spec: dict[str, Any]) -> Any:
    def change(reply: dict[str, Any]) -> None:
        for policy in reply["ScalingPolicies"]:
            tracking = policy["TargetTrackingConfiguration"]
            tracking.pop("PredefinedMetricSpecification", None)
            tracking["CustomizedMetricSpecification"] = json.loads(json.dumps(spec))

    return change


@pytest.mark.parametrize("spec", [FAST, MATH], ids=["W1", "W2"])
def test_w1_w2_only_the_target_changes(stage: Stage, spec: dict[str, Any]) -> None:
    stage.bench.run(**stage.options(scaling_policies=[CPU]))
    answer(stage, "DescribePolicies", tracked(spec))
    policy = {"name": "cpu", "type": "target_tracking", "target": 150}
    (step,) = stage.bench.check(name=NAME, purge_policies=False, scaling_policies=[policy]).outcome.steps
    tracking = step.args["TargetTrackingConfiguration"]
    assert (tracking["CustomizedMetricSpecification"], tracking["TargetValue"]) == (spec, 150.0)
    returns = stage.bench.check(name=NAME, **READ).returns
    assert stage.bench.check(**round_trip(returns)).outcome.actions == []


def test_w2_metric_math_can_be_given(stage: Stage) -> None:
    lines = [
        {"id": "s", "metric": {"namespace": "WCS", "name": "sessions", "statistic": "Sum"}},
        {"id": "e", "expression": "s / 2"},
    ]
    policy = {"name": "math", "type": "target_tracking", "metric": {"math": lines}, "target": 100}
    (step,) = stage.bench.check(**stage.options(scaling_policies=[policy])).outcome.steps[-1:]
    found = step.args["TargetTrackingConfiguration"]["CustomizedMetricSpecification"]["Metrics"]
    assert [line["ReturnData"] for line in found] == [False, True]


MEMBERS: dict[str, Any] = {"VolumeInitializationRate": 200, "EbsCardIndex": 1}


def test_w3_w4_another_instance_type_keeps_what_has_no_name_and_sends_nothing_of_the_answer_alone(stage: Stage) -> None:
    stage.bench.run(**stage.options(launch=stage.launch(volumes=[{"device_name": "/dev/xvda", "size": 20}])))
    groups = stage.launch()["security_group_ids"]

    def change(reply: dict[str, Any]) -> None:
        for version in reply["LaunchTemplateVersions"]:
            data = version["LaunchTemplateData"]
            data["BlockDeviceMappings"][0]["Ebs"] |= MEMBERS
            data["Monitoring"] = {**data.get("Monitoring", {}), "MetricCategoryIds": ["memory"]}
            data["Operator"] = {"Managed": False}
            address = {"Ipv6Address": "2001:db8::1", "IsPrimaryIpv6": True}
            data["NetworkInterfaces"] = [{"DeviceIndex": 0, "Groups": groups, "Ipv6Addresses": [address]}]
            data.pop("SecurityGroupIds", None)

    answer(stage, "DescribeLaunchTemplateVersions", change)
    planned = stage.bench.check(name=NAME, launch={"instance_type": "c5.xlarge"}).outcome.steps
    (data,) = (step.args["LaunchTemplateData"] for step in planned if step.operation == "CreateLaunchTemplateVersion")
    ebs = data["BlockDeviceMappings"][0]["Ebs"]
    assert {key: ebs[key] for key in MEMBERS} == MEMBERS
    assert (data["InstanceType"], "Operator" in data) == ("c5.xlarge", False)
    assert [one["Ipv6Address"] for one in data["NetworkInterfaces"][0]["Ipv6Addresses"]] == ["2001:db8::1"]
    assert "IsPrimaryIpv6" not in data["NetworkInterfaces"][0]["Ipv6Addresses"][0]
    shape = stage.aws("ec2").meta.service_model.operation_model("CreateLaunchTemplateVersion").input_shape
    assert "MetricCategoryIds" not in json.dumps(data) or _known(shape, "Monitoring", "MetricCategoryIds")
    given = {"LaunchTemplateName": NAME, "LaunchTemplateData": data}
    assert ParamValidator().validate(given, shape).generate_report() == ""


def _known(shape: Any, *names: str) -> bool:
    """Whether botocore's input shape of template data has the member."""
    found = shape.members["LaunchTemplateData"]
    for name in names:
        if name not in found.members:
            return False
        found = found.members[name]
    return True


@pytest.mark.parametrize("lasting", ["InvalidLaunchTemplateId.NotFound"])
def test_w5_what_cannot_be_read_is_refused_first(stage: Stage, lasting: str) -> None:
    ec2 = stage.aws("ec2")
    data = {"ImageId": stage.lab.account.wcs_image_id, "InstanceType": "t3.small"}
    ec2.create_launch_template(LaunchTemplateName="other", LaunchTemplateData=data)
    stage.aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=NAME,
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=stage.lab.account.subnet_ids[0],
        LaunchTemplate={"LaunchTemplateName": "other", "Version": "1"},
    )
    ec2.delete_launch_template(LaunchTemplateName="other")
    start = stage.bench.mark()
    failure = stage.bench.fails(name=NAME, adopt=True, launch={"instance_type": "c5.xlarge"})
    assert "launches from launch template 'other' version 1, which no longer exists" in str(failure), lasting
    assert "launch.image_id" in str(failure)
    assert stage.bench.writes(start) == []


def test_w6_the_group_is_pointed_to_the_new_template(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    old = stage.group()["LaunchTemplate"]["LaunchTemplateId"]
    stage.aws("ec2").delete_launch_template(LaunchTemplateName=NAME)
    done = stage.bench.exact(**stage.options())
    assert done.outcome.actions == ["ec2:CreateLaunchTemplate", "autoscaling:UpdateAutoScalingGroup"]
    assert stage.group()["LaunchTemplate"]["LaunchTemplateId"] not in ("", old)


def test_w6_a_template_of_the_name_made_since_is_another(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    ec2 = stage.aws("ec2")
    data = stage.versions()[0]["LaunchTemplateData"]
    data["MetadataOptions"].pop("State", None)
    ec2.delete_launch_template(LaunchTemplateName=NAME)
    ec2.create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
    assert stage.bench.exact(**stage.options()).outcome.actions == ["autoscaling:UpdateAutoScalingGroup"]


def test_w8_a_group_by_zones_and_a_predictive_policy_are_shown_and_given_back(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[CPU]))
    predictive = {
        "PolicyName": "forecast",
        "PolicyType": "PredictiveScaling",
        "PolicyARN": "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x:policyName/forecast",
        "PredictiveScalingConfiguration": {"MetricSpecifications": [{"TargetValue": 40.0}]},
        "Enabled": True,
    }
    answer(stage, "DescribePolicies", lambda reply: reply["ScalingPolicies"].append(predictive))
    answer(
        stage,
        "DescribeAutoScalingGroups",
        lambda reply: [group.update(VPCZoneIdentifier="") for group in reply["AutoScalingGroups"]],
    )
    returns = stage.bench.check(name=NAME, **READ).returns
    assert (returns["group"]["subnets"], len(returns["group"]["availability_zones"])) == (None, 3)
    assert [policy["type"] for policy in returns["scaling_policies"]] == ["target_tracking", "predictive"]
    assert stage.bench.check(**round_trip(returns)).outcome.actions == []
    assert stage.bench.check(name=NAME, scaling_policies=[]).outcome.actions == ["autoscaling:DeletePolicy"]


def test_w9_all_that_is_not_managed_is_shown(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    foreign = {
        "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-only"},
        "CapacityReservationSpecification": {"CapacityReservationPreference": "none"},
        "MaxInstanceLifetime": 604800,
        "SomethingOfTomorrow": {"Since": datetime(2027, 1, 1, tzinfo=timezone.utc)},
    }
    settings = {
        "InstanceLifecyclePolicy": {"RetentionTriggers": {"TerminateHookAbandon": "retain"}},
        "DeletionProtection": "prevent-force-deletion",
    }
    answer(
        stage,
        "DescribeAutoScalingGroups",
        lambda reply: [group.update(foreign, **settings) for group in reply["AutoScalingGroups"]],
    )
    group = stage.bench.check(name=NAME).returns["group"]
    assert group["foreign_settings"].keys() - {"service_linked_role_arn"} == {
        "availability_zone_distribution",
        "capacity_reservation_specification",
        "max_instance_lifetime",
        "something_of_tomorrow",
    }
    assert group["foreign_settings"]["something_of_tomorrow"] == {"Since": "2027-01-01T00:00:00Z"}
    assert group["instance_lifecycle_policy"] == {"on_abandoned_termination": "retain"}
    assert group["deletion_protection"] == "prevent_force_deletion"
    assert (
        stage.bench.check(**round_trip({"group": group, "launch": None, "scaling_policies": None})).outcome.steps == ()
    )


def versions(change: dict[str, Any]) -> Any:
    return lambda reply: [one["LaunchTemplateData"].update(change) for one in reply["LaunchTemplateVersions"]]


def test_w10_dates_are_text(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    until = datetime(2030, 1, 1, tzinfo=timezone.utc)
    spot = {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"ValidUntil": until}}}
    answer(stage, "DescribeLaunchTemplateVersions", versions(spot))
    answered = stage.bench.check(name=NAME, launch={"instance_type": "c5.xlarge"})
    json.dumps([answered.returns, answered.outcome.before, answered.outcome.after])
    data = answered.outcome.steps[0].args["LaunchTemplateData"]
    assert data["InstanceMarketOptions"]["SpotOptions"]["ValidUntil"] == "2030-01-01T00:00:00Z"


def test_w11_an_instance_type_takes_the_place_of_requirements(stage: Stage) -> None:
    stage.bench.run(**stage.options())

    def change(reply: dict[str, Any]) -> None:
        for one in reply["LaunchTemplateVersions"]:
            one["LaunchTemplateData"].pop("InstanceType")
            one["LaunchTemplateData"]["InstanceRequirements"] = {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 4096}}

    answer(stage, "DescribeLaunchTemplateVersions", change)
    assert stage.bench.check(name=NAME, launch={}).outcome.actions == []
    outcome = stage.bench.check(name=NAME, launch={"instance_type": "c5.xlarge"}).outcome
    data = outcome.steps[0].args["LaunchTemplateData"]
    assert data["InstanceType"] == "c5.xlarge"
    assert "InstanceRequirements" not in data
    assert outcome.before is not None
    assert outcome.after is not None
    assert outcome.before["launch"]["foreign_settings"] == ["InstanceRequirements"]
    assert outcome.after["launch"]["foreign_settings"] == []


@pytest.mark.parametrize("name", ["ab", "web+app"])
def test_w12_only_the_names_that_are_needed_are_demanded(stage: Stage, name: str) -> None:
    autoscaling = stage.aws("autoscaling")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="theirs", ImageId=stage.lab.account.wcs_image_id, InstanceType="t3.small"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=stage.lab.account.subnet_ids[0],
        LaunchConfigurationName="theirs",
    )
    assert stage.bench.run(name=name, adopt=True, max_size=2, launch={}).outcome.changed
    failure = stage.bench.fails(name=name, adopt=True, launch={"kind": "template"})
    assert "which takes 3 to 128 letters" in str(failure)


def test_w13_a_kept_version_is_used_again_and_its_members_are_current(stage: Stage) -> None:
    first = stage.bench.run(**stage.options()).returns
    for kind in ("c5.xlarge", "c5.2xlarge"):
        stage.bench.run(**stage.options(launch=stage.launch(instance_type=kind)))
    again = stage.bench.exact(**stage.options())
    assert again.outcome.actions == ["autoscaling:UpdateAutoScalingGroup", "ec2:ModifyLaunchTemplate"]
    assert again.returns["launch"]["version"] == first["launch"]["version"] == "1"
    assert {one["version"] for one in again.returns["group"]["instances"]} == {"1"}


def test_w13_a_rollout_goes_to_the_kept_version(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.bench.run(**stage.options(launch=stage.launch(instance_type="c5.xlarge")))
    answer = stage.bench.exact(**stage.options(launch=stage.launch(apply="rollout")))
    assert answer.outcome.actions == []
    assert (answer.returns["launch"]["version"], answer.returns["launch"]["wanted_version"]) == ("2", "1")


def test_h13_a_dry_run_looks_for_the_balancers_that_it_joins(stage: Stage) -> None:
    failure = stage.bench.fails(check=True, **stage.options(load_balancers=["wcs", "nowhere"]))
    assert str(failure) == (
        "Cannot plan group 'wcs': there is no load balancer 'nowhere'. Correct load_balancers, "
        "or create it first (wcs_classic_elb)."
    )
    planned = stage.options(load_balancers=["wcs", "nowhere"], planned_load_balancers=["nowhere"])
    assert stage.bench.check(**planned).outcome.changed


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("kind", ["template", "configuration"])
def test_h15_a_wrong_key_is_found_before_anything_is_made(stage: Stage, check: bool, kind: str) -> None:
    start = stage.bench.mark()
    failure = stage.bench.fails(check, **stage.options(launch=stage.launch(kind=kind, key_name="typo")))
    assert "there is no key pair 'typo' in us-east-1" in str(failure)
    assert stage.bench.writes(start) == []
