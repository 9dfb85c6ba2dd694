"""Auto Scaling's API as AWS answers it. Each test names what AWS does."""

from __future__ import annotations

import uuid

import pytest


def base(fleet, **change):
    given = {
        "AutoScalingGroupName": "wcs",
        "MinSize": 0,
        "MaxSize": 3,
        "VPCZoneIdentifier": fleet.lab.account.subnet_ids[0],
        "LaunchTemplate": {"LaunchTemplateName": "wcs"},
        **change,
    }
    return {key: value for key, value in given.items() if value is not None}


def policy(fleet, name="p", group="wcs", **given):
    given = {"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1, **given}
    given = {key: value for key, value in given.items() if value is not None}
    return fleet.asg.put_scaling_policy(AutoScalingGroupName=group, PolicyName=name, **given)


def tracking(fleet, name="p", **given):
    config = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 50.0,
    }  # fmt: skip
    kind = {"PolicyType": "TargetTrackingScaling", "AdjustmentType": None, "ScalingAdjustment": None}
    return policy(fleet, name, **kind, TargetTrackingConfiguration=config, **given)


def test_a_group_has_awss_defaults(fleet):
    fleet.group(desired=0, LaunchTemplate={"LaunchTemplateName": "wcs"})
    have = fleet.have()
    wanted = {
        "DefaultCooldown": 300,
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 0,
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": False,
        "AvailabilityZones": fleet.lab.account.zones,
        "SuspendedProcesses": [],
        "EnabledMetrics": [],
        "LoadBalancerNames": [],
        "Tags": [],
        "Instances": [],
    }
    assert {key: have[key] for key in wanted} == wanted
    assert set(have["LaunchTemplate"]) == {"LaunchTemplateId", "LaunchTemplateName"}
    assert ":autoScalingGroupName/wcs" in have["AutoScalingGroupARN"]
    assert "Status" not in have


def test_every_setting_is_kept_and_can_be_changed(fleet):
    first = {
        "DefaultCooldown": 10,
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": 20,
        "TerminationPolicies": ["OldestInstance"],
        "NewInstancesProtectedFromScaleIn": True,
        "MaxInstanceLifetime": 86400,
        "DefaultInstanceWarmup": 30,
        "CapacityRebalance": True,
        "InstanceMaintenancePolicy": {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 120},
    }
    second = {
        "DefaultCooldown": 11,
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 0,
        "TerminationPolicies": ["NewestInstance", "Default"],
        "NewInstancesProtectedFromScaleIn": False,
        "DefaultInstanceWarmup": 0,
    }
    fleet.group(desired=0, **first)
    assert {key: fleet.have()[key] for key in first} == first
    fleet.update(**second)
    assert {key: fleet.have()[key] for key in {**first, **second}} == {**first, **second}
    fleet.update(DefaultInstanceWarmup=-1, MaxInstanceLifetime=0)
    assert not {"DefaultInstanceWarmup", "MaxInstanceLifetime"} & set(fleet.have())


