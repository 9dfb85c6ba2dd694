"""wcs_ami against the lab: the five beats, adoption, refusals, retention, exact prediction."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from plugins.modules import wcs_ami
from tests.support.harness import Bench, launched

NAME = "wcs-0a1b2c3d4e5f"


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return Bench(lab, aws, wcs_ami.ARGUMENTS, wcs_ami.manage)


@pytest.fixture
def seed(bench: Bench) -> str:
    return launched(bench.lab)[0]


def test_the_five_beats(bench: Bench, seed: str) -> None:
    made = bench.exact(name=NAME, instance_id=seed, tags={"Team": "video"})
    assert made.outcome.actions == ["ec2:CreateImage"]
    image = made.returns["image"]
    assert image["state"] == "available"
    assert (image["stack"], image["tags"]) == ("wcs", {"Team": "video"})
    changed = bench.exact(name=NAME, tags={"Team": "audio"}, description="of the seed")
    assert changed.outcome.actions == ["ec2:CreateTags", "ec2:ModifyImageAttribute"]
    assert changed.returns["image"]["image_id"] == image["image_id"]
    gone = bench.exact(name=NAME, state="absent")
    assert gone.outcome.actions == ["ec2:DeregisterImage"]
    assert gone.returns["image"] is None
    assert bench.aws("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert bench.exact(name=NAME, state="absent").outcome.actions == []


def test_calls_of_create_and_rerun(bench: Bench, seed: str) -> None:
    start = bench.mark()
    bench.run(name=NAME, instance_id=seed)
    assert bench.calls(start) == [
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:CreateImage",
        "ec2:DescribeImages",
    ]
    start = bench.mark()
    bench.run(name=NAME)
    assert bench.calls(start) == ["ec2:DescribeImages"]


def test_check_mode_before_the_seed_exists(bench: Bench) -> None:
    answer = bench.check(name=NAME, instance_id=LATER)
    assert answer.outcome.actions == ["ec2:CreateImage"]
    assert answer.returns["image"]["image_id"] == LATER
    assert answer.returns["image"]["name"] == NAME


def test_found_again_when_the_seed_is_gone(bench: Bench, seed: str) -> None:
    made = bench.run(name=NAME, instance_id=seed)
    bench.aws("ec2").terminate_instances(InstanceIds=[seed])
    bench.lab.run(120)
    assert bench.exact(name=NAME).returns["image"] == made.returns["image"]


def test_a_tag_may_have_an_empty_value(bench: Bench, seed: str) -> None:
    made = bench.exact(name=NAME, instance_id=seed, tags={"Flag": "", "Team": "video"})
    assert made.returns["image"]["tags"] == {"Flag": "", "Team": "video"}


def test_tags_of_snapshots_follow(bench: Bench, seed: str) -> None:
    bench.run(name=NAME, instance_id=seed, tags={"Team": "video"})
    bench.exact(name=NAME, tags={"Owner": "us"})
    (snapshot,) = bench.aws("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    tags = {tag["Key"]: tag["Value"] for tag in snapshot["Tags"]}
    assert tags["Owner"] == "us"
    assert tags["webcallserver.aws:stack"] == "wcs"
    assert "Team" not in tags


def test_an_image_of_that_name_without_our_mark(bench: Bench, seed: str) -> None:
    image_id = bench.aws("ec2").create_image(InstanceId=seed, Name=NAME)["ImageId"]
    bench.lab.run(120)
    message = str(bench.fails(name=NAME))
    assert message == (
        f"Cannot make image '{NAME}': {image_id} has the name but is not tagged webcallserver.aws:stack, so it "
        "is not managed by this collection. "
        "Set adopt: true to take it over, or choose another name."
    )
    assert "not managed by this collection" in str(bench.fails(name=NAME, state="absent"))
    adopted = bench.exact(name=NAME, adopt=True)
    assert adopted.returns["image"]["image_id"] == image_id
    assert adopted.outcome.actions == ["ec2:CreateTags"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "a"}, "a name has 3 to 128"),
        ({"name": "wcs#1"}, "a name has 3 to 128"),
        ({"keep": 2}, "keep needs family"),
        ({"keep": 0, "family": "wcs"}, "keep is less than 1"),
        ({"launch_permissions": {"user_ids": ["42"]}}, "is not 12 digits"),
        ({"tags": {"webcallserver.aws:stack": "x"}}, "begins with a reserved prefix"),
        ({"copies": [{"region": "us-east-1"}]}, "copies names a Region twice, or the image's own"),
        ({"instance_id": None}, "no instance to make it from"),
        ({"instance_id": "i-00000000000000000"}, "instance i-00000000000000000 does not exist in this Region"),
        ({"description": "x" * 256}, "longer than 255 characters"),
        ({"family": ""}, "it is an empty string"),
        ({"volumes": [{"device_name": "/dev/xvda", "encrypted": True}]}, "volumes.encrypted is set"),
        ({"instance_id": LATER}, "is known only in check mode"),
    ],
)
def test_refused_before_anything_is_touched(bench: Bench, seed: str, given: dict[str, Any], reason: str) -> None:
    start = bench.mark()
    failure = bench.fails(**{"name": NAME, "instance_id": seed, **given})
    assert reason in str(failure)
    assert failure.call.code is None
    assert bench.writes(start) == []


def test_an_immutable_image_is_not_changed(bench: Bench, seed: str) -> None:
    bench.run(name=NAME, instance_id=seed)
    other = launched(bench.lab)[0]
    assert "was made from" in str(bench.fails(name=NAME, instance_id=other))
    assert "has other volumes" in str(bench.fails(name=NAME, volumes=[{"device_name": "/dev/xvda", "size": 999}]))


def test_a_terminated_seed_is_refused(bench: Bench, seed: str) -> None:
    bench.aws("ec2").terminate_instances(InstanceIds=[seed])
    bench.lab.run(120)
    assert "is terminated" in str(bench.fails(name=NAME, instance_id=seed))


def test_a_pending_image_is_waited_for(bench: Bench, seed: str) -> None:
    first = bench.run(name=NAME, instance_id=seed, wait=False)
    assert first.returns["image"]["state"] == "pending"
    second = bench.run(name=NAME)
    assert second.outcome.actions == []
    assert second.returns["image"]["state"] == "available"


def test_sharing(bench: Bench, seed: str) -> None:
    bench.run(name=NAME, instance_id=seed)
    shared = bench.exact(name=NAME, launch_permissions={"user_ids": ["210987654321", "123456789013"]})
    assert shared.outcome.actions == ["ec2:ModifyImageAttribute"]
    assert shared.returns["image"]["launch_permissions"]["user_ids"] == ["123456789013", "210987654321"]
    bench.exact(name=NAME, launch_permissions={"user_ids": []})
    assert bench.exact(name=NAME).outcome.actions == []


def test_a_copy_elsewhere(bench: Bench, seed: str) -> None:
    made = bench.exact(name=NAME, instance_id=seed, copies=[{"region": "eu-west-1"}])
    assert made.outcome.actions == ["ec2:CreateImage", "ec2:CopyImage@eu-west-1"]
    (copy,) = made.returns["image"]["copies"]
    assert (copy["region"], copy["state"], copy["stack"]) == ("eu-west-1", "available", "wcs")
    gone = bench.exact(name=NAME, state="absent", copies=[{"region": "eu-west-1"}])
    assert gone.outcome.actions == ["ec2:DeregisterImage@eu-west-1", "ec2:DeregisterImage"]


def test_retention_spares_what_is_used_or_shared(bench: Bench, seed: str) -> None:
    names = [f"wcs-00000000000{number}" for number in range(5)]
    ids = []
    for name in names:
        ids.append(bench.run(name=name, instance_id=seed, family="wcs").returns["image"]["image_id"])
        bench.lab.run(5)
    bench.aws("ec2").create_launch_template(
        LaunchTemplateName="other", LaunchTemplateData={"ImageId": ids[0], "InstanceType": "t3.small"}
    )
    bench.run(name=names[1], family="wcs", launch_permissions={"user_ids": ["123456789013"]})
    kept = bench.exact(name=names[4], family="wcs", keep=2)
    assert kept.outcome.actions == ["ec2:DeregisterImage"]
    left = {image["Name"] for image in bench.aws("ec2").describe_images(Owners=["self"])["Images"]}
    assert left == {names[0], names[1], names[3], names[4]}


def test_a_lost_reply_is_adopted(bench: Bench, seed: str) -> None:
    bench.lab.faults.add(operation="CreateImage", kind="cut-reply", count=1)
    answer = bench.run(name=NAME, instance_id=seed)
    assert answer.returns["image"]["state"] == "available"
    assert len(bench.aws("ec2").describe_images(Owners=["self"])["Images"]) == 1


def test_a_failed_image_is_made_again(bench: Bench, seed: str) -> None:
    bench.lab.image_failures.append(("Server.InternalError", "Internal error"))
    failure = bench.fails(name=NAME, instance_id=seed)
    assert "Internal error" in str(failure)
    assert failure.actions == ["ec2:CreateImage"]
    again = bench.exact(name=NAME, instance_id=seed)
    assert again.outcome.actions == ["ec2:DeregisterImage", "ec2:CreateImage"]
