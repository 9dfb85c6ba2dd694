# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack as a whole: everything that has its name and tag, and which of it is orphaned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core import tags as _tags
from .._core.plain import Item, snake_case


@dataclass(frozen=True)
class Stack:
    """What AWS has of one stack, in AWS's fields with snake_case names.

    `load_balancers` and `groups` are all that have its tag, `load_balancer` and `group` those of them in use.
    `unread` are sentences about what could not be asked for.
    """

    name: str
    load_balancer: Item | None = None
    group: Item | None = None
    launch_templates: Sequence[Item] = ()
    launch_template_versions: Sequence[Item] = ()
    launch_configurations: Sequence[Item] = ()
    scaling_policies: Sequence[Item] = ()
    alarms: Sequence[Item] = ()
    lifecycle_hooks: Sequence[Item] = ()
    scheduled_actions: Sequence[Item] = ()
    activities: Sequence[Item] = ()
    instances: Sequence[Item] = ()
    images: Sequence[Item] = ()
    snapshots: Sequence[Item] = ()
    security_groups: Sequence[Item] = ()
    network_interfaces: Sequence[Item] = ()
    load_balancers: Sequence[Item] = ()
    groups: Sequence[Item] = ()
    roles: Sequence[Item] = ()
    instance_profiles: Sequence[Item] = ()
    unread: Sequence[str] = ()

    @property
    def members(self) -> frozenset[str]:
        """The ids of the groups' instances."""
        groups = self.groups or [self.group or {}]
        return frozenset(item["instance_id"] for group in groups for item in group.get("instances", ()))

    @property
    def group_names(self) -> list[str]:
        """What names of alarms and configurations, which have no tags, begin with: groups, templates, the stack."""
        templates = [item["launch_template_name"] for item in self.launch_templates]
        return sorted({self.name, *(item["auto_scaling_group_name"] for item in self.groups), *templates})

    @property
    def seed(self) -> Item | None:
        """The newest living instance that is the stack's seed, by its Name tag."""
        seeds = [item for item in self.instances if item["tags"].get("Name") == f"{self.name}-seed"]
        return max(seeds, key=lambda item: str(item.get("launch_time")), default=None)

    def show(self) -> dict[str, Any]:
        """The stack as plain data."""
        shown = {key: value for key, value in vars(self).items() if key != "name"}
        return {"name": self.name, **shown, "seed": self.seed}


def group_in_use(name: str, groups: Sequence[Item]) -> Item | None:
    """Of the groups that have the stack's tag the one that is not being deleted, best of the stack's own name."""
    return min(groups, key=lambda one: _rank(one, "auto_scaling_group_name", name), default=None)


def balancer_in_use(name: str, balancers: Sequence[Item], group: Item | None) -> Item | None:
    """Of the balancers that have the stack's tag the one that the group names, best of the stack's own name."""
    named = [one for one in balancers if one["load_balancer_name"] in (group or {}).get("load_balancer_names", ())]
    return min(named or balancers, key=lambda one: _rank(one, "load_balancer_name", name), default=None)


def _rank(one: Item, key: str, name: str) -> tuple[bool, bool, str]:
    return bool(one.get("status")), one[key] != name, str(one[key])