def test_a_name_in_use_is_refused_and_the_group_is_left_alone(fleet, refused):
    fleet.group(desired=1)
    before = fleet.ids()
    with refused("AlreadyExists", "A group with the name wcs already exists"):
        fleet.asg.create_auto_scaling_group(**base(fleet))
    fleet.lab.run(30)
    assert fleet.ids() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"LaunchTemplate": None}, "Valid requests must contain either LaunchTemplate"),
        ({"LaunchTemplate": {"LaunchTemplateName": "none"}}, "You must use a valid fully-formed launch template."),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-00000000000000000"}}, "You must use a valid fully-formed"),
        ({"LaunchTemplate": {"LaunchTemplateName": "wcs", "Version": "7"}}, "You must use a valid fully-formed"),
        (
            {"LaunchTemplate": None, "LaunchConfigurationName": "none"},
            "Launch configuration name not found - Launch configuration with name: none does not exist",
        ),
        ({"VPCZoneIdentifier": None}, "At least one Availability Zone or VPC Subnet is required."),
        ({"VPCZoneIdentifier": "subnet-0"}, "The subnet ID 'subnet-0' does not exist"),
        ({"LoadBalancerNames": ["none"]}, "Provided Load Balancers may not be valid."),
        ({"MinSize": 4}, "Max bound, 3, must be greater than or equal to min bound, 4"),
        (
            {"DesiredCapacity": 4},
            "Desired capacity:4 must be between the specified min size:0 and max size:3",
        ),
        ({"HealthCheckType": "PING"}, "Valid Health Check types are"),
        ({"TerminationPolicies": ["Random"]}, "Termination policy Random is not valid"),
    ],
)
def test_what_aws_refuses_at_creation(fleet, refused, change, words):
    with refused("ValidationError", words):
        fleet.asg.create_auto_scaling_group(**base(fleet, **change))
    assert fleet.asg.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_an_image_of_the_template_must_exist_when_the_group_is_made(fleet, refused):
    fleet.template("bad", ImageId="ami-00000000000000000")
    with refused("ValidationError", "The image id '[ami-00000000000000000]' does not exist"):
        fleet.asg.create_auto_scaling_group(**base(fleet, LaunchTemplate={"LaunchTemplateName": "bad"}))


def test_new_bounds_move_the_desired_capacity_and_desired_stays_within_them(fleet, refused):
    fleet.group(desired=2)
    fleet.update(MinSize=3)
    assert fleet.desired() == 3
    fleet.update(MinSize=0, MaxSize=1)
    assert fleet.desired() == 1
    with refused("ValidationError", "Desired capacity:2 must be between"):
        fleet.update(DesiredCapacity=2)
    with refused("ValidationError", "New SetDesiredCapacity value 9 is above max value 1 for the AutoScalingGroup."):
        fleet.asg.set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=9)


def test_a_group_that_is_not_there(fleet, refused):
    words = "AutoScalingGroup name not found - AutoScalingGroup 'no' not found"
    with refused("ValidationError", words):
        fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="no")
    with refused("ValidationError"):
        fleet.asg.set_desired_capacity(AutoScalingGroupName="no", DesiredCapacity=1)
    assert fleet.asg.describe_auto_scaling_groups(AutoScalingGroupNames=["no"])["AutoScalingGroups"] == []


def test_a_group_with_instances_is_deleted_by_force_only_and_its_name_stays_taken(fleet, refused):
    fleet.group()
    delete = fleet.asg.delete_auto_scaling_group
    with refused("ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances"):
        delete(AutoScalingGroupName="wcs")
    delete(AutoScalingGroupName="wcs", ForceDelete=True)
    assert fleet.have()["Status"] == "Delete in progress"
    with refused("AlreadyExists", "A group with the name wcs already exists and is pending delete.  Please wait"):
        fleet.asg.create_auto_scaling_group(**base(fleet))
    with refused("ValidationError", "The AutoScaling group may not be modified while it is pending delete"):
        fleet.update(MaxSize=9)
    with refused("ValidationError", "Processes may not be suspended while the AutoScaling group is pending delete"):
        fleet.asg.suspend_processes(AutoScalingGroupName="wcs")
    fleet.lab.run(30)
    assert fleet.asg.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    fleet.asg.create_auto_scaling_group(**base(fleet))


def test_force_delete_waits_neither_for_draining_nor_for_hooks(fleet):
    from lab.elb.balancers import find

    fleet.balancer(draining=3600)
    fleet.group(LoadBalancerNames=["wcs"], NewInstancesProtectedFromScaleIn=True)
    fleet.asg.put_lifecycle_hook(
        AutoScalingGroupName="wcs", LifecycleHookName="h", LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING"
    )
    find("us-east-1", "wcs").connections.update(dict.fromkeys(fleet.ids(), 1))
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["Terminate"])
    fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs", ForceDelete=True)
    fleet.lab.run(15)
    assert fleet.asg.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_an_empty_group_is_deleted_without_force_and_its_activities_are_kept(fleet, refused):
    fleet.group()
    fleet.update(DesiredCapacity=0)
    fleet.lab.run(5)
    with refused("ScalingActivityInProgress"):
        fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs")
    fleet.lab.run(30)
    fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs")
    fleet.lab.run(1)
    assert fleet.asg.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    kept = fleet.activities(IncludeDeletedGroups=True)
    assert len(kept) == 4
    assert {a["AutoScalingGroupState"] for a in kept} == {"Deleted"}


