"""Drains: who leaves first, what is refused, and that nobody is cut, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import Step
from plugins.module_utils._core.surplus import Surplus
from plugins.module_utils._drain import decide as _drain
from plugins.module_utils._drain.decide import DrainGoal
from plugins.module_utils._group import journal as _journal
from plugins.module_utils._group.journal import Journal, Mark
from plugins.module_utils._steering import view as _view
from plugins.module_utils._steering.view import IN_SERVICE, LiveBalancer, LiveNode, View
from tests.support.cloud import START, Cloud, Run, ended, through


def node(name: str, zone: str, sessions: int | None = 0, **more: object) -> LiveNode:
    return replace(LiveNode(name, zone, sessions=sessions, standing={"wcs": IN_SERVICE}), **more)


ONE, THREE = DrainGoal(count=1), DrainGoal(count=3)


def group(*nodes: LiveNode, **more: object) -> View:
    return replace(
        View(
            "wcs",
            desired=len(nodes),
            min_size=1,
            max_size=9,
            nodes=nodes,
            zones=("a", "b", "c"),
            balancers=(LiveBalancer("wcs", 600),),
        ),
        **more,
    )


SIX = (
    node("i-1", "a", 5),
    node("i-2", "a", 3),
    node("i-3", "b", 9),
    node("i-4", "b", 2),
    node("i-5", "c", 7),
    node("i-6", "c", 1),
)


@pytest.mark.parametrize(
    ("view", "count", "expected"),
    [
        (group(*SIX), 1, ["i-6"]),
        (group(*SIX), 2, ["i-6", "i-4"]),
        (group(*SIX), 4, ["i-6", "i-4", "i-2", "i-1"]),
        (group(*SIX[:3]), 1, ["i-2"]),  # two in a, one in b, none in c: another out of b would not help
        (group(node("i-1", "a", None), node("i-2", "b", 99), node("i-3", "c", 99)), 1, ["i-2"]),  # unknown is not empty
        (group(node("i-1", "a", None, running=False), *SIX[2:]), 1, ["i-6"]),  # a has but one
        (group(*SIX[:5], node("i-6", "c", 1, mark=Mark(START, START))), 1, ["i-6"]),  # on its way already
        (group(*SIX[1:], taken={"i-1": SIX[0]}), 1, []),  # gone already
    ],
)
def test_the_emptiest_leave_first_and_zones_stay_even(view: View, count: int, expected: list[str]) -> None:
    assert [one.instance_id for one in _drain.order(view, DrainGoal(count=count))] == expected


@pytest.mark.parametrize(
    ("view", "goal", "answer"),
    [
        (group(*SIX, min_size=5), DrainGoal(count=2), "removing 2 of 6 nodes would leave fewer than 5"),
        (group(*SIX[:1]), DrainGoal(count=1), "one node always serves"),
        (group(*SIX), DrainGoal(count=1, timeout=700), "timeout is 700 s, and balancer wcs closes what is left after"),
        (group(*SIX, balancers=(LiveBalancer("wcs"),)), DrainGoal(count=1), "draining of balancer wcs is off"),
        (group(*SIX, balancers=()), DrainGoal(count=1), "it has no Classic Load Balancer"),
        (group(*SIX, foreign="target groups"), DrainGoal(count=1), "it has target groups"),
        (group(*SIX, desired=12, weighted=True), DrainGoal(count=1), "its nodes have weights (WeightedCapacity)"),
        (group(*SIX, desired=12, weighted=True), DrainGoal(surplus=Surplus(9)), "its sizes do not count nodes"),
        (group(*(replace(one, sessions=None) for one in SIX)), DrainGoal(count=1), "it is unknown where sessions are"),
        (group(*SIX, strangers={"i-9": "running"}), DrainGoal(instance_ids=("i-9",)), "i-9 is not one of its members"),
        (group(*SIX), DrainGoal(instance_ids=("i-1", "i-2")), "the zones would differ by 2 nodes"),
        (group(*SIX, suspended=frozenset({"Terminate"})), DrainGoal(count=1), "its process Terminate is suspended"),
        (group(*SIX, journal=Journal(START, target="3")), DrainGoal(count=1), "a rollout to version 3 is under way"),
        (
            group(*SIX[:2], *(replace(one, standing={}) for one in SIX[2:]), min_size=2),
            DrainGoal(count=3),
            "only 2 of 6",
        ),
        (group(*SIX, deleting=True), DrainGoal(count=1), "it is being deleted"),
        (
            group(*(replace(one, sessions=None) for one in SIX)),
            DrainGoal(count=1),
            "set address, stat_port or stat_scheme",
        ),
        (group(*SIX), DrainGoal("in_service", instance_ids=("i-9",)), "i-9 is no longer one of its members"),
        (
            group(*SIX[:5], node("i-6", "c", state="Terminating")),
            DrainGoal("in_service", instance_ids=("i-6",)),
            "it is already ending",
        ),
        (
            group(*SIX[:5], node("i-6", "c", state="Standby"), desired=5, max_size=5),
            DrainGoal("in_service", instance_ids=("i-6",)),
            "more than the maximum size",
        ),
    ],
)
def test_what_must_not_begin_is_refused_with_the_rule(view: View, goal: DrainGoal, answer: str) -> None:
    refusal = _drain.refuse(view, goal)
    assert refusal is not None
    assert answer in refusal.sentence()
    assert refusal.way_out


@pytest.mark.parametrize(
    ("view", "goal"),
    [
        (group(*SIX), DrainGoal(count=5)),
        (group(*SIX), DrainGoal(instance_ids=("i-1", "i-2"), decrement=False)),
        (group(*SIX, suspended=frozenset({"AZRebalance"})), DrainGoal(instance_ids=("i-1", "i-2"))),
        (group(*SIX, strangers={"i-9": "terminated"}), DrainGoal(instance_ids=("i-9",))),
        (group(*SIX[1:], min_size=5, taken={"i-1": SIX[0]}), DrainGoal(count=1)),  # a rerun whose victim has gone
    ],
)
def test_what_can_be_done_is_not_refused(view: View, goal: DrainGoal) -> None:
    assert _drain.refuse(view, goal) is None


@pytest.mark.parametrize(
    "value",
    [
        Journal(START, frozenset({"HealthCheck", "AZRebalance"})),
        Journal(START),
        Journal(START, frozenset({"HealthCheck"}), "12", "13", 6, 8, 1, "back", "i-1 is sick: (OutOfService)"),
    ],
)
def test_a_journal_reads_as_it_was_written(value: Journal) -> None:
    read = _journal.journal({_journal.ROLLOUT: value.text()})
    assert read == replace(value, why=value.why.replace("(", " ").replace(")", "").strip())
    assert not _journal.UNFIT.search(value.text())


def test_a_mark_reads_as_it_was_written() -> None:
    value = Mark(START, START - 5, 900.0, True, True, True, frozenset({"HealthCheck"}))
    assert _journal.mark({_journal.DRAINING: value.text()}) == value
    with pytest.raises(_journal.Unreadable):
        _journal.mark({_journal.DRAINING: "by hand"})


# Stories


def drain(cloud: Cloud, **goal: object) -> Run:
    return Run(cloud, _drain, DrainGoal(**goal))


def outcomes(run: Run) -> list[str]:
    assert run.course is not None
    return [one["outcome"] for one in _drain.outcomes(run.course.view, run.goal.instance_ids)]


def test_two_nodes_leave_and_nobody_is_cut() -> None:
    cloud = Cloud(size=6)
    cloud.arrivals = 1.0
    cloud.advance(120)
    run = drain(cloud, count=2)
    run.sail()
    cloud.advance(120)
    assert cloud.cut() == []
    assert cloud.desired == len(cloud.machines) == 4
    assert sorted(Counter(one.zone for one in cloud.machines.values()).values()) == [1, 1, 2]
    assert min(count for _, count in cloud.capacity) >= 4
    assert cloud.traces() == []
    assert cloud.suspended == set()
    assert outcomes(run) == ["drained", "drained"]
    assert [step.operation for step in run.calls[:3]] == ["CreateOrUpdateTags", "CreateTags", "SuspendProcesses"]
    assert run.calls[-1].operation == "DeleteTags"


def test_what_the_operator_suspended_stays_suspended() -> None:
    cloud = Cloud(size=3)
    cloud.suspended = {"HealthCheck", "ScheduledActions"}
    drain(cloud, count=1).sail()
    assert cloud.suspended == {"HealthCheck", "ScheduledActions"}


def test_standby_keeps_the_node_and_ending_it_later_lowers_the_capacity_no_further() -> None:
    cloud = Cloud(size=4)
    run = drain(cloud, count=1, then="standby")
    run.sail()
    (standby,) = [one.instance_id for one in cloud.machines.values() if one.lifecycle == "Standby"]
    assert (cloud.desired, outcomes(run), cloud.traces()) == (3, ["standby"], [])
    again = drain(cloud, instance_ids=(standby,), then="standby")
    again.sail()
    assert again.calls == []
    drain(cloud, instance_ids=(standby,)).sail()
    cloud.advance(60)
    assert (cloud.desired, len(cloud.machines)) == (3, 3)


def test_a_node_comes_back_from_standby() -> None:
    cloud = Cloud(size=4)
    drain(cloud, count=1, then="standby").sail()
    (standby,) = [one.instance_id for one in cloud.machines.values() if one.lifecycle == "Standby"]
    drain(cloud, state="in_service", instance_ids=(standby,)).sail()
    assert (cloud.desired, len(cloud.serving()), cloud.traces()) == (4, 4, [])


def test_without_decrement_aws_makes_up_for_the_node() -> None:
    cloud = Cloud(size=4)
    drain(cloud, count=1, decrement=False).sail()
    cloud.advance(60)
    assert (cloud.desired, len(cloud.serving())) == (4, 4)
    assert "i-0005" in cloud.machines


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("on_timeout", ["fail", "return_to_service", "terminate"])
def test_the_deadline_holds_and_each_way_does_what_it_says(on_timeout: str, waits: bool) -> None:
    cloud = Cloud(size=3)
    cloud.waits_for_drained = waits
    cloud.hold(30, 100_000)
    cloud.advance(10)
    run = drain(cloud, count=1, timeout=300.0, on_timeout=on_timeout)
    began = cloud.now
    if on_timeout == "fail":
        with pytest.raises(Failure) as caught:
            run.sail()
        assert abs(cloud.now - began - 300) <= 10
        assert "(10 sessions) had sessions left when the timeout (5 min 0 s) was over" in str(caught.value)
        assert outcomes(run) == ["draining"]
        assert cloud.cut() == []
        drain(cloud, state="in_service").sail()
    else:
        run.sail()
    assert cloud.traces() == []
    assert cloud.suspended == set()
    if on_timeout == "terminate":
        assert {abs(one.cut_at - began - 300) <= 10 for one in cloud.cut()} == {True}
        assert _drain.outcomes(run.course.view, run.goal.instance_ids)[0] | {"instance_id": "", "zone": ""} == {
            "instance_id": "",
            "zone": "",
            "sessions": 10,
            "outcome": "cut",
        }
    else:
        assert cloud.cut() == []
        assert len(cloud.serving()) == 3


def test_after_a_failed_drain_more_time_may_be_given() -> None:
    cloud = Cloud(size=3)
    cloud.hold(30, 400)
    cloud.advance(5)
    with pytest.raises(Failure):
        drain(cloud, count=1, timeout=200.0).sail()
    drain(cloud, count=1, timeout=600.0).sail()
    assert (cloud.cut(), cloud.desired, cloud.traces()) == ([], 2, [])


def test_a_node_that_does_not_tell_is_not_empty() -> None:
    cloud = Cloud(size=3)
    victim = cloud.machines["i-0001"]
    victim.tells = False
    with pytest.raises(Failure, match="sessions unknown"):
        drain(cloud, instance_ids=("i-0001",), timeout=100.0).sail()
    assert victim.lifecycle == "InService"


def test_a_dead_machine_holds_nobody() -> None:
    cloud = Cloud(size=3)
    cloud.fail(cloud.machines["i-0001"])
    cloud.suspended.add("HealthCheck")
    drain(cloud, instance_ids=("i-0001",)).sail()
    cloud.advance(30)
    assert (len(cloud.machines), cloud.desired) == (2, 2)


def test_called_off_the_node_serves_again_and_the_drain_ends_with_an_error() -> None:
    cloud = Cloud(size=3)
    cloud.hold(30, 100_000)
    draining = drain(cloud, count=1, timeout=600.0)
    looks = draining.looks()
    for _ in range(20):
        cloud.advance(next(looks))
    assert len(cloud.serving()) == 2
    called = cloud.now
    back = drain(cloud, state="in_service")
    other = back.looks()
    cloud.advance(next(other))
    while len(cloud.serving()) < 3:
        cloud.advance(1)
    assert cloud.now - called <= 10
    with pytest.raises(Failure, match="it was called off"):
        through(cloud, looks)
    through(cloud, other)
    assert (cloud.cut(), cloud.traces(), cloud.suspended, cloud.desired) == ([], [], set(), 3)


def test_when_others_scaled_in_meanwhile_the_node_is_put_back() -> None:
    cloud = Cloud(size=4, min_size=2)
    cloud.hold(40, 100)
    run = drain(cloud, count=2)
    looks = run.looks()
    for _ in range(10):
        cloud.advance(next(looks))
    cloud.min_size = 3
    with pytest.raises(Failure, match="too few nodes would have stayed"):
        through(cloud, looks)
    cloud.advance(30)
    assert (cloud.desired, len(cloud.serving()), cloud.traces(), cloud.suspended) == (3, 3, [], set())


def test_a_session_that_came_at_the_last_moment_is_waited_for() -> None:
    cloud = Cloud(size=3)
    run = drain(cloud, count=1)

    def late(_number: int, step: Step, done: bool) -> None:
        if done and step.operation == "DeregisterInstancesFromLoadBalancer":
            cloud.advance(1)
            cloud.hold(6, 60)

    run.trouble = late
    run.sail()
    cloud.advance(60)
    assert (cloud.cut(), len(cloud.machines)) == ([], 2)


def test_who_is_marked_unhealthy_meanwhile_but_fine_is_healed_and_not_replaced() -> None:
    cloud = Cloud(size=4)
    cloud.hold(40, 120)
    run = drain(cloud, count=1)
    looks = run.looks()
    for _ in range(6):
        cloud.advance(next(looks))
    staying = next(one for one in cloud.machines.values() if not one.tags)
    staying.health = "Unhealthy"
    through(cloud, looks)
    cloud.advance(120)
    assert (cloud.cut(), staying.health, staying.lifecycle) == ([], "Healthy", "InService")


def test_who_comes_back_is_healed_at_once() -> None:
    back = replace(SIX[0], health="Unhealthy", mark=Mark(START, START, back=True))
    view = group(back, *SIX[1:], journal=Journal(START, _view.RECIPE), suspended=_view.RECIPE)
    moves = _drain.decide(view, DrainGoal("in_service"), START + 5)
    assert [step.operation for step in moves if isinstance(step, Step)] == ["SetInstanceHealth", "DeleteTags"]


def test_of_two_runs_that_want_the_last_spare_node_one_gives_way() -> None:
    cloud = Cloud(size=3, min_size=2)
    cloud.hold(30, 100)
    first, second = drain(cloud, instance_ids=("i-0002",)), drain(cloud, instance_ids=("i-0001",))
    second.start()  # both look before either has written anything
    assert second.course is not None
    other, landed = second.looks(), list[float]()

    def lands() -> None:
        """The second run's mark, decided upon at once but two seconds under way; then it looks."""
        if not landed:
            landed.append(cloud.now)
            cloud.machines["i-0001"].tags[_journal.DRAINING] = Mark(START, START, lowers=True).text()
            second.course.view = second.read()
            next(other)

    first.meanwhile = lambda step: lands() if step.operation.startswith("Deregister") else None
    mine = first.looks()
    while cloud.now < START + 2:
        cloud.advance(min(2.0, next(mine)))
    lands()
    answer = [ended(cloud, mine), ended(cloud, other)]
    assert sum("went back into service" in one for one in answer) == 1
    assert min(count for _, count in cloud.capacity) == 2
    assert (cloud.cut(), cloud.traces(), cloud.desired, cloud.suspended) == ([], [], 2, set())


