"""What fault cases of the seed are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.modules import wcs_seed
from tests.faults.sites import Scenario, World
from tests.support.stack_seeds import MARKS, launched

WANTED: dict[str, Any] = {
    "stack": "wcs",
    "image_id": "{image}",
    "instance_type": "c5.large",
    "subnet_id": "{subnet}",
    "running": True,
    "tags": {"Team": "video"},
}
ABSENT: dict[str, Any] = {"stack": "wcs", "state": "absent"}


def named(world: World) -> dict[str, str]:
    account = world.lab.account
    return {"image": account.wcs_image_id, "subnet": account.subnet_ids[0]}


def running(world: World) -> dict[str, str]:
    """A seed that an earlier run left, with other tags."""
    names = named(world)
    launched(world.aws("ec2"), names["image"], names["subnet"], {**MARKS, "Team": "audio", "Old": "x"})
    world.lab.run(60)
    return names


def stopped(world: World) -> dict[str, str]:
    """One that was stopped."""
    names = running(world)
    world.bench(wcs_seed).run(stack="wcs", running=False)
    return names


def without_seeds(world: World, _names: Mapping[str, str]) -> None:
    """Terminates it; there may be no second one."""
    alive = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    found = world.aws("ec2").describe_instances(Filters=alive)["Reservations"]
    assert sum(len(each["Instances"]) for each in found) <= 1
    for _ in range(2):
        world.bench(wcs_seed).run(**ABSENT)
    assert world.aws("ec2").describe_instances(Filters=alive)["Reservations"] == []


SEEDS = (
    Scenario("seed launched", wcs_seed, WANTED, named, without_seeds),
    Scenario("seed started and tagged", wcs_seed, WANTED, stopped, without_seeds),
    Scenario("seed stopped", wcs_seed, {"stack": "wcs", "running": False}, running, without_seeds),
    Scenario("seed terminated", wcs_seed, ABSENT, running, without_seeds),
)
