"""wcs_seed foresees exactly what it then does, takes up what is there, and finishes what is half done."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import LATER, Ref, Wait
from plugins.module_utils._seed import moves as _seed
from plugins.module_utils._seed.options import wanted
from plugins.module_utils._seed.world import SeedWorld
from tests.support.harness import agrees
from tests.support.overlay import Overlay
from tests.support.stack_seeds import MARKS, Seeds

CASES = 300 if os.environ.get("WCS_TEST_ALL") else 24


@pytest.fixture
def seeds(lab: Lab, aws: Callable[..., Any]) -> Seeds:
    return Seeds(lab, aws)


def test_a_seed_comes_stops_starts_and_goes(seeds: Seeds) -> None:
    made = seeds.bench.exact(**seeds.asked, tags={"Team": "media"})
    assert made.outcome.actions == ["ec2:RunInstances"]
    assert made.results()["plan"]["things"] == [{"thing": "seed", "name": "wcs-seed", "change": "add", "calls": 1}]
    (there,) = seeds.there()
    shown = made.returns["seed"]
    assert (shown["instance_id"], shown["address"]) == (there["InstanceId"], there["PublicIpAddress"])
    assert (shown["running"], there["State"]["Name"], shown["stack"]) == (True, "running", "wcs")
    assert there["MetadataOptions"]["HttpTokens"] == "required"
    (volume,) = [one["Ebs"]["VolumeId"] for one in there["BlockDeviceMappings"]]
    assert seeds.tags(there["InstanceId"]) == seeds.tags(volume) == {**MARKS, "Team": "media"}
    assert seeds.bench.exact(stack="wcs").outcome.actions == [], "without options it stays as it is"
    changed = seeds.bench.exact(**seeds.asked, tags={"Owner": "us"})
    assert changed.outcome.actions == ["ec2:CreateTags", "ec2:DeleteTags"]
    assert seeds.tags(there["InstanceId"]) == seeds.tags(volume) == {**MARKS, "Owner": "us"}
    assert seeds.bench.exact(stack="wcs", running=False).outcome.actions == ["ec2:StopInstances"]
    again = seeds.bench.exact(**seeds.asked)
    assert again.outcome.actions == ["ec2:StartInstances"]
    assert again.returns["seed"]["address"] == seeds.there()[0]["PublicIpAddress"]
    gone = seeds.bench.exact(stack="wcs", state="absent")
    assert (gone.outcome.actions, gone.returns["seed"]) == (["ec2:TerminateInstances"], None)
    assert gone.results()["plan"]["things"] == [{"thing": "seed", "name": "wcs-seed", "change": "remove", "calls": 1}]
    assert seeds.there() == []
    assert seeds.bench.exact(**seeds.asked).outcome.actions == ["ec2:RunInstances"], "one that ended is none"


def test_what_it_is_launched_with(seeds: Seeds, aws: Callable[..., Any]) -> None:
    aws("ec2").create_key_pair(KeyName="operators")
    iam, account = aws("iam"), seeds.lab.account
    iam.create_instance_profile(InstanceProfileName="seeds")
    group = seeds.ec2.create_security_group(GroupName="seeds", Description="seeds", VpcId=account.vpc_id)["GroupId"]
    device = seeds.ec2.describe_images(ImageIds=[account.wcs_image_id])["Images"][0]["RootDeviceName"]
    seeds.bench.exact(
        **seeds.asked,
        key_name="operators",
        security_group_ids=[group],
        instance_profile="seeds",
        volumes=[
            {"device_name": device, "ebs": {"volume_size": 40, "volume_type": "gp3", "throughput": 200}},
            {"device_name": "/dev/sdf", "no_device": ""},
        ],
        address="private",
    )
    (there,) = seeds.there()
    assert "PublicIpAddress" not in there
    assert (there["KeyName"], there["SubnetId"]) == ("operators", account.subnet_ids[0])
    assert [one["GroupId"] for one in there["SecurityGroups"]] == [group]
    assert there["IamInstanceProfile"]["Arn"].endswith("instance-profile/seeds")
    (volume,) = seeds.ec2.describe_volumes(VolumeIds=[one["Ebs"]["VolumeId"] for one in there["BlockDeviceMappings"]])[
        "Volumes"
    ]
    assert (volume["Size"], volume["VolumeType"], volume["Throughput"]) == (40, "gp3", 200)


def test_one_that_no_option_asks_for_is_not_launched(seeds: Seeds) -> None:
    for running in (None, True, False):
        answer = seeds.bench.exact(stack="wcs", **({} if running is None else {"running": running}))
        assert (answer.outcome.actions, answer.returns["seed"]) == ([], None)


def test_a_dry_run_knows_the_seed_that_an_earlier_step_would_launch(seeds: Seeds) -> None:
    for given, calls in (
        ({"state": "absent"}, ["ec2:TerminateInstances"]),
        ({"running": False}, ["ec2:StopInstances"]),
    ):
        assert seeds.bench.check(stack="wcs", instance_id=LATER, **given).outcome.actions == calls
        (real,) = seeds.launch()
        seeds.lab.run(60)
        tagged = seeds.bench.exact(stack="wcs").outcome.actions
        assert tagged == ["ec2:CreateTags"], "its volume has no tags"
        assert seeds.bench.exact(stack="wcs", instance_id=real, **given).outcome.actions == calls
        seeds.bench.run(stack="wcs", state="absent")
    assert seeds.bench.check(stack="wcs", instance_id=LATER).outcome.actions == []


def test_all_seeds_of_the_stack_go_and_nobody_elses(seeds: Seeds) -> None:
    seeds.launch(count=3)
    others = [*seeds.launch({}), *seeds.launch({"Name": "wcs-seed"}), *seeds.launch({**MARKS, "Name": "wcs"})]
    seeds.launch({**MARKS, "webcallserver.aws:stack": "wcs2"})
    gone = seeds.bench.exact(stack="wcs", state="absent")
    assert gone.outcome.actions == ["ec2:TerminateInstances"]
    assert len(gone.outcome.before["instance_ids"]) == 3
    states = [
        one["State"]["Name"]
        for each in seeds.ec2.describe_instances(InstanceIds=others)["Reservations"]
        for one in each["Instances"]
    ]
    assert states == ["running"] * 3


def test_without_waiting_it_ends_by_itself(seeds: Seeds) -> None:
    seeds.bench.exact(**seeds.asked)
    start = seeds.lab.clock.now()
    assert seeds.bench.run(stack="wcs", state="absent", wait=False).outcome.actions == ["ec2:TerminateInstances"]
    assert seeds.lab.clock.now() - start < seeds.lab.delays.instance_shutting_down
    assert seeds.there("shutting-down")
    rest = seeds.bench.check(stack="wcs", state="absent").judged()
    assert (rest["done"], seeds.bench.run(stack="wcs", state="absent").outcome.actions) == (False, [])
    assert seeds.there("shutting-down") == []


@pytest.mark.parametrize("fault", ["cut-reply", "error-after"])
def test_a_launch_without_an_answer_does_not_become_two(seeds: Seeds, fault: str) -> None:
    seeds.lab.faults.add(fault, "ec2:RunInstances", count=1, **({} if fault == "cut-reply" else {"status": 500}))
    seeds.bench.run(**seeds.asked)
    assert len(seeds.there()) == 1


def test_a_launch_that_aws_takes_for_an_earlier_one_is_made_anew(seeds: Seeds) -> None:
    """AWS remembers client tokens for longer than it shows instances that ended, and of one that has other tags now."""
    for _ in range(3):
        seeds.bench.run(**seeds.asked)
        seeds.bench.run(stack="wcs", state="absent")
        seeds.lab.run(2 * 3600)
        assert seeds.there("terminated") == []
    first = seeds.bench.run(**seeds.asked).returns["seed"]["instance_id"]
    seeds.ec2.create_tags(Resources=[first], Tags=[{"Key": "Name", "Value": "kept"}])
    second = seeds.bench.run(**seeds.asked).returns["seed"]["instance_id"]
    assert second != first
    assert [one["InstanceId"] for one in seeds.there()] == [second]


@pytest.mark.parametrize("tags", [None, []])
def test_an_answer_without_tags_is_that_of_a_new_seed(lab: Lab, aws: Callable[..., Any], tags: Any) -> None:
    """It is not documented which tags a launch is answered with."""
    overlay = Overlay(aws)
    overlay.changes["RunInstances"] = lambda reply: [one.update(Tags=tags) for one in reply["Instances"]]
    seeds = Seeds(lab, overlay)
    seeds.bench.run(**seeds.asked)
    assert len(seeds.there()) == 1


@pytest.mark.parametrize("seconds", [1, 5, 20])
def test_one_that_is_not_shown_yet_is_not_launched_again(seeds: Seeds, seconds: int) -> None:
    """EC2 shows a new instance everywhere after a while."""
    seeds.lab.faults.add("stale", "ec2:DescribeInstances", seconds=seconds)
    seeds.bench.run(**seeds.asked)
    seeds.lab.faults.reset()
    assert len(seeds.there()) == 1


@pytest.mark.parametrize("state", ["pending", "stopping"])
@pytest.mark.parametrize("given", [{"running": True}, {"running": False}, {"state": "absent"}])
def test_one_that_an_interrupted_run_left_is_taken_up(seeds: Seeds, state: str, given: dict[str, Any]) -> None:
    (left,) = seeds.launch()
    if state == "stopping":
        seeds.lab.run(60)
        seeds.ec2.stop_instances(InstanceIds=[left])
    assert [one["State"]["Name"] for one in seeds.there()] == [state]
    seeds.bench.run(**(seeds.asked | given if "running" in given else {"stack": "wcs", **given}))
    reached = [(one["InstanceId"], one["State"]["Name"]) for one in seeds.there()]
    assert reached == {"absent": []}.get(
        str(given.get("state")), [(left, "running" if given.get("running") else "stopped")]
    )


# The kind: whatever there is, and whatever is asked


class Scene:
    """Random seeds in random states, tagged at random."""

    def __init__(self, seeds: Seeds, number: int) -> None:
        self.seeds, self.rng = seeds, random.Random(number)

    def before(self) -> None:
        for _ in range(self.rng.choice([0, 1, 1, 1, 2])):
            (one,) = self.seeds.launch({**MARKS, **self.tags()})
            self.seeds.lab.run(60)
            if self.rng.random() < 0.4:
                self.seeds.ec2.stop_instances(InstanceIds=[one])
                self.seeds.lab.run(self.rng.choice([0, 120]))
            elif self.rng.random() < 0.2:
                self.seeds.ec2.terminate_instances(InstanceIds=[one])
                self.seeds.lab.run(self.rng.choice([0, 120]))

    def tags(self) -> dict[str, str]:
        return {
            key: self.rng.choice("ab") for key in self.rng.sample(["Team", "Cost", "Owner"], self.rng.randint(0, 3))
        }

    def options(self) -> dict[str, Any]:
        if len(self.seeds.there()) > 1 or self.rng.random() < 0.25:
            return {"stack": "wcs", "state": "absent"}
        given: dict[str, Any] = {"stack": "wcs"} if self.rng.random() < 0.3 else dict(self.seeds.asked)
        given["running"] = self.rng.choice([True, False, None])
        given["tags"] = self.rng.choice([None, {}, self.tags()])
        given["purge_tags"] = self.rng.random() < 0.5
        return {key: value for key, value in given.items() if value is not None}


@pytest.mark.parametrize("number", range(CASES))
def test_exact(seeds: Seeds, number: int) -> None:
    scene = Scene(seeds, number)
    scene.before()
    seeds.bench.exact(**scene.options())


@pytest.mark.parametrize("number", range(1000, 1000 + CASES // 2))
def test_each_step_does_what_is_foreseen(seeds: Seeds, number: int) -> None:
    scene = Scene(seeds, number)
    scene.before()
    params = seeds.bench.params(**scene.options())
    want = wanted(params)
    world = SeedWorld(seeds.bench.api(), "wcs", want, params["address"], None)
    have, known = world.read(), dict[Ref, Any]()
    for move in course(_seed, have, want)[0]:
        if isinstance(move, Wait):
            while not (seen := world.look(move)).done:
                assert not seen.hopeless
                seeds.lab.run(5)
            have = _seed.settle(have, move)
        else:
            known |= world.write(move, known)
            have = _seed.foresee(have, move)
        agrees(_seed.show(have), _seed.show(world.read()), str(move))