def test_deletion_protection(fleet, refused):
    fleet.group(desired=0, DeletionProtection="prevent-force-deletion")
    with refused("ResourceInUse"):
        fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs", ForceDelete=True)
    fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs")


def test_groups_are_listed_page_by_page_and_by_tag(fleet):
    for number in range(5):
        tags = [{"Key": "n", "Value": str(number), "PropagateAtLaunch": False}]
        fleet.asg.create_auto_scaling_group(**base(fleet, AutoScalingGroupName=f"g{number}", Tags=tags))
    pages = fleet.asg.get_paginator("describe_auto_scaling_groups").paginate(PaginationConfig={"PageSize": 2})
    names = [g["AutoScalingGroupName"] for p in pages for g in p["AutoScalingGroups"]]
    assert names == [f"g{number}" for number in range(5)]
    found = fleet.asg.describe_auto_scaling_groups(Filters=[{"Name": "tag:n", "Values": ["3"]}])["AutoScalingGroups"]
    assert [g["AutoScalingGroupName"] for g in found] == ["g3"]


def test_launch_configurations(fleet, refused):
    image = fleet.lab.account.wcs_image_id
    given = {"LaunchConfigurationName": "lc", "ImageId": image, "InstanceType": "c5.large"}
    fleet.asg.create_launch_configuration(**given)
    with refused("AlreadyExists"):
        fleet.asg.create_launch_configuration(**given)
    have = fleet.asg.describe_launch_configurations()["LaunchConfigurations"][0]
    assert have["InstanceMonitoring"] == {"Enabled": True}
    fleet.group(desired=0, LaunchConfigurationName="lc")
    with refused("ResourceInUse"):
        fleet.asg.delete_launch_configuration(LaunchConfigurationName="lc")
    fleet.update(LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "1"})
    assert "LaunchConfigurationName" not in fleet.have()
    fleet.asg.delete_launch_configuration(LaunchConfigurationName="lc")
    with refused("ValidationError", "Launch configuration name not found"):
        fleet.asg.delete_launch_configuration(LaunchConfigurationName="lc")


def test_most_accounts_may_not_make_launch_configurations(fleet, refused):
    fleet.lab.refuse_launch_configurations = True
    with refused("UnsupportedOperation", "The Launch Configuration creation operation is not available"):
        fleet.asg.create_launch_configuration(LaunchConfigurationName="lc", ImageId="ami-1", InstanceType="c5.large")


def test_a_policys_arn_has_a_uuid_and_is_kept_on_update(fleet):
    fleet.group(desired=0)
    first = policy(fleet)
    assert first["Alarms"] == []
    parts = first["PolicyARN"].split(":")
    uuid.UUID(parts[6])
    assert parts[7:] == ["autoScalingGroupName/wcs", "policyName/p"]
    assert policy(fleet, ScalingAdjustment=2)["PolicyARN"] == first["PolicyARN"]
    fleet.asg.delete_policy(AutoScalingGroupName="wcs", PolicyName="p")
    assert policy(fleet)["PolicyARN"] != first["PolicyARN"]


def test_policies_belong_to_their_group(fleet, refused):
    fleet.group(desired=0)
    fleet.group(desired=0, name="other")
    assert policy(fleet)["PolicyARN"] != policy(fleet, group="other")["PolicyARN"]
    for name in ("wcs", "other"):
        found = fleet.asg.describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
        assert [p["PolicyName"] for p in found] == ["p"]
    with refused("ValidationError"):
        policy(fleet, group="none")


