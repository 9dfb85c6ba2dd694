"""wcs_rollout against the lab: new nodes first, floor and peak, what fails and goes back, and wcs_asg beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plugins.module_utils._group.journal import DRAINING, mark
from tests.support.steering import SICK, Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")

USUAL = {"group_name": "wcs", "probe": False}


@pytest.fixture
def fleet(lab: Any, aws: Callable[..., Any], request: pytest.FixtureRequest) -> Steered:
    """Three nodes, or as many as the test asks for, whose sessions end one after the other."""
    fleet = Steered(lab, aws, getattr(request, "param", 3))
    fleet.version(instance_type="c5.xlarge")
    for number, instance_id in enumerate(fleet.ids()):
        fleet.hold(instance_id, number)
        fleet.when(60 + 30 * number, lambda one=instance_id: fleet.hold(one, 0))
    return fleet


class Watched:
    """The extremes of a fleet while something goes on."""

    def __init__(self, fleet: Steered) -> None:
        self.fleet, self.serving, self.members = fleet, [len(fleet.in_service())], [len(fleet.ids())]
        self._look()

    def _look(self) -> None:
        group = self.fleet.stage.group()
        active = ("Pending", "InService")
        self.members.append(sum(one["LifecycleState"] in active for one in group["Instances"]))
        self.serving.append(len(self.fleet.in_service()))
        self.fleet.when(3, self._look)


def marks(fleet: Steered) -> list[float]:
    """When each leaving node was marked."""
    rows = fleet.aws("ec2").describe_instances(Filters=[{"Name": "tag-key", "Values": [DRAINING]}])["Reservations"]
    found = [mark({tag["Key"]: tag["Value"] for tag in one["Tags"]}) for row in rows for one in row["Instances"]]
    return [one.started for one in found if one]


def versions(fleet: Steered) -> set[str]:
    return {one["LaunchTemplate"]["Version"] for one in fleet.stage.group()["Instances"]}


@pytest.mark.long
@pytest.mark.parametrize("fleet", [6], indirect=True)
def test_every_node_is_replaced_above_the_floor_and_below_the_peak(fleet: Steered) -> None:
    before = fleet.ids()
    foreseen = fleet.rollouts.check(**USUAL)
    assert foreseen.outcome.actions == ["autoscaling:CreateOrUpdateTags", "autoscaling:SuspendProcesses"]
    assert foreseen.returns["rollout"] == {
        "from_version": "1",
        "to_version": "2",
        "outdated": 6,
        "peak": 7,
        "min_in_service": 6,
    }
    assert sorted(one["instance_id"] for one in foreseen.returns["victims"]) == before
    assert foreseen.returns["victims"][0]["sessions"] == 0
    watched, start = Watched(fleet), fleet.rollouts.mark()
    done = fleet.rollouts.run(**USUAL)
    assert done.outcome.actions == fleet.rollouts.writes(start)
    assert (min(watched.serving), max(watched.members)) == (6, 7)
    assert {one["instance_id"]: one["outcome"] for one in done.returns["victims"]} == dict.fromkeys(before, "drained")
    assert done.returns["rollout"] == foreseen.returns["rollout"]
    assert (versions(fleet), fleet.traces(), len(fleet.in_service())) == ({"2"}, [], 6)
    group = fleet.stage.group()
    assert (group["DesiredCapacity"], group["MaxSize"], group["LaunchTemplate"]["Version"]) == (6, 8, "2")
    assert [one["VersionNumber"] for one in fleet.stage.versions() if one["DefaultVersion"]] == [2]
    assert fleet.rollouts.run(**USUAL).outcome.actions == []
    launch = fleet.stage.launch(instance_type="c5.xlarge", apply="rollout")
    assert fleet.stage.bench.run(**fleet.options | {"launch": launch}).outcome.actions == []


@pytest.mark.long
def test_a_group_at_its_limit(fleet: Steered) -> None:
    fleet.aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName="wcs", MaxSize=3)
    fleet.rollouts.run(**USUAL)
    assert (versions(fleet), fleet.stage.group()["MaxSize"]) == ({"2"}, 3)


@pytest.mark.long
def test_a_version_that_does_not_become_healthy(fleet: Steered) -> None:
    before = fleet.ids()
    fleet.lab.machines.fresh_health = SICK  # type: ignore[attr-defined]
    failure = fleet.rollouts.fails(**USUAL)
    assert "InService but not in its balancer after" in str(failure)
    assert "The group is back at version 1; old nodes were not touched" in str(failure)
    assert (fleet.ids(), fleet.traces(), versions(fleet)) == (before, [], {"1"})
    assert fleet.stage.group()["LaunchTemplate"]["Version"] == "1"
    fleet.lab.machines.fresh_health = type(SICK)(True, 200)  # type: ignore[attr-defined]
    fleet.version(instance_type="c5.2xlarge")
    fleet.rollouts.run(**USUAL)
    assert (versions(fleet), fleet.traces()) == ({"3"}, [])


def test_launches_that_fail(fleet: Steered) -> None:
    fleet.lab.launch_failures += ["You have requested more vCPU capacity than your limit allows."] * 9
    failure = fleet.rollouts.fails(**USUAL)
    assert "3 launches failed: You have requested more vCPU capacity" in str(failure)
    assert (versions(fleet), fleet.traces(), fleet.stage.group()["DesiredCapacity"]) == ({"1"}, [], 3)


@pytest.mark.long
def test_rolled_back_and_once_only(fleet: Steered) -> None:
    fleet.rollouts.run(**USUAL)
    back = fleet.rollouts.run(**USUAL, state="rolled_back")
    assert (back.returns["rollout"]["from_version"], back.returns["rollout"]["to_version"]) == ("2", "1")
    assert (versions(fleet), fleet.traces(), len(fleet.in_service())) == ({"1"}, [], 3)
    assert fleet.rollouts.run(**USUAL, state="rolled_back").outcome.actions == []


@pytest.mark.parametrize("fleet", [6], indirect=True)
def test_check_mode_tells_who_leaves_in_which_order_with_how_many_sessions(fleet: Steered) -> None:
    sessions = {one: 9 - number for number, one in enumerate(fleet.ids())}
    for instance_id, count in sessions.items():
        fleet.hold(instance_id, count)
    foreseen = fleet.rollouts.check(**USUAL).returns["victims"]
    assert {one["instance_id"]: one["sessions"] for one in foreseen} == sessions
    assert foreseen[0]["sessions"] == min(sessions.values())
    again = fleet.rollouts.check(**USUAL, surge=3).returns
    assert (again["victims"], again["rollout"]["peak"]) == (foreseen, 9)


@pytest.mark.long
@pytest.mark.parametrize("on_timeout", [pytest.param("fail", marks=pytest.mark.long), "return_to_service"])
def test_the_deadline_of_an_old_node_holds(fleet: Steered, on_timeout: str) -> None:
    fleet.lab.run(400)
    for instance_id in fleet.ids():
        fleet.hold(instance_id, 3)
    before = fleet.ids()
    failure = fleet.rollouts.fails(**USUAL, timeout=60, on_timeout=on_timeout)
    assert (set(before) <= set(fleet.ids()), failure.details["cut"]) == (True, [])
    if on_timeout == "fail":
        (marked,) = marks(fleet)
        assert 0 <= fleet.lab.clock.now() - marked - 60 <= 10
        assert "(3 sessions) had sessions left when the timeout (1 min 0 s) was over" in str(failure)
    else:
        assert "into service: their timeout was over" in str(failure)
        assert (fleet.in_service(), [one for one in fleet.traces() if "rollout" not in one]) == (fleet.ids(), [])


@pytest.mark.long
def test_sessions_that_never_end_and_who_was_cut(fleet: Steered) -> None:
    fleet.lab.run(400)
    for instance_id in fleet.ids():
        fleet.hold(instance_id, 3)
    answer = fleet.rollouts.run(**USUAL, surge=3, timeout=60, on_timeout="terminate")
    assert [one["sessions"] for one in answer.returns["cut"]] == [3] * 3
    assert (versions(fleet), fleet.traces()) == ({"2"}, [])


def test_the_licence_limit_counts_the_seed(fleet: Steered) -> None:
    account = fleet.lab.account
    tags = [{"Key": "webcallserver.aws:stack", "Value": "wcs"}]
    fleet.aws("ec2").run_instances(
        ImageId=account.wcs_image_id,
        MinCount=1,
        MaxCount=1,
        SubnetId=account.subnet_ids[0],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    failure = fleet.rollouts.fails(check=True, **USUAL, licence_limit=4)
    assert "3 nodes + 1 node of surge + 1 seed = 5 licences, licence_limit is 4" in str(failure)
    assert fleet.rollouts.check(**USUAL, licence_limit=5).returns["rollout"]["peak"] == 4


@pytest.mark.long
def test_a_drain_waits_for_the_rollout_and_the_rollout_for_a_drain(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    fleet.hold(one, 9)
    fleet.drains.fails(group_name="wcs", instance_ids=[one], timeout=10)
    assert "a drain of" in str(fleet.rollouts.fails(**USUAL))
    fleet.drains.run(group_name="wcs", state="in_service")
    fleet.lab.run(400)
    for instance_id in fleet.ids():
        fleet.hold(instance_id, 9)
    failure = fleet.rollouts.fails(**USUAL, timeout=60)
    assert "(9 sessions) had sessions left" in str(failure)
    assert "a rollout to version 2 is under way" in str(fleet.drains.fails(group_name="wcs", count=1))
    for instance_id in fleet.ids():
        fleet.hold(instance_id, 0)
    fleet.rollouts.run(**USUAL)
    assert (versions(fleet), fleet.traces()) == ({"2"}, [])


def test_a_version_that_is_not_there(fleet: Steered) -> None:
    assert "template wcs has no version 9" in str(fleet.rollouts.fails(check=True, **USUAL, version="9"))
    assert "no rollout is recorded on it" in str(fleet.rollouts.fails(**USUAL, state="rolled_back"))


def test_a_group_of_launch_configurations_is_refused(lab: Any, aws: Callable[..., Any]) -> None:
    fleet = Steered(lab, aws, 2)
    fleet.stage.bench.run(**fleet.options | {"launch": fleet.stage.launch(kind="configuration")})
    assert "does not launch from a version" in str(fleet.rollouts.fails(**USUAL))
