# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Auto Scaling group: its settings, its members and what the balancers say of them, and how settings change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from .._balancer.health import InstanceHealth
from .._core.instances import IDLE, RETAINED
from .._core.step import LATER
from .._launch.sources import LaunchSource
from . import journal as _journal
from .journal import Journal

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
COUNTED = ("InService", "Pending", "Standby", "Terminating", "Total")
METRICS = (
    *("GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity"),
    *(f"Group{state}{unit}" for unit in ("Instances", "Capacity") for state in COUNTED),
    *(f"WarmPool{state}Capacity" for state in ("Desired", "Warmed", "Pending", "Terminating", "Total")),
    *("GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity"),
)
TERMINATION_POLICIES = (
    "Default",
    "AllocationStrategy",
    "ClosestToNextInstanceHour",
    "NewestInstance",
    "OldestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
)
PROTECTIONS = ("none", "prevent_force_deletion", "prevent_all_deletion")
RETENTIONS = ("terminate", "retain")


@dataclass(frozen=True)
class Settings:
    """What a group is set to. None: as a want, left out; as what there is, not set."""

    min_size: int | None = None
    max_size: int | None = None
    desired_capacity: int | None = None
    subnets: tuple[str, ...] | None = None
    load_balancers: tuple[str, ...] | None = None
    health_check_type: str | None = None
    health_check_grace_period: int | None = None
    default_instance_warmup: int | None = None
    default_cooldown: int | None = None
    termination_policies: tuple[str, ...] | None = None
    new_instances_protected_from_scale_in: bool | None = None
    metrics_collection: tuple[str, ...] | None = None
    suspended_processes: tuple[str, ...] | None = None
    deletion_protection: str | None = None
    instance_lifecycle_policy: Mapping[str, str] | None = None


DEFAULTS = Settings(health_check_type="ELB", health_check_grace_period=300, new_instances_protected_from_scale_in=True)
"""Used only when the group is made; the rest is left to AWS."""

FROM_AWS = Settings(
    load_balancers=(),
    health_check_type="EC2",
    health_check_grace_period=0,
    new_instances_protected_from_scale_in=False,
    default_cooldown=300,
    termination_policies=("Default",),
    metrics_collection=(),
    suspended_processes=(),
    deletion_protection="none",
    instance_lifecycle_policy={"on_abandoned_termination": "terminate"},
)
"""What AWS sets where the create call says nothing."""

IN_UPDATE = {
    "min_size": "MinSize",
    "max_size": "MaxSize",
    "desired_capacity": "DesiredCapacity",
    "subnets": "VPCZoneIdentifier",
    "health_check_type": "HealthCheckType",
    "health_check_grace_period": "HealthCheckGracePeriod",
    "default_instance_warmup": "DefaultInstanceWarmup",
    "default_cooldown": "DefaultCooldown",
    "termination_policies": "TerminationPolicies",
    "new_instances_protected_from_scale_in": "NewInstancesProtectedFromScaleIn",
    "deletion_protection": "DeletionProtection",
    "instance_lifecycle_policy": "InstanceLifecyclePolicy",
}
"""What CreateAutoScalingGroup and UpdateAutoScalingGroup take; the others have calls of their own."""


@dataclass(frozen=True)
class Member:
    """An instance of the group."""

    instance_id: str
    zone: str = LATER
    state: str = "InService"
    health: str = "Healthy"
    protected: bool = False
    source: LaunchSource | None = None
    subnet: str | None = None
    instance_type: str | None = None

    @property
    def retained(self) -> bool:
        """Whether its end was abandoned and it was kept: it serves no more, and nothing becomes of it by itself."""
        return self.state == RETAINED

    @property
    def idle(self) -> bool:
        """Whether it runs beside those that the sizes of the group count."""
        return self.state in IDLE

    @property
    def in_service(self) -> bool:
        """Whether it counts as serving."""
        return self.state == "InService" and self.health == "Healthy"


@dataclass(frozen=True)
class Tag:
    """A tag of a group; `propagate`: new members get it, too."""

    value: str
    propagate: bool = True