@pytest.mark.parametrize(
    "given",
    [
        {"ScalingAdjustment": None},
        {"AdjustmentType": "Double"},
        {"PolicyType": "StepScaling", "ScalingAdjustment": None},
        {
            "PolicyType": "StepScaling", "ScalingAdjustment": None, "Cooldown": 1,
            "StepAdjustments": [{"ScalingAdjustment": 1}],
        },
        {"PolicyType": "TargetTrackingScaling", "ScalingAdjustment": None},
        {"PolicyType": "Guess"},
    ],
)  # fmt: skip
def test_policies_that_make_no_sense_are_refused(fleet, refused, given):
    fleet.group(desired=0)
    with refused("ValidationError"):
        policy(fleet, **given)


def alarm(fleet, name, *arns):
    fleet.aws("cloudwatch").put_metric_alarm(
        AlarmName=name, Namespace="x", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", AlarmActions=list(arns),
    )  # fmt: skip


def alarms(fleet):
    found = fleet.aws("cloudwatch").describe_alarms()["MetricAlarms"]
    return {a["AlarmName"]: a["AlarmActions"] for a in found}


def test_policies_show_the_alarms_that_call_them(fleet):
    fleet.group(desired=0)
    arn = policy(fleet)["PolicyARN"]
    alarm(fleet, "ours", arn)
    found = fleet.asg.describe_policies(AutoScalingGroupName="wcs")["ScalingPolicies"][0]
    assert [a["AlarmName"] for a in found["Alarms"]] == ["ours"]


def test_with_a_target_tracking_policy_its_alarms_go_and_with_others_only_the_action(fleet):
    fleet.group(desired=0)
    alarm(fleet, "ours", policy(fleet)["PolicyARN"])
    answer = tracking(fleet, "t")["Alarms"]
    assert len(alarms(fleet)) == 3
    again = tracking(fleet, "t")["Alarms"]
    assert again == answer
    for name in ("p", "t"):
        fleet.asg.delete_policy(AutoScalingGroupName="wcs", PolicyName=name)
    assert alarms(fleet) == {"ours": []}


def test_with_a_group_go_its_policies_and_the_alarms_without_another_action(fleet):
    fleet.group(desired=0)
    arn = policy(fleet)["PolicyARN"]
    tracking(fleet, "t")
    alarm(fleet, "only", arn)
    alarm(fleet, "both", arn, "arn:aws:sns:us-east-1:123456789012:t")
    alarm(fleet, "foreign")
    fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs")
    assert set(alarms(fleet)) == {"both", "foreign"}


def test_tags_metrics_and_processes(fleet, refused):
    def enabled():
        return {m["Metric"] for m in fleet.have()["EnabledMetrics"]}

    fleet.group(desired=0)
    tag = {
        "ResourceId": "wcs",
        "ResourceType": "auto-scaling-group",
        "Key": "k",
        "Value": "v",
        "PropagateAtLaunch": True,
    }
    fleet.asg.create_or_update_tags(Tags=[tag])
    assert fleet.have()["Tags"] == [tag]
    assert fleet.asg.describe_tags(Filters=[{"Name": "key", "Values": ["k"]}])["Tags"] == [tag]
    fleet.asg.delete_tags(Tags=[{"ResourceId": "wcs", "ResourceType": "auto-scaling-group", "Key": "k"}])
    assert fleet.have()["Tags"] == []
    fleet.asg.enable_metrics_collection(AutoScalingGroupName="wcs", Granularity="1Minute")
    assert {"GroupMinSize", "GroupTotalInstances"} <= enabled()
    fleet.asg.disable_metrics_collection(AutoScalingGroupName="wcs", Metrics=["GroupMinSize"])
    assert "GroupMinSize" not in enabled()
    assert "GroupMaxSize" in enabled()
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["Launch"])
    assert [p["ProcessName"] for p in fleet.have()["SuspendedProcesses"]] == ["Launch"]
    with refused("ValidationError"):
        fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["Lunch"])
    fleet.asg.resume_processes(AutoScalingGroupName="wcs")
    assert fleet.have()["SuspendedProcesses"] == []


