"""wcs_asg against the lab: the five beats, the order and number of calls, what changes and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from tests.support.groups import IN, NAME, OUT, POLICIES, Stage, round_trip


@pytest.fixture
def stage(lab: Any, aws: Any) -> Stage:
    return Stage(lab, aws)


CREATION = [
    "ec2:CreateLaunchTemplate",
    "autoscaling:CreateAutoScalingGroup",
    *["autoscaling:PutScalingPolicy"] * 3,
    *["cloudwatch:PutMetricAlarm"] * 2,
]


def test_the_five_beats(stage: Stage) -> None:
    options = stage.options(scaling_policies=POLICIES, tags={"Team": "video"})
    made = stage.bench.exact(**options)
    assert made.outcome.actions == CREATION
    group = made.returns["group"]
    assert [one["lifecycle_state"] for one in group["instances"]] == ["InService"]
    assert [one["load_balancers"][0]["state"] for one in group["instances"]] == ["InService"]
    assert (group["tags"], group["desired_capacity"]) == ({"Team": "video"}, 1)
    assert made.returns["launch"]["version"] == "1"
    changed = stage.bench.exact(**stage.options(launch=stage.launch(instance_type="c5.xlarge"), min_size=2))
    assert changed.outcome.actions == [
        "ec2:CreateLaunchTemplateVersion",
        "autoscaling:UpdateAutoScalingGroup",
        "ec2:ModifyLaunchTemplate",
    ]
    assert len(changed.returns["group"]["instances"]) == 2
    gone = stage.bench.exact(name=NAME, state="absent")
    assert gone.outcome.actions == [
        *["autoscaling:DeletePolicy"] * 3,
        "cloudwatch:DeleteAlarms",
        "autoscaling:DeleteAutoScalingGroup",
        "ec2:DeleteLaunchTemplate",
    ]
    assert gone.returns == {"group": None, "launch": None, "scaling_policies": None}
    assert stage.alarms() == {}
    assert stage.bench.exact(name=NAME, state="absent").outcome.actions == []


def test_calls_of_create_and_rerun(stage: Stage) -> None:
    options = stage.options(scaling_policies=POLICIES)
    start = stage.bench.mark()
    stage.bench.run(**options)
    assert stage.counted(start) == [
        "autoscaling:DescribeAutoScalingGroups",
        "ec2:DescribeLaunchTemplateVersions",
        *CREATION,
        "autoscaling:DescribeAutoScalingGroups",
        "elb:DescribeInstanceHealth",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribePolicies",
        "cloudwatch:DescribeAlarms",
    ]
    for again in (stage.bench.run, stage.bench.check):
        start = stage.bench.mark()
        assert not again(**options).outcome.changed
        assert stage.bench.calls(start) == [
            "autoscaling:DescribeAutoScalingGroups",
            "elb:DescribeInstanceHealth",
            "ec2:DescribeLaunchTemplateVersions",
            "autoscaling:DescribePolicies",
            "cloudwatch:DescribeAlarms",
        ]


READS = {
    "group": "autoscaling:DescribeAutoScalingGroups",
    "health": "elb:DescribeInstanceHealth",
    "template": "ec2:DescribeLaunchTemplateVersions",
    "configurations": "autoscaling:DescribeLaunchConfigurations",
    "policies": "autoscaling:DescribePolicies",
    "alarms": "cloudwatch:DescribeAlarms",
}


def reads(*names: str) -> list[str]:
    return [READS[name] for name in names]


def test_calls_of_check_mode_on_an_empty_account(stage: Stage) -> None:
    start = stage.bench.mark()
    stage.bench.check(**stage.options(scaling_policies=POLICIES))
    named = [f"ec2:Describe{kind}" for kind in ("Images", "InstanceTypes", "SecurityGroups", "Subnets")]
    assert [*stage.bench.calls(start)[:2], *sorted(stage.bench.calls(start)[2:])] == [
        *reads("group", "template"),
        *named,
    ]


def test_calls_of_a_change(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    start = stage.bench.mark()
    stage.bench.run(**stage.options(scaling_policies=POLICIES, launch=stage.launch(instance_type="c5.xlarge")))
    assert stage.counted(start) == [
        *reads("group", "health", "template", "policies", "alarms"),
        *(f"ec2:Describe{things}" for things in ("Images", "InstanceTypes", "SecurityGroups")),
        "ec2:CreateLaunchTemplateVersion",
        "autoscaling:UpdateAutoScalingGroup",
        "ec2:ModifyLaunchTemplate",
        *reads("group", "health", "template", "policies", "alarms"),
    ]


def test_calls_of_absent(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    start = stage.bench.mark()
    stage.bench.run(name=NAME, state="absent")
    assert stage.counted(start) == [
        *reads("group", "template", "configurations", "policies", "alarms"),
        *["autoscaling:DeletePolicy"] * 3,
        "cloudwatch:DeleteAlarms",
        "autoscaling:DeleteAutoScalingGroup",
        "ec2:DeleteLaunchTemplate",
        *reads("group", "template", "configurations", "alarms"),
    ]
    start = stage.bench.mark()
    stage.bench.run(name=NAME, state="absent")
    assert stage.bench.calls(start) == reads("group", "template", "configurations", "alarms")


def test_calls_where_only_the_group_is_managed(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    start = stage.bench.mark()
    answer = stage.bench.run(name=NAME, max_size=4)
    assert stage.bench.calls(start) == reads("group", "health")
    assert (answer.returns["launch"], answer.returns["scaling_policies"]) == (None, None)


def test_check_mode_on_an_empty_account_foresees_all_but_what_aws_invents(stage: Stage) -> None:
    later = stage.launch(image_id=LATER, security_group_ids=[LATER])
    foreseen = stage.bench.check(**stage.options(launch=later, subnets=[LATER], scaling_policies=POLICIES))
    assert foreseen.outcome.actions == CREATION
    group, policies = foreseen.returns["group"], foreseen.returns["scaling_policies"]
    assert (group["arn"], [one["instance_id"] for one in group["instances"]]) == (LATER, [LATER])
    assert {policy["arn"] for policy in policies} == {LATER}
    assert foreseen.returns["launch"]["image_id"] == LATER


def test_what_is_returned_may_be_fed_back(stage: Stage) -> None:
    returns = stage.bench.run(
        **stage.options(
            scaling_policies=POLICIES,
            tags={"Team": "video"},
            metrics_collection=["GroupDesiredCapacity"],
            launch=stage.launch(user_data="#!/bin/sh\n", volumes=[{"device_name": "/dev/xvda", "size": 20}]),
        )
    ).returns
    again = stage.bench.run(**round_trip(returns))
    assert again.outcome.actions == []
    assert again.returns == returns


def test_user_data_is_shown_only_as_a_digest(stage: Stage) -> None:
    secret = "#!/bin/sh\nexport LICENCE=0123-4567\n"
    answer = stage.bench.run(**stage.options(launch=stage.launch(user_data=secret)))
    assert "0123-4567" not in str(answer.returns) + str(answer.outcome.after)
    assert len(answer.returns["launch"]["user_data_sha256"]) == 64


def test_the_first_members_have_hooks_tags_and_protection(stage: Stage) -> None:
    hook = {"name": "drain", "transition": "autoscaling:EC2_INSTANCE_TERMINATING", "heartbeat_timeout": 60}
    answer = stage.bench.exact(**stage.options(lifecycle_hooks=[hook], tags={"Team": "video"}))
    assert answer.outcome.actions == ["ec2:CreateLaunchTemplate", "autoscaling:CreateAutoScalingGroup"]
    member = answer.returns["group"]["instances"][0]
    assert member["protected_from_scale_in"] is True
    assert [one["name"] for one in answer.returns["group"]["lifecycle_hooks"]] == ["drain"]
    instance = stage.aws("ec2").describe_instances(InstanceIds=[member["instance_id"]])["Reservations"][0]["Instances"]
    tags = {tag["Key"]: tag["Value"] for tag in instance[0]["Tags"]}
    assert tags.items() >= {"Team": "video", "webcallserver.aws:stack": NAME}.items()


def test_a_machine_gets_what_the_template_says(stage: Stage) -> None:
    answer = stage.bench.run(**stage.options(launch=stage.launch(key_name="wcs-lab")))
    instance_id = answer.returns["group"]["instances"][0]["instance_id"]
    machine = stage.aws("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    assert machine["KeyName"] == "wcs-lab"
    assert machine["Monitoring"]["State"] == "enabled"
    assert machine["MetadataOptions"]["HttpTokens"] == "required"
    assert machine["PublicIpAddress"]
    assert [group["GroupId"] for group in machine["SecurityGroups"]] == [stage.group_id]


def test_a_to_b_to_a_uses_the_kept_version_and_the_group_names_a_number(stage: Stage) -> None:
    for kind in ("c5.large", "c5.xlarge", "c5.large"):
        stage.bench.exact(**stage.options(launch=stage.launch(instance_type=kind, keep=5)))
    versions = stage.versions()
    assert [one["LaunchTemplateData"]["InstanceType"] for one in versions] == ["c5.large", "c5.xlarge"]
    assert stage.group()["LaunchTemplate"]["Version"] == "1"
    assert [one["VersionNumber"] for one in versions if one["DefaultVersion"]] == [1]


def test_every_version_has_all_data(stage: Stage) -> None:
    stage.bench.run(**stage.options(launch=stage.launch(key_name="wcs-lab", user_data="#!/bin/sh\n")))
    stage.bench.exact(name=NAME, launch={"instance_type": "c5.xlarge"})
    first, second = (version["LaunchTemplateData"] for version in stage.versions())
    assert {**first, "InstanceType": "c5.xlarge"} == second


def test_keep_spares_the_version_of_a_member(stage: Stage) -> None:
    for number in range(4):
        stage.bench.exact(**stage.options(launch=stage.launch(user_data=f"#{number}")))
    assert [one["VersionNumber"] for one in stage.versions()] == [1, 3, 4]
    old = stage.group()["Instances"][0]["InstanceId"]
    stage.aws("autoscaling").terminate_instance_in_auto_scaling_group(
        InstanceId=old, ShouldDecrementDesiredCapacity=False
    )
    stage.lab.run(300)
    again = stage.bench.exact(**stage.options(launch=stage.launch(user_data="#3")))
    assert again.outcome.actions == ["ec2:DeleteLaunchTemplateVersions"]
    assert [one["VersionNumber"] for one in stage.versions()] == [3, 4]


def test_for_a_rollout_the_version_is_made_and_the_group_left(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    wanted = stage.options(launch=stage.launch(instance_type="c5.xlarge", apply="rollout"))
    answer = stage.bench.exact(**wanted)
    assert answer.outcome.actions == ["ec2:CreateLaunchTemplateVersion"]
    launch = answer.returns["launch"]
    assert (launch["version"], launch["latest_version"], launch["default_version"]) == ("1", "2", "1")
    assert (launch["instance_type"], launch["pending"]["instance_type"]) == ("c5.large", "c5.xlarge")


def test_a_policy_of_another_type_is_made_anew_with_its_alarm(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[OUT]))
    simple = {"name": "cpu-out", "type": "simple", "adjustment": 1, "cooldown": 60, "alarm": OUT["alarm"]}
    answer = stage.bench.exact(**stage.options(scaling_policies=[simple]))
    assert answer.outcome.actions == [
        "autoscaling:DeletePolicy",
        "autoscaling:PutScalingPolicy",
        "cloudwatch:PutMetricAlarm",
    ]
    policy, alarm = stage.policies()["cpu-out"], stage.alarms()["wcs:cpu-out:out"]
    assert alarm["AlarmActions"] == [policy["PolicyARN"]]


def test_an_alarm_goes_with_its_policy_and_aws_own_stay(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    answer = stage.bench.exact(**stage.options(scaling_policies=[POLICIES[0]]))
    assert answer.outcome.actions == ["autoscaling:DeletePolicy"] * 2 + ["cloudwatch:DeleteAlarms"]
    assert stage.alarms() == {}
    assert {one["managed_by"] for one in answer.returns["scaling_policies"][0]["alarms"]} == {"aws"}


def test_what_others_added_to_an_alarm_stays(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[OUT]))
    alarm = stage.alarms()["wcs:cpu-out:out"]
    topic = "arn:aws:sns:us-east-1:123456789012:operators"
    keys = "AlarmName Namespace MetricName Statistic Dimensions ComparisonOperator Threshold Period EvaluationPeriods"
    stage.aws("cloudwatch").put_metric_alarm(
        **{key: alarm[key] for key in keys.split()},
        AlarmActions=[*alarm["AlarmActions"], topic],
        OKActions=[topic],
        AlarmDescription=alarm["AlarmDescription"],
    )
    assert stage.bench.run(**stage.options(scaling_policies=[OUT])).outcome.actions == []
    higher = {**OUT, "alarm": {**OUT["alarm"], "threshold": 80}}
    assert stage.bench.exact(**stage.options(scaling_policies=[higher])).outcome.actions == [
        "cloudwatch:PutMetricAlarm"
    ]
    after = stage.alarms()["wcs:cpu-out:out"]
    assert (after["Threshold"], after["OKActions"]) == (80, [topic])
    assert after["AlarmActions"] == [*alarm["AlarmActions"], topic]


def test_what_is_not_purged_stays(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[OUT]))
    answer = stage.bench.exact(**stage.options(scaling_policies=[IN], purge_policies=False))
    assert sorted(stage.policies()) == ["cpu-in", "cpu-out"]
    assert "cloudwatch:DeleteAlarms" not in answer.outcome.actions


def test_many_options_in_one_change(stage: Stage) -> None:
    stage.balancer("other")
    stage.bench.run(**stage.options(tags={"Team": "video"}))
    answer = stage.bench.exact(
        **stage.options(
            max_size=6,
            desired_capacity=2,
            load_balancers=["other"],
            health_check_grace_period=120,
            default_cooldown=60,
            default_instance_warmup=30,
            termination_policies=["OldestInstance", "Default"],
            new_instances_protected_from_scale_in=False,
            metrics_collection=True,
            suspended_processes=["AZRebalance"],
            tags={"Stage": "test"},
            scheduled_actions=[{"name": "morning", "recurrence": "0 8 * * 1-5", "min_size": 2}],
            lifecycle_hooks=[{"name": "up", "transition": "autoscaling:EC2_INSTANCE_TERMINATING"}],
        )
    )
    assert answer.outcome.actions == [
        "ec2:CreateTags",
        "ec2:DeleteTags",
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:DeleteTags",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:PutLifecycleHook",
        "autoscaling:AttachLoadBalancers",
        "autoscaling:SuspendProcesses",
        "autoscaling:EnableMetricsCollection",
        "autoscaling:PutScheduledUpdateGroupAction",
        "autoscaling:DetachLoadBalancers",
    ]
    assert len(answer.returns["group"]["metrics_collection"]) == 20
    nothing = stage.options(
        load_balancers=["other"],
        metrics_collection=False,
        suspended_processes=[],
        default_instance_warmup=-1,
        scheduled_actions=[],
        lifecycle_hooks=[],
        tags={},
    )
    emptied = stage.bench.exact(**{**nothing, "max_size": 6})
    assert emptied.outcome.actions == [
        "ec2:DeleteTags",
        "autoscaling:DeleteTags",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:DeleteLifecycleHook",
        "autoscaling:ResumeProcesses",
        "autoscaling:DisableMetricsCollection",
        "autoscaling:DeleteScheduledAction",
    ]