@dataclass(frozen=True)
class Group:
    """A group as AWS has it.

    `health` is each balancer's verdict by instance id; None when it was not asked for. `asked` is the desired capacity
    that this run wrote last: what scaling makes of it afterwards is not undone. `weighted`: whether a node counts as
    more than one towards the sizes, or will when it is launched.
    """

    name: str
    arn: str
    settings: Settings
    source: LaunchSource | None = None
    members: tuple[Member, ...] = ()
    tags: Mapping[str, Tag] = field(default_factory=dict)
    health: Mapping[str, Mapping[str, InstanceHealth]] | None = None
    zones: tuple[str, ...] = ()
    deleting: bool = False
    mixed: bool = False
    weighted: bool = False
    foreign: Mapping[str, Any] = field(default_factory=dict)
    asked: int | None = None

    @property
    def desired(self) -> int:
        """The number of members that AWS aims at."""
        return self.settings.desired_capacity or 0

    @property
    def journal(self) -> Journal | None:
        """What a drain or a rollout under way has written down; what cannot be read is theirs to report."""
        try:
            return _journal.journal(self.plain_tags)
        except _journal.Unreadable:
            return None

    @property
    def steered(self) -> bool:
        """Whether a drain or a rollout is under way: until it ends, who serves is its own."""
        return self.journal is not None

    @property
    def rolling(self) -> bool:
        """Whether a rollout is under way: until it ends, sizes are its own."""
        return bool(self.journal and self.journal.rollout)

    @property
    def plain_tags(self) -> dict[str, str]:
        """The tags as a plain mapping."""
        return {key: tag.value for key, tag in self.tags.items()}

    @property
    def balancers(self) -> Sequence[str]:
        """The balancers that it is in."""
        return self.settings.load_balancers or ()

    def staying(self, want: Settings) -> Sequence[str]:
        """Those of them in which it is to stay."""
        return [name for name in self.balancers if want.load_balancers is None or name in want.load_balancers]

    def serving(self, balancer: str | None = None) -> list[Member]:
        """The members in service in the group, and in the balancer where one is named."""
        members = [member for member in self.members if member.in_service]
        if balancer is None:
            return members
        states = (self.health or {}).get(balancer, {})
        return [member for member in members if (one := states.get(member.instance_id)) and one.in_service]


def complete(have: Group | None, want: Settings) -> Settings:
    """The want without gaps. What stays None is not touched.

    A desired capacity that is left out is never written. While a rollout is under way, which puts sizes back at its
    end, neither is one that is given, nor the largest size.
    """
    base = DEFAULTS if have is None else have.settings
    merged = {
        item.name: getattr(want, item.name) if getattr(want, item.name) is not None else getattr(base, item.name)
        for item in fields(Settings)
    }
    if have is not None and have.rolling:
        return Settings(**{**merged, "desired_capacity": None, "max_size": None})
    return Settings(**{**merged, "desired_capacity": want.desired_capacity})


def desired_after(have: Settings, goal: Settings) -> int:
    """The desired capacity once sizes are set: as asked, else as it was within the new bounds (AWS moves it)."""
    low, high = goal.min_size or 0, goal.max_size if goal.max_size is not None else 1 << 31
    asked = have.desired_capacity if goal.desired_capacity is None else goal.desired_capacity
    return min(max(asked or 0, low), high)


def changes(have: Group, goal: Settings) -> dict[str, Any]:
    """The arguments of UpdateAutoScalingGroup by which the settings become the goal; {} when they are."""
    found = {}
    for name in IN_UPDATE:
        value = getattr(goal, name)
        if value is None or value == getattr(have.settings, name):
            continue
        if name == "desired_capacity" and value == have.asked:
            continue
        if name == "default_instance_warmup" and value == -1 and have.settings.default_instance_warmup is None:
            continue
        found[IN_UPDATE[name]] = to_aws(name, value)
    return found


def to_aws(name: str, value: Any) -> Any:
    """A setting in AWS's shape."""
    if name == "subnets":
        return ",".join(value)
    if name == "deletion_protection":
        return value.replace("_", "-")
    if name == "instance_lifecycle_policy":
        return {"RetentionTriggers": {"TerminateHookAbandon": value["on_abandoned_termination"]}}
    return list(value) if isinstance(value, tuple) else value


def from_aws(name: str, value: Any) -> Any:
    """A setting that CreateAutoScalingGroup and UpdateAutoScalingGroup take, as we have it; None: not set."""
    if name == "subnets":
        return tuple(sorted(filter(None, value.split(",")))) or None if value else None
    if name == "deletion_protection":
        return str(value or "none").replace("-", "_")
    if name == "instance_lifecycle_policy":
        action = ((value or {}).get("RetentionTriggers") or {}).get("TerminateHookAbandon")
        return {"on_abandoned_termination": action or "terminate"}
    return tuple(value) if isinstance(value, list) else value
