# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack in AWS: how it is read as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._balancer import api as _balancers
from .._core import api as _ec2
from .._core import tags as _tags
from .._core.aws import Aws
from .._group import api as _groups
from .._launch import api as _launches
from .._scaling import api as _scaling
from .notices import launched_by, source
from .value import Stack, is_alarm_of, is_configuration_of, snake, unused

ALIVE = ("pending", "running", "stopping", "stopped", "shutting-down")
ACTIVITIES = 20
OWN: dict[str, Any] = {"Owners": ["self"]}


def read_stack(aws: Aws, name: str, regions: Sequence[str] = ()) -> Stack:
    """Everything of the stack in the main Region, and its images and snapshots in the other `regions`, too."""
    group = read_group(aws, name)
    policies = _of_group(aws, group, _scaling.describe_policies)
    images = _regional(regions, lambda region: _ec2.describe(aws, "image", [_mark(name)], region=region, **OWN))
    snapshots = _regional(regions, lambda region: _ec2.snapshots(aws, [_mark(name)], region=region))
    return Stack(
        name=name,
        load_balancer=read_balancer(aws, name),
        group=group,
        launch_templates=_tagged(snake(_launches.describe_templates(aws, [_mark(name)]))),
        launch_template_versions=_versions(aws, name),
        launch_configurations=_configurations(aws, name),
        scaling_policies=policies,
        alarms=_alarms(aws, name, policies),
        lifecycle_hooks=_of_group(aws, group, _scaling.describe_hooks),
        scheduled_actions=_of_group(aws, group, _scaling.describe_schedules),
        activities=_of_group(aws, group, lambda aws, name: _groups.describe_activities(aws, name, ACTIVITIES)),
        instances=_instances(aws, name),
        images=images,
        snapshots=_with_users(aws, images, snapshots),
        security_groups=_tagged(snake(_ec2.describe(aws, "security group", [_mark(name)]))),
        network_interfaces=list(snake(_ec2.interfaces(aws, f"ELB {name}"))),
    )


def _mark(name: str) -> dict[str, Any]:
    return {"Name": f"tag:{_tags.STACK}", "Values": [name]}


def _tagged(items: Sequence[Any], region: str | None = None) -> list[Any]:
    return [{"tags": {}, **item, **({"region": region} if region else {})} for item in items]


def _regional(regions: Sequence[str], read: Callable[[str | None], Sequence[Any]]) -> list[Any]:
    return [item for region in (None, *regions) for item in _tagged(snake(read(region)), region)]


def _with_users(aws: Aws, images: Sequence[Any], snapshots: Sequence[Any]) -> list[Any]:
    """The snapshots; those of no image of the stack with the images of the account that use them all the same."""
    lone = unused(images, snapshots)
    users: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for region in dict.fromkeys(item.get("region") for item in lone):
        ids = [item["snapshot_id"] for item in lone if item.get("region") == region]
        found = _ec2.images_of_snapshots(aws, ids, region=region)
        users |= {(region, snapshot): by for snapshot, by in found.items()}
    named = [(item, users.get((item.get("region"), item["snapshot_id"]))) for item in snapshots]
    return [{**item, "used_by": list(by)} if by else item for item, by in named]


def read_balancer(aws: Aws, name: str) -> Any:
    """The stack's balancer with `instance_states`; None where there is none of that name with our mark."""
    balancer = _balancers.describe(aws, name)
    tags = _balancers.describe_tags(aws, name) if balancer else None
    if balancer is None or tags is None or _tags.STACK not in _tags.from_aws(tags):
        return None
    health = _balancers.read_health(aws, name) or {}
    states = [{"instance_id": one, **vars(said)} for one, said in health.items()]
    return {**snake(balancer), "instance_states": states}


def read_group(aws: Aws, name: str) -> Any:
    """The stack's group; None where there is none of that name with our mark."""
    group = _groups.describe(aws, name)
    ours = group is not None and _tags.STACK in _tags.from_aws(group.get("Tags"))
    return {"instances": [], **snake(group)} if ours else None


def read_likeness(aws: Aws, group: Any) -> dict[str, str]:
    """By version of the group's template, the first that differs by tags alone; {} where all run the group's own."""
    template, versions = source(group), {launched_by(one) for one in group["instances"]}
    if not template or versions <= {launched_by(group)}:
        return {}
    named = (template.get("launch_template_name"), template.get("launch_template_id"))
    return _launches.likeness(_launches.describe_versions(aws, *named))


def _of_group(aws: Aws, group: Any, describe: Callable[[Aws, str], Sequence[Any]]) -> list[Any]:
    return [] if group is None else list(snake(describe(aws, group["auto_scaling_group_name"])))


def _versions(aws: Aws, name: str) -> list[Any]:
    versions = _launches.describe_versions(aws, name)
    for version in versions:
        version.get("LaunchTemplateData", {}).pop("UserData", None)
    return list(snake(versions))


def _configurations(aws: Aws, name: str) -> list[Any]:
    found = _launches.describe_configurations(aws)
    ours = [item for item in found if is_configuration_of(name, item["LaunchConfigurationName"])]
    for item in ours:
        item.pop("UserData", None)
    return list(snake(ours))


def _alarms(aws: Aws, name: str, policies: Sequence[Any]) -> list[Any]:
    """Ours, and those that policies name besides: target tracking's, which are AWS's, and a user's own."""
    named = {alarm["alarm_name"] for policy in policies for alarm in policy.get("alarms", ())}
    others = sorted(alarm for alarm in named if not is_alarm_of(name, alarm))
    found = _scaling.describe_alarms(aws, f"{name}:", others)
    return [snake(item) for item in found if is_alarm_of(name, item["AlarmName"]) or item["AlarmName"] in named]


def _instances(aws: Aws, name: str) -> list[Any]:
    alive = {"Name": "instance-state-name", "Values": list(ALIVE)}
    return _tagged([snake(one) for one in _ec2.instances(aws, [_mark(name), alive]).values()])
