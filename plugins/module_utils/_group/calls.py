# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The write calls of an Auto Scaling group, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Step
from .._launch.sources import source_of
from .value import FROM_AWS, IN_UPDATE, Group, Settings, Tag, desired_after, from_aws, to_aws

BALANCERS_A_CALL = 10  # AttachLoadBalancers, DetachLoadBalancers
BUSY = ("ScalingActivityInProgress",)


def create(
    name: str, goal: Settings, source: Mapping[str, Any], tags: Mapping[str, str], hooks: list[dict[str, Any]]
) -> Step:
    """Makes the group with its hooks, tags and protection, so that the first members have them."""
    args: dict[str, Any] = {
        "AutoScalingGroupName": name,
        **source,
        "LoadBalancerNames": list(goal.load_balancers or ()),
        "LifecycleHookSpecificationList": hooks,
        "Tags": [_tag(name, key, Tag(tags[key])) for key in sorted(tags)],
        **{key: to_aws(item, value) for item, key in IN_UPDATE.items() if (value := getattr(goal, item)) is not None},
    }
    if args.get("DefaultInstanceWarmup") == -1:
        del args["DefaultInstanceWarmup"]
    return Step(
        "autoscaling",
        "CreateAutoScalingGroup",
        ("group", name),
        {key: value for key, value in args.items() if value not in (None, [])},
        exists=("AlreadyExists",),
        not_yet=("AlreadyExists~pending delete",),
        soon=SOURCE_UNSEEN,
    )


SOURCE_UNSEEN = (
    *("ValidationError~specified launch template", "ValidationError~specified version"),
    "ValidationError~IAM Instance Profile",
)
"""A template, version or instance profile made a moment ago that Auto Scaling does not see yet."""


def update(group: str, args: Mapping[str, Any]) -> Step:
    """Changes settings, and what the group launches. With a desired capacity a lost reply is not repeated."""
    return Step(
        "autoscaling",
        "UpdateAutoScalingGroup",
        ("group", group),
        {"AutoScalingGroupName": group, **args},
        lost="adopt" if "DesiredCapacity" in args else "repeat",
        not_yet=BUSY,
        soon=SOURCE_UNSEEN,
    )


def tag(group: str, tags: Mapping[str, Tag]) -> Step:
    """Writes these tags of the group."""
    return _step("CreateOrUpdateTags", group, {"Tags": [_tag(group, key, one) for key, one in tags.items()]})


