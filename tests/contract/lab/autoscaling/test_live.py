"""What an Auto Scaling group does by itself. Each test names what AWS does."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.lab_groups import SICK


def test_a_group_launches_over_its_zones_and_its_members_come_into_service(fleet):
    fleet.group(desired=4, run=1)
    assert set(fleet.states().values()) == {"Pending"}
    fleet.lab.run(15)
    assert set(fleet.states().values()) == {"InService"}
    zones = Counter(i["AvailabilityZone"] for i in fleet.have()["Instances"])
    assert sorted(zones.values()) == [1, 1, 2]


def test_members_join_the_balancer_by_themselves_and_its_state_in_the_group_follows(fleet):
    fleet.balancer()

    def at():
        return fleet.asg.describe_load_balancers(AutoScalingGroupName="wcs")["LoadBalancers"][0]["State"]

    fleet.group(run=0, LoadBalancerNames=["wcs"])
    assert at() == "Adding"
    fleet.lab.run(12)
    assert at() == "Added"
    assert set(fleet.health().values()) == {"OutOfService"}
    fleet.lab.run(20)
    assert at() == "InService"
    assert set(fleet.health()) == set(fleet.ids())
    assert set(fleet.health().values()) == {"InService"}


def test_every_field_of_the_template_version_is_applied(fleet):
    ec2 = fleet.aws("ec2")
    group_id = ec2.create_security_group(GroupName="n", Description="n", VpcId=fleet.lab.account.vpc_id)["GroupId"]
    fleet.template(
        "full",
        KeyName=fleet.lab.account.key_name,
        Monitoring={"Enabled": True},
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [group_id]}],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "of", "Value": "template"}]}],
        UserData="IyEvYmluL3No",
    )
    tags = [
        {"Key": "Name", "Value": "wcs", "PropagateAtLaunch": True},
        {"Key": "no", "Value": "", "PropagateAtLaunch": False},
    ]
    fleet.group(desired=1, LaunchTemplate={"LaunchTemplateName": "full", "Version": "$Latest"}, Tags=tags)
    member = fleet.have()["Instances"][0]
    assert member["LaunchTemplate"]["Version"] == "1"
    instance = ec2.describe_instances(InstanceIds=[member["InstanceId"]])["Reservations"][0]["Instances"][0]
    assert instance["KeyName"] == fleet.lab.account.key_name
    assert instance["Monitoring"]["State"] == "enabled"
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert [g["GroupId"] for g in instance["SecurityGroups"]] == [group_id]
    have = {t["Key"]: t["Value"] for t in instance["Tags"]}
    assert (have["of"], have["Name"], have["aws:autoscaling:groupName"]) == ("template", "wcs", "wcs")
    assert "no" not in have


def test_every_field_of_a_launch_configuration_is_applied(fleet):
    fleet.aws("iam").create_instance_profile(InstanceProfileName="p")
    fleet.asg.create_launch_configuration(
        LaunchConfigurationName="lc",
        ImageId=fleet.lab.account.wcs_image_id,
        InstanceType="c5.xlarge",
        KeyName=fleet.lab.account.key_name,
        IamInstanceProfile="p",
        InstanceMonitoring={"Enabled": True},
        MetadataOptions={"HttpTokens": "required"},
        AssociatePublicIpAddress=True,
    )
    fleet.group(desired=1, LaunchConfigurationName="lc")
    member = fleet.have()["Instances"][0]
    assert member["LaunchConfigurationName"] == "lc"
    found = fleet.aws("ec2").describe_instances(InstanceIds=[member["InstanceId"]])["Reservations"][0]["Instances"][0]
    assert (found["InstanceType"], found["KeyName"]) == ("c5.xlarge", fleet.lab.account.key_name)
    assert found["Monitoring"]["State"] == "enabled"
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["IamInstanceProfile"]["Arn"].endswith("/p")


def test_a_terminated_member_is_replaced(fleet):
    fleet.group()
    gone = fleet.ids()[0]
    fleet.aws("ec2").terminate_instances(InstanceIds=[gone])
    fleet.lab.run(60)
    assert len(fleet.ids()) == 2
    assert gone not in fleet.states()
    causes = [a["Cause"] for a in fleet.activities()]
    assert any(c.endswith("an EC2 health check indicating it has been terminated or stopped.") for c in causes)
    assert any(
        c.endswith("an instance was launched in response to an unhealthy instance needing to be replaced.")
        for c in causes
    )


def test_a_stopped_member_is_replaced_even_in_its_grace_period(fleet):
    fleet.group(HealthCheckGracePeriod=3600)
    gone = fleet.ids()[0]
    fleet.aws("ec2").stop_instances(InstanceIds=[gone])
    fleet.lab.run(90)
    assert gone not in fleet.states()
    assert len(fleet.ids()) == 2


def test_a_member_its_balancer_fails_is_replaced_after_its_grace_period_only(fleet):
    fleet.balancer()
    fleet.group(run=40, LoadBalancerNames=["wcs"], HealthCheckType="ELB", HealthCheckGracePeriod=120)
    sick = fleet.ids()[0]
    fleet.lab.machines[sick].health = SICK
    fleet.lab.run(60)
    assert fleet.health()[sick] == "OutOfService"
    assert sick in fleet.ids()
    fleet.lab.run(120)
    assert sick not in fleet.states()
    assert len(fleet.ids()) == 2
    assert any("an ELB system health check failure" in a["Cause"] for a in fleet.activities())


def test_with_ec2_checks_the_balancer_does_not_count(fleet):
    fleet.balancer()
    fleet.group(LoadBalancerNames=["wcs"])
    sick = fleet.ids()[0]
    fleet.lab.machines[sick].health = SICK
    fleet.lab.run(120)
    assert sick in fleet.ids()


def test_nobody_is_replaced_in_a_group_none_of_whose_members_ever_passed(fleet):
    fleet.balancer()
    fleet.lab.machines.fresh_health = SICK
    fleet.group(run=300, LoadBalancerNames=["wcs"], HealthCheckType="ELB")
    state = fleet.asg.describe_load_balancers(AutoScalingGroupName="wcs")["LoadBalancers"][0]["State"]
    assert state == "Added"
    assert len(fleet.activities()) == 2


def test_members_that_a_balancer_fails_are_replaced_one_at_a_time_in_a_small_group(fleet):
    fleet.balancer()
    fleet.group(desired=3, LoadBalancerNames=["wcs"], HealthCheckType="ELB")
    for instance_id in fleet.ids():
        fleet.lab.machines[instance_id].health = SICK
    least = 3
    for _ in range(200):
        fleet.lab.run(1)
        least = min(least, len(fleet.ids()))
    assert least == 2
    assert set(fleet.health().values()) == {"InService"}


def test_a_member_deregistered_by_hand_is_unhealthy_once_drained_and_not_registered_again(fleet):
    elb = fleet.balancer(draining=60)
    fleet.group(LoadBalancerNames=["wcs"], HealthCheckType="ELB")
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["ReplaceUnhealthy"])
    one = fleet.ids()[0]
    elb.deregister_instances_from_load_balancer(LoadBalancerName="wcs", Instances=[{"InstanceId": one}])
    fleet.lab.run(120)
    health = {i["InstanceId"]: i["HealthStatus"] for i in fleet.have()["Instances"]}
    assert health[one] == "Unhealthy"
    assert one not in fleet.health()
    fleet.asg.resume_processes(AutoScalingGroupName="wcs", ScalingProcesses=["ReplaceUnhealthy"])
    fleet.lab.run(2)
    assert fleet.states()[one].startswith("Terminating")


def test_the_mark_unhealthy_stays_until_it_is_set_back(fleet):
    fleet.group()
    one = fleet.ids()[0]
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["ReplaceUnhealthy"])
    fleet.asg.set_instance_health(InstanceId=one, HealthStatus="Unhealthy")
    fleet.lab.run(60)
    fleet.asg.set_instance_health(InstanceId=one, HealthStatus="Healthy")
    fleet.asg.resume_processes(AutoScalingGroupName="wcs", ScalingProcesses=["ReplaceUnhealthy"])
    fleet.lab.run(60)
    assert one in fleet.ids()


def test_scale_in_takes_the_unprotected_and_leaves_the_group_above_desired(fleet):
    fleet.group(desired=3, NewInstancesProtectedFromScaleIn=True)
    free = fleet.ids()[0]
    fleet.asg.set_instance_protection(AutoScalingGroupName="wcs", InstanceIds=[free], ProtectedFromScaleIn=False)
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(60)
    assert free not in fleet.states()
    assert len(fleet.ids()) == 2
    answer = [a for a in fleet.activities() if a["StatusCode"] == "Cancelled"]
    assert len(answer) == 1
    assert "protected from scale-in" in answer[0]["StatusMessage"]
    fleet.asg.set_instance_protection(AutoScalingGroupName="wcs", InstanceIds=fleet.ids(), ProtectedFromScaleIn=False)
    fleet.lab.run(60)
    assert len(fleet.ids()) == 1


def test_a_leaving_member_drains_before_its_instance_is_terminated(fleet):
    from lab.elb.balancers import find

    fleet.balancer(draining=100)
    fleet.group(LoadBalancerNames=["wcs"])
    connections = find("us-east-1", "wcs").connections
    connections.update(dict.fromkeys(fleet.ids(), 1))
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(99)
    leaving = fleet.ids(state="Terminating")
    assert len(leaving) == 1
    assert fleet.activities()[0]["StatusCode"] == "WaitingForELBConnectionDraining"
    fleet.lab.run(15)
    assert leaving[0] not in fleet.states()


def test_suspended_launch_and_terminate_change_nothing_but_desired(fleet):
    fleet.group()
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["Launch", "Terminate"])
    before = fleet.ids()
    for desired in (5, 1):
        fleet.update(DesiredCapacity=desired)
        fleet.lab.run(60)
        assert fleet.ids() == before
    fleet.asg.resume_processes(AutoScalingGroupName="wcs")
    fleet.lab.run(60)
    assert len(fleet.ids()) == 1


def test_members_are_not_registered_while_add_to_load_balancer_is_suspended(fleet):
    fleet.balancer()
    fleet.group(desired=0, LoadBalancerNames=["wcs"])
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["AddToLoadBalancer"])
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(60)
    fleet.asg.resume_processes(AutoScalingGroupName="wcs")
    fleet.lab.run(60)
    assert len(fleet.ids()) == 1
    assert fleet.health() == {}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("image", "The AMI ID {image} does not exist. Launching EC2 instance failed."),
        ("key", "The key pair 'k' does not exist. Launching EC2 instance failed."),
        ("group", "The security group '{group}' does not exist. Launching EC2 instance failed."),
    ],
)
def test_a_launch_that_ec2_refuses_is_a_failed_activity_with_its_reason(fleet, spoil, reason):
    ec2 = fleet.aws("ec2")
    ec2.create_key_pair(KeyName="k")
    image = ec2.register_image(Name="spare", RootDeviceName="/dev/sda1")["ImageId"]
    group = ec2.create_security_group(GroupName="n", Description="n", VpcId=fleet.lab.account.vpc_id)["GroupId"]
    fleet.template("spare", ImageId=image, KeyName="k", SecurityGroupIds=[group])
    fleet.group(desired=0, LaunchTemplate={"LaunchTemplateName": "spare"})
    spoiled = {
        "image": lambda: ec2.deregister_image(ImageId=image),
        "key": lambda: ec2.delete_key_pair(KeyName="k"),
        "group": lambda: ec2.delete_security_group(GroupId=group),
    }
    spoiled[spoil]()
    fleet.asg.set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=1)
    fleet.lab.run(120)
    failed = fleet.activities()
    assert 3 <= len(failed) <= 5
    assert {a["StatusCode"] for a in failed} == {"Failed"}
    wanted = reason.format(image=image, group=group)
    assert failed[0]["StatusMessage"] == wanted
    assert failed[0]["Description"] == f"Launching a new EC2 instance.  Status Reason: {wanted}"
    assert fleet.states() == {}


def test_a_pending_image_cannot_be_run(fleet):
    ec2 = fleet.aws("ec2")
    fleet.group(desired=1)
    image = ec2.create_image(InstanceId=fleet.ids()[0], Name="new")["ImageId"]
    ec2.create_launch_template_version(
        LaunchTemplateName="wcs", LaunchTemplateData={"ImageId": image, "InstanceType": "c5.large"}
    )
    fleet.update(LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "2"}, DesiredCapacity=2)
    fleet.lab.run(2)
    assert (
        fleet.activities()[0]["StatusMessage"]
        == f"AMI {image} is pending, and cannot be run. Launching EC2 instance failed."
    )
    fleet.lab.run(90)
    assert len(fleet.ids()) == 2


def test_without_capacity_a_launch_fails_and_is_tried_again(fleet):
    words = "We currently do not have sufficient c5.large capacity in the Availability Zone you requested (us-east-1a)."
    fleet.lab.launch_failures.append(words)
    fleet.group(desired=1)
    failed, launched = fleet.activities()[1], fleet.activities()[0]
    assert (failed["StatusCode"], launched["StatusCode"]) == ("Failed", "Successful")
    assert failed["StatusMessage"] == f"{words} Launching EC2 instance failed."


def test_without_its_balancer_a_group_launches_nothing(fleet):
    elb = fleet.balancer()
    fleet.group(desired=0, LoadBalancerNames=["wcs"])
    elb.delete_load_balancer(LoadBalancerName="wcs")
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(60)
    assert fleet.states() == {}
    assert fleet.activities()[0]["StatusMessage"] == (
        "Cannot find Load Balancer wcs. Validating load balancer configuration failed."
    )


def test_activities_tell_who_asked_for_it(fleet):
    fleet.group(desired=1)
    launched = fleet.activities()[0]
    assert launched["Description"] == f"Launching a new EC2 instance: {fleet.ids()[0]}"
    assert launched["StatusCode"] == "Successful"
    assert (
        "a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  At "
        in launched["Cause"]
    )
    fleet.update(MinSize=0, MaxSize=5, DesiredCapacity=2)
    fleet.lab.run(30)
    assert (
        "a user request update of AutoScalingGroup constraints to min: 0, max: 5, desired: 2 changing the desired "
        "capacity from 1 to 2.  At " in fleet.activities()[0]["Cause"]
    )
    fleet.asg.set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=1)
    fleet.lab.run(30)
    assert "shrinking the capacity from 2 to 1.  At " in fleet.activities()[0]["Cause"]
    assert fleet.activities()[0]["Cause"].endswith("was selected for termination.")


def test_uneven_zones_are_evened_out_launching_first(fleet):
    fleet.group(desired=2, VPCZoneIdentifier=fleet.lab.account.subnet_ids[0])
    fleet.update(VPCZoneIdentifier=",".join(fleet.lab.account.subnet_ids[:2]))
    least = 2
    for _ in range(60):
        fleet.lab.run(1)
        least = min(least, len(fleet.ids()))
    assert least == 2
    assert sorted(i["AvailabilityZone"] for i in fleet.have()["Instances"]) == fleet.lab.account.zones[:2]
    assert any("to balance instances in zones" in a["Cause"] for a in fleet.activities())


def test_protection_holds_against_rebalancing_and_suspension_stops_it(fleet):
    fleet.group(desired=2, VPCZoneIdentifier=fleet.lab.account.subnet_ids[0], NewInstancesProtectedFromScaleIn=True)
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["AZRebalance"])
    fleet.update(VPCZoneIdentifier=",".join(fleet.lab.account.subnet_ids[:2]))
    fleet.lab.run(60)
    assert len(fleet.ids()) == 2
    fleet.asg.resume_processes(AutoScalingGroupName="wcs")
    fleet.lab.run(120)
    assert len(fleet.ids()) == 3


def test_instances_tell_where_they_are_going(fleet):
    from lab.autoscaling.engine import ScalingEngine

    fleet.group(desired=1, run=1)
    engine = next(engine for engine in fleet.lab.engines if isinstance(engine, ScalingEngine))
    (one,) = fleet.states()
    assert engine.target_state(one) == "InService"
    assert engine.target_state("i-0") is None


def test_a_tick_over_a_hundred_instances_takes_less_than_ten_milliseconds(fleet):
    import time

    fleet.balancer()
    fleet.group(desired=100, run=90, MaxSize=100, LoadBalancerNames=["wcs"], HealthCheckType="ELB")
    assert len(fleet.ids()) == 100
    began = time.perf_counter()
    for _ in range(20):
        fleet.lab.clock.advance(0.2)
        fleet.lab.tick()
    assert (time.perf_counter() - began) / 20 < 0.010
