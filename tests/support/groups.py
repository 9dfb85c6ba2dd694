"""A group's world for tests: one account with a balancer and a security group, and the options of a usual fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.core.lab import Lab
from plugins.modules import wcs_asg
from tests.support.harness import Bench

NAME = "wcs"
READS = ("Describe", "Get", "List")


class Stage:
    """A lab with what a group needs around it."""

    def __init__(self, lab: Lab, aws: Callable[..., Any]) -> None:
        self.lab, self.aws = lab, aws
        self.bench = Bench(lab, aws, wcs_asg.ARGUMENTS, wcs_asg.manage)
        self.group_id = aws("ec2").create_security_group(
            GroupName="node", Description="nodes", VpcId=lab.account.vpc_id
        )["GroupId"]
        self.balancer("wcs")

    def balancer(self, name: str) -> str:
        elb = self.aws("elb")
        listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}
        elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=self.lab.account.subnet_ids)
        check = {"Target": "HTTP:8081/?action=stat", "Interval": 5, "Timeout": 4}
        elb.configure_health_check(
            LoadBalancerName=name, HealthCheck={**check, "HealthyThreshold": 2, "UnhealthyThreshold": 6}
        )
        return name

    def launch(self, **more: Any) -> dict[str, Any]:
        """The option `launch` of a usual fleet."""
        usual = {
            "image_id": self.lab.account.wcs_image_id,
            "instance_type": "c5.large",
            "security_group_ids": [self.group_id],
        }
        return usual | more

    def options(self, **more: Any) -> dict[str, Any]:
        """A usual fleet: one node, a balancer."""
        usual = {
            "name": NAME,
            "min_size": 1,
            "max_size": 4,
            "subnets": self.lab.account.subnet_ids,
            "load_balancers": ["wcs"],
            "launch": self.launch(),
        }
        return usual | more

    def group(self, name: str = NAME) -> dict[str, Any]:
        """The group as AWS tells it."""
        found = self.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return dict(found["AutoScalingGroups"][0])

    def versions(self, name: str = NAME) -> list[dict[str, Any]]:
        """The versions of the template, oldest first."""
        found = self.aws("ec2").describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"]
        return sorted(found, key=lambda version: version["VersionNumber"])

    def policies(self, name: str = NAME) -> dict[str, dict[str, Any]]:
        """The group's policies by name."""
        found = self.aws("autoscaling").describe_policies(AutoScalingGroupName=name)["ScalingPolicies"]
        return {policy["PolicyName"]: policy for policy in found}

    def alarms(self) -> dict[str, dict[str, Any]]:
        """All alarms but target tracking's, by name."""
        found = self.aws("cloudwatch").describe_alarms()["MetricAlarms"]
        return {one["AlarmName"]: one for one in found if not one["AlarmName"].startswith("TargetTracking-")}

    def counted(self, since: int) -> list[str]:
        """The calls since then; of one wait, which repeats the same reads, each once."""
        calls = self.bench.calls(since)
        found: list[str] = []
        waited: set[str] = set()
        for call in calls:
            if not call.partition(":")[2].startswith(READS):
                waited.clear()
            elif call in waited:
                continue
            else:
                waited.add(call)
            found.append(call)
        return found


CPU = {"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 50}
OUT = {
    "name": "cpu-out",
    "type": "step",
    "steps": [{"lower_bound": 0, "upper_bound": 15, "adjustment": 1}, {"lower_bound": 15, "adjustment": 2}],
    "alarm": {"metric": "cpu", "comparison": "GreaterThanOrEqualToThreshold", "threshold": 70},
}
IN = {
    "name": "cpu-in",
    "type": "step",
    "steps": [{"upper_bound": 0, "adjustment": -1}],
    "alarm": {"metric": "cpu", "comparison": "LessThanThreshold", "threshold": 20},
}
POLICIES = [CPU, OUT, IN]


def fed_back(options: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """What of a returned value are options of the module, to give them back to it. Nulls are left out."""
    found = {}
    for key, value in options.items():
        if key not in spec or value is None:
            continue
        inner = spec[key].get("options")
        if inner and isinstance(value, Mapping):
            value = fed_back(value, inner)
        elif inner and isinstance(value, list):
            value = [fed_back(item, inner) for item in value]
        found[key] = value
    return found


def round_trip(returns: Mapping[str, Any]) -> dict[str, Any]:
    """All that the module returned, as its options."""
    whole = {**returns["group"], "launch": returns["launch"], "scaling_policies": returns["scaling_policies"]}
    return fed_back(whole, wcs_asg.ARGUMENTS)
