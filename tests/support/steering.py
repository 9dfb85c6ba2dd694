"""A group in service whose nodes have sessions, for tests of what steers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from lab.core.lab import Lab
from lab.elb.balancers import balancers
from lab.machines import Check
from plugins.module_utils._group.journal import DRAINING, ROLLOUT
from plugins.module_utils._nodes.pages import How
from plugins.module_utils._nodes.stats import Node, with_page
from plugins.module_utils._nodes.target import Target
from plugins.module_utils._steering import sessions_world as _sessions_world
from plugins.modules import wcs_drain, wcs_rollout
from tests.support.groups import NAME, Stage
from tests.support.harness import Bench

SICK = Check(False, None, "connection refused")


class Steered:
    """The group `wcs` of six nodes at version 1, behind a balancer that drains for ten minutes."""

    def __init__(self, lab: Lab, aws: Callable[..., Any], size: int = 6, **more: Any) -> None:
        self.lab, self.aws, self.stage = lab, aws, Stage(lab, aws)
        self.drains = Bench(lab, aws, wcs_drain.ARGUMENTS, wcs_drain.manage)
        self.rollouts = Bench(lab, aws, wcs_rollout.ARGUMENTS, wcs_rollout.manage)
        self.draining(600)
        usual = {"min_size": 2, "max_size": size + 2, "desired_capacity": size, "health_check_grace_period": 60}
        self.options = self.stage.options(**usual | more)
        self.stage.bench.run(**self.options)
        lab.run(70)

    def draining(self, seconds: int | None) -> None:
        """Sets the balancer's connection draining; None: off."""
        given = {"Enabled": False} if seconds is None else {"Enabled": True, "Timeout": seconds}
        self.aws("elb").modify_load_balancer_attributes(
            LoadBalancerName="wcs", LoadBalancerAttributes={"ConnectionDraining": given}
        )

    def version(self, **launch: Any) -> None:
        """Makes a new version of the template that a rollout is to bring."""
        launch = self.stage.launch(apply="rollout", **launch)
        self.stage.bench.run(**self.options | {"launch": launch, "desired_capacity": None, "wait": False})

    def hold(self, instance_id: str, sessions: int | None) -> None:
        """Sets how many sessions an instance has, if it is still there; None: its page does not answer."""
        machine = self.lab.machines.machines.get(instance_id)  # type: ignore[attr-defined]
        if machine is not None:
            machine.sessions = sessions
            balancers(self.lab.region)["wcs"].connections[instance_id] = sessions or 0

    def ids(self) -> list[str]:
        """The members."""
        return sorted(one["InstanceId"] for one in self.stage.group()["Instances"])

    def in_service(self) -> list[str]:
        """Who takes new sessions."""
        rows = self.aws("elb").describe_instance_health(LoadBalancerName="wcs")["InstanceStates"]
        return sorted(one["InstanceId"] for one in rows if one["State"] == "InService")

    def traces(self) -> list[str]:
        """What steering left in tags, and what it left suspended."""
        group = self.stage.group()
        left = [tag["Key"] for tag in group["Tags"] if tag["Key"] == ROLLOUT]
        left += [one["ProcessName"] for one in group["SuspendedProcesses"]]
        rows = self.aws("ec2").describe_instances(Filters=[{"Name": "tag-key", "Values": [DRAINING]}])["Reservations"]
        alive = [one for row in rows for one in row["Instances"] if one["State"]["Name"] == "running"]
        return left + [one["InstanceId"] for one in alive]

    def when(self, seconds: float, action: Callable[[], None]) -> None:
        """Lets something happen later."""
        self.lab.later(seconds, action)


@contextmanager
def telling(lab: Lab) -> Iterator[None]:
    """Statistics pages that tell the sessions of the lab's imaginary machines, without a socket."""

    def read(jobs: Sequence[tuple[Node, Target | None]], how: How) -> list[Node]:
        return [page(node, how) for node, _ in jobs]

    def page(node: Node, how: How) -> Node:
        machine = lab.machines.machines.get(node.instance_id)  # type: ignore[attr-defined]
        if machine is None or machine.state != "running" or machine.sessions is None or not machine.health.ok:
            return replace(node, error="no answer")
        return with_page(node, f"connections_websocket={machine.sessions}".encode(), 1.0, "auto", how.counters)

    kept, _sessions_world.read_nodes = _sessions_world.read_nodes, read
    try:
        yield
    finally:
        _sessions_world.read_nodes = kept


@pytest.fixture
def pages(lab: Lab) -> Iterator[None]:
    """`telling` for a test."""
    with telling(lab):
        yield


__all__ = ["NAME", "SICK", "Steered", "pages", "telling"]
