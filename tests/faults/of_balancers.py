"""What fault cases of balancers are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.modules import wcs_classic_elb
from tests.faults.of_images import seeded
from tests.faults.sites import Scenario, World, filled
from tests.support.harness import issued


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


TLS12 = "ELBSecurityPolicy-TLS-1-2-2017-01"
TLS: dict[str, Any] = {
    "name": "wcs",
    "subnets": ["{first}", "{second}"],
    "listeners": [
        {"protocol": "ssl", "load_balancer_port": 8443, "instance_port": 8080, "certificate_arn": "{old}"},
        {
            "protocol": "https",
            "load_balancer_port": 8445,
            "instance_port": 8082,
            "certificate_arn": "{old}",
            "ssl_policy": TLS12,
            "stickiness": {"type": "loadbalancer"},
        },
    ],
    "instance_ids": ["{seed}"],
    "tags": {"Team": "audio"},
}


def certified(world: World) -> dict[str, str]:
    """A network, another security group, and two certificates."""
    names = networked(world)
    other = world.aws("ec2").create_security_group(GroupName="c", Description="c", VpcId=world.lab.account.vpc_id)
    old, new = (issued(world.aws, f"{name}.example.com") for name in ("old", "new"))
    return {**names, "other": other["GroupId"], "old": old, "new": new}


def secured(world: World) -> dict[str, str]:
    """A balancer with TLS that is there."""
    names = certified(world)
    world.bench(wcs_classic_elb).run(**filled(TLS, names), security_group_ids=[names["group"]])
    return names


BALANCERS = (
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
    Scenario("balancer with TLS made", wcs_classic_elb, TLS, certified, without_balancers),
    Scenario(
        "balancer with TLS changed",
        wcs_classic_elb,
        {
            "name": "wcs",
            "security_group_ids": ["{other}"],
            "listeners": [
                {"protocol": "ssl", "load_balancer_port": 8443, "instance_port": 8080, "certificate_arn": "{new}"},
                {
                    "protocol": "https",
                    "load_balancer_port": 8445,
                    "instance_port": 8082,
                    "certificate_arn": "{old}",
                    "stickiness": {"type": "application", "cookie": "session"},
                },
            ],
            "instance_ids": [],
            "purge_instance_ids": True,
            "tags": {},
        },
        secured,
        without_balancers,
    ),
)
