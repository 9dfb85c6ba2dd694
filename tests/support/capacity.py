"""What a running lab shows while something goes on: who serves, how many members there are, and when that changed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

from plugins.module_utils._group.journal import DRAINING, ROLLOUT
from tests.support.playbooks import Stage

STACK = "wcs"
EVERY = 0.25  # seconds
COUNTED = ("Pending", "InService")


@dataclass(frozen=True)
class Look:
    """One look: the nodes in service by their private address, and how many members the group counts."""

    at: float
    serving: frozenset[str]
    members: int


@dataclass
class Record:
    """All looks, in their order."""

    stage: Stage
    looks: list[Look] = field(default_factory=list)

    @property
    def least(self) -> int:
        """The fewest nodes that ever took new sessions."""
        return min(len(look.serving) for look in self.looks)

    @property
    def most(self) -> int:
        """The most members that there ever were."""
        return max(look.members for look in self.looks)

    def look(self) -> Look:
        """What there is now; noted."""
        shown = status(self.stage)
        found = Look(time.time(), frozenset(serving(shown).values()), members(shown))
        self.looks.append(found)
        return found


def status(stage: Stage) -> dict[str, Any]:
    """What the lab shows, asked without a process of its own."""
    with urlopen(f"{stage.env['AWS_ENDPOINT_URL']}/_lab/status", timeout=30) as page:
        shown: dict[str, Any] = json.load(page)
        return shown


def address(stage: Stage) -> str:
    """Where sessions are opened: through the stack's balancer."""
    balancer = next(one for one in status(stage)["balancers"] if one["name"] == STACK)
    return f"ws://{balancer['address']}:8080/"


def serving(shown: dict[str, Any]) -> dict[str, str]:
    """The private address of each node that takes new sessions, by its id."""
    nodes = [one for one in shown["instances"] if one["group"] == STACK and one["state"] == "running"]
    return {one["instance"]: one["private"] for one in nodes if f"{STACK}: InService" in one["balancers"]}


def members(shown: dict[str, Any]) -> int:
    """How many members count towards the group's desired capacity."""
    group = next(one for one in shown["groups"] if one["name"] == STACK)
    return sum(one.split()[0] in COUNTED for one in group["members"])


@contextmanager
def recorded(stage: Stage) -> Iterator[Record]:
    """A record that is kept meanwhile."""
    record, over = Record(stage), threading.Event()
    record.look()

    def keep() -> None:
        while not over.wait(EVERY):
            record.look()

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield record
    finally:
        over.set()
        thread.join()


# What AWS's own API answers


def group(stage: Stage) -> dict[str, Any]:
    """The stack's group."""
    asked = stage.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[STACK])
    (found,) = asked["AutoScalingGroups"]
    return dict(found)


def traces(stage: Stage) -> list[str]:
    """What steering left: journal, suspended processes, marks on nodes that run, protection, members out of service."""
    shown = group(stage)
    left = [tag["Key"] for tag in shown["Tags"] if tag["Key"] == ROLLOUT]
    left += [one["ProcessName"] for one in shown["SuspendedProcesses"]]
    marked = [{"Name": "tag-key", "Values": [DRAINING]}, {"Name": "tag:aws:autoscaling:groupName", "Values": [STACK]}]
    rows = stage.client("ec2").describe_instances(Filters=marked)["Reservations"]
    left += [one["InstanceId"] for row in rows for one in row["Instances"] if one["State"]["Name"] == "running"]
    usual = shown["NewInstancesProtectedFromScaleIn"]
    left += [f"{one['InstanceId']} protected" for one in shown["Instances"] if one["ProtectedFromScaleIn"] != usual]
    members = [one["InstanceId"] for one in shown["Instances"] if one["LifecycleState"] == "InService"]
    return left + sorted(set(members) - set(serving(status(stage))))


def calls_of(stage: Stage, name: str) -> list[float]:
    """When the lab answered this call, in seconds since 1970."""
    with urlopen(f"{stage.env['AWS_ENDPOINT_URL']}/_lab/calls") as page:
        return [call["at"] for call in json.load(page) if f"{call['service']}:{call['operation']}" == name]
