# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people should know of a stack's group that its nodes do not show: work that is open, a source that is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.instances import RETAINED
from .._core.plain import Item
from .._core.tags import STACK
from .._group.journal import under_way
from .value import Stack


def notices(stack: Stack, source_there: bool) -> list[str]:
    """The notices, a clause each; `source_there`: whether what the group launches was found."""
    group, name = stack.group, stack.name
    gone = [source_gone(group)] if group and not source_there else []
    return [
        *gone,
        *(open_work(group) + kept(group) if group else []),
        *_seconds(name, "group", "auto_scaling_group_name", stack.groups, group),
        *_seconds(name, "load balancer", "load_balancer_name", stack.load_balancers, stack.load_balancer),
    ]


def _seconds(stack: str, thing: str, key: str, things: Sequence[Item], used: Item | None) -> list[str]:
    """That groups or balancers other than those in use have the stack's tag."""
    others = ", ".join(f"'{one[key]}'" for one in things if used and one[key] != used[key])
    if not used or not others:
        return []
    what = f"{thing} {others} is tagged {STACK}={stack} beside '{used[key]}', and a stack has one {thing}"
    return [f"{what}: remove what is not needed (state: absent), or run teardown, which removes all of it"]


def kept(group: Item) -> list[str]:
    """The members that AWS keeps though their end has begun: their termination hook was abandoned."""
    names = [one["instance_id"] for one in group.get("instances") or () if one.get("lifecycle_state") == RETAINED]
    if not names:
        return []
    who = f"{', '.join(sorted(names))} {'is' if len(names) == 1 else 'are'} {RETAINED}"
    why = "no session comes any more, and the machine costs until somebody terminates it"
    return [f"{who} in group '{group['auto_scaling_group_name']}': {why}"]


def open_work(group: Item) -> list[str]:
    """The rollout or drain that a run has begun on the group and not ended, and how to go on or take it back."""
    found = under_way(group["auto_scaling_group_name"], group.get("tags") or {})
    return [f"{found[0]}: {found[1]}"] if found else []


def source(group: Item) -> Item:
    """The launch template that the group names, with `launch_template_id` and `version`; {} where it names none."""
    policy = (group.get("mixed_instances_policy") or {}).get("launch_template") or {}
    return group.get("launch_template") or policy.get("launch_template_specification") or {}


def launched_by(thing: Mapping[str, Any]) -> str | None:
    """What a group launches, or an instance was launched by."""
    version = (thing.get("launch_template") or {}).get("version")
    return str(version) if version else thing.get("launch_configuration_name")


def source_gone(group: Item) -> str:
    """That what the group launches is not there any more."""
    template, configuration = source(group), group.get("launch_configuration_name")
    name = template.get("launch_template_name") or template.get("launch_template_id")
    what = f"launch template '{name}'" if template else f"launch configuration '{configuration}'"
    if template.get("version"):
        what += f" version {template['version']}"
    return f"{what} of group '{group['auto_scaling_group_name']}' is gone: no node can be launched. Run site to mend it"
