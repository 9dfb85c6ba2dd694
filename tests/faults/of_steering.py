"""Runs of drain and rollout that faults and denials strike: the fleet they begin with, and how they must have ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lab.api.inprocess import clients
from plugins.modules import wcs_drain, wcs_rollout
from tests.faults.sites import World
from tests.support.steering import Steered, telling

SIZE = 3
SURPLUS: dict[str, Any] = {"group_name": "wcs", "count": "surplus", "sessions_per_node": 10, "stable_for": 0}
"""Of the steward: the six sessions of the fleet need one node."""
RUNS: dict[str, tuple[Any, dict[str, Any]]] = {
    "drain": (wcs_drain, {"group_name": "wcs", "count": 1}),
    "surplus": (wcs_drain, SURPLUS),
    "rollout": (wcs_rollout, {"group_name": "wcs", "probe": False}),
}


class Watch:
    """Who ends with sessions on it."""

    def __init__(self, steered: Steered) -> None:
        self.cut: list[tuple[str, int]] = []
        self._lab = steered.lab
        self._machines: Any = steered.lab.machines
        self._ended = self._machines.terminate
        self._machines.terminate = self._terminate

    def _terminate(self, instance_id: str) -> Any:
        machine = self._machines.machines.get(instance_id)
        if machine is not None and machine.sessions:
            self.cut.append((instance_id, machine.sessions))
        return self._ended(instance_id)


@contextmanager
def fleet() -> Iterator[tuple[World, Steered]]:
    """A group at the old version whose sessions end one after the other. At the end none of them may have been cut."""
    world = World()
    try:
        with telling(world.lab):
            steered = Steered(world.lab, clients(world.lab), SIZE, min_size=1)
            steered.version(instance_type="c5.xlarge")
            watch = Watch(steered)
            for number, instance_id in enumerate(steered.ids()):
                steered.hold(instance_id, 1 + number)
                steered.when(20 + 20 * number, lambda one=instance_id: steered.hold(one, 0))
            world.made = 0
            yield world, steered
            assert watch.cut == []
    finally:
        world.close()


def assert_ended_well(name: str, world: World, steered: Steered) -> None:
    """That the run of this name has done its work, cut nothing short and left no traces."""
    world.lab.run(90)
    size, version = {"drain": (SIZE - 1, "1"), "surplus": (1, "1"), "rollout": (SIZE, "2")}[name]
    group = steered.stage.group()
    assert {one["LaunchTemplate"]["Version"] for one in group["Instances"]} == {version}
    assert (group["DesiredCapacity"], group["MaxSize"]) == (size, SIZE + 2)
    assert steered.in_service() == steered.ids()
    assert len(steered.ids()) == size
    assert steered.traces() == []


# The steward's timer: what its runs ask


def _needed_again(steered: Steered) -> None:
    """Sessions come while nodes are on their way out."""
    steered.when(15, lambda: [steered.hold(one, 9) for one in steered.ids()] and None)


def _marked(steered: Steered) -> None:
    """A node that stays is marked unhealthy, which never heals by itself, while a drain keeps AWS from replacing it."""

    def mark() -> None:
        held = [one["ProcessName"] for one in steered.stage.group()["SuspendedProcesses"]]
        if "ReplaceUnhealthy" in held:
            steered.aws("autoscaling").set_instance_health(InstanceId=steered.ids()[-1], HealthStatus="Unhealthy")
        else:
            steered.when(1, mark)

    steered.when(1, mark)


def _with_policy(steered: Steered) -> None:
    """The group has a policy by CPU, which may want the nodes again."""
    steered.aws("autoscaling").put_scaling_policy(
        AutoScalingGroupName="wcs",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 60.0,
        },
    )


TIMER: dict[str, tuple[Callable[[Steered], None], dict[str, Any]]] = {
    "too many for a while": (lambda _: None, {"stable_for": 60, "licence_limit": SIZE}),
    "needed again": (_needed_again, {}),
    "marked unhealthy": (_marked, {}),
    "a policy by CPU": (_with_policy, {}),
}
"""What a timer comes upon, and its options beside SURPLUS."""


def asked_by_timer(name: str) -> list[str]:
    """The calls of four runs in a row, in order."""
    prepare, given = TIMER[name]
    with fleet() as (world, steered):
        prepare(steered)
        calls: list[str] = []
        for _ in range(4):
            calls += [call.name for call in world.asked(lambda: world.bench(wcs_drain).run(**SURPLUS | given))]
            world.lab.run(31)
        return calls
