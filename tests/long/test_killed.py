"""`site` and `teardown` cut off in the middle, really: the same playbook run again goes on, and nothing is there twice.

One lab; the stories are told in order.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from typing import Any
from urllib.request import urlopen

import pytest

from tests.faults.chosen import ALL
from tests.support.playbooks import Stage
from tests.support.processes import alive, family, until

BUILDING = ("ec2:RunInstances", "ec2:CreateImage", "elb:CreateLoadBalancer", "ec2:CreateLaunchTemplate")
REMOVING = ("autoscaling:DeleteAutoScalingGroup", "elb:DeleteLoadBalancer", "ec2:DeregisterImage")
VARIABLES = {"wcs_autoscaling_min_size": 1, "wcs_verify_hold": 1, "wcs_verify_rate": 100}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    return site_stage


def cut_off(lab: Stage, playbook: str, call: str, number: signal.Signals, **variables: Any) -> str:
    """Runs the playbook until it waits for the answer to the call, which had its effect; what it printed.

    SIGKILL is for all of its processes.
    """
    seen = answered(lab, call)
    lab.lab("fault", "add", "latency", call, "--seconds", "5")
    command, how = lab.command(playbook, **VARIABLES, **variables)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **how)
        until(lambda: answered(lab, call) > seen or process.poll() is not None, 300)
        pids = [] if process.poll() is not None else family(process.pid)
        for pid in pids if number is signal.SIGKILL else pids[:1]:
            os.kill(pid, number)
        began = time.monotonic()
        process.wait(timeout=60)
        lasted = time.monotonic() - began
        output.seek(0)
        text = output.read()
    assert pids, f"it ended before {call}: {text}"
    print(f"\n{playbook} at {call}: {number.name} to {len(pids)} processes, gone after {lasted:.1f} s")
    assert lasted < 5
    until(lambda: not alive(pids), 5.0)
    lab.lab("fault", "clear")
    return text


def answered(lab: Stage, name: str) -> int:
    """How often the lab has answered this call; asked without a process of its own."""
    with urlopen(f"{lab.env['AWS_ENDPOINT_URL']}/_lab/calls") as reply:
        return sum(f"{call['service']}:{call['operation']}" == name for call in json.load(reply))


def things(lab: Stage) -> dict[str, int]:
    """How many of each kind there are; kinds of which there are none are left out."""
    shown = json.loads(lab.lab("status", "--json"))
    living = [one for one in shown["instances"] if one["state"] not in ("terminated", "shutting-down")]
    kinds = {kind: len(shown[kind]) for kind in ("balancers", "groups", "images", "alarms")}
    return {kind: count for kind, count in {**kinds, "instances": len(living)}.items() if count}


@pytest.mark.parametrize("call", BUILDING if ALL else BUILDING[1:2])
def test_site_is_killed(lab, call):
    cut_off(lab, "site", call, signal.SIGKILL)
    assert things(lab).get("instances", 0) <= 1, "the seed of the first run is taken up"


def test_site_is_interrupted_while_it_waits_for_the_group(lab):
    answer = cut_off(lab, "site", "autoscaling:CreateAutoScalingGroup", signal.SIGINT)
    assert "User interrupted execution" in answer
    assert "Traceback" not in answer


def test_run_again_it_ends_as_if_nothing_had_been(lab):
    whole = lab.play("site", **VARIABLES)
    assert whole.code == 0, whole.failure or whole.text
    found = things(lab)
    assert (found["images"], found["balancers"], found["groups"], found["instances"]) == (1, 1, 1, 1)
    assert answered(lab, "ec2:CreateLaunchTemplateVersion") == 0


@pytest.mark.parametrize("call", REMOVING if ALL else REMOVING[:1])
def test_teardown_is_killed(lab, call):
    cut_off(lab, "teardown", call, signal.SIGKILL, wcs_teardown_cut_sessions=True)


def test_run_again_it_leaves_nothing(lab):
    whole = lab.play("teardown", **VARIABLES, wcs_teardown_cut_sessions=True)
    assert whole.code == 0, whole.failure or whole.text
    assert things(lab) == {}
