"""wcs_seed_image against the lab: which image is meant, and what is refused before anything is made."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from lab.ec2.account import Offer, offer
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.clock import SystemClock
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run
from plugins.modules.wcs_seed_image import ARGUMENTS, SPEC, look

CODE = "8esk90vx7v713sa0muq2skw3j"
LINK = f"https://aws.amazon.com/marketplace/pp?sku={CODE}"


class Asked:
    """The module, asked in this process; every answer must have been given without a write."""

    def __init__(self, lab: Any, aws: Any) -> None:
        self.lab, self.aws = lab, aws

    def __call__(self, **given: Any) -> dict[str, Any]:
        checked = ArgumentSpecValidator(ARGUMENTS, **SPEC).validate(given)
        assert not checked.error_messages
        region, clock = self.lab.region, SystemClock()
        api = Aws(lambda service, other: self.aws(service, other or region), clock, region=region)
        try:
            return look(checked.validated_parameters, Run(api, clock))
        finally:
            assert self.lab.calls.writes() == []

    def refused(self, **given: Any) -> str:
        with pytest.raises(Failure) as failure:
            self(**given)
        return str(failure.value)

    def named(self, name: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "owner": self.lab.account.vendor_id, "instance_type": "c5.large", **more}


@pytest.fixture
def asked(lab: Any, aws: Any) -> Asked:
    return Asked(lab, aws)


def test_one_match_is_taken_in_two_calls(asked: Asked) -> None:
    account, before = asked.lab.account, asked.lab.calls.last
    answer = asked(**asked.named("FlashphonerWebCallServer-*"))
    assert answer["image"]["image_id"] == account.wcs_image_id
    assert answer["image"]["architecture"] == "x86_64"
    assert [call.operation for call in asked.lab.calls.since(before)] == ["DescribeImages", "DescribeInstanceTypes"]
    assert asked(image_id=account.wcs_image_id)["image"] == answer["image"]


def test_several_are_listed_newest_first_and_newest_takes_the_first(asked: Asked) -> None:
    name = asked.lab.account.wcs_image_name
    asked.lab.run(60)
    newer = offer(asked.lab, Offer("FlashphonerWebCallServer-5.2.2200"))
    words = asked.refused(**asked.named("FlashphonerWebCallServer-*"))
    assert "2 of that name and owner are there, newest first: " in words
    assert "(newest: true)" in words
    assert words.index(newer) < words.index(name)
    answer = asked(**asked.named("FlashphonerWebCallServer-*", newest=True))
    assert answer["matches"] == [newer, asked.lab.account.wcs_image_id]
    assert newer in answer["summary"]
    assert answer["summary"].endswith("the newest of 2.")


@pytest.mark.parametrize("asks", [True, False], ids=["a dry run tells it", "only the launch tells it"])
def test_a_product_that_is_not_subscribed(asked: Asked, asks: bool) -> None:
    image = offer(asked.lab, Offer("paid", product=CODE))
    asked.lab.dry_run_asks_marketplace = asks
    given = {"image_id": image, "instance_type": "c5.large", "subnet_id": asked.lab.account.subnet_ids[0]}
    if not asks:
        assert asked(**given)["image"]["product_codes"] == [CODE]
        return
    words = asked.refused(**given)
    assert words.startswith(
        f"Cannot use the base image '{image}': this account has not subscribed to the AWS Marketplace"
    )
    assert f"subscribe at {LINK}, then run again" in words
    asked.lab.unsubscribed.clear()
    assert asked(**given)["image"]["product_codes"] == [CODE]


def test_an_image_of_another_region(asked: Asked) -> None:
    elsewhere = offer(asked.lab, Offer("elsewhere", region="eu-central-1"))
    for given in ({"image_id": elsewhere}, asked.named("elsewhere")):
        words = asked.refused(**given)
        assert "there is none" in words
        assert "in us-east-1. Images belong to a Region" in words


@pytest.mark.parametrize(
    ("architecture", "kind", "reason"),
    [
        ("arm64", "c6g.large", "is for arm64, and Web Call Server is made for x86_64 alone"),
        ("arm64", "c5.large", "is for arm64, and Web Call Server is made for x86_64 alone"),
        ("x86_64", "c6g.large", "is for x86_64, and instance type c6g.large is arm64"),
        ("x86_64", "c5.gigantic", "there is no instance type 'c5.gigantic'"),
    ],
)
def test_what_does_not_fit(asked: Asked, architecture: str, kind: str, reason: str) -> None:
    image = offer(asked.lab, Offer("it", architecture=architecture))
    words = asked.refused(image_id=image, instance_type=kind)
    assert reason in words


@pytest.mark.parametrize("given", [{}, {"name": "FlashphonerWebCallServer-*"}, {"owner": "self"}])
def test_h4_no_image_is_named(asked: Asked, given: dict[str, Any]) -> None:
    assert asked.refused(**given) == ("Cannot launch a seed: no image is named. Set image_id, or name and owner.")
