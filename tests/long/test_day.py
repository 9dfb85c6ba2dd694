"""A day of sessions on a fleet that the policy `sessions` makes larger and the steward smaller, and nobody else.

The lab's clock is sixty times as fast, so that four hours pass in as many minutes. Its dates are real, so that times of
the steward, which counts in dates, are given in real seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from plugins.modules import wcs_forecast
from tests.support.capacity import Look, address, recorded, serving, status, traces
from tests.support.crowd import Line, crowd
from tests.support.playbooks import Played, Stage, stage
from tests.support.waiting import until

SPEED = 60
PER_NODE, LEAST, MOST = 4, 2, 9
DAY = ((0, 5), (10, 5), (60, 20), (80, 14), (84, 26), (104, 26), (112, 12), (135, 5))
"""Sessions by real seconds: night, a morning rise, noon, a flash crowd, and a night again."""
LIVES = {"shortest": 2, "longest": 6}
GIVEN: dict[str, Any] = {
    "wcs_server_metrics": True,
    "wcs_autoscaling_sessions_per_node": PER_NODE,
    "wcs_autoscaling_policies": [],
    "wcs_autoscaling_scale_in": "steward",
    "wcs_autoscaling_min_size": LEAST,
    "wcs_autoscaling_max_size": MOST,
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
}
STEWARD = {
    "wcs_scale_in_count": "surplus",
    "wcs_scale_in_on_timeout": "return_to_service",
    "wcs_scale_in_stable_for": 35,
    "wcs_autoscaling_sessions_per_node": PER_NODE,
}
FLAPPING = 600 / SPEED
"""Real seconds in which the fleet may turn round once: ten minutes."""
CPU_PER_SESSION = 50 / PER_NODE
"""For the policy on CPU that is compared: at its 50 % a node has as many sessions as the other policy wants."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("day") / "lab", "--speed", str(SPEED)) as up:
        built = up.play("site", **GIVEN)
        assert built.code == 0, built.failure or built.text
        yield up


@contextmanager
def steward(lab: Stage) -> Iterator[list[Played]]:
    """What its timer does: one run after the other, none beside another. Those that there were."""
    runs: list[Played] = []
    over = threading.Event()

    def keep() -> None:
        while not over.is_set():
            runs.append(lab.play("scale_in", **STEWARD))
            over.wait(1)

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield runs
    finally:
        over.set()
        thread.join()


def turns(looks: list[Look]) -> list[float]:
    """When the number of members changed its direction."""
    found, last = [], 0
    for before, after in pairwise(looks):
        way = (after.members > before.members) - (after.members < before.members)
        if way and last and way != last:
            found.append(after.at)
        last = way or last
    return found


def node_hours(looks: list[Look]) -> float:
    """Of AWS."""
    return sum(before.members * (after.at - before.at) for before, after in pairwise(looks)) * SPEED / 3600


def short(looks: list[Look], lines: list[Line]) -> list[tuple[float, int, int]]:
    """When there were more sessions than the nodes in service have room for, how many, and how many nodes."""
    changes = [(line.at, {"opened": 1, "ended": -1, "cut": -1}.get(line.what, 0)) for line in lines]
    found, held, at = [], 0, 0
    for look in looks:
        while at < len(changes) and changes[at][0] <= look.at:
            held += changes[at][1]
            at += 1
        if held > PER_NODE * len(look.serving):
            found.append((look.at, held, len(look.serving)))
    return found


def by_cpu(lines: list[Line], began: float) -> dict[str, Any]:
    """The same day with a policy on CPU alone, as the forecast has it."""
    held, points = 0, []
    for line in lines:
        held += {"opened": 1, "ended": -1, "cut": -1}.get(line.what, 0)
        points.append({"time": (line.at - began) * SPEED, "sessions": held})
    return wcs_forecast.look(
        {
            "load": points,
            "group": {"min_size": LEAST, "max_size": MOST},
            "scaling_policies": [{"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 50}],
            "sessions_per_node": PER_NODE,
            "cpu_per_session": CPU_PER_SESSION,
            "scale_in": "aws",
            "suggest": False,
            "band": False,
            **{name: spec["default"] for name, spec in wcs_forecast.ARGUMENTS.items() if "default" in spec},
        }
    )


def test_the_fleet_follows_the_day_by_policy_and_steward_alone(lab: Stage, tmp_path: Any) -> None:
    until(lambda: len(serving(status(lab))) == LEAST, 60, 0.2)
    curve = ",".join(f"{at}:{size}" for at, size in DAY)
    with recorded(lab) as record, crowd(address(lab), tmp_path / "log", curve=curve, **LIVES) as log:
        began = time.time()
        with steward(lab) as runs:
            until(lambda: record.most >= 6, DAY[-1][0], 0.5)
            until(lambda: time.time() - began > DAY[-1][0], DAY[-1][0] + 10, 0.5)
            until(lambda: record.looks[-1].members == LEAST, 120, 0.5)
    hours = (time.time() - began) * SPEED / 3600
    late = [(round((at - began) * SPEED / 60), held, nodes) for at, held, nodes in short(record.looks, log.lines)]
    print(
        f"\nsessions and steward: {hours:.1f} hours, {log.counts()}, at most {record.most} nodes, "
        f"{node_hours(record.looks):.1f} node hours, {len(runs)} runs of the steward\n"
        f"more sessions than room (minute, sessions, nodes): {late[:1]} … {late[-1:]}, {len(late)} looks"
    )
    other = by_cpu(log.lines, began)
    print(
        f"by CPU alone, as the forecast has it: {other['peak']}, {other['cost']['node_hours']} node hours, "
        f"{other['cut']:.0f} sessions cut, {other['refused']['sessions']:.0f} at most without room"
    )

    assert [run.failure or run.text for run in runs if run.code] == []
    assert log.counts().get("cut", 0) == 0
    refused = [(line.at - began, line.why) for line in log.of("refused")]
    assert refused == []
    assert record.most >= 6
    assert (len(record.looks[0].serving), record.looks[-1].members) == (LEAST, LEAST)
    around = turns(record.looks)
    assert [after - before for before, after in pairwise(around) if after - before < FLAPPING] == []
    assert traces(lab) == []
