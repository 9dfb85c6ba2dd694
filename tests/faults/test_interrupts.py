"""SIGINT and SIGTERM end a module within seconds, in a sentence that says how to go on; running again does go on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.core.lab import Lab
from plugins.modules import wcs_ami
from tests.support.harness import Bench, launched
from tests.support.processes import ROOT, delayed, served, started
from tests.support.waiting import until

SECONDS = 5.0  # without those that a busy machine gives to others; unasked, each would go on for a minute
IMAGE = "wcs-0a1b2c3d4e5f"


@pytest.fixture
def lab_and_url() -> Iterator[tuple[Lab, str]]:
    with served() as found:
        yield found


@pytest.fixture
def seed(lab_and_url: tuple[Lab, str]) -> str:
    return launched(lab_and_url[0])[0]


def ended(process: Any, number: signal.Signals) -> dict[str, Any]:
    """What the module answers to the signal."""
    began, delay = time.monotonic(), delayed(process.pid)
    process.send_signal(number)
    try:
        until(lambda: os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), 50.0)
    except BaseException:
        process.kill()
        raise
    lasted, others = time.monotonic() - began, delayed(process.pid) - delay
    out, err = process.communicate()
    print(f"\n{number.name}: {lasted:.2f} s, in {others:.2f} s of them it could have run and others did")
    assert lasted - others < SECONDS
    assert (process.returncode, err) == (1, "")
    answer = dict(json.loads(out))
    assert answer["failed"]
    assert f"interrupted ({number.name})" in answer["msg"]
    assert "Run it again to resume" in answer["msg"]
    return answer


def seen(lab: Lab, operation: str, times: int = 1) -> None:
    until(lambda: sum(call.operation == operation for call in lab.calls) >= times)


def test_while_it_waits(lab_and_url: tuple[Lab, str], seed: str) -> None:
    lab, url = lab_and_url
    process = started("wcs_ami", url, {"name": IMAGE, "instance_id": seed})
    seen(lab, "CreateImage")
    answer = ended(process, signal.SIGINT)
    assert answer["actions"] == ["ec2:CreateImage"]
    assert answer["changed"]
    bench = Bench(lab, clients(lab), wcs_ami.ARGUMENTS, wcs_ami.manage)
    again = bench.run(name=IMAGE, instance_id=seed)
    assert (again.outcome.actions, again.returns["image"]["state"]) == ([], "available")
    assert len(clients(lab)("ec2").describe_images(Owners=["self"])["Images"]) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_a_write_call_is_on_its_way(lab_and_url: tuple[Lab, str], seed: str, number: signal.Signals) -> None:
    lab, url = lab_and_url
    process = started("wcs_ami", url, {"name": IMAGE, "instance_id": seed})
    seen(lab, "DescribeInstances")
    with lab.lock:  # the answer does not come
        answer = ended(process, number)
    assert answer["actions"] in ([], ["ec2:CreateImage"])  # the read before may still have been under way
    bench = Bench(lab, clients(lab), wcs_ami.ARGUMENTS, wcs_ami.manage)
    bench.run(name=IMAGE, instance_id=seed)
    assert len(clients(lab)("ec2").describe_images(Owners=["self"])["Images"]) == 1


def test_while_aws_asks_for_patience(lab_and_url: tuple[Lab, str]) -> None:
    lab, url = lab_and_url
    lab.faults.add("throttle", count=None)
    process = started("wcs_classic_elb", url, {"name": "wcs"})
    seen(lab, "DescribeLoadBalancers", 2)
    assert ended(process, signal.SIGTERM)["actions"] == []


def test_while_pages_are_read(lab_and_url: tuple[Lab, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        process = started("wcs_stat_info", lab_and_url[1], {"hosts": [address], "timeout": 60})
        silent.accept()
        ended(process, signal.SIGINT)


LOST = """
import signal, time
from ansible.module_utils.testing import patch_module_args
from plugins.module_utils._core.local import local

class Last:
    def __del__(self):
        print("heard", flush=True)
        signal.raise_signal(signal.SIGINT)

def look(_):
    Last()
    time.sleep(60)
    return {}

with patch_module_args({}):
    local({}, look)
"""


def test_while_an_object_is_let_go() -> None:
    """What is raised in there Python prints and drops: the module would go on, and a signal is given only once."""
    command = [sys.executable, "-c", LOST]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    heard, _, answer = done.stdout.partition("\n")
    assert (heard, done.returncode, done.stderr) == ("heard", 1, "")
    assert "interrupted (SIGINT)" in json.loads(answer)["msg"]