def test_a_detached_balancer_loses_the_members_and_no_other_does(fleet, refused):
    for name in ("one", "two"):
        fleet.balancer(name)
    fleet.group(LoadBalancerNames=["one"])
    with refused("ValidationError", "Provided Load Balancers may not be valid."):
        fleet.asg.attach_load_balancers(AutoScalingGroupName="wcs", LoadBalancerNames=["none"])
    fleet.asg.attach_load_balancers(AutoScalingGroupName="wcs", LoadBalancerNames=["two"])
    fleet.lab.run(30)
    assert set(fleet.health("one")) == set(fleet.health("two")) == set(fleet.ids())
    fleet.asg.detach_load_balancers(AutoScalingGroupName="wcs", LoadBalancerNames=["two"])
    assert fleet.have()["LoadBalancerNames"] == ["one"]
    states = fleet.asg.describe_load_balancers(AutoScalingGroupName="wcs")["LoadBalancers"]
    assert {s["LoadBalancerName"]: s["State"] for s in states} == {"one": "InService", "two": "Removing"}
    fleet.lab.run(2)
    assert fleet.health("two") == {}
    assert set(fleet.health("one")) == set(fleet.ids())


def test_terminating_a_member_replaces_it_or_lowers_desired_not_below_the_minimum(fleet, refused):
    fleet.group(desired=2, MinSize=1, NewInstancesProtectedFromScaleIn=True)

    def terminate(decrement):
        return fleet.asg.terminate_instance_in_auto_scaling_group(
            InstanceId=fleet.ids()[0], ShouldDecrementDesiredCapacity=decrement
        )["Activity"]

    one = fleet.ids()[0]
    answer = terminate(False)
    assert answer["Description"] == f"Terminating EC2 instance: {one}"
    assert answer["StatusCode"] == "InProgress"
    assert answer["Cause"].endswith(f"instance {one} was taken out of service in response to a user request.")
    fleet.lab.run(40)
    assert (len(fleet.ids()), fleet.desired()) == (2, 2)
    assert terminate(True)["Cause"].endswith("user request, shrinking the capacity from 2 to 1.")
    fleet.lab.run(40)
    assert (len(fleet.ids()), fleet.desired()) == (1, 1)
    with refused(
        "ValidationError", "Currently, desiredSize equals minSize (1). Terminating instance without replacement"
    ):
        terminate(True)
    with refused("ValidationError"):
        fleet.asg.terminate_instance_in_auto_scaling_group(InstanceId="i-0", ShouldDecrementDesiredCapacity=True)


