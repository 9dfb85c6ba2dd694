"""SIGINT and SIGTERM end a module within seconds, in a sentence that says how to go on; running again does go on."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.core.lab import Lab
from plugins.modules import wcs_ami
from tests.support.harness import Bench, launched
from tests.support.processes import served, started, until

SECONDS = 20.0  # of a busy machine, whose turns are short; unasked, each would go on for a minute
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
    began = time.monotonic()
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=SECONDS)
    except BaseException:
        process.kill()
        raise
    print(f"\n{number.name}: {time.monotonic() - began:.2f} s")
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
