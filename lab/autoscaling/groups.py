# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Auto Scaling group is: its settings, members, policies, hooks, schedules and activities."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from plugins.module_utils._forecast.decide import Capacity, ScalingRule, from_aws, warmup

from ..core import backends as state
from ..core.errors import Refused
from ..core.lab import Lab
from .activities import KEPT, Activity

PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)
ACTIVE = ("Pending", "Pending:Wait", "Pending:Proceed", "InService")  # what counts as capacity
LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
DEFAULT_COOLDOWN = 300


def new_id() -> str:
    """A UUID; the same ones each time in a lab with a seed."""
    return str(uuid.UUID(str(mock_random.uuid4())))


@dataclass
class Wait:
    """A lifecycle action that is waited for; times in AWS seconds. `result` is set when it is over."""

    hook: str
    token: str
    until: float
    latest: float
    heartbeat: int
    default: str
    result: str | None = None


@dataclass
class Member:
    """An instance in a group. `in_service_at` starts grace period and warm-up; `sick_by` found it unhealthy."""

    instance_id: str
    zone: str
    instance_type: str
    launched_at: float
    activity: Activity
    template: Mapping[str, str] | None = None
    configuration: str | None = None
    protected: bool = False
    lifecycle: str = "Pending"
    health: str = "Healthy"
    sick_by: str | None = None
    in_service_at: float | None = None
    scaled: bool = False  # launched by a scaling policy
    balancing: bool = False  # launched to make the zones even
    waits: list[Wait] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether it counts as capacity."""
        return self.lifecycle in ACTIVE

    def show(self, configurations: Container[str]) -> dict[str, Any]:
        """Its row in DescribeAutoScalingGroups; `configurations` are those that there still are."""
        shown: dict[str, Any] = {
            "InstanceId": self.instance_id,
            "InstanceType": self.instance_type,
            "AvailabilityZone": self.zone,
            "LifecycleState": self.lifecycle,
            "HealthStatus": self.health,
            "ProtectedFromScaleIn": self.protected,
        }
        if self.template is not None:
            shown["LaunchTemplate"] = dict(self.template)
        if self.configuration is not None and self.configuration in configurations:
            shown["LaunchConfigurationName"] = self.configuration
        return shown


@dataclass
class Policy:
    """A scaling policy; `given` are the parameters it was put with, `alarms` those AWS made for it."""

    name: str
    arn: str
    given: dict[str, Any]
    alarms: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """SimpleScaling, StepScaling or TargetTrackingScaling."""
        return self.rule.kind

    @property
    def rule(self) -> ScalingRule:
        """What it does when it is called."""
        return from_aws(self.given)


@dataclass(frozen=True)
class Round:
    """What policies made of the desired capacity in one round of alarms."""

    at: float = -1.0
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Scene:
    """What a tick sees of a Region: its EC2 instances by id, the time in AWS seconds and as a date."""

    lab: Lab
    now: float
    when: datetime
    instances: Mapping[str, Any]

    def machine(self, instance_id: str) -> str:
        """The EC2 state of an instance; "terminated" for one that is forgotten."""
        instance = self.instances.get(instance_id)
        return str(instance.state) if instance is not None else "terminated"


def scene(lab: Lab, region: str) -> Scene:
    """What is seen now."""
    return Scene(lab, lab.clock.now(), lab.clock.stamp(), state.instances(region))


@dataclass
class Group:
    """An Auto Scaling group. `settings` has AWS's names; `balancers` maps attached ones to their state in the group."""

    name: str
    arn: str
    region: str
    created: datetime
    settings: dict[str, Any]
    members: dict[str, Member] = field(default_factory=dict)
    balancers: dict[str, str] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    hooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    schedules: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    suspended: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    tags: dict[str, tuple[str, bool]] = field(default_factory=dict)
    deleting: bool = False
    why: str = ""  # what last changed the desired capacity: begins the cause of what follows
    details: Mapping[str, Any] = field(default_factory=dict)
    by_policy: bool = False
    replacing: int = 0  # unhealthy members taken out whose successor was not launched yet
    failures: int = 0
    launch_after: float = 0.0
    checked_at: float = 0.0
    cooldown: int | None = None  # seconds to wait once the activities of a simple policy are over
    cooldown_until: float = 0.0
    equilibrium_noted: bool = False
    round: Round = Round()

    def __getitem__(self, name: str) -> Any:
        return self.settings.get(name)

    @property
    def desired(self) -> int:
        """The desired capacity."""
        return int(self.settings["DesiredCapacity"])

    @property
    def active(self) -> list[Member]:
        """The members that count as capacity."""
        return [member for member in self.members.values() if member.active]

    @property
    def busy(self) -> bool:
        """Whether an activity is under way."""
        return any(member.activity.running for member in self.members.values())

    def runs(self, process: str) -> bool:
        """Whether a process is not suspended."""
        return process not in self.suspended

    def want(self, capacity: int, why: str, details: Mapping[str, Any] | None = None, by_policy: bool = False) -> None:
        """Sets the desired capacity; `why` is the sentence that begins the causes of what follows."""
        self.settings["DesiredCapacity"] = capacity
        self.why, self.details, self.by_policy = why, details or {}, by_policy
        self.launch_after, self.failures, self.equilibrium_noted = 0.0, 0, False

    def begin(self, description: str, cause: str, when: datetime, status: str = "InProgress") -> Activity:
        """Notes a new activity."""
        activity = Activity(new_id(), self.name, description, cause, when, status, details=self.details)
        self.activities.insert(0, activity)
        del self.activities[KEPT:]
        return activity

    def warmup(self, policy: Policy | None, member: Member) -> int:
        """Seconds that a member warms up in the eyes of a policy (None: of the group's metrics)."""
        common = self.settings.get("DefaultInstanceWarmup")
        rules = [one.rule for one in self.policies.values()]
        own = policy.rule if policy is not None else None
        return warmup(rules, own, member.scaled, common, int(self.settings["DefaultCooldown"]))

    def warming(self, now: float, policy: Policy | None = None) -> list[Member]:
        """The active members that are still warming up."""
        return [
            member
            for member in self.active
            if member.in_service_at is None or now < member.in_service_at + self.warmup(policy, member)
        ]

    def capacity(self, now: float, policy: Policy) -> Capacity:
        """What a policy counts from."""
        return Capacity(self.desired, len(self.active), len(self.warming(now, policy)))


