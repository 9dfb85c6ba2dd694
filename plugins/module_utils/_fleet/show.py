# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as it is shown: the managed fields under the names of their options, and what else there is to see."""

from __future__ import annotations

from typing import Any

from .._core import tags as _tags
from .._group.value import Group, Member
from .._launch import value as _launch
from .._scaling import alarms as _alarms
from .._scaling import hooks as _hooks
from .._scaling import policies as _policies
from .._scaling import schedules as _schedules
from .._scaling.policies import Policy
from .value import Fleet, FleetWant, beneath, complete, kept_in


def show(have: Fleet) -> dict[str, Any] | None:
    """The managed fields under the names of their options; None when there is nothing."""
    if have.group is None and have.template is None and not have.configurations:
        return None
    return {
        "group": None if have.group is None else _show_group(have, have.group),
        "launch": _show_launch(have),
        "scaling_policies": None
        if have.policies is None
        else [_policies.show(have.name, policy, have.alarms) for policy in have.policies],
    }


def _show_group(have: Fleet, group: Group) -> dict[str, Any]:
    settings = {name: list(v) if isinstance(v, tuple) else v for name, v in vars(group.settings).items()}
    tags = {key: value for key, value in group.plain_tags.items() if not key.startswith((_tags.PREFIX, "aws:"))}
    return {
        "name": group.name,
        "arn": group.arn,
        "stack": group.plain_tags.get(_tags.STACK),
        **settings,
        "tags": dict(sorted(tags.items())),
        "lifecycle_hooks": None if have.hooks is None else _hooks.show(have.hooks),
        "scheduled_actions": None if have.schedules is None else _schedules.show(have.schedules),
    }


def _show_launch(have: Fleet) -> dict[str, Any] | None:
    source, template = have.source, have.template
    launch = have.launch or (template.latest.launch if template else None)
    if launch is None:
        return None
    own = template is not None and template.named_by(source)
    return {
        "kind": source.kind if source else "template",
        "name": source.name if source else have.name,
        "version": source.version if source else None,
        "default_version": template.default.number if own and template else None,
        "latest_version": template.latest.number if own and template else None,
        **_launch.show(launch),
        "pending": _launch.show(template.latest.launch) if have.pending and template else None,
    }


def describe(have: Fleet, want: FleetWant | None = None) -> dict[str, Any]:
    """What the module returns: the managed fields, and what else is to be seen of group, launch and policies."""
    shown = show(have) or {"group": None, "launch": None, "scaling_policies": None}
    if have.group is None:
        return shown
    goal = complete(have, want)
    if shown["launch"] and goal and goal.launch:
        aim = kept_in(have, goal.launch)
        shown["launch"] = {**shown["launch"], "wanted_version": aim.version if aim else None}
    scheduled = have.scheduled if have.schedules is None else have.schedules
    group = {
        "scheduled_actions": None if scheduled is None else _schedules.show(scheduled),
        "availability_zones": list(have.group.zones),
        "foreign_settings": dict(have.group.foreign),
        "instances": [_show_member(have.group, member) for member in have.group.members],
    }
    pairs = zip(shown["scaling_policies"] or (), have.policies or (), strict=True)
    policies = [{**policy, "alarms": _ringing(have, known)} for policy, known in pairs]
    return {
        **shown,
        "group": {**shown["group"], **group},
        "scaling_policies": None if have.policies is None else policies,
    }


def warnings(have: Fleet, want: FleetWant | None) -> list[str]:
    """What the user should know of what was asked for and not done."""
    group = have.standing
    if want is None or group is None:
        return []
    over = _schedules.over(have.schedules or (), want.schedules or (), have.date)
    past = [f"Scheduled action '{one.name}' is not made: its start_time {one.start_time} has passed." for one in over]
    if not group.rolling:
        return past
    asked = {"max_size": want.settings.max_size, "desired_capacity": want.settings.desired_capacity}
    differing = [f"O({name})" for name, value in asked.items() if value not in (None, getattr(group.settings, name))]
    left = f"{' and '.join(differing)} of group '{have.name}' left alone: a rollout is under way"
    return [f"{left}, which restores sizes at its end. Run again when it has ended."] * bool(differing) + past


def notices(have: Fleet, want: FleetWant | None) -> list[str]:
    """That a rollout or drain is open that is not the want's own, and how to go on or take it back."""
    open_work = beneath(have, want)
    return [f"{open_work[0][0].upper()}{open_work[0][1:]}: {open_work[1]}."] if open_work else []


def _show_member(group: Group, member: Member) -> dict[str, Any]:
    verdicts = [(name, (group.health or {}).get(name, {})) for name in sorted(group.balancers)]
    source = member.source
    return {
        "instance_id": member.instance_id,
        "instance_type": member.instance_type,
        "availability_zone": member.zone,
        "lifecycle_state": member.state,
        "health_status": member.health,
        "protected_from_scale_in": member.protected,
        "launched_from": source.name if source else None,
        "version": source.version if source else None,
        "load_balancers": [
            {"name": name, "state": health.state, "reason": health.description}
            for name, states in verdicts
            if (health := states.get(member.instance_id))
        ],
    }


def _ringing(have: Fleet, policy: Policy) -> list[dict[str, str]]:
    """The alarms that call the policy: ours, target tracking's own, which are AWS's, and those of others."""
    own = [name for name in sorted(have.alarms) if _alarms.policy_of(have.name, name) == policy.name]
    strange = "aws" if policy.type == "target_tracking" else "others"
    return [{"name": name, "managed_by": "webcallserver.aws"} for name in own] + [
        {"name": name, "managed_by": strange} for name in policy.alarms if name not in own
    ]
