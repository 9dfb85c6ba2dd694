"""What wcs_asg launches from: launch configurations, the move to a template, things that others made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.groups import NAME, OUT, Stage, round_trip


@pytest.fixture
def stage(lab: Any, aws: Any) -> Stage:
    return Stage(lab, aws)


def configurations(stage: Stage) -> list[str]:
    found = stage.aws("autoscaling").describe_launch_configurations()["LaunchConfigurations"]
    return [one["LaunchConfigurationName"] for one in found]


def configured(stage: Stage, **launch: Any) -> dict[str, Any]:
    return stage.options(launch=stage.launch(kind="configuration", **launch))


def test_the_five_beats_of_a_configuration(stage: Stage) -> None:
    made = stage.bench.exact(**configured(stage, user_data="#!/bin/sh\n", key_name="wcs-lab"))
    assert made.outcome.actions == ["autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"]
    (name,) = configurations(stage)
    assert name.startswith("wcs-")
    assert len(name) == len("wcs-") + 12
    changed = stage.bench.exact(**configured(stage, user_data="#!/bin/sh\n", instance_type="c5.xlarge"))
    assert changed.outcome.actions == [
        "autoscaling:CreateLaunchConfiguration",
        "autoscaling:UpdateAutoScalingGroup",
    ]
    assert changed.returns["launch"]["key_name"] == "wcs-lab", "left out is what was there"
    assert stage.bench.run(**round_trip(changed.returns)).outcome.actions == []
    gone = stage.bench.exact(name=NAME, state="absent")
    assert gone.outcome.actions == [
        "autoscaling:DeleteAutoScalingGroup",
        *["autoscaling:DeleteLaunchConfiguration"] * 2,
    ]
    assert configurations(stage) == []


def test_calls_of_a_rerun_with_a_configuration(stage: Stage) -> None:
    options = configured(stage) | {"scaling_policies": [OUT]}
    start = stage.bench.mark()
    stage.bench.run(**options)
    assert len(stage.counted(start)) == 11
    start = stage.bench.mark()
    stage.bench.run(**options)
    assert stage.bench.calls(start) == [
        "autoscaling:DescribeAutoScalingGroups",
        "elb:DescribeInstanceHealth",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribePolicies",
        "cloudwatch:DescribeAlarms",
    ]


def test_auto_is_what_the_group_has(stage: Stage) -> None:
    stage.bench.run(**configured(stage))
    answer = stage.bench.exact(**stage.options(launch=stage.launch(instance_type="c5.xlarge")))
    assert "autoscaling:CreateLaunchConfiguration" in answer.outcome.actions
    assert answer.returns["launch"]["kind"] == "configuration"


def test_old_configurations_are_retired_and_others_left(stage: Stage) -> None:
    decoys = {"wcs-x", "wcs", "wcs-0123456789abc", "other-0123456789ab"}
    for name in sorted(decoys):
        stage.aws("autoscaling").create_launch_configuration(
            LaunchConfigurationName=name, ImageId=stage.lab.account.wcs_image_id, InstanceType="t3.small"
        )
    for number in range(5):
        stage.bench.exact(**configured(stage, user_data=f"#{number}"))
        old = [one["InstanceId"] for one in stage.group()["Instances"]]
        for instance_id in old:
            stage.aws("autoscaling").terminate_instance_in_auto_scaling_group(
                InstanceId=instance_id, ShouldDecrementDesiredCapacity=False
            )
        stage.lab.run(200)
    stage.bench.exact(**configured(stage, user_data="#4"))
    kept = set(configurations(stage))
    assert kept >= decoys
    assert len(kept - decoys) == 2


def test_moving_to_a_template_is_one_change(stage: Stage) -> None:
    stage.bench.run(**configured(stage, user_data="#!/bin/sh\n", key_name="wcs-lab"))
    before = stage.group()["Instances"]
    answer = stage.bench.exact(name=NAME, launch={"kind": "template"})
    assert answer.outcome.actions == ["ec2:CreateLaunchTemplate", "autoscaling:UpdateAutoScalingGroup"]
    assert [one["InstanceId"] for one in stage.group()["Instances"]] == [one["InstanceId"] for one in before]
    data = stage.versions()[0]["LaunchTemplateData"]
    assert (data["KeyName"], data["InstanceType"]) == ("wcs-lab", "c5.large")
    assert len(configurations(stage)) == 1, "its members still bear it"
    for member in before:
        stage.aws("autoscaling").terminate_instance_in_auto_scaling_group(
            InstanceId=member["InstanceId"], ShouldDecrementDesiredCapacity=False
        )
    stage.lab.run(200)
    retired = stage.bench.exact(name=NAME, launch={"kind": "template"})
    assert retired.outcome.actions == ["autoscaling:DeleteLaunchConfiguration"]
    assert configurations(stage) == []


@pytest.mark.parametrize("code", ["UnsupportedOperation", "UnsupportedOperationException"])
def test_an_account_that_takes_no_configurations_is_told_the_way_out(
    stage: Stage, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lab.autoscaling.answers import configurations as autoscaling_launch

    monkeypatch.setattr(autoscaling_launch, "Refused", _coded(autoscaling_launch.Refused, code))
    stage.lab.refuse_launch_configurations = True
    start = stage.bench.mark()
    failure = stage.bench.fails(**configured(stage))
    assert str(failure).startswith("Cannot create launch configuration 'wcs-")
    assert "operation is not available in your account" in str(failure)
    assert str(failure).endswith(
        "Set launch.kind: template; a group that has a configuration is moved to a template in one change."
    )
    assert failure.call.fields() | {"request_id": None} == {
        "service": "autoscaling",
        "operation": "CreateLaunchConfiguration",
        "code": code,
        "request_id": None,
    }
    assert (stage.bench.writes(start), list(failure.actions)) == ([], [])


def _coded(refused: Any, code: str) -> Any:
    return lambda _, message, *rest: refused(code, message, *rest)


def foreign(stage: Stage, **more: Any) -> None:
    """A group that somebody else made, with a template of another name."""
    data = {"ImageId": stage.lab.account.wcs_image_id, "InstanceType": "c5.large"}
    stage.aws("ec2").create_launch_template(LaunchTemplateName="theirs", LaunchTemplateData=data)
    stage.aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=NAME,
        MinSize=1,
        MaxSize=2,
        VPCZoneIdentifier=",".join(stage.lab.account.subnet_ids),
        **(more or {"LaunchTemplate": {"LaunchTemplateName": "theirs", "Version": "$Latest"}}),
    )
    stage.lab.run(60)


def test_a_group_without_our_mark_is_left_alone(stage: Stage) -> None:
    foreign(stage)
    start = stage.bench.mark()
    assert str(stage.bench.fails(name=NAME, max_size=3)) == (
        "Cannot change group 'wcs': a group of that name exists and is not tagged "
        "webcallserver.aws:stack, so it is not managed by this collection. Set adopt: true to take it over, or "
        "choose another name."
    )
    assert str(stage.bench.fails(name=NAME, state="absent")) == (
        "Cannot remove group 'wcs': it is not tagged webcallserver.aws:stack, so it is not managed by this collection. "
        "Set adopt: true to remove it nevertheless."
    )
    assert stage.bench.writes(start) == []


def test_adopting_a_group_changes_what_is_given_and_no_more(stage: Stage) -> None:
    foreign(stage)
    adopted = stage.bench.exact(name=NAME, adopt=True, max_size=3)
    assert adopted.outcome.actions == ["autoscaling:CreateOrUpdateTags", "autoscaling:UpdateAutoScalingGroup"]
    assert stage.group()["LaunchTemplate"]["LaunchTemplateName"] == "theirs"
    moved = stage.bench.exact(name=NAME, launch={"instance_type": "c5.xlarge"})
    assert moved.outcome.actions == ["ec2:CreateLaunchTemplate", "autoscaling:UpdateAutoScalingGroup"]
    assert stage.group()["LaunchTemplate"]["Version"] == "1"
    stage.bench.exact(name=NAME, state="absent")
    names = stage.aws("ec2").describe_launch_templates()["LaunchTemplates"]
    assert [one["LaunchTemplateName"] for one in names] == ["theirs"]


def test_a_template_of_our_name_that_is_not_ours(stage: Stage) -> None:
    data = {
        "ImageId": stage.lab.account.wcs_image_id,
        "InstanceType": "c5.large",
        "CreditSpecification": {"CpuCredits": "standard"},
    }
    stage.aws("ec2").create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
    (template,) = stage.aws("ec2").describe_launch_templates()["LaunchTemplates"]
    assert str(stage.bench.fails(**stage.options())) == (
        f"Cannot create group 'wcs': a launch template of that name exists ({template['LaunchTemplateId']}) "
        "and is not "
        "tagged webcallserver.aws:stack, so it is not managed by this collection. Set adopt: true to take it "
        "over, or choose another name."
    )
    taken = stage.bench.exact(**stage.options(adopt=True))
    assert taken.outcome.actions == [
        "ec2:CreateTags",
        "ec2:CreateLaunchTemplateVersion",
        "autoscaling:CreateAutoScalingGroup",
        "ec2:ModifyLaunchTemplate",
    ]
    assert stage.bench.run(**stage.options()).outcome.actions == []
    (template,) = stage.aws("ec2").describe_launch_templates()["LaunchTemplates"]
    assert {tag["Key"]: tag["Value"] for tag in template["Tags"]} == {"webcallserver.aws:stack": NAME}


def test_an_absent_group_takes_no_foreign_template_with_it(stage: Stage) -> None:
    data = {"ImageId": stage.lab.account.wcs_image_id, "InstanceType": "c5.large"}
    stage.aws("ec2").create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
    assert stage.bench.exact(name=NAME, state="absent").outcome.actions == []


def test_foreign_settings_are_shown_and_left_alone(stage: Stage) -> None:
    spec = {"LaunchTemplateSpecification": {"LaunchTemplateName": "theirs", "Version": "$Latest"}}
    mixed = {"LaunchTemplate": {**spec, "Overrides": [{"InstanceType": "c5.xlarge"}]}}
    foreign(stage, MixedInstancesPolicy=mixed)
    answer = stage.bench.exact(name=NAME, adopt=True, max_size=3)
    assert "mixed_instances_policy" in answer.returns["group"]["foreign_settings"]
    failure = stage.bench.fails(name=NAME, launch={"instance_type": "c5.2xlarge"})
    assert str(failure) == (
        "Cannot change group 'wcs': it has a mixed instances policy, whose overrides would "
        "not follow a change of launch. "
        "Change the policy by hand, or leave launch out."
    )
    assert stage.bench.run(name=NAME, launch={"instance_type": "c5.large"}).outcome.actions == []


def test_decoys_survive_everything(stage: Stage) -> None:
    ec2, autoscaling, cloudwatch = stage.aws("ec2"), stage.aws("autoscaling"), stage.aws("cloudwatch")
    data = {"ImageId": stage.lab.account.wcs_image_id, "InstanceType": "t3.small"}
    names = ["wcs-decoy", "wcs2", "wcs-0123456789ab"]
    for name in names:
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=1,
            VPCZoneIdentifier=stage.lab.account.subnet_ids[0],
            LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        )
        autoscaling.put_scaling_policy(
            AutoScalingGroupName=name,
            PolicyName="cpu-out",
            PolicyType="SimpleScaling",
            AdjustmentType="ChangeInCapacity",
            ScalingAdjustment=1,
        )
    alarms = ["wcs:decoy:out", "wcs:decoy", "wcs2:cpu-out:out", "wcs:cpu-out:out:in", "wcs-cpu-out"]
    for name in alarms:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Decoys",
            MetricName="Count",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    stage.bench.exact(**stage.options(scaling_policies=[OUT]))
    stage.bench.exact(**stage.options(scaling_policies=[]))
    stage.bench.exact(name=NAME, state="absent")
    assert set(stage.alarms()) == set(alarms)
    assert {one["LaunchTemplateName"] for one in ec2.describe_launch_templates()["LaunchTemplates"]} == set(names)
    groups = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert {one["AutoScalingGroupName"] for one in groups} == set(names)
    assert all("cpu-out" in stage.policies(name) for name in names)
