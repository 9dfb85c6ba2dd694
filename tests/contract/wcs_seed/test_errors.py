"""What wcs_seed refuses, and how it says what AWS refuses: the thing, the reason, the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from lab.ec2.account import Offer, offer
from tests.support.stack_seeds import MARKS, Seeds


@pytest.fixture
def seeds(lab: Lab, aws: Callable[..., Any]) -> Seeds:
    return Seeds(lab, aws)


def refused(seeds: Seeds, **given: Any) -> str:
    """The sentence; nothing was written, and a dry run says the same."""
    start, said = (
        seeds.bench.mark(),
        [str(seeds.bench.fails(check, **{"stack": "wcs", **given})) for check in (True, False)],
    )
    assert seeds.bench.writes(start) == []
    assert said[0] == said[1]
    return said[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"stack": "Wcs"}, "Cannot use stack 'Wcs': a stack's name is 1 to 20 characters of a-z, 0-9 and -"),
        ({"tags": {"aws:x": "1"}}, "Cannot launch seed 'wcs-seed': the tag key 'aws:x' in tags begins with a reserved"),
        ({"tags": {"Name": "mine"}}, "the tag 'Name' in tags is 'mine', and a seed is found by 'wcs-seed'"),
        ({"tags": {f"t{number}": "" for number in range(49)}}, "tags has 49 tags, and there is room for 48"),
        ({"key_name": "nobody"}, "Cannot plan seed 'wcs-seed': there is no key pair 'nobody' in us-east-1"),
        ({"subnet_id": "subnet-0123456789abcdef0"}, "there is no subnet 'subnet-0123456789abcdef0' in us-east-1"),
        ({"security_group_ids": ["sg-0123456789abcdef0"]}, "there is no security group 'sg-0123456789abcdef0'"),
        ({"image_id": "ami-0123456789abcdef0"}, "there is no image 'ami-0123456789abcdef0' in us-east-1"),
        ({"instance_type": "c99.large"}, "there is no instance type 'c99.large' in us-east-1"),
        ({"instance_type": "c6g.large"}, "Give an image and an instance type that fit"),
    ],
)
def test_refused_before_the_first_call(seeds: Seeds, given: dict[str, Any], words: str) -> None:
    start = seeds.bench.mark()
    assert words in str(seeds.bench.fails(check=True, **{**seeds.asked, **given}))
    assert seeds.bench.writes(start) == []


def test_several_are_no_seed(seeds: Seeds) -> None:
    ids = seeds.launch(count=2)
    found = refused(seeds, **seeds.asked)
    assert found.startswith("Cannot choose a seed of stack 'wcs': there are several, ")
    assert all(one in found for one in ids)
    assert found.endswith("Terminate all but one.")


def test_one_of_another_image_is_not_adopted(seeds: Seeds) -> None:
    (there,) = seeds.launch()
    seeds.lab.run(60)
    other = seeds.ec2.create_image(InstanceId=there, Name="other")["ImageId"]
    seeds.lab.run(900)
    found = refused(seeds, **{**seeds.asked, "image_id": other})
    assert found == (
        f"Cannot adopt seed '{there}': it was launched from {seeds.lab.account.wcs_image_id}, and {other} is asked. "
        "Terminate it; the next run launches another one."
    )


def test_one_without_the_address_is_not_reached(seeds: Seeds) -> None:
    seeds.bench.run(**seeds.asked, address="private")
    (there,) = seeds.there()
    found = refused(seeds, **seeds.asked)
    assert found.startswith(f"Cannot reach seed '{there['InstanceId']}': it is running, and has no public address. ")
    assert "(subnet_id)" in found


def test_what_is_named_and_is_no_seed_is_left_alone(seeds: Seeds) -> None:
    """An id that is mistyped may be that of a node."""
    for tags in ({}, {"Name": "wcs-seed"}, {**MARKS, "Name": "wcs"}, {**MARKS, "webcallserver.aws:stack": "wcs2"}):
        (other,) = seeds.launch(tags)
        for given in ({"state": "absent"}, {"running": False}, {"tags": {"Team": "a"}}):
            found = refused(seeds, instance_id=other, **given)
            assert found.startswith(
                f"Cannot use seed '{other}': it is not tagged webcallserver.aws:stack=wcs and Name=wcs-seed"
            )
    assert seeds.bench.run(stack="wcs", state="absent", instance_id="i-0123456789abcdef0").outcome.actions == []


def test_one_that_ends_while_it_starts_is_said_to_be_terminated(seeds: Seeds) -> None:
    ended = []

    def end(_line: str) -> None:
        for one in seeds.there("pending") if not ended else ():
            ended.append(one["InstanceId"])
            seeds.ec2.terminate_instances(InstanceIds=[one["InstanceId"]])

    seeds.bench.lines = type("Lines", (list,), {"append": lambda _self, line: end(line)})()
    failure = seeds.bench.fails(**seeds.asked)
    assert str(failure).startswith(f"Cannot use seed '{ended[0]}': it is terminated (Client.UserInitiatedShutdown")
    assert "another is launched" in str(failure)
    assert failure.actions == ["ec2:RunInstances"]


def test_a_product_that_the_account_has_not_subscribed_to(seeds: Seeds) -> None:
    image = offer(seeds.lab, Offer("paid", product="8esk90vx7v713sa0muq2skw3j"))
    failure = seeds.bench.fails(**{**seeds.asked, "image_id": image})
    assert str(failure).startswith(f"Cannot use the base image '{image}': this account has not subscribed")
    assert "https://aws.amazon.com/marketplace/pp?sku=8esk90vx7v713sa0muq2skw3j, then run again" in str(failure)
    assert (failure.call.code, seeds.there()) == ("OptInRequired", [])
