"""Hooks that wait, standby, detaching, attaching, schedules. Each test names what AWS does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lab.core.clock import ScaledClock
from lab.elb.balancers import find

LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"


def hook(fleet, transition=LAUNCHING, name="h", **given):
    fleet.asg.put_lifecycle_hook(
        AutoScalingGroupName="wcs", LifecycleHookName=name, LifecycleTransition=transition, **given
    )


def complete(fleet, instance_id, result="CONTINUE", name="h"):
    fleet.asg.complete_lifecycle_action(
        AutoScalingGroupName="wcs", LifecycleHookName=name, InstanceId=instance_id, LifecycleActionResult=result
    )


def standby(fleet, *ids, decrement=True):
    return fleet.asg.enter_standby(
        AutoScalingGroupName="wcs", InstanceIds=list(ids), ShouldDecrementDesiredCapacity=decrement
    )["Activities"]


def test_hooks_of_the_create_call_are_there_before_the_first_launch(fleet):
    fleet.balancer()
    spec = {"LifecycleHookName": "h", "LifecycleTransition": LAUNCHING}
    fleet.group(desired=1, LoadBalancerNames=["wcs"], LifecycleHookSpecificationList=[spec])
    have = fleet.asg.describe_lifecycle_hooks(AutoScalingGroupName="wcs")["LifecycleHooks"][0]
    assert (have["HeartbeatTimeout"], have["DefaultResult"], have["GlobalTimeout"]) == (3600, "ABANDON", 172800)
    (one,) = fleet.ids(state="Pending:Wait")
    assert fleet.health() == {}
    assert fleet.activities()[0]["StatusCode"] == "MidLifecycleAction"
    complete(fleet, one)
    fleet.lab.run(30)
    assert fleet.ids() == [one]
    assert fleet.health() == {one: "InService"}


def test_what_a_hook_stores_is_what_was_given(fleet, refused):
    fleet.group(desired=0)
    given = {"HeartbeatTimeout": 60, "DefaultResult": "CONTINUE", "NotificationMetadata": "m"}
    hook(fleet, **given)
    have = fleet.asg.describe_lifecycle_hooks(AutoScalingGroupName="wcs")["LifecycleHooks"][0]
    assert {key: have[key] for key in given} == given
    assert have["GlobalTimeout"] == 6000
    for wrong in ({"HeartbeatTimeout": 29}, {"HeartbeatTimeout": 7201}, {"DefaultResult": "PERHAPS"}):
        with refused("ValidationError"):
            hook(fleet, name="x", **wrong)
    fleet.asg.delete_lifecycle_hook(AutoScalingGroupName="wcs", LifecycleHookName="h")
    assert fleet.asg.describe_lifecycle_hooks(AutoScalingGroupName="wcs")["LifecycleHooks"] == []


def test_an_abandoned_launch_is_cancelled_and_replaced(fleet):
    fleet.group(desired=0)
    hook(fleet)
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(20)
    (one,) = fleet.ids(state="Pending:Wait")
    complete(fleet, one, "ABANDON")
    fleet.lab.run(30)
    assert one not in fleet.states()
    assert len(fleet.ids(state="Pending:Wait")) == 1
    cancelled = next(a for a in fleet.activities() if a["StatusCode"] == "Cancelled")
    assert "was abandoned: Lifecycle Action Completed with ABANDON Result" in cancelled["StatusMessage"]


def test_the_default_result_decides_at_the_timeout_and_a_heartbeat_restarts_the_clock(fleet):
    fleet.group(desired=0)
    hook(fleet, HeartbeatTimeout=60, DefaultResult="CONTINUE")
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(50)
    (one,) = fleet.ids(state="Pending:Wait")
    fleet.asg.record_lifecycle_action_heartbeat(AutoScalingGroupName="wcs", LifecycleHookName="h", InstanceId=one)
    fleet.lab.run(55)
    assert fleet.ids(state="Pending:Wait") == [one]
    fleet.lab.run(10)
    assert fleet.ids() == [one]


def test_a_lifecycle_action_is_completed_once(fleet, refused):
    fleet.group(desired=0)
    hook(fleet)
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(20)
    (one,) = fleet.states()
    complete(fleet, one)
    with refused("ValidationError", f"No active Lifecycle Action found with instance ID {one}"):
        complete(fleet, one)


def test_a_terminating_hook_waits_after_draining(fleet):
    fleet.balancer(draining=50)
    fleet.group(desired=1, LoadBalancerNames=["wcs"])
    hook(fleet, TERMINATING)
    (one,) = fleet.ids()
    find("us-east-1", "wcs").connections[one] = 1
    fleet.update(DesiredCapacity=0)
    fleet.lab.run(40)
    assert fleet.states() == {one: "Terminating"}
    fleet.lab.run(20)
    assert fleet.states() == {one: "Terminating:Wait"}
    assert fleet.aws("ec2").describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"
    complete(fleet, one, "ABANDON")
    fleet.lab.run(15)
    assert fleet.states() == {}


def test_a_simple_policy_is_blocked_while_a_hook_waits(fleet):
    fleet.group(desired=0)
    hook(fleet)
    fleet.update(DesiredCapacity=1)
    fleet.lab.run(20)
    fleet.asg.put_scaling_policy(
        AutoScalingGroupName="wcs", PolicyName="p", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1, Cooldown=0
    )
    with pytest.raises(fleet.asg.exceptions.ScalingActivityInProgressFault):
        fleet.asg.execute_policy(AutoScalingGroupName="wcs", PolicyName="p", HonorCooldown=True)


def test_standby_is_entered_once_drained_and_left_by_raising_desired(fleet, refused):
    fleet.balancer(draining=60)
    fleet.group(desired=4, LoadBalancerNames=["wcs"])
    one = fleet.ids()[0]
    find("us-east-1", "wcs").connections[one] = 1
    answer = standby(fleet, one)[0]
    assert answer["Description"] == f"Moving EC2 instance to Standby: {one}"
    assert (answer["StatusCode"], answer["Progress"]) == ("InProgress", 50)
    assert answer["Cause"].endswith(
        "moved to standby in response to a user request, shrinking the capacity from 4 to 3."
    )
    fleet.lab.run(30)
    assert fleet.states()[one] == "EnteringStandby"
    with refused("ScalingActivityInProgress"):
        fleet.asg.terminate_instance_in_auto_scaling_group(InstanceId=one, ShouldDecrementDesiredCapacity=False)
    fleet.lab.run(40)
    assert fleet.states()[one] == "Standby"
    assert fleet.desired() == 3
    assert one not in fleet.health()
    answer = fleet.asg.exit_standby(AutoScalingGroupName="wcs", InstanceIds=[one])["Activities"][0]
    assert (answer["StatusCode"], answer["Progress"]) == ("PreInService", 30)
    assert answer["Cause"].endswith("increasing the capacity from 3 to 4.")
    fleet.lab.run(30)
    assert fleet.desired() == 4
    assert fleet.health()[one] == "InService"
    assert len(fleet.ids()) == 4


def test_standby_without_decrement_gets_a_replacement_and_a_return_makes_the_group_too_big(fleet):
    fleet.group(desired=2)
    one = fleet.ids()[0]
    standby(fleet, one, decrement=False)
    fleet.lab.run(30)
    assert len(fleet.ids()) == 2
    fleet.asg.exit_standby(AutoScalingGroupName="wcs", InstanceIds=[one])
    fleet.lab.run(30)
    assert fleet.desired() == 3


def test_what_standby_and_detach_refuse(fleet, refused):
    fleet.group(desired=1, MinSize=1, MaxSize=1)
    (one,) = fleet.ids()
    sizes = "AutoScalingGroup wcs has min-size=1, max-size=1, and desired-size=1. To "
    after = "please update the AutoScalingGroup sizes appropriately."
    with refused("ValidationError", f"{sizes}place into standby 1 instance, {after}"):
        standby(fleet, one)
    detach = {"AutoScalingGroupName": "wcs", "InstanceIds": [one]}
    with refused("ValidationError", f"{sizes}detach 1 instance, {after}"):
        fleet.asg.detach_instances(**detach, ShouldDecrementDesiredCapacity=True)
    with refused("ValidationError", f"The instance {one} is not in Standby."):
        fleet.asg.exit_standby(**detach)
    standby(fleet, one, decrement=False)
    fleet.lab.run(1)
    with refused("ValidationError", f"The instance {one} is not in InService."):
        standby(fleet, one)
    with refused("ValidationError", f"{sizes}move out of standby 1 instance, {after}"):
        fleet.asg.exit_standby(**detach)


def test_standby_is_not_left_while_launch_is_suspended(fleet, refused):
    fleet.group(desired=2)
    one = fleet.ids()[0]
    standby(fleet, one)
    fleet.lab.run(2)
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["Launch"])
    with refused("ValidationError", "Launch"):
        fleet.asg.exit_standby(AutoScalingGroupName="wcs", InstanceIds=[one])


def test_terminating_a_standby_node_with_decrement_lowers_desired_once_more(fleet):
    fleet.group(desired=3)
    one = fleet.ids()[0]
    standby(fleet, one)
    fleet.lab.run(2)
    assert fleet.desired() == 2
    fleet.asg.terminate_instance_in_auto_scaling_group(InstanceId=one, ShouldDecrementDesiredCapacity=True)
    fleet.lab.run(40)
    assert (fleet.desired(), len(fleet.states())) == (1, 1)


def test_a_standby_node_is_not_checked_and_not_removed_by_sizes(fleet, refused):
    fleet.group(desired=1)
    (one,) = fleet.ids()
    standby(fleet, one)
    fleet.lab.run(2)
    fleet.aws("ec2").stop_instances(InstanceIds=[one])
    fleet.lab.run(120)
    found = fleet.have()["Instances"]
    assert [(i["LifecycleState"], i["HealthStatus"]) for i in found] == [("Standby", "Healthy")]
    with refused("ResourceInUse"):
        fleet.asg.delete_auto_scaling_group(AutoScalingGroupName="wcs")


def test_a_detached_instance_drains_and_goes_on_alone(fleet):
    fleet.balancer(draining=60)
    fleet.group(desired=2, LoadBalancerNames=["wcs"])
    one = fleet.ids()[0]
    find("us-east-1", "wcs").connections[one] = 1
    fleet.asg.detach_instances(AutoScalingGroupName="wcs", InstanceIds=[one], ShouldDecrementDesiredCapacity=True)
    fleet.lab.run(30)
    assert fleet.states()[one] == "Detaching"
    fleet.lab.run(40)
    assert one not in fleet.states()
    found = fleet.aws("ec2").describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] == "running"
    assert "aws:autoscaling:groupName" not in {t["Key"] for t in found["Tags"]}


def test_a_running_instance_is_attached(fleet, run, refused):
    fleet.balancer()
    fleet.group(desired=0, MaxSize=1, LoadBalancerNames=["wcs"])
    one, two = run(), run()
    attach = {"AutoScalingGroupName": "wcs"}
    fleet.asg.attach_instances(InstanceIds=[one], **attach)
    fleet.lab.run(30)
    assert (fleet.ids(), fleet.desired(), fleet.health()) == ([one], 1, {one: "InService"})
    with refused("ValidationError", "To attach 1 instance, please update"):
        fleet.asg.attach_instances(InstanceIds=[two], **attach)
    with refused("ValidationError", "already part of"):
        fleet.asg.attach_instances(InstanceIds=[one], **attach)


def schedule(fleet, name="s", **given):
    fleet.asg.put_scheduled_update_group_action(AutoScalingGroupName="wcs", ScheduledActionName=name, **given)


def test_a_scheduled_action_fires_once_at_its_time(fleet, refused):
    fleet.group(desired=0, MaxSize=3)
    now = fleet.lab.clock.stamp()
    with refused("ValidationError", "Given start time is in the past"):
        schedule(fleet, StartTime=now - timedelta(hours=1), DesiredCapacity=1)
    schedule(fleet, StartTime=now + timedelta(minutes=10), DesiredCapacity=2, MinSize=1)
    found = fleet.asg.describe_scheduled_actions(AutoScalingGroupName="wcs")["ScheduledUpdateGroupActions"]
    assert found[0]["StartTime"] == now + timedelta(minutes=10)
    fleet.lab.run(590)
    assert fleet.desired() == 0
    fleet.lab.run(30)
    assert (fleet.desired(), fleet.have()["MinSize"]) == (2, 1)
    assert "scheduled action s" in fleet.activities()[0]["Cause"]
    assert fleet.asg.describe_scheduled_actions(AutoScalingGroupName="wcs")["ScheduledUpdateGroupActions"] == []


def test_a_recurring_action_fires_again_unless_suspended(fleet, refused):
    fleet.group(desired=0)
    schedule(fleet, Recurrence="*/10 * * * *", DesiredCapacity=1)
    fleet.lab.run(600)
    assert fleet.desired() == 1
    fleet.update(DesiredCapacity=0)
    fleet.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["ScheduledActions"])
    fleet.lab.run(600)
    assert fleet.desired() == 0
    fleet.asg.resume_processes(AutoScalingGroupName="wcs")
    fleet.lab.run(600)
    assert fleet.desired() == 1
    with refused("ValidationError", "is invalid"):
        schedule(fleet, Recurrence="never", DesiredCapacity=1)
    fleet.asg.delete_scheduled_action(AutoScalingGroupName="wcs", ScheduledActionName="s")
    with refused("ValidationError"):
        fleet.asg.delete_scheduled_action(AutoScalingGroupName="wcs", ScheduledActionName="s")


def test_schedules_of_the_same_name_belong_to_their_groups(fleet):
    fleet.group(desired=0)
    fleet.group(desired=0, name="other")
    schedule(fleet, Recurrence="0 0 * * *", DesiredCapacity=1)
    fleet.asg.batch_put_scheduled_update_group_action(
        AutoScalingGroupName="other",
        ScheduledUpdateGroupActions=[
            {"ScheduledActionName": "s", "Recurrence": "0 0 * * *", "DesiredCapacity": 2},
            {"ScheduledActionName": "bad", "Recurrence": "no", "DesiredCapacity": 2},
        ],
    )
    found = fleet.asg.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert {(s["AutoScalingGroupName"], s["DesiredCapacity"]) for s in found} == {("wcs", 1), ("other", 2)}


def described(fleet):
    """(StartTime, EndTime) of what is scheduled."""
    found = fleet.asg.describe_scheduled_actions(AutoScalingGroupName="wcs")["ScheduledUpdateGroupActions"]
    return [(action.get("StartTime"), action.get("EndTime")) for action in found]


def test_g7_a_start_is_told_as_given_until_it_has_passed_and_is_the_first_run(fleet):
    fleet.group(desired=0)
    start = fleet.lab.clock.stamp() + timedelta(minutes=7)
    schedule(fleet, StartTime=start, Recurrence="0 */2 * * *", DesiredCapacity=1)
    assert described(fleet) == [(start, None)]
    fleet.lab.run(7 * 60)
    assert fleet.desired() == 1
    assert described(fleet) == [(start.replace(hour=2, minute=0), None)]


def test_g7_dates_are_whole_seconds_at_any_speed(fleet):
    fleet.group(desired=0)
    clock = fleet.lab.clock = ScaledClock(7)
    start = (clock.stamp() + timedelta(days=2)).replace(hour=8, minute=0, second=0, microsecond=0)
    schedule(fleet, StartTime=start, EndTime=start + timedelta(days=1), Recurrence="* * * * *", DesiredCapacity=1)
    schedule(fleet, "other", Recurrence="*/5 * * * *", DesiredCapacity=1)
    assert described(fleet)[0] == (start, start + timedelta(days=1))
    assert described(fleet)[1][0].microsecond == 0


def test_g7_an_action_that_matches_nothing_before_its_end_is_told_until_then(fleet):
    fleet.group(desired=0)
    end = fleet.lab.clock.stamp() + timedelta(minutes=30)
    schedule(fleet, EndTime=end, Recurrence="0 12 * * *", DesiredCapacity=1)
    assert described(fleet) == [(end.replace(hour=12, minute=0, second=0), end)]
    fleet.lab.run(31 * 60, step=60)
    assert (described(fleet), fleet.desired()) == ([], 0)


def test_g25_a_member_of_a_configuration_that_is_gone_names_none(lab, aws, fleet):
    asg = aws("autoscaling")
    for name in ("old", "new"):
        asg.create_launch_configuration(
            LaunchConfigurationName=name, ImageId=lab.account.wcs_image_id, InstanceType="c5.large"
        )
    fleet.group(1, LaunchConfigurationName="old")
    assert fleet.have()["Instances"][0]["LaunchConfigurationName"] == "old"
    fleet.update(LaunchConfigurationName="new")
    asg.delete_launch_configuration(LaunchConfigurationName="old")
    assert "LaunchConfigurationName" not in fleet.have()["Instances"][0]


def test_g25_a_member_whose_last_hook_was_abandoned_is_retained_where_the_group_says_so(lab, aws, fleet):
    hook = {"LifecycleHookName": "h", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    policy = {"RetentionTriggers": {"TerminateHookAbandon": "retain"}}
    fleet.group(1, InstanceLifecyclePolicy=policy, LifecycleHookSpecificationList=[{**hook, "HeartbeatTimeout": 60}])
    [one] = fleet.ids()
    asg = aws("autoscaling")
    asg.terminate_instance_in_auto_scaling_group(InstanceId=one, ShouldDecrementDesiredCapacity=True)
    lab.run(120)
    assert fleet.states() == {one: "Terminating:Retained"}
    shown = aws("ec2").describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]
    assert shown["State"]["Name"] == "running"
    asg.terminate_instance_in_auto_scaling_group(InstanceId=one, ShouldDecrementDesiredCapacity=False)
    lab.run(30)
    assert fleet.states() == {}
