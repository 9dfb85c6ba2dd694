"""Nodes that the sessions do not need: how many they are, for how long, and three hundred fleets that shrink by it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.points import highest
from plugins.module_utils._core.step import Step
from plugins.module_utils._core.surplus import ScaleOut, Surplus
from plugins.module_utils._drain import decide as _drain
from plugins.module_utils._drain import surplus as _surplus
from plugins.module_utils._drain.goal import DrainGoal
from plugins.module_utils._group.journal import Journal, Mark, Sighting, mark, sighting
from plugins.module_utils._steering.view import IN_SERVICE, LiveBalancer, LiveNode, View
from tests.support.cloud import START, Cloud, Killed, Run, ended, killed, lost

SEEDS = [*range(30), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(30, 300))]
TEN = Surplus(10, headroom=0.2, stable_for=900)


def fleet(*sessions: int | None, **more: object) -> View:
    nodes = tuple(
        LiveNode(f"i-{at}", "abc"[at % 3], sessions=count, standing={"wcs": IN_SERVICE})
        for at, count in enumerate(sessions)
    )
    view = View("wcs", len(nodes), 1, 9, nodes, ("a", "b", "c"), (LiveBalancer("wcs", 600),), at=START)
    return replace(view, **more)


HOUR = 3600.0


def points(*values: float | None, start: float = HOUR) -> list[tuple[float, float]]:
    return [(start + 60 * at, value) for at, value in enumerate(values) if value is not None]


def marked(view: View, at: int, **fields: object) -> View:
    nodes = list(view.nodes)
    nodes[at] = replace(nodes[at], mark=Mark(START, START, **fields), standing={})
    return replace(view, nodes=tuple(nodes))


@pytest.mark.parametrize(
    ("sessions", "without", "with_headroom"),
    [(0, 0, 0), (1, 1, 1), (10, 1, 2), (25, 3, 3), (50, 5, 6), (100, 10, 12)],
)
def test_so_many_nodes_are_needed(sessions: int, without: int, with_headroom: int) -> None:
    assert (TEN.nodes_for(sessions), TEN.nodes_with_headroom(sessions)) == (without, with_headroom)


def test_a_sum_that_is_even_is_not_rounded_up() -> None:
    assert Surplus(60, headroom=0.2).nodes_with_headroom(100) == 2
    assert Surplus(0.1, headroom=0).nodes_for(0.3) == 3


@pytest.mark.parametrize(
    ("view", "count", "why"),
    [
        (fleet(1, 1, 1, peak=3), 2, ""),
        (fleet(1, 1, 1, peak=3, min_size=2), 1, ""),
        (fleet(1, 1, 1, peak=20), 0, "20 sessions need 3 nodes, as many as there are or more"),
        (fleet(9, 9, 1, peak=5), 0, "19 sessions need 3 nodes"),
        (fleet(1, None, 1, peak=3), 0, "the sessions of i-1 are unknown"),
        (fleet(1, 1, 1, peak=3, desired=4), 0, "3 of 4 nodes serve"),
        (fleet(1, 1, 1, peak=3, desired=2), 2, ""),
        (fleet(1, 1, 1, peak=3, journal=Journal(START, target="2")), 0, "a rollout to version 2 is under way"),
        (marked(fleet(1, 1, 1, peak=3), 0), 0, "i-0 leaves or comes back, which another run sees to"),
        (fleet(1, 1, 1), 0, "it was not looked at for 15 min 0 s yet"),
        (fleet(1, 1, 1, sighting=Sighting(START - 800, START - 100, 2)), 0, "they are too many for 13 min 20 s"),
        (fleet(1, 1, 1, sighting=Sighting(START - 900, START - 100, 2)), 2, ""),
        (fleet(1, 1, 1, sighting=Sighting(START - 900, START - 100, 1)), 1, ""),
        (fleet(1, 1, 1, sighting=Sighting(START - 9000, START - 901, 2)), 0, "it was not looked at"),
        (fleet(1), 0, "1 session need 1 node"),
        (fleet(0, 0), 0, "it was not looked at"),
    ],
)
def test_so_many_may_leave_and_why_no_more(view: View, count: int, why: str) -> None:
    found = _surplus.find(view, TEN)
    assert found.count == count
    assert why in found.why
    assert bool(found.why) == (count == 0)


CPU = ScaleOut("cpu", "high", threshold=60.0, value=25.0)
SESSIONS = ScaleOut("sessions", "high", threshold=10.0, by_sessions=True)


def growing(*alarms: ScaleOut, **more: object) -> View:
    """Four nodes with 8 sessions, which need one; their policies add nodes by these alarms."""
    return fleet(2, 2, 2, 2, peak=8, alarms=alarms, **more)


@pytest.mark.parametrize(
    ("view", "count", "needed", "why"),
    [
        (growing(), 3, 1, ""),
        (growing(CPU), 2, 2, ""),  # 25 % on four is 60 % on two, headroom and all
        (growing(replace(CPU, value=50.0)), 0, 4, "up to 50 on 4 nodes, it adds some above 60, and headroom is 0.2"),
        (growing(replace(CPU, value=60.0)), 0, 5, "policy 'cpu' needs 5 nodes"),
        (growing(replace(CPU, value=5.0)), 3, 1, ""),
        (growing(replace(CPU, value=0.0)), 3, 1, ""),
        (growing(CPU, min_size=3), 1, 3, ""),
        (growing(CPU, replace(CPU, policy="other", value=40.0)), 0, 4, "policy 'other' needs 4 nodes"),
        (growing(replace(CPU, value=5.0, rings=True)), 0, 1, "alarm 'high' of policy 'cpu' is in ALARM, which adds"),
        (growing(replace(CPU, value=None, unknown="is x")), 0, 1, "policy 'cpu' needs is unknown: alarm 'high' is x"),
        (growing(SESSIONS), 3, 1, ""),  # it wants what the sessions need
        (growing(replace(SESSIONS, threshold=4.0)), 1, 3, ""),
        (fleet(9, 9, 9, 9, peak=8, alarms=(CPU,)), 0, 5, "36 sessions need 5 nodes"),
    ],
)  # fmt: skip
def test_no_node_leaves_that_a_policy_would_add_again(view: View, count: int, needed: int, why: str) -> None:
    found = _surplus.find(view, TEN)
    assert (found.count, found.needed) == (count, needed)
    assert why in found.why
    assert bool(found.why) == (count == 0)


def test_an_alarm_that_rings_lets_what_was_noted_be_forgotten() -> None:
    view = growing(replace(CPU, rings=True), sighting=Sighting(START - 800, START - 60, 2))
    assert [step.operation for step in _surplus.remember(replace(view, peak=None), TEN)] == ["DeleteTags"]


def test_at_a_threshold_that_calls_when_it_is_reached_one_node_more_stays() -> None:
    even = Surplus(10, headroom=0.0)
    assert even.nodes_below(60.0, 30.0, 4) == 2
    assert even.nodes_below(60.0, 30.0, 4, reached=True) == 3
    assert TEN.nodes_below(60.0, 0.0, 4) == 0


@pytest.mark.parametrize(
    ("samples", "changed", "stable_for", "value"),
    [
        (points(30, 50, 40), 0, 900, 50),
        (points(30, 50, 40), 0, 130, 40),  # in the last 130 s there was one
        (points(30, 50, 40), 0, 0, 40),  # the newest alone
        (points(30, 50, 40)[::-1], 0, 0, 40),  # in whatever order
        (points(90, 30, start=HOUR - 900) + points(50, 40), 0, 900, 50),  # what is older does not count
        (points(90, 90, 50, 40, start=HOUR - 120), HOUR, 900, 50),  # nor what was before the nodes changed
        (points(90, 90, start=HOUR - 120), HOUR, 900, None),
        ([], 0, 900, None),
    ],
)
def test_of_a_metric_the_highest_counts_since_the_nodes_changed(
    samples: list[tuple[float, float]], changed: float, stable_for: float, value: float | None
) -> None:
    assert highest(samples, changed, HOUR + 240, stable_for) == value


@pytest.mark.parametrize("process", ["AddToLoadBalancer", "AlarmNotification", "HealthCheck", "Launch", "Terminate"])
def test_no_node_leaves_a_group_that_cannot_grow(process: str) -> None:
    view = fleet(1, 1, 1, peak=3, suspended=frozenset({process, "ScheduledActions"}))
    found = _surplus.find(view, TEN)
    why = f"processes of the group are suspended ({process}), so it might not get the nodes back"
    assert (found.count, found.why) == (0, why)
    assert _drain.refuse(view, DrainGoal(surplus=TEN)) is None, "it is no error"


def test_what_a_drain_suspended_itself_holds_no_node() -> None:
    journal = Journal(START, suspended=frozenset({"HealthCheck", "ReplaceUnhealthy", "AZRebalance"}))
    assert _surplus.find(fleet(1, 1, 1, peak=3, journal=journal, suspended=journal.suspended), TEN).count == 2


@pytest.mark.parametrize(
    ("view", "noted"),
    [
        (fleet(1, 1, 1), Sighting(START, START, 2)),
        (fleet(1, 1, 1, peak=3), None),
        (fleet(9, 9, 9), None),
        (fleet(1, 1, 9, sighting=Sighting(START - 90, START - 60, 2)), Sighting(START - 90, START, 1)),
        (fleet(1, 1, 1, sighting=Sighting(START - 90, START - 60, 2)), Sighting(START - 90, START, 2)),
        (fleet(1, 1, 1, sighting=Sighting(START - 90, START - 10, 2)), None),
        (fleet(1, 1, 1, sighting=Sighting(START - 9000, START - 1000, 2)), Sighting(START, START, 2)),
    ],
)
def test_what_is_seen_is_noted_where_nothing_is_published(view: View, noted: Sighting | None) -> None:
    written = _surplus.remember(view, TEN)
    assert [step.operation for step in written] == (["CreateOrUpdateTags"] if noted else [])
    if noted:
        tags = {tag["Key"]: tag["Value"] for tag in written[0].args["Tags"]}
        assert sighting(tags) == noted


@pytest.mark.parametrize("view", [fleet(9, 9, 9), fleet(1, 1, peak=2), fleet(1, None), fleet(1, 1, desired=3)])
def test_what_was_noted_goes_when_it_holds_no_more(view: View) -> None:
    view = replace(view, sighting=Sighting(START - 90, START - 60, 1))
    assert [step.operation for step in _surplus.remember(view, TEN)] == ["DeleteTags"]


@pytest.mark.parametrize("text", ["", "since=x", "nonsense", "since=2026-01-01T00:00:00Z"])
def test_a_note_that_cannot_be_read_counts_for_nothing(text: str) -> None:
    assert sighting({"webcallserver.aws:surplus": text}) is None


def test_a_mark_says_that_it_was_one_too_many() -> None:
    one = Mark(START, START, 60.0, surplus=True)
    assert mark({"webcallserver.aws:draining": one.text()}) == one


@pytest.mark.parametrize(
    ("sessions", "serving", "back"),
    [
        ((3, 3, 3), 2, []),
        ((9, 9, 3), 2, ["i-2"]),  # 21 sessions need three nodes
        ((9, 9, 0), 2, []),  # 18 fit two; the headroom alone calls nobody back who has left the balancer
        ((9, 9, None), 2, []),
    ],
)
def test_a_node_that_is_needed_after_all_comes_back(sessions: tuple[int, ...], serving: int, back: list[str]) -> None:
    view = marked(fleet(*sessions), 2, surplus=True)
    assert len(view.serving) == serving
    assert [node.instance_id for node in _surplus.needed_again(view, TEN)] == back


@pytest.mark.parametrize(
    ("samples", "answer"),
    [
        ({"i-1": points(3, 4, 5, 2), "i-2": points(1, 9, 1, 1)}, 13),  # 4 + 9, and not 5 + 9
        ({"i-1": points(3, 4, 5, 2), "i-2": points(1, None, 9, 1)}, 14),  # what it left out is at most 9
        ({"i-1": points(3, 4, 5, 2), "i-2": points(1, None, None, 1)}, None),
        ({"i-1": points(3, 4, 5, 2), "i-2": []}, None),
        ({"i-1": points(3, 4, 5, 2.5)}, 5),
        ({"i-1": points(0.2, 0.2, 0.2, 0.2)}, 1),
        ({}, None),
    ],
)
def test_the_most_sessions_that_were_published(
    samples: dict[str, list[tuple[float, float]]], answer: int | None
) -> None:
    assert _surplus.peak(samples, HOUR, HOUR + 4 * 60 + 120) == answer


def test_in_a_short_time_nothing_is_known_by_what_was_published() -> None:
    assert _surplus.peak({"i-1": points(3, 4, 5)}, HOUR, HOUR + 60) is None


def test_nodes_that_are_more_than_the_capacity_wants_do_not_lower_it() -> None:
    view = fleet(1, 1, 1, 1, peak=4, desired=3)
    assert [node.instance_id for node in _surplus.lowering(view, view.nodes[1:])] == ["i-2", "i-3"]
    assert _surplus.lowering(replace(view, desired=4), view.nodes[1:]) == list(view.nodes[1:])


def test_of_two_runs_that_chose_at_once_one_gives_way() -> None:
    view = fleet(3, 3, 3, 3)
    later = [replace(node, mark=Mark(START + at, START, surplus=True)) for at, node in enumerate(view.nodes[2:])]
    both = replace(view, nodes=(*view.nodes[:2], *later), min_size=3)
    assert [node.instance_id for node in _surplus.needed_again(both, TEN)] == ["i-3"]


# Fleets that live


def policy(cloud: Cloud, per_node: float) -> None:
    """A scaling policy: one node more while more than four fifths of the room are taken and none is on its way."""
    taken = sum(len(cloud.open_on(one)) for one in cloud.machines.values())
    room = per_node * len(cloud.serving())
    active = [one for one in cloud.machines.values() if one.lifecycle in ("Pending", "InService")]
    if taken > 0.8 * room and len(active) == cloud.desired == len(cloud.serving()):
        cloud.desired = min(cloud.max_size, cloud.desired + 1)


class Watched(Run):
    """A run of the steward, which notes how many nodes serve, and were needed, when nodes are taken out."""

    def sleep(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds))):
            policy(self.cloud, self.goal.surplus.sessions_per_node)
            self.cloud.advance(min(1.0, seconds))


def steward(cloud: Cloud, wanted: Surplus) -> Watched:
    return Watched(cloud, _drain, DrainGoal(surplus=wanted, timeout=400.0, on_timeout="return_to_service"))


def taken_out(cloud: Cloud, wanted: Surplus, wrong: list[str]) -> Callable[[Step], None]:
    """Looks at the fleet at each call that takes a node from its users."""

    def look(step: Step) -> None:
        if step.operation not in ("DeregisterInstancesFromLoadBalancer", "TerminateInstanceInAutoScalingGroup"):
            return
        view = cloud.view()
        ids = {one["InstanceId"] for one in step.args.get("Instances", [step.args])}
        staying = [node for node in view.serving if node.instance_id not in ids]
        needed = max(wanted.nodes_for(_surplus.sessions(view) or 0), view.floor)
        if len(staying) < needed:
            wrong.append(f"{step.operation} leaves {len(staying)} of {needed} needed")
        if view.journal and view.journal.rollout:
            wrong.append(f"{step.operation} in a rollout")

    return look


def lives(cloud: Cloud, seconds: float, per_node: float) -> None:
    for _ in range(round(seconds)):
        policy(cloud, per_node)
        cloud.advance(1.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fleet_shrinks_to_what_its_sessions_need_and_nobody_is_cut(seed: int) -> None:
    dice = random.Random(seed)
    cloud = Cloud(seed, dice.randint(2, 6), min_size=dice.randint(1, 2), max_size=9)
    cloud.protected = True
    cloud.waits_for_drained = dice.random() < 0.5
    cloud.publishes = dice.choice([0.0, 0.0, 120.0])
    wanted = Surplus(dice.choice([4, 8, 15]), dice.choice([0.0, 0.2, 0.5]), stable_for=120)
    wrong: list[str] = []
    for arrivals in (*(dice.choice([0.0, 0.1, 0.3, 0.6]) for _ in range(4)), 0.0):
        cloud.arrivals = arrivals
        for _ in range(5):
            run = steward(cloud, wanted)
            run.meanwhile = taken_out(cloud, wanted, wrong)
            if dice.random() < 0.15:
                number = dice.randint(0, 6)
                run.trouble = dice.choice([killed(number, dice.random() < 0.5), lost(number)])
            try:
                run.sail()
            except Killed:
                cloud.advance(dice.choice([0, 3, 30]))
            lives(cloud, dice.randint(40, 90), wanted.sessions_per_node)
    for _ in range(6):
        steward(cloud, wanted).sail()
        lives(cloud, 60, wanted.sessions_per_node)
    assert wrong == []
    assert cloud.cut() == []
    assert cloud.traces() == []
    assert cloud.suspended == set()
    assert cloud.desired == cloud.min_size == len(cloud.serving())


@pytest.mark.parametrize("seed", range(30))
def test_two_stewards_at_once_and_a_drain_beside_them_cut_nobody(seed: int) -> None:
    dice = random.Random(seed)
    cloud = Cloud(seed, dice.randint(4, 6), min_size=1, max_size=9)
    cloud.protected = True
    cloud.arrivals, cloud.publishes = 0.1, 60.0
    lives(cloud, 120, 100)
    wanted, answers = Surplus(10, 0.2, stable_for=60), list[str]()
    others = [steward(cloud, wanted).looks(), Run(cloud, _drain, DrainGoal(count=1, timeout=400.0)).looks()]
    other = dice.choice(others)

    def between(_step: Step) -> None:
        """The other run takes its turn in the midst of this one's calls."""
        if dice.random() < 0.5 and not answers:
            try:
                next(other, None)
            except Failure as failure:
                answers.append(str(failure))

    first = steward(cloud, wanted)
    first.meanwhile = between
    first.sail()
    answers.append(ended(cloud, other))
    cloud.advance(60)
    steward(cloud, wanted).sail()
    cloud.advance(60)
    assert all(not one or "would leave fewer" in one or "back into service" in one for one in answers), answers
    assert cloud.cut() == []
    assert cloud.traces() == []
    assert cloud.suspended == set()
    assert len(cloud.serving()) >= cloud.desired >= 1  # AWS may have launched one to even out zones


