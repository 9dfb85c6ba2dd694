"""Alarms and the policies they call. Each test names what AWS does."""

from __future__ import annotations

from datetime import timedelta

import pytest

CPU = {
    "Namespace": "AWS/EC2",
    "MetricName": "CPUUtilization",
    "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "wcs"}],
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 60,
    "ComparisonOperator": "GreaterThanThreshold",
}
OWN = {**CPU, "Namespace": "wcs", "MetricName": "sessions", "Dimensions": [], "EvaluationPeriods": 1}
STEPS = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 3},
]


@pytest.fixture
def cloudwatch(aws):
    return aws("cloudwatch")


@pytest.fixture
def busy(fleet):
    """A group of one node with detailed monitoring."""
    fleet.template("detailed", Monitoring={"Enabled": True})
    fleet.group(desired=1, LaunchTemplate={"LaunchTemplateName": "detailed"}, DefaultInstanceWarmup=60)
    fleet.lab.run(120)
    return fleet


def alarm(cloudwatch, name="cpu", **given):
    cloudwatch.put_metric_alarm(AlarmName=name, **{**CPU, **given})


def state(cloudwatch, name="cpu"):
    return cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]


def policy(fleet, name="out", **given):
    given = {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": STEPS, **given}
    given = {key: value for key, value in given.items() if value is not None}
    return fleet.asg.put_scaling_policy(AutoScalingGroupName="wcs", PolicyName=name, **given)["PolicyARN"]


def simple(fleet, adjustment=1, **given):
    return policy(fleet, PolicyType="SimpleScaling", StepAdjustments=None, ScalingAdjustment=adjustment, **given)


def tracking(fleet, target=50.0, **given):
    config = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}
    return policy(
        fleet,
        "track",
        PolicyType="TargetTrackingScaling",
        AdjustmentType=None,
        StepAdjustments=None,
        TargetTrackingConfiguration={**config, "TargetValue": target, **given},
    )


def test_a_new_alarm_has_no_data_and_an_update_keeps_its_state(cloudwatch, lab):
    cloudwatch.put_metric_alarm(AlarmName="own", **OWN)
    assert state(cloudwatch, "own") == "INSUFFICIENT_DATA"
    cloudwatch.set_alarm_state(AlarmName="own", StateValue="ALARM", StateReason="test")
    cloudwatch.put_metric_alarm(AlarmName="own", **{**OWN, "Threshold": 90})
    assert state(cloudwatch, "own") == "ALARM"
    lab.run(60)
    assert state(cloudwatch, "own") == "INSUFFICIENT_DATA"


def test_a_new_alarm_is_evaluated_right_away_also_on_older_data(cloudwatch, lab):
    cloudwatch.put_metric_data(Namespace="wcs", MetricData=[{"MetricName": "sessions", "Value": 100}])
    lab.run(60)
    cloudwatch.put_metric_alarm(AlarmName="own", **OWN)
    lab.run(1)
    assert state(cloudwatch, "own") == "ALARM"


def test_an_alarms_configuration_reads_back(cloudwatch):
    given = {**OWN, "TreatMissingData": "breaching", "DatapointsToAlarm": 1, "AlarmActions": ["arn:aws:sns:x"]}
    cloudwatch.put_metric_alarm(AlarmName="own", **given)
    have = cloudwatch.describe_alarms(AlarmNames=["own"])["MetricAlarms"][0]
    assert {key: have[key] for key in given} == given
    assert have["ActionsEnabled"] is True
    assert have["OKActions"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"Period": 61}, {"Period": 10, "Namespace": "AWS/EC2"}, {"DatapointsToAlarm": 3}, {"TreatMissingData": "never"},
        {"ComparisonOperator": "Equal"}, {"EvaluationPeriods": 2000},
    ],
)  # fmt: skip
def test_alarms_that_make_no_sense_are_refused(cloudwatch, refused, change):
    with refused("ValidationError"):
        cloudwatch.put_metric_alarm(AlarmName="own", **{**OWN, **change})


def test_tags_of_an_alarm_are_taken_at_creation_only(cloudwatch):
    for value in ("first", "second"):
        cloudwatch.put_metric_alarm(AlarmName="own", **OWN, Tags=[{"Key": "k", "Value": value}])
    arn = cloudwatch.describe_alarms(AlarmNames=["own"])["MetricAlarms"][0]["AlarmArn"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "first"}]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "k", "Value": "third"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["no"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "third"}]


