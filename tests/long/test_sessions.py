"""Sessions are not cut by us: a crowd of clients in a process of its own, while a running fleet changes and shrinks.

One lab; the stories are told in order. What is proven is in the crowd's log, and in what the lab shows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.capacity import Record, address, calls_of, group, recorded, serving, status, traces
from tests.support.crowd import Log, crowd, nobody_was_cut
from tests.support.playbooks import Played, Stage, played, stage
from tests.support.processes import alive, family
from tests.support.waiting import until

NODES, SESSIONS, FEW = 6, 1000, 120
VARIABLES: dict[str, Any] = {
    "wcs_autoscaling_min_size": 2,
    "wcs_autoscaling_max_size": NODES + 2,
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
    "wcs_update_surge": 2,
    "wcs_update_launch_timeout": 120,
    "wcs_server_settings": {"keep_alive.probes": 20},
}
OUT = "elb:DeregisterInstancesFromLoadBalancer"
LIVES = {"shortest": 5, "longest": 25}  # seconds


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stack of six nodes. Sessions cost so little CPU that nothing scales by itself."""
    with stage(tmp_path_factory.mktemp("lab"), "--cpu-per-session", "0.05") as ready:
        given = VARIABLES | {"wcs_server_settings": {}, "wcs_autoscaling_desired_capacity": NODES}
        built = ready.play("site", **given)
        assert built.code == 0, built.failure or built.text
        yield ready


def in_service(lab: Stage) -> dict[str, str]:
    return serving(status(lab))


def answer(title: str, log: Log, record: Record, began: float) -> None:
    """The figures, for the reader of the output."""
    counts = {name: log.counts().get(name, 0) for name in ("opened", "ended", "cut", "refused")}
    print(
        f"\n{title}: {time.time() - began:.0f} s, {counts}, at least {record.least} nodes in service, "
        f"at most {record.most} members, {len(record.looks)} looks"
    )


# A thousand sessions


def test_every_node_is_replaced_under_a_thousand_sessions(lab, tmp_path):
    before, began = in_service(lab), time.time()
    with crowd(address(lab), tmp_path / "log", sessions=SESSIONS, **LIVES) as log, recorded(lab) as record:
        updated = lab.play("update", **VARIABLES, wcs_licence_limit=NODES + 2)
        assert updated.code == 0, updated.failure or updated.text
        after = log.nodes(since=time.time() - 3)
    answer("update under 1,000 sessions", log, record, began)
    nobody_was_cut(log, SESSIONS)
    assert (record.least, record.most) == (NODES, NODES + 2)
    now = in_service(lab)
    assert len(now) == NODES
    assert not set(now) & set(before)
    assert set(after) == set(now.values()), "new sessions go to new nodes alone"
    assert traces(lab) == []


def test_a_second_update_changes_nothing(lab):
    again = lab.play("update", **VARIABLES)
    assert (again.code, again.changed) == (0, []), again.failure


def test_two_nodes_leave_under_a_thousand_sessions(lab, tmp_path):
    before, began = in_service(lab), time.time()
    with crowd(address(lab), tmp_path / "log", sessions=SESSIONS, **LIVES) as log, recorded(lab) as record:
        foreseen = lab.play("scale_in", "--check", wcs_scale_in_count=2)
        assert foreseen.code == 0, foreseen.failure
        would = {one["instance_id"]: one["sessions"] for one in result(foreseen)["victims"]}
        assert len(would) == 2
        assert sum(would.values()) > SESSIONS // NODES
        done = lab.play("scale_in", wcs_scale_in_count=2)
        assert done.code == 0, done.failure or done.text
    answer("scale_in of 2 nodes under 1,000 sessions", log, record, began)
    nobody_was_cut(log, SESSIONS)
    assert (record.least, record.most) == (NODES - 2, NODES)
    assert {one["outcome"] for one in result(done)["victims"]} == {"drained"}
    assert len(set(before) - set(in_service(lab))) == 2
    assert traces(lab) == []


def result(run: Played) -> dict[str, Any]:
    """What wcs_drain or wcs_rollout returned."""
    return dict(next(task.result for task in run.tasks if "victims" in task.result))


# Sessions that never end


def leaving(victim: str) -> dict[str, Any]:
    """That this node leaves, and AWS launches another one in its place."""
    return {"wcs_scale_in_instance_ids": [victim], "wcs_scale_in_decrement_desired": False}


@pytest.mark.parametrize("on_timeout", ["fail", "return_to_service", "terminate"])
def test_the_deadline_holds_and_who_is_cut_is_named(lab, tmp_path, on_timeout):
    names, timeout = in_service(lab), 30
    with crowd(address(lab), tmp_path / "log", sessions=FEW, endless=FEW, **LIVES) as log:
        victim, place = sorted(names.items())[0]
        there = log.nodes()[place]
        assert there > 0
        began = time.time()
        run = lab.play("scale_in", **leaving(victim), wcs_scale_in_timeout=timeout, wcs_scale_in_on_timeout=on_timeout)
        (node,) = result(run)["victims"]
        if on_timeout == "fail":
            assert run.code != 0
            assert f"{victim} ({there} sessions) had sessions left when the timeout (30 s) was over" in run.failure
            assert (node["outcome"], node["sessions"], result(run)["cut"]) == ("draining", there, [])
            assert victim not in in_service(lab)
            back = lab.play("scale_in", wcs_scale_in_state="in_service")
            assert back.code == 0, back.failure
        cut = log.of("cut")
        if on_timeout == "terminate":
            assert run.code == 0, run.failure
            assert result(run)["cut"] == [{"instance_id": victim, "sessions": there}]
            assert {line.node for line in cut} == {place}
            assert len(cut) == there
            late = (
                min(line.at for line in cut) - timeout - min(at for at in calls_of(lab, "ec2:CreateTags") if at > began)
            )
            print(f"\n{there} sessions cut {late:.1f} s after the deadline")
            assert 0 <= late <= 10
            until(lambda: len(in_service(lab)) == len(names), 60, 0.2)
        else:
            assert cut == []
            assert victim in in_service(lab)
            assert node["outcome"] == ("draining" if on_timeout == "fail" else "returned")
    assert traces(lab) == []


