"""What the fault cases are about: runs of each module that make, change, keep and remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.modules import wcs_ami, wcs_asg, wcs_classic_elb
from tests.faults.sites import Scenario, World

IMAGE = "wcs-0a1b2c3d4e5f"


def seeded(world: World) -> dict[str, str]:
    """An instance to make images of."""
    account = world.lab.account
    reply = world.aws("ec2").run_instances(
        ImageId=account.wcs_image_id, InstanceType="t3.small", MinCount=1, MaxCount=1, SubnetId=account.subnet_ids[0]
    )
    world.lab.run(30)
    return {"seed": reply["Instances"][0]["InstanceId"]}


def imaged(world: World) -> dict[str, str]:
    """An image that is there."""
    names = seeded(world)
    world.bench(wcs_ami).run(name=IMAGE, instance_id=names["seed"], tags={"Team": "audio"})
    return names


def without_images(world: World, _names: Mapping[str, str]) -> None:
    """Removes the image; nothing of it may be left."""
    for _ in range(2):
        world.bench(wcs_ami).run(name=IMAGE, state="absent", copies=[{"region": "eu-west-1"}])
    assert world.aws("ec2").describe_images(Owners=["self"])["Images"] == []
    assert world.aws("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def networked(world: World) -> dict[str, str]:
    """Two subnets and a security group."""
    account = world.lab.account
    group = world.aws("ec2").create_security_group(GroupName="b", Description="b", VpcId=account.vpc_id)["GroupId"]
    first, second = account.subnet_ids[:2]
    return {"first": first, "second": second, "group": group, **seeded(world)}


def balanced(world: World) -> dict[str, str]:
    """A balancer that is there."""
    names = networked(world)
    world.bench(wcs_classic_elb).run(
        name="wcs", subnets=[names["first"]], security_group_ids=[names["group"]], tags={"Team": "audio"}
    )
    return names


def without_balancers(world: World, names: Mapping[str, str]) -> None:
    """Removes the balancer and its security group; nothing of it may be left."""
    for _ in range(2):
        world.bench(wcs_classic_elb).run(name="wcs", state="absent")
    assert world.aws("elb").describe_load_balancers()["LoadBalancerDescriptions"] == []
    world.aws("ec2").delete_security_group(GroupId=names["group"])


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
    assert world.aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    without_balancers(world, names)


SCENARIOS = (
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
    Scenario(
        "balancer made",
        wcs_classic_elb,
        {
            "name": "wcs",
            "subnets": ["{first}", "{second}"],
            "security_group_ids": ["{group}"],
            "instance_ids": ["{seed}"],
            "tags": {"Team": "video"},
        },
        networked,
        without_balancers,
    ),
    Scenario(
        "balancer changed",
        wcs_classic_elb,
        {
            "name": "wcs",
            "subnets": ["{second}"],
            "listeners": [
                {"protocol": "tcp", "load_balancer_port": 8443, "instance_protocol": "tcp", "instance_port": 8443},
                {"protocol": "http", "load_balancer_port": 8082, "instance_protocol": "http", "instance_port": 8082},
            ],
            "health_check": {"protocol": "tcp", "port": 8080},
            "idle_timeout": 600,
            "cross_zone": False,
            "tags": {"Team": "video"},
        },
        balanced,
        without_balancers,
    ),
    Scenario("balancer as it is", wcs_classic_elb, {"name": "wcs"}, balanced, without_balancers),
    Scenario("balancer removed", wcs_classic_elb, {"name": "wcs", "state": "absent"}, balanced, without_balancers),
    Scenario("image made", wcs_ami, {"name": IMAGE, "instance_id": "{seed}"}, seeded, without_images),
    Scenario(
        "image made and copied",
        wcs_ami,
        {"name": IMAGE, "instance_id": "{seed}", "copies": [{"region": "eu-west-1"}]},
        seeded,
        without_images,
    ),
    Scenario(
        "image changed",
        wcs_ami,
        {
            "name": IMAGE,
            "tags": {"Team": "video"},
            "description": "changed",
            "launch_permissions": {"user_ids": ["123456789013"]},
        },
        imaged,
        without_images,
    ),
    Scenario("image as it is", wcs_ami, {"name": IMAGE}, imaged, without_images),
    Scenario("image removed", wcs_ami, {"name": IMAGE, "state": "absent"}, imaged, without_images),
)
