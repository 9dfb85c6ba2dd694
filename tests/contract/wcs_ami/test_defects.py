"""Defects of the modules that are in use elsewhere, by their number, and what wcs_ami does instead."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.modules import wcs_ami
from tests.support.harness import Bench, launched

NAME = "wcs-0a1b2c3d4e5f"


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return Bench(lab, aws, wcs_ami.ARGUMENTS, wcs_ami.manage)


@pytest.fixture
def seed(bench: Bench) -> str:
    return launched(bench.lab)[0]


def test_d4_a_name_that_is_there_is_the_image_also_in_check_mode(bench: Bench, seed: str) -> None:
    made = bench.run(name=NAME, instance_id=seed)
    start = bench.mark()
    for check in (True, False):
        again = bench.run(check, name=NAME, instance_id=seed)
        assert (again.outcome.changed, again.outcome.actions) == (False, [])
        assert again.returns["image"] == made.returns["image"]
    assert bench.writes(start) == []
    assert len(bench.aws("ec2").describe_images(Owners=["self"])["Images"]) == 1


def test_d5_an_image_without_a_description_is_managed_as_any(bench: Bench, seed: str) -> None:
    assert bench.exact(name=NAME, instance_id=seed).returns["image"]["description"] == ""
    assert bench.exact(name=NAME, tags={"Team": "video"}).outcome.actions == ["ec2:CreateTags"]
    answer = bench.exact(name=NAME, description="of the seed")
    assert answer.outcome.actions == ["ec2:ModifyImageAttribute"]
    assert bench.exact(name=NAME, description="").returns["image"]["description"] == ""


@pytest.mark.parametrize("reboot", [True, False])
def test_d5_the_seed_is_rebooted_as_told(bench: Bench, seed: str, reboot: bool) -> None:
    asked: list[bool] = []

    def hear(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["NoReboot"])

    events = bench.aws("ec2").meta.events
    events.register("before-parameter-build.ec2.CreateImage", hear)
    try:
        bench.run(name=NAME, instance_id=seed, reboot=reboot)
    finally:
        events.unregister("before-parameter-build.ec2.CreateImage", hear)
    assert asked == [not reboot]


def test_d5_removed_by_its_name(bench: Bench, seed: str) -> None:
    bench.run(name=NAME, instance_id=seed)
    assert bench.exact(name=NAME, state="absent").outcome.actions == ["ec2:DeregisterImage"]
    assert bench.aws("ec2").describe_images(Owners=["self"])["Images"] == []
    assert bench.aws("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