def groups(region: str) -> dict[str, Group]:
    """The groups of a Region, by name; they are kept where moto would keep its own."""
    found: dict[str, Group] = state.backend("autoscaling", region).autoscaling_groups
    return found


def every_group() -> Iterator[Group]:
    """The groups of all Regions."""
    for backend in state.existing("autoscaling"):
        yield from list(backend.autoscaling_groups.values())


def counted(region: str, now: float) -> dict[str, str]:
    """Who counts for the metrics of which group: members in service and warm, by instance id."""
    found = {}
    for group in groups(region).values():
        warming = {member.instance_id for member in group.warming(now)}
        for member in group.members.values():
            if member.lifecycle == "InService" and member.instance_id not in warming:
                found[member.instance_id] = group.name
    return found


def forgotten(region: str) -> list[Activity]:
    """The activities of groups that were deleted, newest first."""
    kept: list[Activity] = state.backend("autoscaling", region).__dict__.setdefault("lab_forgotten", [])
    return kept


def find(region: str, name: str) -> Group:
    """The group of that name; refused with ValidationError."""
    group = groups(region).get(name)
    if group is None:
        raise Refused("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return group


def find_member(region: str, instance_id: str) -> tuple[Group, Member]:
    """The member with that id and its group; refused with ValidationError."""
    for group in groups(region).values():
        if instance_id in group.members:
            return group, group.members[instance_id]
    raise Refused(
        "ValidationError", f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
    )
