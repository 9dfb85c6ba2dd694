"""What fault cases of images are about."""

from __future__ import annotations

from collections.abc import Mapping

from plugins.modules import wcs_ami
from tests.faults.sites import Scenario, World
from tests.support.harness import launched

IMAGE = "wcs-0a1b2c3d4e5f"


def seeded(world: World) -> dict[str, str]:
    """An instance to make images of."""
    return {"seed": launched(world.lab)[0]}


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


def left_over(world: World) -> dict[str, str]:
    """A snapshot of an image that somebody deregistered, and an image of the same family."""
    names = imaged(world)
    ec2 = world.aws("ec2")
    ec2.deregister_image(ImageId=ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"])
    world.lab.run(30)
    return names


def inherited(world: World) -> dict[str, str]:
    """Two images of a family."""
    names = seeded(world)
    for number in range(2):
        world.bench(wcs_ami).run(name=f"wcs-00000000000{number}", instance_id=names["seed"], family="wcs")
        world.lab.run(2)
    return names


IMAGES = (
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
    Scenario("image untagged", wcs_ami, {"name": IMAGE, "tags": {}}, imaged, without_images),
    Scenario("snapshot left over", wcs_ami, {"name": IMAGE, "state": "absent"}, left_over, without_images),
    Scenario(
        "image that retires another",
        wcs_ami,
        {"name": IMAGE, "instance_id": "{seed}", "family": "wcs", "keep": 1},
        inherited,
        without_images,
    ),
)
