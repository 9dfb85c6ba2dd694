# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack in AWS: how it is read as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .._balancer import api as _balancers
from .._core import api as _ec2
from .._core import tags as _tags
from .._core.aws import Aws
from .._core.errors import Failure
from .._group import api as _groups
from .._launch import api as _launches
from .._node_profile import api as _node_profiles
from .._node_profile.value import name_of
from .._scaling import api as _scaling
from .notices import launched_by, source
from .value import Stack, balancer_in_use, group_in_use, is_alarm_of, is_configuration_of, snake, unused

NOT_GONE = ("pending", "running", "stopping", "stopped", "shutting-down")
ACTIVITIES = 20
OWN: dict[str, Any] = {"Owners": ["self"]}


def read_stack(aws: Aws, name: str, regions: Sequence[str] = ()) -> Stack:
    """Everything of the stack in the main Region, and its images and snapshots in the other `regions`, too."""
    used = read_used(aws, name)
    group, groups, balancer = used.group, used.groups, used.load_balancer
    templates = _tagged(snake(_launches.describe_templates(aws, [_mark(name)])))
    names = replace(used, launch_templates=templates).group_names
    policies = _of_groups(aws, groups, _scaling.describe_policies)
    images = _regional(regions, lambda region: _ec2.describe(aws, "image", [_mark(name)], region=region, **OWN))
    snapshots = _regional(regions, lambda region: _ec2.snapshots(aws, [_mark(name)], region=region))
    return replace(
        used,
        load_balancer=balancer and with_health(aws, balancer),
        launch_templates=templates,
        launch_template_versions=_versions(aws, group["auto_scaling_group_name"] if group else name),
        launch_configurations=_configurations(aws, names),
        scaling_policies=policies,
        alarms=_alarms(aws, names, policies),
        lifecycle_hooks=_of_groups(aws, groups, _scaling.describe_hooks),
        scheduled_actions=_of_groups(aws, groups, _scaling.describe_schedules),
        activities=_of_groups(aws, [group] if group else [], _activities),
        instances=_instances(aws, name),
        images=images,
        snapshots=_with_users(aws, images, snapshots),
        security_groups=_tagged(snake(_ec2.describe(aws, "security group", [_mark(name)]))),
        network_interfaces=_interfaces(aws, name, [one["load_balancer_name"] for one in used.load_balancers]),
        **_node_profile(aws, name),
    )


def _mark(name: str) -> dict[str, Any]:
    return {"Name": f"tag:{_tags.STACK}", "Values": [name]}


def _tagged(items: Sequence[Any], region: str | None = None) -> list[Any]:
    return [{"tags": {}, **item, **({"region": region} if region else {})} for item in items]


def _regional(regions: Sequence[str], read: Callable[[str | None], Sequence[Any]]) -> list[Any]:
    return [item for region in (None, *regions) for item in _tagged(snake(read(region)), region)]


def _node_profile(aws: Aws, stack: str) -> dict[str, Any]:
    """Role and instance profile of the nodes, as far as they have the stack's tag.

    Who has none of them needs no permission of IAM, and no way to it: then they are not known.
    """
    name = name_of(stack, aws.region)
    try:
        role, profile = _node_profiles.describe_role(aws, name), _node_profiles.describe_profile(aws, name)
    except Failure as failure:
        if failure.call.code not in NO_ACCESS:
            raise
        said = "cannot be reached" if failure.call.code == "Unreachable" else "is denied"
        why = f"{failure.call.service}:{failure.call.operation} {said}"
        return {"unread": [f"It is not known whether role and instance profile '{name}' exist: {why}."]}
    for one in (role or {}, *((profile or {}).get("Roles") or ())):
        one.pop("AssumeRolePolicyDocument", None)  # JSON, whose keys are no fields of AWS
    found = {"roles": role, "instance_profiles": profile}
    shown = {key: _tagged(snake([raw] if raw else [])) for key, raw in found.items()}
    return {key: [one for one in items if _tags.is_marked(one["tags"], stack)] for key, items in shown.items()}


NO_ACCESS = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Unreachable")
"""How AWS says that these credentials may not ask, and how it is said that there is no connection."""


