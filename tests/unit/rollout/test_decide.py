"""Rollouts: what is refused, how they go, fail and are taken back, and that nobody is cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.licences import Licences
from plugins.module_utils._group.journal import PREVIOUS, Journal, Mark
from plugins.module_utils._launch.sources import LaunchSource
from plugins.module_utils._rollout import decide as _rollout
from plugins.module_utils._rollout.decide import RolloutGoal
from plugins.module_utils._steering.view import IN_SERVICE, LiveBalancer, LiveNode, LiveTemplate, View
from tests.support.cloud import START, Cloud, Run, ended, through

TEMPLATE = LiveTemplate("wcs", "1", "2", "1", frozenset({"1", "2"}))


def group(size: int = 6, **more: object) -> View:
    nodes = tuple(
        LiveNode(
            f"i-{at}",
            "abc"[at % 3],
            source=LaunchSource("template", "wcs", "1"),
            sessions=at,
            standing={"wcs": IN_SERVICE},
        )
        for at in range(size)
    )
    base = View("wcs", size, 2, 9, nodes, ("a", "b", "c"), (LiveBalancer("wcs", 600),), template=TEMPLATE)
    return replace(base, **more)


@pytest.mark.parametrize(
    ("view", "goal", "answer"),
    [
        (group(template=None), RolloutGoal(), "does not launch from a version of a launch template"),
        (group(), RolloutGoal("rolled_back"), "no rollout is recorded on it"),
        (group(), RolloutGoal(version="7"), "template wcs has no version 7"),
        (group(suspended=frozenset({"Launch", "HealthCheck"})), RolloutGoal(), "its processes Launch are suspended"),
        (group(), RolloutGoal(timeout=900), "timeout is 900 s"),
        (group(), RolloutGoal(surge=-1), "surge is -1"),
        (group(), RolloutGoal(batch=0), "batch 0"),
        (group(), RolloutGoal(min_in_service=7), "min_in_service 7 lets none leave"),
        (group(), RolloutGoal(min_in_service=0), "one node always serves"),
        (group(2), RolloutGoal(surge=0, batch=2), "leaves none in service"),
        (
            group(beside=1),
            RolloutGoal(licences=Licences(7)),
            "6 nodes + 1 node of surge + 1 seed = 8 licences, licence_limit is 7",
        ),
        (group(balancers=()), RolloutGoal(), "it has no Classic Load Balancer"),
        (
            group(nodes=tuple(replace(one, mark=Mark(START, START)) for one in group().nodes)),
            RolloutGoal(),
            "a drain of i-0 (0 sessions)",
        ),
        (
            group(nodes=tuple(replace(one, sessions=None) for one in group().nodes)),
            RolloutGoal(),
            "it is unknown where",
        ),
    ],
)
def test_what_must_not_begin_is_refused_with_the_rule(view: View, goal: RolloutGoal, answer: str) -> None:
    refusal = _rollout.refuse(view, goal)
    assert refusal is not None
    assert answer in refusal.sentence()
    assert refusal.way_out


def test_where_nothing_is_to_be_rolled_out_nothing_is_refused_or_done() -> None:
    done = group(template=replace(TEMPLATE, version="1", latest="1"), suspended=frozenset({"Launch"}))
    assert _rollout.refuse(done, RolloutGoal(surge=-1)) is None
    assert _rollout.decide(done, RolloutGoal(), START) == ()


@pytest.mark.parametrize(
    ("goal", "most"),
    [(RolloutGoal(), 7), (RolloutGoal(surge=3), 9), (RolloutGoal(surge=0), 6), (RolloutGoal(surge=9), 12)],
)
def test_the_peak_is_known_before(goal: RolloutGoal, most: int) -> None:
    assert _rollout.peak(group(), goal) == most


def test_who_does_not_serve_leaves_first_then_the_emptiest() -> None:
    nodes = tuple(replace(one, standing={}) if one.instance_id == "i-4" else one for one in group().nodes)
    assert [one.instance_id for one in _rollout.order(group(nodes=nodes), RolloutGoal())] == [
        "i-4",
        "i-0",
        "i-1",
        "i-2",
        "i-3",
        "i-5",
    ]


# Stories


def rollout(cloud: Cloud, **goal: object) -> Run:
    return Run(cloud, _rollout, RolloutGoal(**goal))


def fleet(size: int = 6, **sizes: int) -> Cloud:
    """A fleet in use at version 1, whose template has version 2 already."""
    cloud = Cloud(3, size, **sizes)
    cloud.arrivals, cloud.latest = 0.5, "2"
    cloud.hold(60)
    cloud.advance(20)
    return cloud


def versions(cloud: Cloud) -> set[str]:
    return {one.version for one in cloud.machines.values()}


def tidy(cloud: Cloud, size: int = 6) -> None:
    """Fails where something is left behind, or somebody was cut."""
    cloud.advance(60)
    assert cloud.cut() == []
    assert cloud.traces() == []
    assert cloud.suspended == set()
    assert (cloud.desired, len(cloud.serving())) == (size, size)


@pytest.mark.parametrize(
    ("goal", "low", "high"),
    [
        ({}, 6, 7),
        ({"surge": 2}, 6, 8),
        ({"surge": 1, "batch": 2}, 5, 7),
        ({"surge": 0}, 5, 6),
        ({"surge": 2, "min_in_service": 3, "batch": 4}, 3, 8),
        ({"surge": 9}, 6, 12),
    ],
)
def test_every_node_is_replaced_and_nobody_is_cut(goal: dict[str, object], low: int, high: int) -> None:
    cloud = fleet(max_size=20)
    run = rollout(cloud, **goal)
    run.sail()
    tidy(cloud)
    assert versions(cloud) == {"2"}
    assert (cloud.version, cloud.default, cloud.tags[PREVIOUS]) == ("2", "2", "1")
    assert min(count for _, count in cloud.capacity) >= low
    assert max(run.most) == high == _rollout.peak(group(), RolloutGoal(**goal))
    again = rollout(cloud, **goal)
    again.sail()
    assert again.calls == []


def test_a_group_at_its_limit_has_room_for_the_surge_and_its_limit_back_afterwards() -> None:
    cloud = fleet(max_size=6)
    rollout(cloud).sail()
    tidy(cloud)
    assert (cloud.max_size, versions(cloud)) == (6, {"2"})


def test_a_version_that_does_not_become_healthy_leaves_the_old_nodes_alone() -> None:
    cloud = fleet(max_size=6)
    cloud.bad_versions = {"2"}
    with pytest.raises(Failure) as caught:
        rollout(cloud, launch_timeout=60).sail()
    assert "i-0007: InService but not in its balancer after 1 min" in str(caught.value)
    assert "The group is back at version 1; old nodes were not touched" in str(caught.value)
    tidy(cloud)
    assert (cloud.version, cloud.max_size, versions(cloud)) == ("1", 6, {"1"})
    cloud.latest = "3"
    rollout(cloud, launch_timeout=60).sail()
    tidy(cloud)
    assert (versions(cloud), cloud.tags[PREVIOUS]) == ({"3"}, "1")


def test_launches_that_fail_end_it_with_their_reason() -> None:
    cloud = fleet()
    cloud.launch_fails = "The AMI ID ami-0 does not exist"
    with pytest.raises(Failure, match="launches failed: The AMI ID ami-0 does not exist"):
        rollout(cloud).sail()
    cloud.launch_fails = ""
    tidy(cloud)
    assert cloud.version == "1"


def test_new_nodes_that_fail_later_are_taken_out_and_those_that_work_stay() -> None:
    cloud = fleet()
    looks = rollout(cloud, launch_timeout=60).looks()
    while sum(one.version == "2" for one in cloud.machines.values()) < 4:
        cloud.advance(next(looks))
    cloud.bad_versions = {"2"}
    with pytest.raises(Failure, match="proven nodes of the new version stay"):
        through(cloud, looks)
    tidy(cloud)
    assert (cloud.version, versions(cloud)) == ("1", {"1", "2"})


def test_rolled_back_after_the_end_and_once_only() -> None:
    cloud = fleet()
    rollout(cloud).sail()
    rollout(cloud, state="rolled_back").sail()
    tidy(cloud)
    assert (cloud.version, cloud.default, versions(cloud)) == ("1", "1", {"1"})
    again = rollout(cloud, state="rolled_back")
    again.sail()
    assert again.calls == []


@pytest.mark.parametrize("looks_before", [1, 3, 10, 30, 100, 150])
def test_rolled_back_on_the_way(looks_before: int) -> None:
    cloud = fleet()
    looks = rollout(cloud).looks()
    for _ in range(looks_before):
        cloud.advance(next(looks, 1.0))
    rollout(cloud, state="rolled_back").sail()
    tidy(cloud)
    assert (cloud.version, versions(cloud)) == ("1", {"1"})


def test_a_rollback_that_fails_says_so_and_leaves_what_serves() -> None:
    cloud = fleet()
    rollout(cloud).sail()
    cloud.bad_versions = {"1"}
    with pytest.raises(Failure, match="Cannot roll out version '1'"):
        rollout(cloud, state="rolled_back", launch_timeout=60).sail()
    cloud.advance(30)
    assert (cloud.cut(), cloud.traces(), cloud.suspended, len(cloud.serving())) == ([], [], set(), 6)


def test_after_a_failure_there_is_nothing_to_roll_back() -> None:
    cloud = fleet()
    cloud.tags[PREVIOUS] = "0"
    cloud.bad_versions = {"2"}
    with pytest.raises(Failure):
        rollout(cloud, launch_timeout=60).sail()
    again = rollout(cloud, state="rolled_back")
    again.sail()
    assert again.calls == []


@pytest.mark.parametrize("looks_before", [1, 3, 10, 40, 100])
def test_a_newer_version_takes_over_on_the_way(looks_before: int) -> None:
    cloud = fleet()
    looks = rollout(cloud).looks()
    for _ in range(looks_before):
        cloud.advance(next(looks, 1.0))
    cloud.latest = "3"
    rollout(cloud).sail()
    tidy(cloud)
    assert (versions(cloud), cloud.tags[PREVIOUS]) == ({"3"}, "1")


def test_a_newer_version_takes_over_from_one_whose_nodes_are_bad() -> None:
    cloud = Cloud(3)
    cloud.latest, cloud.bad_versions = "2", {"2"}
    looks = rollout(cloud).looks()
    for _ in range(20):
        cloud.advance(next(looks))
    cloud.latest = "3"
    rollout(cloud, timeout=60.0, on_timeout="terminate").sail()  # nobody knows any more that nobody used the bad one
    tidy(cloud)
    assert versions(cloud) == {"3"}


@pytest.mark.parametrize("on_timeout", ["fail", "return_to_service", "terminate"])
def test_sessions_that_never_end(on_timeout: str) -> None:
    cloud = Cloud(3, 3)
    cloud.latest = "2"
    cloud.hold(9, 100_000)
    cloud.advance(5)
    answer = ended(cloud, rollout(cloud, timeout=120.0, on_timeout=on_timeout).looks())
    if on_timeout == "terminate":
        assert answer == ""
        assert versions(cloud) == {"2"}
        assert {one.cut_by for one in cloud.cut()} <= {"timeout", "terminated"}
        return
    assert cloud.cut() == []
    if on_timeout == "fail":
        assert "(3 sessions) had sessions left when the timeout (2 min 0 s) was over" in answer
        rollout(cloud, timeout=600.0, state="rolled_back")
        assert ended(cloud, rollout(cloud, timeout=120.0, on_timeout="return_to_service").looks())
    assert "went back into service" in answer or on_timeout == "fail"
    assert cloud.suspended == set()
    assert [one for one in cloud.traces() if not one.startswith("journal")] == []
    assert len(cloud.serving()) == 4
    for machine in cloud.machines.values():
        for one in machine.sessions:
            one.end = cloud.now + 10
    rollout(cloud).sail()
    tidy(cloud, 3)
    assert versions(cloud) == {"2"}


def test_a_node_called_off_stays_and_the_rollout_says_so() -> None:
    from plugins.module_utils._drain import decide as _drain

    cloud = fleet()
    cloud.hold(60, 500)
    looks = rollout(cloud).looks()
    while not any("started" in text for one in cloud.machines.values() for text in one.tags.values()):
        cloud.advance(next(looks))
    cloud.advance(next(looks))
    other = Run(cloud, _drain, _drain.DrainGoal("in_service")).looks()
    answer = ""
    while not answer:
        cloud.advance(next(other, 1.0))
        try:
            next(looks)
        except Failure as failure:
            answer = str(failure)
    assert "went back into service" in answer
    assert (cloud.cut(), cloud.suspended) == ([], set())


def test_dead_old_nodes_are_replaced_first_and_hold_nothing_up() -> None:
    cloud = fleet()
    cloud.arrivals = 0
    dead = next(iter(cloud.machines.values()))
    cloud.suspended = {"HealthCheck"}
    cloud.fail(dead)
    cut = len(cloud.cut())
    rollout(cloud).sail()
    cloud.advance(60)
    assert (versions(cloud), len(cloud.cut()), len(cloud.serving())) == ({"2"}, cut, 6)
    assert cloud.suspended == {"HealthCheck"}


def test_the_journal_names_the_versions_that_must_be_kept() -> None:
    from plugins.module_utils._group import journal as _journal

    text = Journal(START, frozenset(), "12", "14", 6, 8, 1).text()
    assert _journal.versions({_journal.ROLLOUT: text, PREVIOUS: "11"}) == {"11", "12", "14"}
    assert _journal.versions({_journal.ROLLOUT: "by hand"}) == set()
    assert _journal.versions({}) == set()
