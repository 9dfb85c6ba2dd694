"""A whole stack, in process: image, balancer, group with three policies and two alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.core.lab import Lab
from plugins.module_utils._core.step import LATER
from plugins.modules import wcs_ami, wcs_asg, wcs_classic_elb
from tests.support.harness import Bench, launched, managed

IMAGE = "wcs-0a1b2c3d4e5f"


def policies() -> list[dict[str, Any]]:
    """One target tracking and two step policies with an alarm each."""
    found: list[dict[str, Any]] = [{"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 60}]
    for name, comparison, bound, change in (
        ("out", "GreaterThanThreshold", {"lower_bound": 0}, 1),
        ("in", "LessThanThreshold", {"upper_bound": 0}, -1),
    ):
        alarm = {"metric": "cpu", "comparison": comparison, "threshold": 70}
        steps = [{**bound, "adjustment": change}]
        found.append(
            {"name": name, "type": "step", "adjustment_type": "ChangeInCapacity", "steps": steps, "alarm": alarm}
        )
    return found


class Stack:
    """The three modules on one account, called as the playbook `site` calls them."""

    def __init__(self, lab: Lab, aws: Callable[..., Any]) -> None:
        self.lab = lab
        self.image = Bench(lab, aws, wcs_ami.ARGUMENTS, wcs_ami.manage)
        self.balancer = Bench(lab, aws, wcs_classic_elb.ARGUMENTS, managed(wcs_classic_elb, lab))
        self.group = Bench(lab, aws, wcs_asg.ARGUMENTS, wcs_asg.manage)
        (self.seed,) = launched(lab)
        made = aws("ec2").create_security_group(GroupName="g", Description="g", VpcId=lab.account.vpc_id)
        self.security_groups = [made["GroupId"]]

    def deploy(self, check: bool = False, instance_type: str = "c5.large", **launch: Any) -> list[str]:
        """The actions of one run over all three."""
        subnets = self.lab.account.subnet_ids
        image = self.image.run(check, name=IMAGE, instance_id=self.seed, family="wcs")
        balancer = self.balancer.run(check, name="wcs", subnets=subnets, security_group_ids=self.security_groups)
        group = self.group.run(
            check,
            name="wcs",
            min_size=2,
            max_size=4,
            subnets=subnets,
            load_balancers=["wcs"],
            launch={
                "image_id": (image.returns["image"] or {}).get("image_id", LATER),
                "instance_type": instance_type,
                "security_group_ids": self.security_groups,
                **launch,
            },
            scaling_policies=policies(),
        )
        return [*image.outcome.actions, *balancer.outcome.actions, *group.outcome.actions]

    def remove(self, check: bool = False) -> list[str]:
        """The actions of taking it all away."""
        group = self.group.run(check, name="wcs", state="absent")
        balancer = self.balancer.run(check, name="wcs", state="absent")
        image = self.image.run(check, name=IMAGE, state="absent")
        return [*group.outcome.actions, *balancer.outcome.actions, *image.outcome.actions]

    def counted(self, since: int) -> list[str]:
        """The calls since then; a read that a wait repeats counts once until the next write."""
        found: list[str] = []
        seen: set[str] = set()
        for call in list(self.lab.calls)[since:]:
            if call.write:
                seen.clear()
            if call.name not in seen:
                found.append(call.name)
            seen.add(call.name)
        return found