def test_health_set_by_hand_respects_the_grace_period(fleet):
    fleet.group(desired=1, HealthCheckGracePeriod=600)
    one = fleet.ids()[0]
    fleet.asg.set_instance_health(InstanceId=one, HealthStatus="Unhealthy")
    assert fleet.have()["Instances"][0]["HealthStatus"] == "Healthy"
    fleet.asg.set_instance_health(InstanceId=one, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    found = fleet.asg.describe_auto_scaling_instances(InstanceIds=[one])["AutoScalingInstances"][0]
    assert (found["HealthStatus"], found["AutoScalingGroupName"]) == ("UNHEALTHY", "wcs")
    fleet.lab.run(2)
    assert one not in fleet.ids()


def test_protection_needs_a_member_in_service(fleet, refused):
    fleet.group(desired=1, run=1)
    (one,) = fleet.states()
    protect = {"AutoScalingGroupName": "wcs", "ProtectedFromScaleIn": True}
    with refused("ValidationError", f"The instance {one} is not in InService or EnteringStandby or Standby."):
        fleet.asg.set_instance_protection(InstanceIds=[one], **protect)
    with refused("ValidationError", "is not part of Auto Scaling group wcs."):
        fleet.asg.set_instance_protection(InstanceIds=["i-0"], **protect)
    fleet.lab.run(30)
    fleet.asg.set_instance_protection(InstanceIds=[one], **protect)
    assert fleet.have()["Instances"][0]["ProtectedFromScaleIn"] is True


def test_executing_a_policy(fleet, refused):
    fleet.group(desired=1, MaxSize=3)
    policy(fleet, Cooldown=100)
    execute = {"AutoScalingGroupName": "wcs", "PolicyName": "p"}
    fleet.asg.execute_policy(**execute, HonorCooldown=True)
    assert fleet.desired() == 2
    fleet.lab.run(60)
    with refused("ScalingActivityInProgress"):
        fleet.asg.execute_policy(**execute, HonorCooldown=True)
    for _ in range(3):
        fleet.asg.execute_policy(**execute)
    assert fleet.desired() == 3
    with refused("ValidationError"):
        fleet.asg.execute_policy(AutoScalingGroupName="wcs", PolicyName="none")


def test_a_subnet_without_free_addresses_is_a_failed_launch(fleet):
    given = {"VpcId": fleet.lab.account.vpc_id, "CidrBlock": f"{fleet.lab.block}.20.0/28"}
    subnet = fleet.aws("ec2").create_subnet(**given, AvailabilityZone=fleet.lab.account.zones[0])["Subnet"]["SubnetId"]
    fleet.group(desired=20, MaxSize=20, VPCZoneIdentifier=subnet)
    assert len(fleet.ids()) == 11
    assert "not enough free addresses" in fleet.activities()[0]["StatusMessage"]


def test_thousand_instances_are_usable(fleet):
    import time

    subnets = list(fleet.lab.account.subnet_ids)
    for number, zone in enumerate(fleet.lab.account.zones, start=20):
        block = f"{fleet.lab.block}.{number}.0/24"
        given = {"VpcId": fleet.lab.account.vpc_id, "CidrBlock": block, "AvailabilityZone": zone}
        subnets.append(fleet.aws("ec2").create_subnet(**given)["Subnet"]["SubnetId"])
    began = time.perf_counter()
    fleet.group(desired=1000, MaxSize=1000, run=0, VPCZoneIdentifier=",".join(subnets))
    fleet.lab.run(120, step=2)
    assert len(fleet.ids()) == 1000
    made = time.perf_counter()
    fleet.lab.tick()
    assert time.perf_counter() - made < 0.05
    assert made - began < 20


QUERY = {"Id": "a", "MetricStat": {"Metric": {"Namespace": "WCS", "MetricName": "m"}, "Stat": "Sum"}}
WHOLE = {"Namespace": "WCS", "MetricName": "sessions", "Statistic": "Average"}


@pytest.mark.parametrize(
    ("metric", "taken"),
    [
        (WHOLE, True),
        *(({key: value for key, value in WHOLE.items() if key != left_out}, False) for left_out in WHOLE),
        ({"Metrics": [QUERY]}, True),
        ({"Metrics": [{**QUERY, "ReturnData": False}]}, False),
        ({"Metrics": [QUERY, {"Id": "b", "Expression": "a/2"}]}, False),
        ({"Metrics": [{**QUERY, "ReturnData": False}, {"Id": "b", "Expression": "a/2"}]}, True),
        ({**WHOLE, "Metrics": [QUERY]}, False),
        ({"Dimensions": [{"Name": "n", "Value": "v"}]}, False),
    ],
)
def test_g20_a_customized_metric_is_named_in_whole_or_worked_out_of_others(fleet, refused, metric, taken):
    fleet.group(desired=0)
    tracking = {"CustomizedMetricSpecification": metric, "TargetValue": 5}

    def put():
        fleet.asg.put_scaling_policy(
            AutoScalingGroupName="wcs",
            PolicyName="p",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration=tracking,
        )

    if taken:
        put()
    else:
        with refused("ValidationError"):
            put()
    assert len(fleet.asg.describe_policies()["ScalingPolicies"]) == taken


def test_a_launch_configuration_can_be_like_an_instance(fleet, run, refused):
    """CreateLaunchConfiguration, InstanceId: all of the instance but its block devices; what is given comes first."""
    fleet.aws("iam").create_instance_profile(InstanceProfileName="nodes")
    key, group = fleet.lab.account.key_name, fleet.aws("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]
    instance = run(
        InstanceType="t3.small",
        KeyName=key,
        UserData="echo",
        SecurityGroupIds=[group],
        Monitoring={"Enabled": True},
        IamInstanceProfile={"Name": "nodes"},
    )
    for name, given in (("same", {}), ("larger", {"InstanceType": "c5.large", "KeyName": key})):
        fleet.asg.create_launch_configuration(LaunchConfigurationName=name, InstanceId=instance, **given)
    same, larger = fleet.asg.describe_launch_configurations()["LaunchConfigurations"]
    assert (same["ImageId"], same["InstanceType"]) == (fleet.lab.account.wcs_image_id, "t3.small")
    assert (same["KeyName"], same["UserData"], same["SecurityGroups"]) == (key, "ZWNobw==", [group])
    assert (same["InstanceMonitoring"]["Enabled"], same["BlockDeviceMappings"]) == (True, [])
    assert same["IamInstanceProfile"].endswith(":instance-profile/nodes")
    assert larger["InstanceType"] == "c5.large"
    with refused("ValidationError", "i-0123456789abcdef0"):
        fleet.asg.create_launch_configuration(LaunchConfigurationName="none", InstanceId="i-0123456789abcdef0")


def test_a_group_of_an_instance_is_not_refused_in_awss_words(fleet, run, refused):
    """CreateAutoScalingGroup takes an InstanceId on AWS."""
    with refused("LabCannotAnswer"):
        fleet.asg.create_auto_scaling_group(**base(fleet, LaunchTemplate=None), InstanceId=run())


def test_filters_are_those_of_the_call(fleet, refused):
    """Auto Scaling's API reference, Filter: each call has its own names."""
    fleet.group(desired=0, Tags=[{"Key": "a", "Value": "b", "PropagateAtLaunch": True}])
    for call, name in ((fleet.asg.describe_auto_scaling_groups, "key"), (fleet.asg.describe_tags, "tag-key")):
        with refused("ValidationError", f"Filter type {name} is not correct"):
            call(Filters=[{"Name": name, "Values": ["a"]}])
    known = {"auto-scaling-group": "wcs", "key": "a", "value": "b", "propagate-at-launch": "true"}
    for name, value in known.items():
        assert len(fleet.asg.describe_tags(Filters=[{"Name": name, "Values": [value]}])["Tags"]) == 1


def test_activities_are_found_by_their_start_and_status(fleet, refused):
    """Auto Scaling's API reference, Filter: StartTimeLowerBound, StartTimeUpperBound and Status."""
    fleet.group(desired=1)
    fleet.lab.run(100)
    between = fleet.lab.clock.stamp().isoformat()
    fleet.lab.run(100)
    fleet.asg.set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=2)
    fleet.lab.run(3)

    def found(**filters):
        asked = [{"Name": name, "Values": [value]} for name, value in filters.items()]
        return len(fleet.asg.describe_scaling_activities(AutoScalingGroupName="wcs", Filters=asked)["Activities"])

    assert found() == 2
    assert (found(StartTimeLowerBound=between), found(StartTimeUpperBound=between)) == (1, 1)
    assert (found(Status="Successful"), found(Status="Failed")) == (1, 0)
    with refused("ValidationError"):
        found(StartTimeLowerBound="yesterday")


def test_a_time_zone_that_does_not_exist_is_refused(fleet, refused):
    """PutScheduledUpdateGroupAction, TimeZone: the canonical names of IANA's time zones."""
    fleet.group(desired=0)
    action = {"AutoScalingGroupName": "wcs", "ScheduledActionName": "s", "Recurrence": "0 8 * * *", "MinSize": 0}
    with refused("ValidationError", "Mars/Olympus"):
        fleet.asg.put_scheduled_update_group_action(**action, TimeZone="Mars/Olympus")
    fleet.asg.put_scheduled_update_group_action(**action, TimeZone="Europe/Berlin")
