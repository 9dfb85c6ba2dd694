"""What becomes of the seed: one that fails its health check ends the deployment, the next run takes it up, it is kept.

One lab; the stories are told in order. At AWS's own pace, on a second one, what is launched is pending for a while.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.cut_off import cut_off
from tests.support.playbooks import ROOT, Stage, played, stage
from tests.support.waiting import until

VARIABLES = {
    "wcs_autoscaling_min_size": 1,
    "wcs_seed_after": "stopped",
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    return site_stage


ASKED = {"protocol": "http", "port": 8081, "path": "/?action=stat"}
"""A health check that was written down and does not follow the settings."""


def test_a_wrong_port_ends_the_deployment_at_the_seed_with_the_way_out(lab):
    settings = {"http.port": 9091}
    wrong = lab.play("site", wcs_server_settings=settings, wcs_balancer_health_check=ASKED, **VARIABLES)
    assert wrong.code != 0
    for words in ("'wcs-seed'", "answers: connection refused", "http.port = 9091", "set http.port to 8081"):
        assert words in wrong.failure
    assert lab.calls().count("ec2:CreateImage") == 0


def test_what_the_failed_run_launched_is_adopted_by_the_next(lab):
    right = lab.play("site", wcs_server_settings={"http.port": 8081}, **VARIABLES)
    assert right.code == 0, right.failure or right.text
    calls = lab.calls()
    assert (calls.count("ec2:RunInstances"), calls.count("ec2:CreateImage")) == (1, 1)


def test_a_stopped_seed_is_started_again_and_imaged(lab):
    again = lab.play("site", wcs_server_settings={"keep_alive.probes": 20}, **VARIABLES)
    assert again.code == 0, again.failure or again.text
    calls = lab.calls()
    assert [calls.count(f"ec2:{name}") for name in ("RunInstances", "StartInstances", "CreateImage")] == [1, 1, 2]
    proof = again.said("Group, balancer and nodes agree, and sessions reach every node")
    assert "runs launch template version 1; the group launches launch template version 2." in proof


ROLE = "../extensions/molecule/wcs_seed/converge"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("slow") / "lab", "--speed", "1") as found:
        yield found


def seeds(slow: Stage) -> list[dict[str, Any]]:
    asked = [
        {"Name": "tag:Name", "Values": ["wcs-seed"]},
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
    ]
    return [
        one
        for each in slow.client("ec2").describe_instances(Filters=asked)["Reservations"]
        for one in each["Instances"]
    ]


def test_a_seed_that_ends_while_it_starts_is_said_to_be_terminated(slow):
    command, how = slow.command(ROLE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how) as run:
        (seed,) = until(lambda: seeds(slow), every=0.2)
        assert seed["State"]["Name"] == "pending"
        slow.client("ec2").terminate_instances(InstanceIds=[seed["InstanceId"]])
        out, err = run.communicate(timeout=120)
    ended = played(subprocess.CompletedProcess(command, run.returncode, out, err))
    assert ended.code != 0
    assert ended.failure.startswith(
        f"Cannot use seed '{seed['InstanceId']}': it is terminated (Client.UserInitiatedShutdown"
    )
    assert "another is launched" in ended.failure


def test_a_pending_seed_of_a_run_that_was_killed_is_taken_up(slow):
    cut_off(slow, ROLE, "ec2:RunInstances", signal.SIGKILL)
    (seed,) = seeds(slow)
    assert seed["State"]["Name"] == "pending"
    again = slow.play(ROLE)
    assert again.code == 0, again.failure or again.text
    assert [one["InstanceId"] for one in seeds(slow)] == [seed["InstanceId"]]


def test_what_runs_already_is_left_alone(slow):
    assert slow.play(ROLE).changed == []


def test_a_seed_that_is_stopping_is_not_stopped_again(slow, tmp_path):
    role = {"name": "webcallserver.aws.wcs_seed", "tasks_from": "after"}
    tasks = [{"ansible.builtin.include_role": role, "vars": {"wcs_seed_after": "stopped"}}]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (tmp_path / "after.yml").write_text(json.dumps([play]))
    after = os.path.relpath(tmp_path / "after", ROOT / "playbooks")
    first, second = slow.play(after), slow.play(after)
    assert (first.code, second.code) == (0, 0), second.failure
    assert slow.calls().count("ec2:StopInstances") == 1
