# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack in AWS: how it is read as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core import tags as _tags
from .._core.aws import Aws
from .value import Stack, is_alarm_of, is_configuration_of, snake

ALIVE = ("pending", "running", "stopping", "stopped", "shutting-down")
ACTIVITIES = 20
ALARM_NAMES = 100
"""The most that AWS takes in one call."""


def read_stack(aws: Aws, name: str, regions: Sequence[str] = ()) -> Stack:
    """Everything of the stack in the main Region, and its images and snapshots in the other `regions`, too."""
    group = read_group(aws, name)
    policies = _of_group(aws, group, "DescribePolicies", "ScalingPolicies")
    return Stack(
        name=name,
        load_balancer=read_balancer(aws, name),
        group=group,
        launch_templates=_templates(aws, name),
        launch_template_versions=_versions(aws, name),
        launch_configurations=_configurations(aws, name),
        scaling_policies=policies,
        alarms=_alarms(aws, name, policies),
        lifecycle_hooks=_of_group(aws, group, "DescribeLifecycleHooks", "LifecycleHooks"),
        scheduled_actions=_of_group(aws, group, "DescribeScheduledActions", "ScheduledUpdateGroupActions"),
        activities=_activities(aws, group),
        instances=_instances(aws, name),
        images=_regional(aws, "DescribeImages", "Images", name, regions, Owners=["self"]),
        snapshots=_regional(aws, "DescribeSnapshots", "Snapshots", name, regions, OwnerIds=["self"]),
        security_groups=_marked(aws, "DescribeSecurityGroups", "SecurityGroups", name),
        network_interfaces=_interfaces(aws, name),
    )


def _mark(name: str) -> dict[str, Any]:
    return {"Name": f"tag:{_tags.STACK}", "Values": [name]}


def _marked(aws: Aws, operation: str, key: str, name: str, region: str | None = None, **args: Any) -> list[Any]:
    items = snake(aws.pages("ec2", operation, key, region=region, Filters=[_mark(name)], **args))
    return [{"tags": {}, **item, **({"region": region} if region else {})} for item in items]


def _regional(aws: Aws, operation: str, key: str, name: str, regions: Sequence[str], **args: Any) -> list[Any]:
    return [item for region in (None, *regions) for item in _marked(aws, operation, key, name, region=region, **args)]


def read_balancer(aws: Aws, name: str) -> Any:
    """The stack's balancer with `instance_states`; None where there is none of that name with our mark."""
    missing = ("LoadBalancerNotFound", "AccessPointNotFound")
    found = aws.pages(
        "elb", "DescribeLoadBalancers", "LoadBalancerDescriptions", missing=missing, LoadBalancerNames=[name]
    )
    if not found:
        return None
    tags = aws.read("elb", "DescribeTags", missing=missing, LoadBalancerNames=[name])
    if tags is None or _tags.STACK not in _tags.from_aws(tags["TagDescriptions"][0]["Tags"]):
        return None
    balancer = snake(found[0])
    health = aws.read("elb", "DescribeInstanceHealth", missing=missing, LoadBalancerName=name) or {}
    return {**balancer, "instance_states": snake(health.get("InstanceStates", []))}


def read_group(aws: Aws, name: str) -> Any:
    """The stack's group; None where there is none of that name with our mark."""
    found = aws.pages("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", AutoScalingGroupNames=[name])
    groups = [group for group in found if _is_ours(group)]
    return {"instances": [], **snake(groups[0])} if groups else None


def _is_ours(thing: Any) -> bool:
    return _tags.STACK in _tags.from_aws(thing.get("Tags"))


def _of_group(aws: Aws, group: Any, operation: str, key: str) -> list[Any]:
    if group is None:
        return []
    return list(snake(aws.pages("autoscaling", operation, key, AutoScalingGroupName=group["auto_scaling_group_name"])))


def _activities(aws: Aws, group: Any) -> list[Any]:
    if group is None:
        return []
    found = aws.pages(
        "autoscaling",
        "DescribeScalingActivities",
        "Activities",
        enough=ACTIVITIES,
        AutoScalingGroupName=group["auto_scaling_group_name"],
        MaxRecords=ACTIVITIES,
    )
    return list(snake(found))


def _templates(aws: Aws, name: str) -> list[Any]:
    return _marked(aws, "DescribeLaunchTemplates", "LaunchTemplates", name)


def _versions(aws: Aws, name: str) -> list[Any]:
    missing = ("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateName.NotFound")
    versions = aws.pages(
        "ec2", "DescribeLaunchTemplateVersions", "LaunchTemplateVersions", missing=missing, LaunchTemplateName=name
    )
    for version in versions:
        version.get("LaunchTemplateData", {}).pop("UserData", None)
    return list(snake(versions))


def _configurations(aws: Aws, name: str) -> list[Any]:
    found = aws.pages("autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations")
    ours = [item for item in found if is_configuration_of(name, item["LaunchConfigurationName"])]
    for item in ours:
        item.pop("UserData", None)
    return list(snake(ours))


def _alarms(aws: Aws, name: str, policies: Sequence[Any]) -> list[Any]:
    """Ours, and those that policies name besides: target tracking's, which are AWS's, and a user's own."""
    found = aws.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNamePrefix=f"{name}:")
    named = {alarm["alarm_name"] for policy in policies for alarm in policy.get("alarms", ())}
    others = sorted(alarm for alarm in named if not is_alarm_of(name, alarm))
    for start in range(0, len(others), ALARM_NAMES):
        some = others[start : start + ALARM_NAMES]
        found += aws.pages("cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNames=some)
    return [snake(item) for item in found if is_alarm_of(name, item["AlarmName"]) or item["AlarmName"] in named]


def _instances(aws: Aws, name: str) -> list[Any]:
    filters = [_mark(name), {"Name": "instance-state-name", "Values": list(ALIVE)}]
    reservations = aws.pages("ec2", "DescribeInstances", "Reservations", Filters=filters)
    return [{"tags": {}, **snake(item)} for part in reservations for item in part["Instances"]]


def _interfaces(aws: Aws, name: str) -> list[Any]:
    filters = [{"Name": "description", "Values": [f"ELB {name}"]}]
    return list(snake(aws.pages("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters)))