# Fleets whose policy goes by something else than sessions


class ByCpu:
    """Target tracking on the CPU, in a cloud whose minute is ten seconds: three of them above the target call it."""

    PERIOD, LATE = 10, 15.0

    def __init__(self, cloud: Cloud, idle: float, each: float, target: float) -> None:
        self.cloud, self.idle, self.each, self.target = cloud, idle, each, target
        self.points: list[tuple[float, float]] = []
        self.rings = False
        self.changed, self.members = cloud.now, self._members()
        cloud.alarms = self.alarms

    def _members(self) -> list[str]:
        return sorted(name for name, one in self.cloud.machines.items() if one.lifecycle == "InService")

    def second(self) -> None:
        """Records, judges and scales, where one of its minutes ends."""
        cloud = self.cloud
        if self._members() != self.members:
            self.members, self.changed = self._members(), cloud.now
        if int(cloud.now) % self.PERIOD or not self.members:
            return
        loads = [self.idle + self.each * len(cloud.open_on(cloud.machines[name])) for name in self.members]
        self.points.append((cloud.now - self.PERIOD, sum(min(100.0, one) for one in loads) / len(loads)))
        self.rings = all(value > self.target for _, value in self.points[-3:])
        if self.rings and cloud.desired == len(self.members) == len(cloud.serving()):
            wants = math.ceil(len(self.members) * self.points[-1][1] / self.target)
            cloud.desired = max(cloud.desired, min(cloud.max_size, wants))

    def alarms(self) -> tuple[ScaleOut, ...]:
        """As a run reads it: what is published comes late."""
        known = [point for point in self.points if point[0] <= self.cloud.now - self.PERIOD - self.LATE]
        value = highest(known, self.changed, self.cloud.now, 120)
        unknown = "" if value is not None else "has no data"
        return (ScaleOut("cpu", "AlarmHigh", self.rings, self.target, value=value, unknown=unknown),)


