# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group in AWS: the one place that asks for groups and for what they did, and reads the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.api import instances_by_id, volume_tags
from .._core.aws import Aws
from .._core.errors import Failure, Refusal
from .._core.plain import plain, snake_case
from .._launch.sources import source_of
from . import readiness as _readiness
from . import value as _value
from .bearers import Bearer
from .readiness import Activity
from .value import IN_UPDATE, Group, Member, Settings, Tag

DESCRIBE = "DescribeAutoScalingGroups"
GONE = ("ValidationError",)
"""A group that was there a moment ago has no activities any more."""


def describe(aws: Aws, name: str) -> dict[str, Any] | None:
    """The group as AWS answers; None where there is none of that name."""
    found = aws.pages("autoscaling", DESCRIBE, "AutoScalingGroups", AutoScalingGroupNames=[name])
    return dict(found[0]) if found else None


def read_all(aws: Aws) -> list[Group]:
    """All groups of the Region."""
    return list(map(from_aws, aws.pages("autoscaling", DESCRIBE, "AutoScalingGroups", MaxRecords=100)))


def describe_marked(aws: Aws, stack: str) -> list[dict[str, Any]]:
    """The groups that have the stack's tag, by name, as AWS answers."""
    filters = [{"Name": f"tag:{_tags.STACK}", "Values": [stack]}]
    found = aws.pages("autoscaling", DESCRIBE, "AutoScalingGroups", Filters=filters)
    return sorted(found, key=lambda raw: str(raw["AutoScalingGroupName"]))


def read_marked(aws: Aws, stack: str) -> list[Group]:
    """The groups that have the stack's tag, by name."""
    return list(map(from_aws, describe_marked(aws, stack)))


def read_others(aws: Aws, name: str | None, stack: str) -> list[Group]:
    """The groups of other names without the stack's tag, those that are being deleted aside."""
    groups = [group for group in read_all(aws) if group.name != name and not group.deleting]
    return [group for group in groups if not _tags.is_marked(group.plain_tags, stack)]


def naming_balancer(aws: Aws, balancer: str, stack: str) -> tuple[str, ...]:
    """The names of the groups that name the balancer and do not have the stack's tag."""
    return tuple(sorted(one.name for one in read_others(aws, None, stack) if balancer in one.balancers))


MEMBERS_A_CALL = 50


def members_of(aws: Aws, ids: Sequence[str]) -> frozenset[str]:
    """Those of the instances that a group has; many are not asked for 50 by 50."""
    if not ids:
        return frozenset()
    if len(ids) <= MEMBERS_A_CALL:
        operation, key = "DescribeAutoScalingInstances", "AutoScalingInstances"
        found = [one["InstanceId"] for one in aws.pages("autoscaling", operation, key, InstanceIds=list(ids))]
    else:
        found = [one.instance_id for group in read_all(aws) for one in group.members]
    return frozenset(found) & set(ids)


def read(aws: Aws, name: str) -> Group | None:
    """The group; None where there is none of that name."""
    raw = describe(aws, name)
    return None if raw is None else from_aws(raw)


def existing(aws: Aws, name: str) -> Group:
    """The group. Raises Failure where there is none of that name."""
    if (group := read(aws, name)) is None:
        reason = f"there is none of that name in {aws.region}"
        raise Failure(Refusal("find", "group", name, reason, "Correct O(group_name) or the Region"))
    return group


def describe_activities(aws: Aws, name: str, most: int = 100) -> list[dict[str, Any]]:
    """The group's newest activities as AWS answers, the newest first; [] where there is no such group."""
    return aws.pages(
        "autoscaling",
        "DescribeScalingActivities",
        "Activities",
        missing=GONE,
        enough=most,
        AutoScalingGroupName=name,
        MaxRecords=most,
    )


def read_activities(aws: Aws, name: str, most: int = 100) -> tuple[Activity, ...]:
    """The group's newest activities, the newest first."""
    return tuple(map(_readiness.from_aws, describe_activities(aws, name, most)))


