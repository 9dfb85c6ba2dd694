"""Where the two sides are measured: an account with what both find ready, and what one playbook run costs there."""

from __future__ import annotations

import json
import os
import resource
import shlex
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from lab.run import inventory
from tests.support.playbooks import BIN, ROOT, stage

PLAYS = Path(__file__).parent / "plays"
PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
"""
"""The head of a play on this machine; its tasks follow."""


@dataclass(frozen=True)
class Cost:
    """What one run cost: API calls, those of them that write, seconds by the clock, seconds of processor time."""

    calls: int
    writes: int
    wall: float
    cpu: float


@dataclass(frozen=True)
class Account:
    """A lab that answers, and what stands there before anything is measured: network, security group, a seed."""

    about: Mapping[str, Any]
    given: Mapping[str, Any]

    def play(self, name: str, *options: str, **variables: Any) -> Cost:
        """The cost of one `ansible-playbook` run; AssertionError with what it printed when it fails."""
        command = [f"{BIN}/ansible-playbook", "-i", "localhost,", f"{PLAYS}/{name}.yml", *options]
        command += ["-e", json.dumps({**self.given, **variables})]
        before, used, began = self._calls(), _children(), time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=self._env(), capture_output=True, text=True, check=False)
        wall = time.monotonic() - began
        assert done.returncode == 0, done.stdout + done.stderr
        calls = self._calls()[len(before) :]
        return Cost(len(calls), sum(call["write"] for call in calls), wall, _children() - used)

    def serves(self, stack: str, count: int) -> bool:
        """Whether so many nodes are in service behind the stack's balancer."""
        states = client(self.about, "elb").describe_instance_health(LoadBalancerName=stack)["InstanceStates"]
        return bool(sum(one["State"] == "InService" for one in states) >= count)

    def _calls(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.about['url']}/_lab/calls") as reply:
            return list(json.load(reply))

    def _env(self) -> dict[str, str]:
        mine = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_"))}
        lines = inventory.env(dict(self.about)).splitlines()
        exports = (shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export "))
        return {**mine, **dict(exports), "ANSIBLE_PIPELINING": "true"}


@contextmanager
def running(folder: Path) -> Iterator[Account]:
    """A lab that is up, with machines that are processes; AWS's own time passes 30 times faster."""
    with stage(folder) as lab:
        yield opened(lab.about())


@contextmanager
def at_once(speed: float = 500.0) -> Iterator[Account]:
    """A lab whose AWS takes no time, with machines in memory only; health checks follow its clock."""
    command = [sys.executable, str(Path(__file__).parent / "imaginary.py"), str(speed)]
    lab = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert lab.stdin is not None
    assert lab.stdout is not None
    try:
        yield opened(json.loads(lab.stdout.readline()))
    finally:
        lab.stdin.close()
        lab.wait(30)


def opened(about: Mapping[str, Any]) -> Account:
    """The account, with a security group and a seed that runs."""
    ec2 = client(about, "ec2")
    group = ec2.create_security_group(GroupName="bench", Description="bench", VpcId=about["vpc_id"])["GroupId"]
    everybody: Any = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everybody])
    subnets = list(about["subnets"].values())
    launched = ec2.run_instances(
        ImageId=about["wcs_image_id"], InstanceType="c5.large", MinCount=1, MaxCount=1, SubnetId=subnets[0]
    )
    seed = launched["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[seed], WaiterConfig={"Delay": 1})
    given = {"seed_id": seed, "security_group_id": group, "subnets": subnets, "size": 2, "wait": True}
    return Account(about, given)


def client(about: Mapping[str, Any], service: str) -> Any:
    """A client of the lab."""
    keys = {"aws_access_key_id": inventory.ACCESS_KEY, "aws_secret_access_key": inventory.SECRET_KEY}
    return boto3.client(service, region_name=about["region"], endpoint_url=about["url"], **keys)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