def untag(group: str, keys: Iterable[str]) -> Step:
    """Removes these tags of the group."""
    tags = [{"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key} for key in keys]
    return _step("DeleteTags", group, {"Tags": tags})


def suspend(group: str, processes: Iterable[str]) -> Step:
    """Suspends processes of the group."""
    return _processes("SuspendProcesses", group, processes)


def resume(group: str, processes: Iterable[str]) -> Step:
    """Resumes processes of the group."""
    return _processes("ResumeProcesses", group, processes)


def _processes(operation: str, group: str, processes: Iterable[str]) -> Step:
    return _step(operation, group, {"AutoScalingGroupName": group, "ScalingProcesses": sorted(processes)})


def delete(group: Group) -> Step:
    """Removes the group and terminates its members."""
    return Step(
        "autoscaling",
        "DeleteAutoScalingGroup",
        ("group", group.name),
        {"AutoScalingGroupName": group.name, "ForceDelete": True},
        lost="repeat",
        gone=("ValidationError~not found",),
        not_yet=(*BUSY, "ResourceInUse"),
    )


def tagging(group: Group, want: Mapping[str, str] | None, purge: bool, own: Mapping[str, str]) -> list[Step]:
    """The steps by which the tags become what is wanted. A tag that is there keeps whether new members get it."""
    have = group.plain_tags
    aim = _tags.aimed(have, want, purge, own)
    steps = []
    if added := _tags.added(have, aim):
        flags = {key: group.tags[key].propagate if key in group.tags else True for key in added}
        steps.append(tag(group.name, {key: Tag(value, flags[key]) for key, value in added.items()}))
    if gone := _tags.removed(have, aim):
        steps.append(untag(group.name, gone))
    return steps


def joining(group: Group, goal: Settings) -> list[Step]:
    """The steps by which the group joins balancers, ten a call."""
    return _balancing("AttachLoadBalancers", group, set(goal.load_balancers or ()) - set(group.balancers))


def leaving(group: Group, goal: Settings) -> list[Step]:
    """The steps by which the group leaves balancers, ten a call."""
    return _balancing("DetachLoadBalancers", group, set(group.balancers) - set(group.staying(goal)))


def _balancing(operation: str, group: Group, names: Collection[str]) -> list[Step]:
    parts = [sorted(names)[at : at + BALANCERS_A_CALL] for at in range(0, len(names), BALANCERS_A_CALL)]
    return [
        _step(
            operation, group.name, {"AutoScalingGroupName": group.name, "LoadBalancerNames": part}, gone="not part of"
        )
        for part in parts
    ]


def register(balancer: str, ids: Iterable[str]) -> Step:
    """Registers members with a balancer that does not know them."""
    args = {"LoadBalancerName": balancer, "Instances": [{"InstanceId": one} for one in ids]}
    return Step("elb", "RegisterInstancesWithLoadBalancer", ("load balancer", balancer), args, lost="repeat")


def switching(group: Group, goal: Settings) -> list[Step]:
    """The steps by which processes are suspended and resumed and group metrics switched on and off.

    What a drain or rollout under way suspended is not resumed: it does that itself.
    """
    name = {"AutoScalingGroupName": group.name}
    steps = []
    if goal.suspended_processes is not None:
        have, aim = set(group.settings.suspended_processes or ()), set(goal.suspended_processes)
        aim |= have & (group.journal.suspended if group.journal else frozenset())
        if aim - have:
            steps.append(suspend(group.name, aim - have))
        if have - aim:
            steps.append(resume(group.name, have - aim))
    if goal.metrics_collection is not None:
        have, aim = set(group.settings.metrics_collection or ()), set(goal.metrics_collection)
        if aim - have:
            args = {**name, "Granularity": "1Minute", "Metrics": sorted(aim - have)}
            steps.append(_step("EnableMetricsCollection", group.name, args))
        if have - aim:
            steps.append(_step("DisableMetricsCollection", group.name, {**name, "Metrics": sorted(have - aim)}))
    return steps


def _step(operation: str, name: str, args: Mapping[str, Any], gone: str = "") -> Step:
    codes = (f"ValidationError~{gone}",) if gone else ()
    return Step("autoscaling", operation, ("group", name), args, lost="repeat", gone=codes)


def _tag(group: str, key: str, tag: Tag) -> dict[str, Any]:
    return {
        "ResourceId": group,
        "ResourceType": "auto-scaling-group",
        "Key": key,
        "Value": tag.value,
        "PropagateAtLaunch": tag.propagate,
    }


# What a step leads to


def created(args: Mapping[str, Any]) -> Group:
    """The group that CreateAutoScalingGroup makes."""
    given = {name: from_aws(name, args[key]) for name, key in IN_UPDATE.items() if key in args}
    settings = replace(FROM_AWS, **given, load_balancers=tuple(args.get("LoadBalancerNames") or ()))
    settings = replace(settings, desired_capacity=desired_after(settings, settings))
    return Group(
        args["AutoScalingGroupName"],
        LATER,
        settings,
        source=source_of(args),
        tags={tag["Key"]: Tag(tag["Value"], tag["PropagateAtLaunch"]) for tag in args.get("Tags") or ()},
        health={},
        asked=args.get("DesiredCapacity"),
    )


def _updated(group: Group, args: Mapping[str, Any]) -> Group:
    given = {name: from_aws(name, args[key]) for name, key in IN_UPDATE.items() if key in args}
    settings = replace(group.settings, **given)
    if settings.default_instance_warmup == -1:
        settings = replace(settings, default_instance_warmup=None)
    asked = replace(settings, desired_capacity=given.get("desired_capacity"))
    settings = replace(settings, desired_capacity=desired_after(group.settings, asked))
    return replace(
        group,
        settings=settings,
        source=source_of(args) or group.source,
        asked=given.get("desired_capacity", group.asked),
    )


def _tagged(group: Group, args: Mapping[str, Any]) -> Group:
    new = {tag["Key"]: Tag(tag["Value"], tag["PropagateAtLaunch"]) for tag in args["Tags"]}
    return replace(group, tags={**group.tags, **new})


def _untagged(group: Group, args: Mapping[str, Any]) -> Group:
    gone = {tag["Key"] for tag in args["Tags"]}
    return replace(group, tags={key: tag for key, tag in group.tags.items() if key not in gone})


def _set(name: str, key: str, add: bool) -> Callable[[Group, Mapping[str, Any]], Group]:
    def after(group: Group, args: Mapping[str, Any]) -> Group:
        have, given = set(getattr(group.settings, name) or ()), set(args[key])
        values: Any = {name: tuple(sorted(have | given if add else have - given))}
        return replace(group, settings=replace(group.settings, **values))

    return after


EFFECTS: Mapping[str, Callable[[Group, Mapping[str, Any]], Group]] = {
    "UpdateAutoScalingGroup": _updated,
    "DeleteAutoScalingGroup": lambda group, _: replace(group, deleting=True),
    "CreateOrUpdateTags": _tagged,
    "DeleteTags": _untagged,
    "AttachLoadBalancers": _set("load_balancers", "LoadBalancerNames", True),
    "DetachLoadBalancers": _set("load_balancers", "LoadBalancerNames", False),
    "SuspendProcesses": _set("suspended_processes", "ScalingProcesses", True),
    "ResumeProcesses": _set("suspended_processes", "ScalingProcesses", False),
    "EnableMetricsCollection": _set("metrics_collection", "Metrics", True),
    "DisableMetricsCollection": _set("metrics_collection", "Metrics", False),
}
"""The group after a write call, by operation."""
