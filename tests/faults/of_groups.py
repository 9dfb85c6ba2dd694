"""What fault cases of groups are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.modules import wcs_asg, wcs_classic_elb
from tests.faults.of_balancers import balanced, without_balancers
from tests.faults.sites import Scenario, World, filled

POLICIES: list[dict[str, Any]] = [
    {"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 60},
    {
        "name": "out",
        "type": "step",
        "adjustment_type": "ChangeInCapacity",
        "steps": [{"lower_bound": 0, "adjustment": 1}],
        "alarm": {"metric": "cpu", "comparison": "GreaterThanThreshold", "threshold": 80},
    },
]


def balanced_for_a_group(world: World) -> dict[str, str]:
    """What a group needs: a balancer with the default health check, and a node security group."""
    names = balanced(world)
    world.bench(wcs_classic_elb).run(name="wcs", subnets=[names["first"], names["second"]])
    return {**names, "image": world.lab.account.wcs_image_id}


def grouped(world: World) -> dict[str, str]:
    """A group that is there, with its nodes."""
    names = balanced_for_a_group(world)
    world.bench(wcs_asg).run(**_fleet(names["image"], names["first"], names["group"]))
    return names


def _fleet(image: str, subnet: str, group: str) -> dict[str, Any]:
    return {
        "name": "wcs",
        "min_size": 1,
        "max_size": 3,
        "subnets": [subnet],
        "load_balancers": ["wcs"],
        "launch": {"image_id": image, "instance_type": "c5.large", "security_group_ids": [group]},
        "scaling_policies": POLICIES,
        "lifecycle_hooks": [],
        "tags": {"Team": "audio"},
    }


def without_groups(world: World, names: Mapping[str, str]) -> None:
    """Removes group and balancer; nothing of them may be left."""
    for _ in range(2):
        world.bench(wcs_asg).run(name="wcs", state="absent")
    assert world.aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert world.aws("autoscaling").describe_policies()["ScalingPolicies"] == []
    assert world.aws("ec2").describe_launch_templates()["LaunchTemplates"] == []
    assert world.aws("autoscaling").describe_launch_configurations()["LaunchConfigurations"] == []
    assert world.aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    without_balancers(world, names)


CONFIGURED: dict[str, Any] = {
    "name": "wcs",
    "min_size": 1,
    "max_size": 2,
    "subnets": ["{first}"],
    "load_balancers": ["wcs"],
    "launch": {"kind": "configuration", "image_id": "{image}", "instance_type": "c5.large", "keep": 1},
}
FULL: dict[str, Any] = {
    **CONFIGURED,
    "launch": {"image_id": "{image}", "instance_type": "c5.large", "keep": 1},
    "lifecycle_hooks": [{"name": "leave", "transition": "autoscaling:EC2_INSTANCE_TERMINATING"}],
    "scheduled_actions": [{"name": "morning", "recurrence": "0 8 * * *", "min_size": 1, "max_size": 3}],
    "metrics_collection": True,
    "suspended_processes": ["AZRebalance"],
    "tags": {"Team": "audio"},
}


def configured(world: World) -> dict[str, str]:
    """A group with a launch configuration."""
    names = balanced_for_a_group(world)
    world.bench(wcs_asg).run(**filled(CONFIGURED, names))
    return names


def furnished(world: World) -> dict[str, str]:
    """A group with all that a group may have, its second template version, and another balancer."""
    names = balanced_for_a_group(world)
    world.bench(wcs_classic_elb).run(name="other", subnets=[names["first"]])
    options = filled(FULL, names)
    world.bench(wcs_asg).run(**options)
    world.bench(wcs_asg).run(**{**options, "launch": {**options["launch"], "instance_type": "c5.xlarge"}})
    return names


def without_furnished_groups(world: World, names: Mapping[str, str]) -> None:
    """Removes group and balancers; nothing of them may be left."""
    for _ in range(2):
        world.bench(wcs_asg).run(name="wcs", state="absent")
        world.bench(wcs_classic_elb).run(name="other", state="absent")
    without_groups(world, names)


GROUPS = (
    Scenario("group made", wcs_asg, _fleet("{image}", "{first}", "{group}"), balanced_for_a_group, without_groups),
    Scenario(
        "group changed",
        wcs_asg,
        {
            "name": "wcs",
            "min_size": 2,
            "max_size": 4,
            "subnets": ["{first}", "{second}"],
            "health_check_grace_period": 120,
            "launch": {"image_id": "{image}", "instance_type": "c5.xlarge", "security_group_ids": ["{group}"]},
            "scaling_policies": [{**POLICIES[0], "target": 50}],
            "tags": {"Team": "video"},
        },
        grouped,
        without_groups,
    ),
    Scenario("group as it is", wcs_asg, _fleet("{image}", "{first}", "{group}"), grouped, without_groups),
    Scenario("group removed", wcs_asg, {"name": "wcs", "state": "absent"}, grouped, without_groups),
    Scenario("group of configurations made", wcs_asg, CONFIGURED, balanced_for_a_group, without_groups),
    Scenario(
        "group of configurations changed",
        wcs_asg,
        {"name": "wcs", "launch": {"instance_type": "c5.xlarge", "keep": 1}},
        configured,
        without_groups,
    ),
    Scenario(
        "group of configurations removed", wcs_asg, {"name": "wcs", "state": "absent"}, configured, without_groups
    ),
    Scenario("group with everything made", wcs_asg, FULL, balanced_for_a_group, without_groups),
    Scenario(
        "group with everything changed",
        wcs_asg,
        {
            "name": "wcs",
            "load_balancers": ["other"],
            "launch": {"instance_type": "c5.2xlarge", "keep": 1},
            "lifecycle_hooks": [{"name": "go", "transition": "autoscaling:EC2_INSTANCE_TERMINATING"}],
            "scheduled_actions": [],
            "metrics_collection": False,
            "suspended_processes": [],
            "tags": {},
        },
        furnished,
        without_furnished_groups,
    ),
)