def test_the_names_of_what_is_shown_do_not_change() -> None:
    shown = _view.show(group(*SIX[:1]))
    assert list(shown) == [
        "name",
        "desired_capacity",
        "min_size",
        "max_size",
        "launch_template_version",
        "suspended_processes",
        "instances",
    ]


RETAINED = "Terminating:Retained"


def test_a_retained_node_is_no_victim_counts_nowhere_and_its_machine_is_reported() -> None:
    kept = node("i-9", "a", 4, state=RETAINED, standing={})
    view = group(*SIX, kept, desired=6)
    assert kept.gone
    assert not kept.active
    assert not view.serves(kept)
    assert kept not in _drain.order(view, DrainGoal(count=3))
    assert _drain.order(view, DrainGoal(instance_ids=("i-9",))) == []
    assert _drain.refuse(view, DrainGoal(instance_ids=("i-9",))) is None
    assert "it is already ending" in str(_drain.refuse(view, DrainGoal(instance_ids=("i-9",), state="in_service")))
    assert _drain.last_seen(view, kept)["outcome"] == "retained"
    assert _drain.last_seen(view, kept)["sessions"] == 4
    marked = replace(kept, mark=Mark(START, START, 60))
    assert _drain.decide(group(*SIX, marked, desired=6), DrainGoal(instance_ids=("i-9",)), START + 10) == ()


@pytest.mark.parametrize("state", ["Quarantined", "Frozen:ForEver"])
def test_a_state_that_is_not_known_is_neither_gone_nor_waited_for(state: str) -> None:
    odd = node("i-9", "a", 4, state=state, standing={})
    view = group(*SIX, odd, desired=6)
    assert not odd.gone
    assert odd not in _drain.order(view, DrainGoal(count=7))
    assert f"i-9 is {state}" in str(_drain.refuse(view, DrainGoal(instance_ids=("i-9",))))
    assert _drain.last_seen(view, odd)["outcome"] == "returned"
    journal = Journal(START, _view.RECIPE)
    marked = replace(odd, mark=Mark(START, START, 60, suspended=_view.RECIPE))
    view = group(*SIX, marked, desired=6, journal=journal, suspended=_view.RECIPE)
    for on_timeout in ("fail", "return_to_service", "terminate"):
        goal = DrainGoal(instance_ids=("i-9",), timeout=60, on_timeout=on_timeout)
        (halt,) = _drain.decide(view, goal, START + 61)
        assert f"i-9 is {state} since before the timeout was over" in str(halt)