def test_alarms_are_listed_page_by_page(cloudwatch):
    for number in range(7):
        cloudwatch.put_metric_alarm(AlarmName=f"a{number}", **OWN)
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix="a", PaginationConfig={"PageSize": 3})
    assert [a["AlarmName"] for p in pages for a in p["MetricAlarms"]] == [f"a{number}" for number in range(7)]
    cloudwatch.delete_alarms(AlarmNames=["a0", "a1"])
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == 5


def test_the_aws_namespaces_are_closed_to_users(cloudwatch, refused):
    with refused("InvalidParameterValue"):
        cloudwatch.put_metric_data(Namespace="AWS/EC2", MetricData=[{"MetricName": "CPUUtilization", "Value": 1}])


def test_cpu_of_an_instance_comes_every_minute_with_detailed_monitoring_else_every_five(fleet, cloudwatch):
    fleet.template("detailed", Monitoring={"Enabled": True})
    fleet.group(desired=1, run=0, LaunchTemplate={"LaunchTemplateName": "detailed"})
    fleet.group(desired=1, run=30, name="basic")
    fleet.load(40)
    began = fleet.lab.clock.stamp()
    fleet.lab.run(600)

    def points(name):
        found = cloudwatch.get_metric_statistics(
            Namespace="AWS/EC2", MetricName="CPUUtilization", Statistics=["Average"], Period=60,
            Dimensions=[{"Name": "InstanceId", "Value": fleet.ids(name)[0]}],
            StartTime=began - timedelta(hours=1), EndTime=began + timedelta(hours=1),
        )  # fmt: skip
        return [round(point["Average"]) for point in found["Datapoints"]]

    assert len(points("wcs")) == 10
    assert len(points("basic")) == 2
    assert points("wcs")[-1] == 40


def test_the_groups_metric_is_the_average_of_its_members(fleet, cloudwatch):
    fleet.template("detailed", Monitoring={"Enabled": True})
    fleet.group(desired=2, LaunchTemplate={"LaunchTemplateName": "detailed"})
    for number, instance_id in enumerate(fleet.ids()):
        fleet.lab.machines[instance_id].cpu = 40 * number
    now = fleet.lab.clock.stamp()
    fleet.lab.run(120)
    found = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": "cpu",
                "MetricStat": {
                    "Metric": {key: CPU[key] for key in ("Namespace", "MetricName", "Dimensions")},
                    "Period": 60,
                    "Stat": "Average",
                },
            }
        ],
        StartTime=now,
        EndTime=now + timedelta(hours=1),
    )
    assert found["MetricDataResults"][0]["Values"][0] == 20


def test_an_alarm_raised_by_load_calls_its_step_policy(busy, cloudwatch):
    alarm(cloudwatch, AlarmActions=[policy(busy)])
    busy.load(70)
    busy.lab.run(120)
    assert state(cloudwatch) == "ALARM"
    assert busy.desired() == 2
    busy.lab.run(30)
    assert len(busy.ids()) == 2
    activity = busy.activities()[0]
    assert (
        "a monitor alarm cpu in state ALARM triggered policy out changing the desired capacity from 1 to 2.  At "
        in activity["Cause"]
    )
    assert '"InvokingAlarms"' in activity["Details"]


def test_the_breach_chooses_the_step(busy, cloudwatch):
    alarm(cloudwatch, AlarmActions=[policy(busy)])
    busy.load(85)
    busy.lab.run(130)
    assert busy.desired() == 4


def test_the_same_step_adds_nothing_while_its_node_warms_up_and_again_when_it_is_warm(busy, cloudwatch):
    arn = policy(busy, EstimatedInstanceWarmup=300)
    alarm(cloudwatch, AlarmActions=[arn])
    busy.load(70)
    busy.lab.run(360)
    assert busy.desired() == 2
    busy.lab.run(180)
    assert busy.desired() == 3


def test_a_policy_never_leaves_the_groups_bounds(busy, cloudwatch):
    busy.update(MaxSize=2)
    alarm(cloudwatch, AlarmActions=[policy(busy)])
    busy.load(95)
    busy.lab.run(600)
    assert busy.desired() == 2


def test_of_policies_that_are_called_at_the_same_time_the_largest_capacity_wins(busy, cloudwatch):
    """Auto Scaling guide, dynamic scaling: multiple policies at once, the one that provides the largest capacity."""
    busy.update(DesiredCapacity=3)
    busy.lab.run(60)
    down = busy.asg.put_scaling_policy(
        AutoScalingGroupName="wcs",
        PolicyName="down",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        StepAdjustments=[{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}],
    )["PolicyARN"]
    alarm(cloudwatch, "above", AlarmActions=[policy(busy)])
    alarm(cloudwatch, "below", ComparisonOperator="LessThanThreshold", Threshold=90, AlarmActions=[down])
    busy.load(70)
    capacities = []
    for _ in range(6):
        busy.lab.run(60)
        capacities.append(busy.desired())
    assert capacities == sorted(capacities)
    assert capacities[-1] > 3