def _with_users(aws: Aws, images: Sequence[Any], snapshots: Sequence[Any]) -> list[Any]:
    """The snapshots; those of no image of the stack with the images of the account that use them nevertheless."""
    lone = unused(images, snapshots)
    users: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for region in dict.fromkeys(item.get("region") for item in lone):
        ids = [item["snapshot_id"] for item in lone if item.get("region") == region]
        found = _ec2.images_of_snapshots(aws, ids, region=region)
        users |= {(region, snapshot): by for snapshot, by in found.items()}
    named = [(item, users.get((item.get("region"), item["snapshot_id"]))) for item in snapshots]
    return [{**item, "used_by": list(by)} if by else item for item, by in named]


def read_used(aws: Aws, name: str) -> Stack:
    """The groups and balancers that have the stack's tag, whatever they are called, and those of them in use."""
    groups = [{"instances": [], **snake(one)} for one in _groups.describe_marked(aws, name)]
    balancers = [snake(one) for one in _balancers.describe_marked(aws, name)]
    group = group_in_use(name, groups)
    balancer = balancer_in_use(name, balancers, group)
    return Stack(name, group=group, load_balancer=balancer, groups=groups, load_balancers=balancers)


def with_health(aws: Aws, balancer: Any) -> Any:
    """The balancer with `instance_states`."""
    health = _balancers.read_health(aws, balancer["load_balancer_name"]) or {}
    states = [{"instance_id": one, **vars(said)} for one, said in health.items()]
    return {**balancer, "instance_states": states}


def read_likeness(aws: Aws, group: Any) -> dict[str, str]:
    """By version of the group's template, the first that differs by tags alone; {} where all run the group's own."""
    template, versions = source(group), {launched_by(one) for one in group["instances"]}
    if not template or versions <= {launched_by(group)}:
        return {}
    named = (template.get("launch_template_name"), template.get("launch_template_id"))
    return _launches.likeness(_launches.describe_versions(aws, *named))


def _of_groups(aws: Aws, groups: Sequence[Any], describe: Callable[[Aws, str], Sequence[Any]]) -> list[Any]:
    return [item for group in groups for item in snake(describe(aws, group["auto_scaling_group_name"]))]


def _activities(aws: Aws, group: str) -> list[Any]:
    return _groups.describe_activities(aws, group, ACTIVITIES)


def _interfaces(aws: Aws, stack: str, balancers: Sequence[str]) -> list[Any]:
    """Those of the balancers, and of one of the stack's own name that is gone: somebody else's may have that name."""
    names = {*balancers, stack}
    if stack not in balancers:
        names -= _balancers.beside(aws, [stack], stack)
    return list(snake(_ec2.interfaces_by(aws, "description", [f"ELB {name}" for name in sorted(names)])))


def _versions(aws: Aws, name: str) -> list[Any]:
    versions = _launches.describe_versions(aws, name)
    for version in versions:
        version.get("LaunchTemplateData", {}).pop("UserData", None)
    return list(snake(versions))


def _configurations(aws: Aws, groups: Sequence[str]) -> list[Any]:
    found = _launches.describe_configurations(aws)
    ours = [one for one in found if any(is_configuration_of(name, one["LaunchConfigurationName"]) for name in groups)]
    for item in ours:
        item.pop("UserData", None)
    return list(snake(ours))


def _alarms(aws: Aws, groups: Sequence[str], policies: Sequence[Any]) -> list[Any]:
    """Ours, and those that policies name besides: target tracking's, which are AWS's, and a user's own."""

    def ours(alarm: str) -> bool:
        return any(is_alarm_of(name, alarm) for name in groups)

    named = {alarm["alarm_name"] for policy in policies for alarm in policy.get("alarms", ())}
    others = sorted(alarm for alarm in named if not ours(alarm))
    found = _scaling.describe_alarms(aws, [f"{name}:" for name in groups], others)
    return [snake(item) for item in found if ours(item["AlarmName"]) or item["AlarmName"] in named]


def _instances(aws: Aws, name: str) -> list[Any]:
    there = {"Name": "instance-state-name", "Values": list(NOT_GONE)}
    return _tagged(snake(_ec2.describe_instances(aws, [_mark(name), there])))
