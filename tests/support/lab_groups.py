"""What the tests of groups and alarms ask and make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.core.lab import Lab
from lab.machines import Check

SICK = Check(False, 500, "500")
WELL = Check(True, 200)
CHECK = {
    "Target": "HTTP:8081/?action=stat",
    "Interval": 5,
    "Timeout": 4,
    "UnhealthyThreshold": 2,
    "HealthyThreshold": 2,
}


@dataclass(frozen=True)
class Fleet:
    """A launch template, a balancer when asked for, and groups from them, on one lab."""

    lab: Lab
    aws: Any

    @property
    def asg(self) -> Any:
        return self.aws("autoscaling")

    def template(self, name: str = "wcs", **data: Any) -> str:
        data = {"ImageId": self.lab.account.wcs_image_id, "InstanceType": "c5.large", **data}
        reply = self.aws("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        return reply["LaunchTemplate"]["LaunchTemplateId"]

    def balancer(self, name: str = "wcs", draining: int = 0) -> Any:
        elb = self.aws("elb")
        listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
        elb.create_load_balancer(LoadBalancerName=name, Listeners=[listener], Subnets=self.lab.account.subnet_ids)
        elb.configure_health_check(LoadBalancerName=name, HealthCheck=CHECK)
        if draining:
            attributes = {"ConnectionDraining": {"Enabled": True, "Timeout": draining}}
            elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=attributes)
        return elb

    def group(self, desired: int = 2, run: float = 60, name: str = "wcs", **given: Any) -> None:
        """Makes a group of the template and lets it come up."""
        settings = {
            "MinSize": 0,
            "MaxSize": 10,
            "DesiredCapacity": desired,
            "VPCZoneIdentifier": ",".join(self.lab.account.subnet_ids),
            "LaunchTemplate": {"LaunchTemplateName": "wcs", "Version": "1"},
            **given,
        }
        if "LaunchConfigurationName" in given:
            del settings["LaunchTemplate"]
        self.asg.create_auto_scaling_group(AutoScalingGroupName=name, **settings)
        self.lab.run(run)

    def have(self, name: str = "wcs") -> dict[str, Any]:
        return self.asg.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]

    def states(self, name: str = "wcs") -> dict[str, str]:
        return {i["InstanceId"]: i["LifecycleState"] for i in self.have(name)["Instances"]}

    def ids(self, name: str = "wcs", state: str = "InService") -> list[str]:
        return [instance_id for instance_id, at in self.states(name).items() if at == state]

    def desired(self, name: str = "wcs") -> int:
        return self.have(name)["DesiredCapacity"]

    def activities(self, name: str = "wcs", **given: Any) -> list[dict[str, Any]]:
        return self.asg.describe_scaling_activities(AutoScalingGroupName=name, **given)["Activities"]

    def update(self, **given: Any) -> None:
        self.asg.update_auto_scaling_group(AutoScalingGroupName="wcs", **given)

    def health(self, name: str = "wcs") -> dict[str, str]:
        rows = self.aws("elb").describe_instance_health(LoadBalancerName=name)["InstanceStates"]
        return {row["InstanceId"]: row["State"] for row in rows}

    def load(self, cpu: float) -> None:
        """Puts a load on every machine, also on those to come."""
        self.lab.machines.fresh_cpu = cpu
        for machine in self.lab.machines.machines.values():
            machine.cpu = cpu