@dataclass(frozen=True)
class Leftover:
    """An orphaned resource."""

    kind: str
    id: str
    reason: str
    region: str | None = None

    def show(self) -> dict[str, Any]:
        """As plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class _Audit:
    stack: Stack
    found: list[Leftover] = field(default_factory=list)

    def note(self, kind: str, items: Sequence[Item], key: str, reason: str) -> None:
        self.found.extend(Leftover(kind, str(item[key]), reason, item.get("region")) for item in items)


def leftovers(stack: Stack) -> list[Leftover]:
    """What should not be there: things of the stack that nothing of the stack needs any more.

    Beside the group and the balancer in use: others that have the tag. Without a group: its templates, configurations,
    alarms and instances. Without a balancer: its network interfaces. Without an image: its snapshots. Without group,
    balancer and seed: images, security groups, and role and instance profile of the nodes, too.
    """
    audit = _Audit(stack)
    _note_others(audit, "group", stack.groups, stack.group, "auto_scaling_group_name")
    _note_others(audit, "load balancer", stack.load_balancers, stack.load_balancer, "load_balancer_name")
    if stack.group is None:
        gone = "its group is gone"
        audit.note("launch template", stack.launch_templates, "launch_template_name", gone)
        audit.note("launch configuration", stack.launch_configurations, "launch_configuration_name", gone)
        audit.note("scaling policy", stack.scaling_policies, "policy_name", gone)
        audit.note("alarm", stack.alarms, "alarm_name", gone)
        audit.note("instance", _without_seed(stack), "instance_id", gone)
    else:
        audit.note("alarm", _unowned_alarms(stack), "alarm_name", "its policy is gone")
        strangers = [item for item in _without_seed(stack) if item["instance_id"] not in stack.members]
        audit.note("instance", strangers, "instance_id", "it is no member of the group")
    if stack.load_balancer is None:
        audit.note("network interface", stack.network_interfaces, "network_interface_id", "its balancer is gone")
    audit.note("snapshot", _unowned_snapshots(stack), "snapshot_id", "its image is gone")
    if stack.group is None and stack.load_balancer is None and stack.seed is None:
        audit.note("image", stack.images, "image_id", "the stack is gone")
        audit.note("security group", stack.security_groups, "group_id", "the stack is gone")
        audit.note("role", stack.roles, "role_name", "the stack is gone")
        audit.note("instance profile", stack.instance_profiles, "instance_profile_name", "the stack is gone")
    elif stack.group is None and stack.load_balancer is None and stack.seed is not None:
        audit.note("seed", [stack.seed], "instance_id", "the stack is gone")
    return audit.found


def _note_others(audit: _Audit, kind: str, items: Sequence[Item], used: Item | None, key: str) -> None:
    others = [item for item in items if used is not None and item[key] != used[key]]
    audit.note(kind, others, key, f"the stack uses '{used[key]}'" if used else "")


def is_alarm_of(group: str, alarm: str) -> bool:
    """Whether an alarm's name is `<group>:<policy>:<out|in>`: alarms of ours have no tag, only this pattern."""
    return re.fullmatch(rf"{re.escape(group)}:[^:]+:(out|in)", alarm) is not None


def is_configuration_of(group: str, configuration: str) -> bool:
    """Whether a launch configuration's name is `<group>-<12 hex>`."""
    return re.fullmatch(rf"{re.escape(group)}-[0-9a-f]{{12}}", configuration) is not None


def _without_seed(stack: Stack) -> list[Item]:
    return [item for item in stack.instances if item["tags"].get("Name") != f"{stack.name}-seed"]


def _unowned_alarms(stack: Stack) -> list[Item]:
    policies = {
        (item.get("auto_scaling_group_name", stack.name), item["policy_name"]) for item in stack.scaling_policies
    }
    ours = [item for item in stack.alarms if any(is_alarm_of(name, item["alarm_name"]) for name in stack.group_names)]
    return [item for item in ours if tuple(item["alarm_name"].split(":")[:2]) not in policies]


def _unowned_snapshots(stack: Stack) -> list[Item]:
    """Those that an image outside the stack uses are not lost: AWS keeps them as long as it is there."""
    return [item for item in unused(stack.images, stack.snapshots) if not item.get("used_by")]


def unused(images: Sequence[Item], snapshots: Sequence[Item]) -> list[Item]:
    """The snapshots that none of the images uses."""
    used = {
        (image.get("region"), mapping["ebs"]["snapshot_id"])
        for image in images
        for mapping in image.get("block_device_mappings", ())
        if mapping.get("ebs", {}).get("snapshot_id")
    }
    return [item for item in snapshots if (item.get("region"), item["snapshot_id"]) not in used]


def snake(value: Any) -> Any:
    """AWS's answer with snake_case keys; tag lists become dictionaries, times become text."""
    if isinstance(value, Mapping):
        return {snake_case(str(key)): _tagged(key, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [snake(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _tagged(key: str, value: Any) -> Any:
    if key in ("Tags", "TagDescriptions") and isinstance(value, list):
        return _tags.from_aws(value)
    return snake(value)