def test_called_off_the_node_takes_new_sessions_within_two_health_checks(lab, tmp_path):
    names = in_service(lab)
    with crowd(address(lab), tmp_path / "log", sessions=FEW, endless=FEW // 2, **LIVES) as log:
        victim, place = sorted(names.items())[-1]
        command, how = lab.command("scale_in", **leaving(victim), wcs_scale_in_timeout=300)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)
        until(lambda: victim not in in_service(lab) or process.poll() is not None, 60, 0.2)
        assert process.poll() is None, process.stdout and process.stdout.read()
        out = time.time()
        until(lambda: log.nodes(since=out + 1).total() > 5, 60, 0.2)
        assert log.nodes(since=out + 1)[place] == 0, "it gets no new sessions"
        back = lab.play("scale_in", wcs_scale_in_state="in_service")
        assert back.code == 0, back.failure
        registered = calls_of(lab, "elb:RegisterInstancesWithLoadBalancer")[-1]
        until(lambda: log.nodes(since=registered)[place] > 0, 30, 0.2)
        first = min(line.at for line in log.of("opened") if line.node == place and line.at >= registered)
        text, _ = process.communicate(timeout=60)
    print(f"\na new session {first - registered:.1f} s after the call that put the node back")
    assert first - registered <= 2 * 5 + 1
    assert process.returncode != 0
    assert "went back into service: somebody called it off" in text
    assert log.of("cut") == []
    assert traces(lab) == []


# Versions that fail, and the way back


def test_a_version_that_does_not_become_healthy_leaves_the_old_nodes_alone(lab, tmp_path):
    before, shown = in_service(lab), group(lab)
    bare = lab.about()["bare_image_id"]
    with crowd(address(lab), tmp_path / "log", sessions=FEW, **LIVES) as log, recorded(lab) as record:
        given = VARIABLES | {"wcs_update_launch_timeout": 20, "wcs_autoscaling_image_id": bare}
        failed = lab.play("update", **given)
    assert failed.code != 0
    print(f"\n{failed.failure}")
    assert "but not in its balancer" in failed.failure
    assert (
        f"The group is back at version {shown['LaunchTemplate']['Version']}; old nodes were not touched"
        in failed.failure
    )
    nobody_was_cut(log, FEW)
    assert record.least == len(before)
    assert in_service(lab) == before
    now = group(lab)
    assert (now["LaunchTemplate"], now["DesiredCapacity"], now["MaxSize"]) == (
        shown["LaunchTemplate"],
        shown["DesiredCapacity"],
        shown["MaxSize"],
    )
    assert traces(lab) == []


def test_killed_in_the_middle_the_good_version_goes_through_with_the_next_run(lab, tmp_path):
    before = in_service(lab)
    changed = VARIABLES | {"wcs_autoscaling_instance_type": "c5.xlarge"}
    with crowd(address(lab), tmp_path / "log", sessions=FEW, **LIVES) as log, recorded(lab) as record:
        out = len(calls_of(lab, OUT))
        command, how = lab.command("update", **changed)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)
        until(lambda: len(calls_of(lab, OUT)) > out or process.poll() is not None, 240, 0.2)
        assert process.poll() is None, process.stdout and process.stdout.read()
        pids = family(process.pid)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=30)
        until(lambda: not alive(pids), 10)
        assert traces(lab) != [], "it was killed in the middle"
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **how}
        two = [subprocess.Popen(command, **pipes) for _ in range(2)]
        ended = [
            played(subprocess.CompletedProcess(command, one.returncode, *texts))
            for one in two
            for texts in (one.communicate(timeout=500),)
        ]
    assert [run.code for run in ended] == [0, 0], [run.failure or run.text for run in ended]
    nobody_was_cut(log, FEW)
    assert record.least >= len(before)
    assert record.most <= len(before) + 2
    assert len(in_service(lab)) == len(before)
    assert not set(in_service(lab)) & set(before)
    assert traces(lab) == []


def test_rolled_back_it_is_the_image_and_capacity_before(lab, tmp_path):
    before, shown = in_service(lab), group(lab)
    lab.client("autoscaling").suspend_processes(AutoScalingGroupName="wcs", ScalingProcesses=["HealthCheck"])
    with crowd(address(lab), tmp_path / "log", sessions=FEW, **LIVES) as log, recorded(lab) as record:
        back = lab.play("update", **VARIABLES, wcs_update_state="rolled_back")
        assert back.code == 0, back.failure or back.text
    nobody_was_cut(log, FEW)
    assert record.least == len(before)
    now = group(lab)
    assert (now["DesiredCapacity"], now["MaxSize"]) == (shown["DesiredCapacity"], shown["MaxSize"])
    kinds = {one["type"] for one in status(lab)["instances"] if one["instance"] in in_service(lab)}
    assert kinds == {"c5.large"}
    assert traces(lab) == ["HealthCheck"], "what the operator had suspended stays so"
    lab.client("autoscaling").resume_processes(AutoScalingGroupName="wcs", ScalingProcesses=["HealthCheck"])


def test_teardown_leaves_nothing(lab, tmp_path: Path):
    gone = lab.play("teardown", **VARIABLES)
    assert gone.code == 0, gone.failure or gone.text
