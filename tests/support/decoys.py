"""Things of others whose names look like ours and which lack our mark: whatever we do, they stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LISTENER = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}
ALARM = {
    "Namespace": "Decoys",
    "MetricName": "Count",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanThreshold",
}
PASSING = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")


class Decoys:
    """`count` of every kind beside the stack `wcs`, and some instances."""

    def __init__(self, aws: Callable[[str], Any], subnet_id: str, image_id: str, count: int = 100) -> None:
        self.ec2, self.elb = aws("ec2"), aws("elb")
        self.autoscaling, self.cloudwatch = aws("autoscaling"), aws("cloudwatch")
        (subnet,) = self.ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
        self.subnet_id, self.vpc_id, self.image_id = subnet_id, subnet["VpcId"], image_id
        self.zone = subnet["AvailabilityZone"]
        for number in range(count):
            self._images(number)
            self._launches(f"wcs-{number}")
            self._guarded(f"wcs-{number}")
        self._instances()
        self.before = self.seen()

    def _images(self, number: int) -> None:
        name = f"wcs-{number:012x}"  # as ours are named
        volume = self.ec2.create_volume(AvailabilityZone=self.zone, Size=1)["VolumeId"]
        self.ec2.create_snapshot(VolumeId=volume, Description=name)
        self.ec2.register_image(Name=name, RootDeviceName="/dev/xvda")

    def _launches(self, name: str) -> None:
        data = {"ImageId": self.image_id, "InstanceType": "c5.large"}
        self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        self.autoscaling.create_launch_configuration(LaunchConfigurationName=f"{name}-0123456789ab", **data)
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=self.subnet_id,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        )
        policy = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
        self.autoscaling.put_scaling_policy(AutoScalingGroupName=name, PolicyName="cpu", **policy)
        for alarm in (f"{name}:cpu:out", f"wcs:{name}"):
            self.cloudwatch.put_metric_alarm(AlarmName=alarm, **ALARM)

    def _guarded(self, name: str) -> None:
        self.ec2.create_security_group(GroupName=f"{name}-node", Description="of others", VpcId=self.vpc_id)
        self.elb.create_load_balancer(LoadBalancerName=name, Listeners=[LISTENER], Subnets=[self.subnet_id])

    def _instances(self) -> None:
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "wcs-seed"}]}]
        launched = {"ImageId": self.image_id, "InstanceType": "c5.large", "SubnetId": self.subnet_id}
        self.ec2.run_instances(MinCount=2, MaxCount=2, TagSpecifications=tags, **launched)

    def seen(self) -> dict[str, Any]:
        """All that is not the stack's own, by kind and id, without what passes by itself."""
        ec2, autoscaling = self.ec2, self.autoscaling
        instances = [one for row in ec2.describe_instances()["Reservations"] for one in row["Instances"]]
        alarms = named(self.cloudwatch, "alarms", "MetricAlarms", "AlarmName")
        return {
            "images": {one["ImageId"]: one for one in ec2.describe_images(Owners=["self"])["Images"]},
            "snapshots": {one["SnapshotId"]: one for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]},
            "instances": {one["InstanceId"]: {"tags": one.get("Tags", [])} for one in instances if running(one)},
            "security groups": {one["GroupId"]: one for one in ec2.describe_security_groups()["SecurityGroups"]},
            "templates": named(ec2, "launch_templates", "LaunchTemplates", "LaunchTemplateId"),
            "configurations": named(
                autoscaling, "launch_configurations", "LaunchConfigurations", "LaunchConfigurationName"
            ),
            "groups": named(autoscaling, "auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
            "policies": named(autoscaling, "policies", "ScalingPolicies", "PolicyARN"),
            "balancers": named(self.elb, "load_balancers", "LoadBalancerDescriptions", "LoadBalancerName"),
            "alarms": {key: {k: v for k, v in one.items() if k not in PASSING} for key, one in alarms.items()},
        }

    def unharmed(self) -> None:
        """AssertionError unless each is as it was; what is there besides is not looked at."""
        after = self.seen()
        for kind, things in self.before.items():
            assert {name: after[kind].get(name) for name in things} == things, kind

    def alone(self) -> None:
        """AssertionError unless each is as it was, and nothing else is left."""
        assert self.seen() == self.before


def running(instance: dict[str, Any]) -> bool:
    return instance["State"]["Name"] in ("pending", "running", "stopping", "stopped")


def named(client: Any, kind: str, key: str, name: str) -> dict[str, dict[str, Any]]:
    pages = client.get_paginator(f"describe_{kind}").paginate()
    return {one[name]: one for one in pages.build_full_result()[key]}