def steady(cloud: Cloud, cpu: ByCpu, sessions: int, seconds: float) -> None:
    """Lets time pass with always so many sessions."""
    for _ in range(round(seconds)):
        cloud.hold(sessions - sum(len(cloud.open_on(one)) for one in cloud.machines.values()))
        cpu.second()
        cloud.advance(1.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fleet_that_scales_by_cpu_comes_to_rest_at_what_that_needs(seed: int) -> None:
    dice = random.Random(seed)
    cloud = Cloud(seed, dice.randint(2, 9), min_size=dice.randint(1, 2), max_size=9)
    cloud.protected, cloud.publishes = True, dice.choice([0.0, 120.0])
    cpu = ByCpu(cloud, dice.choice([0, 3]), dice.choice([1, 6, 9, 18]), dice.choice([50, 60, 80]))
    wanted, sessions = Surplus(50, dice.choice([0.0, 0.2]), stable_for=120), dice.randint(0, 30)

    class Beside(Run):
        def sleep(self, seconds: float) -> None:
            steady(cloud, cpu, sessions, max(1, round(seconds)))

    sizes: list[int] = []
    for _ in range(30):
        Beside(cloud, _drain, DrainGoal(surplus=wanted, timeout=400.0, on_timeout="return_to_service")).sail()
        for _ in range(dice.randint(0, 4)):
            steady(cloud, cpu, sessions, 20)
        sizes.append(len(cloud.serving()))
    nodes = sizes[-1]
    enough = wanted.nodes_below(cpu.target, cpu.idle + cpu.each * sessions / nodes, nodes)
    assert set(sizes[len(sizes) // 2 :]) == {nodes}, sizes
    ways = [after - before for before, after in pairwise(sizes) if after != before]
    assert sum((one > 0) != (other > 0) for one, other in pairwise(ways)) <= 1, sizes
    assert nodes == cloud.desired <= max(cloud.min_size, enough), sizes
    assert (cloud.cut(), cloud.traces(), cloud.suspended) == ([], [], set())
