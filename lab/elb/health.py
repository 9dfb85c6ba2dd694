# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Classic Load Balancer thinks of an instance: health checks counted, states and their descriptions. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

REGISTERING = "Instance registration is still in progress."
FAILED = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
NOT_YET = "Instance has not passed the configured HealthyThreshold number of health checks consecutively."
WRONG_ZONE = "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to."
NOT_REGISTERED = "Instance is not currently registered with the LoadBalancer."
DEREGISTERING = "Instance deregistration currently in progress."


@dataclass(frozen=True)
class HealthCheck:
    """A balancer's health check; times in seconds. The defaults are AWS's."""

    protocol: str = "TCP"
    port: int = 80
    path: str = ""
    interval: int = 30
    timeout: int = 5
    unhealthy_threshold: int = 2
    healthy_threshold: int = 10

    @property
    def target(self) -> str:
        """`HTTP:8081/?action=stat`, as AWS writes it."""
        return f"{self.protocol}:{self.port}{self.path}"


@dataclass(frozen=True)
class Verdict:
    """What the checks of one instance have shown so far; `streak` counts the answers against the present standing."""

    standing: Literal["new", "healthy", "unhealthy"] = "new"
    streak: int = 0


@dataclass(frozen=True)
class State:
    """One row of DescribeInstanceHealth."""

    state: str
    reason: str
    description: str

    @property
    def in_service(self) -> bool:
        """Whether new connections go there (a deregistering instance reads InService, too, with a description)."""
        return self.state == "InService" and self.description == "N/A"


IN_SERVICE = State("InService", "N/A", "N/A")


def observe(verdict: Verdict, ok: bool, check: HealthCheck) -> Verdict:
    """The verdict after one more check.

    A new instance joins on its first success; the healthy threshold counts for the way back
    (Classic Load Balancer guide, register or deregister EC2 instances).
    """
    if verdict.standing == "new":
        if ok:
            return Verdict("healthy")
        streak = verdict.streak + 1
        return Verdict("unhealthy") if streak >= check.unhealthy_threshold else replace(verdict, streak=streak)
    if ok == (verdict.standing == "healthy"):
        return replace(verdict, streak=0)
    streak = verdict.streak + 1
    if ok:
        return Verdict("healthy") if streak >= check.healthy_threshold else replace(verdict, streak=streak)
    return Verdict("unhealthy") if streak >= check.unhealthy_threshold else replace(verdict, streak=streak)


def registered(verdict: Verdict, machine: str, zone_served: bool) -> State:
    """The state of a registered instance whose EC2 state is `machine`."""
    if machine != "running":
        return State("OutOfService", "Instance", f"Instance is in {machine} state.")
    if not zone_served:
        return State("OutOfService", "ELB", WRONG_ZONE)
    if verdict.standing == "healthy":
        return IN_SERVICE
    if verdict.standing == "new":
        return State("OutOfService", "ELB", REGISTERING)
    return State("OutOfService", "Instance", NOT_YET if verdict.streak else FAILED)


def leaving(draining: bool) -> State:
    """The state of an instance that was deregistered: still draining, or gone."""
    if draining:
        return State("InService", "N/A", DEREGISTERING)
    return State("OutOfService", "Instance", NOT_REGISTERED)
