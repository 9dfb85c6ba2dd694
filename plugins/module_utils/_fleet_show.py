# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as it is shown: the managed fields under the names of their options, and what else there is to see."""

from __future__ import annotations

from typing import Any

from . import _alarms, _hooks, _launch, _scaling, _schedules, _tags
from ._fleet_value import Fleet, Want
from ._group import Group
from ._scaling import Policy


def show(have: Fleet) -> dict[str, Any] | None:
    """The managed fields under the names of their options; None when there is nothing."""
    if have.group is None and have.template is None and not have.configurations:
        return None
    return {
        "group": None if have.group is None else _show_group(have, have.group),
        "launch": _show_launch(have),
        "scaling_policies": [_scaling.show(have.name, policy, have.alarms) for policy in have.policies],
    }


def _show_group(have: Fleet, group: Group) -> dict[str, Any]:
    settings = {name: list(v) if isinstance(v, tuple) else v for name, v in vars(group.settings).items()}
    tags = {key: value for key, value in group.plain_tags.items() if not key.startswith((_tags.PREFIX, "aws:"))}
    return {
        "name": group.name,
        "arn": group.arn,
        **settings,
        "tags": dict(sorted(tags.items())),
        "lifecycle_hooks": _hooks.show(have.hooks),
        "scheduled_actions": _schedules.show(have.schedules),
        "foreign_settings": dict(group.foreign),
    }


def _show_launch(have: Fleet) -> dict[str, Any] | None:
    source, template = have.source, have.template
    launch = have.launch or (template.latest.launch if template else None)
    if launch is None:
        return None
    own = template is not None and source is not None and source.name == template.name
    return {
        "kind": source.kind if source else "template",
        "name": source.name if source else have.name,
        "version": source.version if source else None,
        "default_version": template.default.number if own and template else None,
        "latest_version": template.latest.number if own and template else None,
        **_launch.show(launch),
        "pending": _launch.show(template.latest.launch) if have.pending and template else None,
    }


def returned(have: Fleet, want: Want | None) -> dict[str, Any]:
    """What the module returns; what the want is not about was not read, and is null."""
    shown = describe(have)
    if want is None or shown["group"] is None:
        return shown
    unread = {"lifecycle_hooks": want.hooks is None, "scheduled_actions": want.schedules is None}
    group = {**shown["group"], **{key: None for key, missing in unread.items() if missing}}
    policies = None if want.policies is None else shown["scaling_policies"]
    return {**shown, "group": group, "scaling_policies": policies}


def describe(have: Fleet) -> dict[str, Any]:
    """The managed fields, and what else is to be seen of group and policies."""
    shown = show(have) or {"group": None, "launch": None, "scaling_policies": None}
    group = have.group
    if group is None:
        return shown
    members = [
        {
            "instance_id": member.instance_id,
            "availability_zone": member.zone,
            "lifecycle_state": member.state,
            "health_status": member.health,
            "protected_from_scale_in": member.protected,
            "launched_from": member.source.name if member.source else None,
            "version": member.source.version if member.source else None,
            "load_balancers": [
                {"name": name, "state": told[member.instance_id].state, "reason": told[member.instance_id].reason}
                for name, told in sorted((group.health or {}).items())
                if member.instance_id in told
            ],
        }
        for member in group.members
    ]
    policies = [
        {**policy, "alarms": _ringing(have, known)}
        for policy, known in zip(shown["scaling_policies"], have.policies, strict=True)
    ]
    return {**shown, "group": {**shown["group"], "instances": members}, "scaling_policies": policies}


def _ringing(have: Fleet, policy: Policy) -> list[dict[str, str]]:
    """The alarms that call the policy: ours, target tracking's own, which are AWS's, and those of others."""
    own = [name for name in sorted(have.alarms) if _alarms.policy_of(have.name, name) == policy.name]
    strange = "aws" if policy.type == "target_tracking" else "others"
    return [{"name": name, "managed_by": "webcallserver.aws"} for name in own] + [
        {"name": name, "managed_by": strange} for name in policy.alarms if name not in own
    ]