def read_bearers(aws: Aws, ids: Sequence[str]) -> tuple[Bearer, ...]:
    """The members, with the volumes that live and end with them or have our tag."""
    instances = instances_by_id(aws, ids)
    return (
        *(Bearer(one, "instance", instance.tags) for one, instance in sorted(instances.items())),
        *(Bearer(one, "volume", tags) for one, tags in sorted(volume_tags(aws, instances.values()).items())),
    )


def from_aws(raw: Mapping[str, Any]) -> Group:
    """The group of DescribeAutoScalingGroups."""
    mixed = raw.get("MixedInstancesPolicy") or {}
    spec = (mixed.get("LaunchTemplate") or {}).get("LaunchTemplateSpecification")
    members = sorted(raw.get("Instances") or (), key=lambda one: str(one["InstanceId"]))
    return Group(
        raw["AutoScalingGroupName"],
        raw.get("AutoScalingGroupARN") or "",
        settings_from_aws(raw),
        source=source_of({"LaunchTemplate": spec} if spec else raw),
        members=tuple(map(member_from_aws, members)),
        tags=tags_from_aws(raw.get("Tags") or ()),
        zones=tuple(sorted(raw.get("AvailabilityZones") or ())),
        deleting=bool(raw.get("Status")),
        mixed=bool(mixed),
        weighted=_weighted(raw),
        foreign=_foreign(raw),
    )


def _weighted(raw: Mapping[str, Any]) -> bool:
    types = ((raw.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}).get("Overrides") or ()
    return any(one.get("WeightedCapacity") not in (None, "1") for one in (*types, *(raw.get("Instances") or ())))


MANAGED = {
    *IN_UPDATE.values(),
    *("AutoScalingGroupName", "AutoScalingGroupARN", "AvailabilityZones", "CreatedTime", "Status", "Tags", "Instances"),
    *("LaunchTemplate", "LaunchConfigurationName", "LoadBalancerNames", "EnabledMetrics", "SuspendedProcesses"),
}
"""What an answer says that is managed, or no setting."""


NAMES = {"WarmPoolConfiguration": "warm_pool"}


def _foreign(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is left over: shown and left alone. AWS names Classic balancers twice."""
    left = {key: value for key, value in raw.items() if key not in MANAGED}
    left |= {"TrafficSources": [one for one in raw.get("TrafficSources") or () if one.get("Type") != "elb"]}
    given = {key: value for key, value in sorted(left.items()) if value not in (None, False, "", [], {})}
    return {NAMES.get(key, snake_case(key)): plain(value) for key, value in given.items()}


def settings_from_aws(raw: Mapping[str, Any]) -> Settings:
    """The settings in an answer."""
    settings: dict[str, Any] = {name: _value.from_aws(name, raw.get(key)) for name, key in IN_UPDATE.items()}
    return Settings(
        **settings,
        load_balancers=tuple(sorted(raw.get("LoadBalancerNames") or ())),
        metrics_collection=_each(raw.get("EnabledMetrics"), "Metric"),
        suspended_processes=_each(raw.get("SuspendedProcesses"), "ProcessName"),
    )


def _each(items: Sequence[Mapping[str, Any]] | None, key: str) -> tuple[str, ...]:
    return tuple(sorted(item[key] for item in items or () if item.get(key)))


def tags_from_aws(raw: Sequence[Mapping[str, Any]]) -> dict[str, Tag]:
    """The tags in an answer, by key."""
    named = [tag for tag in raw if tag.get("Key")]
    return {tag["Key"]: Tag(tag.get("Value") or "", bool(tag.get("PropagateAtLaunch"))) for tag in named}


def member_from_aws(raw: Mapping[str, Any]) -> Member:
    """The member in an answer."""
    return Member(
        raw["InstanceId"],
        raw.get("AvailabilityZone") or "",
        raw["LifecycleState"],
        raw.get("HealthStatus") or "Healthy",
        bool(raw.get("ProtectedFromScaleIn")),
        source_of(raw),
        instance_type=raw.get("InstanceType"),
    )
