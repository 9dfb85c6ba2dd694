# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a write call or a wait makes of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .._balancer.health import WELL
from .._core import tags as _tags
from .._core.step import LATER, Ref, Step, Wait
from .._group import bearers as _bearers
from .._group import calls as _group_calls
from .._group.bearers import Bearer
from .._group.value import Group, Member
from .._launch import sources as _sources
from .._scaling import alarms as _alarms
from .._scaling import hooks as _hooks
from .._scaling import moves as _scaling
from .._scaling import schedules as _schedules
from .value import Fleet

Effect = Callable[[Fleet, Mapping[str, Any]], Fleet]
GONE = "gone"
OF_GROUP = ("policies", "hooks", "schedules")


def foresee(have: Fleet, step: Step) -> Fleet:
    """The fleet after the step; what AWS invents is LATER."""
    if step.service == "autoscaling" and step.operation in _group_calls.EFFECTS and have.group is not None:
        return replace(have, group=_group_calls.EFFECTS[step.operation](have.group, step.args))
    return EFFECTS[step.operation](have, step.args)


def settle(have: Fleet, wait: Wait) -> Fleet:
    """The fleet after the wait: gone, or with all members in service in the group and in every balancer."""
    group = have.group
    if group is None:
        return have
    if wait.subject[0] == GONE:
        emptied: dict[str, Any] = {name: None if getattr(have, name) is None else () for name in OF_GROUP}
        return replace(have, group=None, elsewhere=None, **emptied)
    return replace(have, group=_in_service(group), bearers=_with_new_volumes(have, group))


def _with_new_volumes(have: Fleet, group: Group) -> tuple[Bearer, ...] | None:
    """The bearers, with the volumes of members that the wait brings: as the version of the group tags them.

    Members that are launched have the group's own tags already.
    """
    source, template = have.source, have.template
    if have.bearers is None or source is None or template is None or not template.named_by(source):
        return have.bearers
    version, there = template.find(source.version), sum(not member.retained for member in group.members)
    if version is None or there >= group.desired:
        return have.bearers
    marks = _tags.marks(have.owner) if version.ours else {}
    return (*have.bearers, Bearer(LATER, "volume", {**(version.launch.volume_tags or {}), **marks}))


def _in_service(group: Group) -> Group:
    serving = [member for member in group.members if member.in_service][: group.desired]
    coming = group.desired - len(serving)
    protected = bool(group.settings.new_instances_protected_from_scale_in)
    new = [Member(LATER, protected=protected, source=group.source, instance_type=LATER) for _ in range(coming)]
    members = (*serving, *new)
    well = {member.instance_id: WELL for member in members}
    health = None if group.health is None else dict.fromkeys(group.settings.load_balancers or (), well)
    return replace(group, members=members, health=health)


def _tagged(operation: str) -> Effect:
    return lambda have, args: replace(
        have, bearers=None if have.bearers is None else _bearers.after(have.bearers, operation, args)
    )


def _template_made(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, template=_sources.with_template(args["LaunchTemplateName"], args))


def _version_made(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, template=have.template and _sources.with_version(have.template, args))


def _default_set(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    number = LATER if isinstance(args["DefaultVersion"], Ref) else args["DefaultVersion"]
    return replace(have, template=have.template and _sources.with_default(have.template, number))


def _versions_gone(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, template=have.template and _sources.without_versions(have.template, args["Versions"]))


def _configuration_made(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, configurations=(*have.configurations, _sources.with_configuration(args)))


def _configuration_gone(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    kept = tuple(one for one in have.configurations if one.name != args["LaunchConfigurationName"])
    return replace(have, configurations=kept)


def _group_made(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    hooks = sorted(map(_hooks.from_aws, args.get("LifecycleHookSpecificationList") or ()), key=lambda hook: hook.name)
    return replace(have, group=_group_calls.created(args), hooks=have.hooks if have.hooks is None else tuple(hooks))


def _policy_put(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, policies=_scaling.after_put(have.policies or (), args))


def _policy_gone(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    policies, alarms = _scaling.after_delete(have.name, have.policies or (), have.alarms, args["PolicyName"])
    return replace(have, policies=policies, alarms=alarms)


def _alarm_put(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, alarms=_alarms.after_put(have.alarms, args))


def _alarms_gone(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    kept = {name: alarm for name, alarm in have.alarms.items() if name not in args["AlarmNames"]}
    return replace(have, alarms=kept)


def _hooked(operation: str) -> Effect:
    return lambda have, args: replace(have, hooks=_hooks.after(have.hooks or (), operation, args))


def _scheduled(operation: str) -> Effect:
    return lambda have, args: replace(have, schedules=_schedules.after(have.schedules or (), operation, args))


def _registered(have: Fleet, args: Mapping[str, Any]) -> Fleet:
    return replace(have, forgetful=tuple(name for name in have.forgetful if name != args["LoadBalancerName"]))


EFFECTS: Mapping[str, Effect] = {
    "CreateLaunchTemplate": _template_made,
    "CreateLaunchTemplateVersion": _version_made,
    "CreateTags": _tagged("CreateTags"),
    "DeleteTags": _tagged("DeleteTags"),
    "ModifyLaunchTemplate": _default_set,
    "DeleteLaunchTemplateVersions": _versions_gone,
    "DeleteLaunchTemplate": lambda have, _: replace(have, template=None),
    "CreateLaunchConfiguration": _configuration_made,
    "DeleteLaunchConfiguration": _configuration_gone,
    "CreateAutoScalingGroup": _group_made,
    "RegisterInstancesWithLoadBalancer": _registered,
    "PutScalingPolicy": _policy_put,
    "DeletePolicy": _policy_gone,
    "PutMetricAlarm": _alarm_put,
    "DeleteAlarms": _alarms_gone,
    "PutLifecycleHook": _hooked("PutLifecycleHook"),
    "DeleteLifecycleHook": _hooked("DeleteLifecycleHook"),
    "PutScheduledUpdateGroupAction": _scheduled("PutScheduledUpdateGroupAction"),
    "DeleteScheduledAction": _scheduled("DeleteScheduledAction"),
}
"""The fleet after a write call that is not the group's own, by operation."""