def test_a_simple_policy_is_held_by_its_cooldown_and_acts_again_after_it(busy, cloudwatch):
    alarm(cloudwatch, AlarmActions=[simple(busy, Cooldown=300)])
    busy.load(90)
    busy.lab.run(420)
    assert busy.desired() == 2
    busy.lab.run(120)
    assert busy.desired() == 3


def test_the_default_cooldown_is_the_groups(busy, cloudwatch):
    busy.update(DefaultCooldown=60)
    alarm(cloudwatch, AlarmActions=[simple(busy)])
    busy.load(90)
    busy.lab.run(600)
    assert busy.desired() >= 4


def test_a_percentage_rounds_as_aws_does(busy):
    simple(busy, adjustment=10, AdjustmentType="PercentChangeInCapacity")
    busy.asg.execute_policy(AutoScalingGroupName="wcs", PolicyName="out")
    assert busy.desired() == 2


def test_suspended_alarm_notification_drops_the_call(busy, cloudwatch):
    busy.asg.suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["AlarmNotification"])
    alarm(cloudwatch, AlarmActions=[policy(busy)])
    busy.load(90)
    busy.lab.run(300)
    assert (state(cloudwatch), busy.desired()) == ("ALARM", 1)
    busy.asg.resume_processes(AutoScalingGroupName="wcs")
    busy.lab.run(60)
    assert busy.desired() > 1


def test_disabled_actions_are_not_run(busy, cloudwatch):
    alarm(cloudwatch, AlarmActions=[policy(busy)], ActionsEnabled=False)
    busy.load(90)
    busy.lab.run(300)
    assert busy.desired() == 1
    cloudwatch.enable_alarm_actions(AlarmNames=["cpu"])
    busy.lab.run(60)
    assert busy.desired() > 1


def test_set_alarm_state_runs_the_actions_step_policies_need_the_datapoints(busy, cloudwatch):
    alarm(cloudwatch, AlarmActions=[policy(busy)])
    cloudwatch.set_alarm_state(
        AlarmName="cpu", StateValue="ALARM", StateReason="test", StateReasonData='{"recentDatapoints": [85.0]}'
    )
    assert busy.desired() == 4
    history = cloudwatch.describe_alarm_history(AlarmName="cpu")["AlarmHistoryItems"]
    assert history[0]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"


def test_target_tracking_makes_two_alarms_and_scales_in_proportion(busy, cloudwatch):
    tracking(busy)
    found = cloudwatch.describe_alarms(AlarmNamePrefix="TargetTracking-wcs-")["MetricAlarms"]
    names = {a["AlarmName"].rsplit("-", 5)[0] for a in found}
    assert names == {"TargetTracking-wcs-AlarmHigh", "TargetTracking-wcs-AlarmLow"}
    answer = busy.asg.describe_policies(AutoScalingGroupName="wcs")["ScalingPolicies"][0]["Alarms"]
    assert {a["AlarmName"] for a in answer} == {a["AlarmName"] for a in found}
    busy.load(90)
    busy.lab.run(200)
    assert busy.desired() == 2


def test_target_tracking_scales_in_after_fifteen_minutes_unless_that_is_disabled(busy):
    busy.update(DesiredCapacity=4)
    tracking(busy)
    busy.load(10)
    busy.lab.run(700)  # the alarm has seen the minutes before it was there
    assert busy.desired() == 4
    busy.lab.run(200)
    assert busy.desired() == 1


def test_target_tracking_with_scale_in_disabled_only_scales_out(busy):
    busy.update(DesiredCapacity=4)
    tracking(busy, DisableScaleIn=True)
    busy.load(10)
    busy.lab.run(1800)
    assert busy.desired() == 4


def test_what_the_client_compresses_is_read(lab, cloudwatch):
    """botocore compresses a PutMetricData of 10 KiB and more; CloudWatch takes it."""
    data = [
        {"MetricName": "sessions", "Dimensions": [{"Name": "Node", "Value": f"node-{number:04}"}], "Value": number}
        for number in range(900)
    ]
    cloudwatch.put_metric_data(Namespace="wcs", MetricData=data)
    rows = cloudwatch.list_metrics(Namespace="wcs")["Metrics"]
    assert {row["Dimensions"][0]["Value"] for row in rows} <= {f"node-{number:04}" for number in range(900)}
    assert rows
    assert lab.unasked == []
