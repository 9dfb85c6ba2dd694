"""Tags of a group reach all that is of it; when they change, what is there is tagged and nobody is replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._group.bearers import Bearer, TagChange, tagging
from plugins.module_utils._launch.api import likeness
from tests.support.groups import NAME, Stage
from tests.support.steering import Steered, pages  # noqa: F401 - a fixture

MARK = {"webcallserver.aws:stack": NAME}
ALL = {"tags": {"Team": "video", "Name": "wcs-node"}, "tag_volumes": True}
CHANGED = {"tags": {"Team": "audio", "Cost": "7"}, "tag_volumes": True}


@pytest.fixture
def stage(lab: Lab, aws: Callable[..., Any]) -> Stage:
    return Stage(lab, aws)


def borne(stage: Stage) -> dict[str, dict[str, str]]:
    """What instances, their volumes, the template and the group bear, by a name for each."""
    ec2 = stage.aws("ec2")
    group = stage.group()
    ids = [one["InstanceId"] for one in group["Instances"]]
    rows = ec2.describe_instances(InstanceIds=ids)["Reservations"]
    instances = [one for row in rows for one in row["Instances"]]
    volumes = [mapping["Ebs"]["VolumeId"] for one in instances for mapping in one["BlockDeviceMappings"]]
    assert len(volumes) >= len(ids)
    template = ec2.describe_launch_templates(LaunchTemplateNames=[NAME])["LaunchTemplates"][0]
    things = {
        **{f"instance {one['InstanceId']}": one.get("Tags", []) for one in instances},
        **{
            f"volume {one['VolumeId']}": one.get("Tags", [])
            for one in ec2.describe_volumes(VolumeIds=volumes)["Volumes"]
        },
        "template": template.get("Tags", []),
        "group": group["Tags"],
    }
    return {
        name: {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")}
        for name, tags in things.items()
    }


@pytest.mark.parametrize("apply", ["now", "rollout"])
def test_they_are_on_everything_from_the_first_and_after_a_change(stage: Stage, apply: str) -> None:
    options = stage.options(min_size=2, launch=stage.launch(apply=apply))
    stage.bench.exact(**options, **ALL)
    first = borne(stage)
    assert len(first) == 6
    assert set(map(str, first.values())) == {str(found) for found in first.values()}
    assert [found for found in first.values() if found != {**ALL["tags"], **MARK}] == []  # type: ignore[dict-item]
    before = [one["InstanceId"] for one in stage.group()["Instances"]]
    done = stage.bench.exact(**options, **CHANGED)
    assert done.outcome.actions[:2] == ["ec2:CreateTags", "ec2:DeleteTags"]
    assert "ec2:CreateLaunchTemplateVersion" in done.outcome.actions
    assert [found for found in borne(stage).values() if found != {**CHANGED["tags"], **MARK}] == []  # type: ignore[dict-item]
    assert [one["InstanceId"] for one in stage.group()["Instances"]] == before
    assert len(set(likeness(stage.versions()).values())) == 1


@pytest.mark.parametrize("apply", ["now", "rollout"])
@pytest.mark.parametrize("there", [0, 1])
def test_nodes_that_the_run_itself_brings_are_foreseen(stage: Stage, there: int, apply: str) -> None:
    """A rollout leaves them on the version before, whose tags of volumes are not those that are wanted."""
    sizes = {"min_size": 0, "max_size": 4}
    stage.bench.exact(**stage.options(desired_capacity=there, **sizes), **ALL)
    more = stage.options(desired_capacity=3, launch=stage.launch(apply=apply, instance_type="c5.xlarge"), **sizes)
    done = stage.bench.exact(**more, **CHANGED)
    assert [found for found in borne(stage).values() if found != {**CHANGED["tags"], **MARK}] == []  # type: ignore[dict-item]
    assert [step.operation.endswith("eTags") for step in done.outcome.steps][-1] == (apply == "rollout")


def test_what_others_tagged_stays_and_so_does_a_volume_attached_by_hand(stage: Stage) -> None:
    stage.bench.run(**stage.options(), **ALL)
    ec2, (member,) = stage.aws("ec2"), stage.group()["Instances"]
    ec2.create_tags(Resources=[member["InstanceId"]], Tags=[{"Key": "backup", "Value": "yes"}])
    zone = member["AvailabilityZone"]
    other = ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    ec2.attach_volume(InstanceId=member["InstanceId"], VolumeId=other, Device="/dev/sdz")
    stage.bench.run(**stage.options(), **CHANGED)
    found = borne(stage)
    assert found[f"instance {member['InstanceId']}"]["backup"] == "yes"
    assert found[f"volume {other}"] == {}


def test_a_run_that_was_cut_off_is_finished_by_the_next(stage: Stage) -> None:
    options = stage.options(min_size=2)
    stage.bench.run(**options, **ALL)
    tagged = stage.bench.check(**options, **CHANGED).outcome.actions
    stage.aws("ec2").create_tags(  # as a run leaves it that was killed after its first call
        Resources=[stage.group()["Instances"][0]["InstanceId"]], Tags=[{"Key": "Team", "Value": "audio"}]
    )
    again = stage.bench.exact(**options, **CHANGED)
    assert sorted(set(again.outcome.actions)) == sorted(set(tagged))
    assert [found for found in borne(stage).values() if found != {**CHANGED["tags"], **MARK}] == []  # type: ignore[dict-item]


def test_a_rerun_asks_nobody_for_tags(stage: Stage) -> None:
    stage.bench.run(**stage.options(), **ALL)
    start = stage.bench.mark()
    stage.bench.run(**stage.options(), **ALL)
    assert not {"ec2:DescribeTags", "ec2:DescribeInstances", "ec2:CreateTags"} & set(stage.bench.calls(start))


@pytest.mark.usefixtures("pages")
def test_a_rollout_of_other_tags_replaces_nobody(lab: Lab, aws: Callable[..., Any]) -> None:
    fleet = Steered(lab, aws, 2)
    before = fleet.ids()
    launch = fleet.stage.launch(apply="rollout")
    fleet.stage.bench.run(**fleet.options | {"launch": launch, "desired_capacity": None}, **ALL)
    foreseen = fleet.rollouts.check(group_name=NAME, probe=False)
    assert (foreseen.returns["rollout"]["outdated"], foreseen.returns["victims"]) == (0, [])
    done = fleet.rollouts.run(group_name=NAME, probe=False)
    assert (done.returns["rollout"]["outdated"], fleet.ids()) == (0, before)
    group = fleet.stage.group()
    assert group["LaunchTemplate"]["Version"] == "2"
    assert fleet.rollouts.run(group_name=NAME, probe=False).outcome.actions == []


# The decision alone


def test_bearers_that_need_the_same_share_a_call() -> None:
    bearers = [Bearer(f"i-{number:04}", "instance", {"a": "1", "b": "2"}) for number in range(501)]
    steps = tagging("wcs", [*bearers, Bearer("vol-1", "volume")], {"instance": TagChange({"a": "2"}, ["b"])})
    assert [(step.operation, len(step.args["Resources"])) for step in steps] == [
        ("CreateTags", 500),
        ("CreateTags", 1),
        ("DeleteTags", 500),
        ("DeleteTags", 1),
    ]
