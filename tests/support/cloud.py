"""A small model of a group behind a Classic balancer, with sessions: AWS where it hurts, a second at a time.

It takes the same Steps as AWS and shows the same View, so that a whole run of steering plays in milliseconds. What it
does on its own is what AWS may do: replace what it finds unhealthy, even out zones, close what has drained too long.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from plugins.module_utils._core import steer
from plugins.module_utils._core.errors import Call, Failure, LostReply, Refusal
from plugins.module_utils._core.steer import Steering
from plugins.module_utils._core.step import Step, means
from plugins.module_utils._core.surplus import ScaleOut
from plugins.module_utils._group import journal as _journal
from plugins.module_utils._launch.sources import LaunchSource
from plugins.module_utils._steering.memory import Memory
from plugins.module_utils._steering.view import (
    ACTIVE,
    IN_SERVICE,
    JOINING,
    OUT,
    LiveBalancer,
    LiveNode,
    LiveTemplate,
    View,
)

START = 1_767_225_600.0
ZONES = ("a", "b", "c")
LAG = 2.0  # seconds until a session shows on its node's page
SPREAD = 3.0  # seconds for which a balancer still sends sessions to a node that it was told to let go
BOOT, JOIN, SHUTDOWN, CHECK = 8.0, 6.0, 5.0, 10.0


class Killed(BaseException):
    """The run is no more."""


@dataclass
class Session:
    node: str
    start: float
    end: float
    cut_at: float | None = None
    cut_by: str = ""


@dataclass
class Machine:
    instance_id: str
    zone: str
    version: str
    launched: float
    lifecycle: str = "Pending"
    health: str = "Healthy"
    running: bool = True
    good: bool = True
    tells: bool = True
    registered: float | None = None
    left: float | None = None
    awaited: bool = False  # its group waits until its connections are over
    ends: float | None = None
    sessions: list[Session] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def standing(self, now: float) -> str | None:
        """What the balancer says."""
        if self.registered is None:
            return None
        if not self.running or (not self.good and now - self.registered >= JOIN):
            return OUT
        return IN_SERVICE if now - self.registered >= JOIN else JOINING


def refused(code: str, text: str) -> Failure:
    return Failure(Refusal("call", "AWS", "", f"{text} ({code})", "Correct it"), Call("x", "y", code, None))


class Cloud:
    """The group `wcs`, its balancer, its machines and their sessions."""

    def __init__(self, seed: int = 0, size: int = 6, **sizes: int) -> None:
        self.random = random.Random(seed)
        self.now = START
        self.desired, self.min_size, self.max_size = size, sizes.get("min_size", 2), sizes.get("max_size", size + 3)
        self.draining: int | None = sizes.get("draining", 600)
        self.version, self.latest, self.default = "1", "1", "1"
        self.bad_versions: set[str] = set()
        self.tags: dict[str, str] = {}
        self.suspended: set[str] = set()
        self.machines: dict[str, Machine] = {}
        self._cut_ones: list[Session] = []
        self.arrivals = 0.0  # sessions a second
        self.lifetime: Callable[[], float] = lambda: self.random.uniform(20, 200)
        self.failures: list[str] = []
        self.launch_fails = ""
        self.protected = False
        self.waits_for_drained = False  # whether a group waits for a draining that it did not begin: AWS does not say
        self.graveyard: list[LiveNode] = []
        self.capacity: list[tuple[float, int]] = []
        self.history: list[tuple[float, int]] = []  # the sessions of all nodes, by time
        self.publishes = 0.0  # seconds over which nodes publish their sessions; 0: they do not
        self.alarms: Callable[[], tuple[ScaleOut, ...]] = tuple
        self._turn = 0
        self._made = 0
        for _ in range(size):
            machine = self._launch()
            machine.lifecycle, machine.registered = "InService", self.now - 60

    # Time

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 1.0)
            self._second()

    def _second(self) -> None:
        self._sessions_come_and_go()
        for machine in list(self.machines.values()):
            self._live(machine)
        if "HealthCheck" not in self.suspended and int(self.now - START) % int(CHECK) == 0:
            self._check_health()
        if "ReplaceUnhealthy" not in self.suspended:
            for machine in list(self.machines.values()):
                if machine.lifecycle == "InService" and machine.health == "Unhealthy":
                    self._terminate(machine, "replaced as unhealthy")
        self._meet_capacity()
        self.capacity.append((self.now, len(self.serving())))
        self.history.append((self.now, sum(len(self.open_on(one)) for one in self.machines.values())))

    def open_on(self, machine: Machine) -> list[Session]:
        """The sessions that are open on a machine."""
        if machine.sessions and min(one.end for one in machine.sessions) <= self.now:
            machine.sessions = [one for one in machine.sessions if one.end > self.now]
        return machine.sessions

    def serving(self) -> list[Machine]:
        """Who gets new sessions."""
        return [
            one
            for one in self.machines.values()
            if one.lifecycle == "InService" and one.standing(self.now) == IN_SERVICE
        ]

    def cut(self) -> list[Session]:
        """The sessions that did not end by themselves."""
        return self._cut_ones

    def hold(self, count: int, seconds: float | None = None) -> None:
        """Opens sessions, round robin, for so long, or for their lifetime."""
        for _ in range(count):
            self._arrive(seconds)

    def _arrive(self, seconds: float | None = None) -> None:
        late = [m for m in self.machines.values() if m.left is not None and self.now - m.left < SPREAD and m.running]
        targets = self.serving() + [m for m in late if m.lifecycle == "InService" and m.registered is None]
        if targets:
            self._turn += 1
            node = targets[self._turn % len(targets)]
            end = self.now + (self.lifetime() if seconds is None else seconds)
            node.sessions.append(Session(node.instance_id, self.now, end))

    def _sessions_come_and_go(self) -> None:
        expected = self.arrivals
        while expected > 0 and self.random.random() < expected:
            self._arrive()
            expected -= 1

    def _live(self, machine: Machine) -> None:
        if machine.lifecycle == "Pending" and self.now - machine.launched >= BOOT:
            machine.lifecycle, machine.registered = "InService", self.now
        if machine.left is not None and machine.registered is None and self.now - machine.left >= (self.draining or 0):
            self._cut(machine, "draining limit")
        if machine.lifecycle == "EnteringStandby" and not self._waits(machine):
            machine.lifecycle = "Standby"
        if machine.lifecycle == "Terminating":
            if machine.ends is None and not (machine.running and self._waits(machine)):
                machine.ends = self.now + SHUTDOWN
                self._cut(machine, "terminated")
                machine.running = False
            elif machine.ends is not None and self.now >= machine.ends:
                self.graveyard.append(self._node(machine))
                del self.machines[machine.instance_id]

    def _waits(self, machine: Machine) -> bool:
        return machine.awaited and bool(self.open_on(machine))

    def _cut(self, machine: Machine, why: str) -> None:
        for one in self.open_on(machine):
            one.cut_at, one.cut_by = self.now, why
            self._cut_ones.append(one)
        machine.sessions = []

    def fail(self, machine: Machine) -> None:
        """The machine dies."""
        machine.running = False
        self._cut(machine, "machine failed")

    # What AWS does alone

    def _check_health(self) -> None:
        for machine in self.machines.values():
            if machine.lifecycle != "InService" or self.now - machine.launched < BOOT + JOIN + CHECK:
                continue
            drained = machine.registered is None and not self.open_on(machine)
            if machine.standing(self.now) == OUT or drained or not machine.running:
                machine.health = "Unhealthy"

    def _meet_capacity(self) -> None:
        active = [one for one in self.machines.values() if one.lifecycle in ACTIVE]
        if len(active) < self.desired:
            self._launch()
        elif len(active) > self.desired and not self.protected:
            zones = Counter(one.zone for one in active)
            victim = max(active, key=lambda one: (zones[one.zone], -int(one.version), one.instance_id))
            self._terminate(victim, "scaled in by AWS")
        elif "AZRebalance" not in self.suspended:
            counts = [sum(one.zone == zone for one in active) for zone in ZONES]
            if max(counts) - min(counts) > 1:
                self._launch()

    def _launch(self) -> Machine:
        if self.launch_fails:
            self.failures.append(self.launch_fails)
            return Machine("i-none", "a", self.version, self.now)
        counts = Counter(one.zone for one in self.machines.values() if one.lifecycle in ACTIVE)
        self._made += 1
        zone = min(ZONES, key=lambda one: counts[one])
        machine = Machine(f"i-{self._made:04d}", zone, self.version, self.now)
        machine.good = machine.tells = self.version not in self.bad_versions
        self.machines[machine.instance_id] = machine
        return machine

    def _terminate(self, machine: Machine, why: str) -> None:
        if machine.lifecycle == "Terminating":
            return
        machine.lifecycle = "Terminating"
        machine.awaited = machine.registered is not None or self.waits_for_drained
        self._let_go(machine)
        if why != "asked":
            self._cut(machine, why)

    # What it is asked

    def do(self, step: Step) -> None:
        """Makes the call. Raises Failure as AWS refuses."""
        getattr(self, "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", step.operation).lower())(step.args)

    def _named(self, instance_id: str) -> Machine:
        if instance_id not in self.machines:
            raise refused("ValidationError", f"Instance Id not found - {instance_id}")
        return self.machines[instance_id]

    def _create_or_update_tags(self, args: Any) -> None:
        for tag in args["Tags"]:
            self.tags[tag["Key"]] = tag["Value"]

    def _delete_tags(self, args: Any) -> None:
        keys = [tag["Key"] for tag in args["Tags"]]
        for one in [self.tags] if "Resources" not in args else [self._tags(i) for i in args["Resources"]]:
            for key in keys:
                one.pop(key, None)

    def _tags(self, instance_id: str) -> dict[str, str]:
        return self.machines[instance_id].tags if instance_id in self.machines else {}

    def _create_tags(self, args: Any) -> None:
        for instance_id in args["Resources"]:
            self._tags(instance_id).update({tag["Key"]: tag["Value"] for tag in args["Tags"]})

    def _suspend_processes(self, args: Any) -> None:
        self.suspended |= set(args["ScalingProcesses"])

    def _resume_processes(self, args: Any) -> None:
        self.suspended -= set(args["ScalingProcesses"])

    def _deregister_instances_from_load_balancer(self, args: Any) -> None:
        for one in args["Instances"]:
            self._let_go(self._named(one["InstanceId"]))

    def _let_go(self, machine: Machine) -> None:
        if machine.registered is not None:
            machine.registered, machine.left = None, self.now

    def _register_instances_with_load_balancer(self, args: Any) -> None:
        for one in args["Instances"]:
            machine = self._named(one["InstanceId"])
            if machine.registered is None:
                machine.registered, machine.left = self.now, None

    def _terminate_instance_in_auto_scaling_group(self, args: Any) -> None:
        machine = self._named(args["InstanceId"])
        if machine.lifecycle in ("EnteringStandby", "Terminating"):
            raise refused("ScalingActivityInProgress", "an activity is in progress")
        if args["ShouldDecrementDesiredCapacity"]:
            if self.desired <= self.min_size:
                raise refused("ValidationError", f"Currently, desiredSize equals minSize ({self.min_size}).")
            self.desired -= 1
        self._terminate(machine, "asked")

    def _terminate_instances(self, args: Any) -> None:
        for instance_id in args["InstanceIds"]:
            machine = self._named(instance_id)
            self._cut(machine, "timeout")
            machine.running = False

    def _enter_standby(self, args: Any) -> None:
        for instance_id in args["InstanceIds"]:
            if self._named(instance_id).lifecycle != "InService":
                raise refused("ValidationError", f"The instance {instance_id} is not in InService.")
        if args["ShouldDecrementDesiredCapacity"]:
            if self.desired - len(args["InstanceIds"]) < self.min_size:
                raise refused("ValidationError", "please update the AutoScalingGroup sizes appropriately.")
            self.desired -= len(args["InstanceIds"])
        for instance_id in args["InstanceIds"]:
            machine = self.machines[instance_id]
            machine.lifecycle, machine.awaited = "EnteringStandby", True
            self._let_go(machine)

    def _exit_standby(self, args: Any) -> None:
        for instance_id in args["InstanceIds"]:
            machine = self._named(instance_id)
            if machine.lifecycle != "Standby":
                raise refused("ValidationError", f"The instance {instance_id} is not in Standby.")
            machine.lifecycle, machine.launched = "Pending", self.now
        self.desired += len(args["InstanceIds"])

    def _set_instance_health(self, args: Any) -> None:
        self._named(args["InstanceId"]).health = args["HealthStatus"]

    def _update_auto_scaling_group(self, args: Any) -> None:
        self.max_size = args.get("MaxSize", self.max_size)
        if args.get("DesiredCapacity", 0) > self.max_size:
            raise refused("ValidationError", "Desired capacity must be between min and max size")
        self.desired = args.get("DesiredCapacity", self.desired)
        self.version = args.get("LaunchTemplate", {}).get("Version", self.version)

    def _modify_launch_template(self, args: Any) -> None:
        self.default = args["DefaultVersion"]

    # What it shows

    def view(self) -> View:
        """What a look at it gives."""
        template = LiveTemplate("wcs", self.version, self.latest, self.default, frozenset(str(n) for n in range(1, 20)))
        return View(
            name="wcs",
            desired=self.desired,
            min_size=self.min_size,
            max_size=self.max_size,
            nodes=tuple(self._node(machine) for machine in self.machines.values()),
            zones=ZONES,
            balancers=(LiveBalancer("wcs", self.draining),),
            suspended=frozenset(self.suspended),
            journal=_journal.journal(self.tags),
            previous=self.tags.get(_journal.PREVIOUS),
            template=template,
            grace=20,
            failures=tuple(self.failures),
            at=self.now,
            peak=self.published() if self.publishes else None,
            alarms=self.alarms(),
            sighting=_journal.sighting(self.tags),
        )

    def published(self) -> int | None:
        """The most sessions in the last while, as the nodes published them; None before that."""
        if self.now - START < self.publishes:
            return None
        return max(count for at, count in self.history if self.now - at <= self.publishes)

    def _node(self, machine: Machine) -> LiveNode:
        standing = machine.standing(self.now)
        shown = sum(self.now - one.start >= LAG for one in self.open_on(machine))
        return LiveNode(
            machine.instance_id,
            machine.zone,
            machine.lifecycle,
            machine.health,
            self.protected,
            LaunchSource("template", "wcs", machine.version),
            running=machine.running,
            standing={} if standing is None else {"wcs": standing},
            sessions=shown if machine.tells and machine.running else None,
            mark=_journal.mark(machine.tags),
            proven=standing == IN_SERVICE and machine.tells,
        )

    def traces(self) -> list[str]:
        """What steering left behind and should not have."""
        left = [f"journal: {self.tags[_journal.ROLLOUT]}"] if _journal.ROLLOUT in self.tags else []
        for one in self.machines.values():
            if one.lifecycle == "InService" and one.registered is None:
                left.append(f"{one.instance_id} is out of the balancer")
            if one.tags and one.lifecycle != "Terminating":
                left.append(f"{one.instance_id} is marked: {one.tags}")
        return left


@dataclass
class Run:
    """One run of steering: its world and its clock. `trouble` is told of every write call and may raise."""

    cloud: Cloud
    domain: Steering[View, Any]
    goal: Any
    trouble: Callable[[int, Step, bool], None] = lambda _number, _step, _done: None
    meanwhile: Callable[[Step], None] = lambda _step: None
    lines: list[str] = field(default_factory=list)
    calls: list[Step] = field(default_factory=list)
    most: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = Memory()
        self.course: steer.SteeringRun[View, Any] | None = None

    def read(self) -> View:
        view = self.cloud.view()
        done: list[LiveNode] = []
        if view.journal is not None and not self.memory.taken:
            done = [one for one in self.cloud.graveyard if one.mark and one.mark.run == view.journal.started]
        self.most.append(sum(node.active for node in view.nodes))
        return self.memory.seen(view, self.cloud.now, done)

    def write(self, step: Step) -> None:
        number = len(self.calls)
        self.calls.append(step)
        self.trouble(number, step, False)
        self.meanwhile(step)
        try:
            self.cloud.do(step)
        except Failure as failure:
            if not means(failure, step.gone):
                raise
        self.memory.wrote(step)
        self.trouble(number, step, True)

    def now(self) -> float:
        return self.cloud.now

    date = now

    def sleep(self, seconds: float) -> None:
        self.cloud.advance(seconds)

    def start(self) -> None:
        """The first look."""
        self.course = steer.SteeringRun(self.domain, self, self.goal, self, self.lines.append)

    def looks(self) -> Iterator[float]:
        """The run, a look at a time."""
        if self.course is None:
            self.start()
        assert self.course is not None
        yield from self.course.looks()

    def sail(self, limit: float = 7200.0) -> View:
        """The view at the end. Fails when it does not end."""
        end = self.cloud.now + limit
        for pause in self.looks():
            assert self.cloud.now < end, f"no end in sight: {self.lines[-3:]}, {self.calls[-3:]}"
            self.sleep(pause)
        assert self.course is not None
        return self.course.view


def through(cloud: Cloud, looks: Iterator[float], limit: float = 7200.0) -> None:
    """Goes on to the end of a run. Fails when it does not end."""
    end = cloud.now + limit
    for pause in looks:
        assert cloud.now < end, "no end in sight"
        cloud.advance(pause)


def ended(cloud: Cloud, looks: Iterator[float]) -> str:
    """Goes on to the end; gives the sentence of the failure it ends with, if any."""
    try:
        through(cloud, looks)
    except Failure as failure:
        return str(failure)
    return ""


def lost(number: int) -> Callable[[int, Step, bool], None]:
    """Trouble: the reply of that call is lost, though it took effect."""

    def trouble(at: int, step: Step, done: bool) -> None:
        if at == number and done:
            raise LostReply(refused("", "the connection was cut"))

    return trouble


def killed(number: int, after: bool) -> Callable[[int, Step, bool], None]:
    """Trouble: the run is killed at that call, before or after its effect."""

    def trouble(at: int, step: Step, done: bool) -> None:
        if at == number and done is after:
            raise Killed

    return trouble
