# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to a group: balancers, tags, metrics, warm pool, target groups; and what an account may have."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.responses import AutoScalingResponse

from ...core.ask import Ask, answers, page
from ...core.errors import Refused
from .. import lifecycle
from ..groups import PROCESSES, find, groups, scene
from .groups import show_tags
from .settings import TERMINATION_POLICIES, check_balancers, filters, modifiable

METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
    "GroupInServiceCapacity",
    "GroupPendingCapacity",
    "GroupStandbyCapacity",
    "GroupTerminatingCapacity",
    "GroupTotalCapacity",
    "WarmPoolDesiredCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
)


@answers("An attached balancer must exist; the members in service are registered with it.", AutoScalingResponse)
def attach_load_balancers(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group, names = modifiable(ask.region, ask["AutoScalingGroupName"]), ask["LoadBalancerNames"]
    check_balancers(ask.region, names)
    for name in names:
        if group.balancers.get(name, "Removing") == "Removing":
            group.balancers[name] = "Adding"
    seen = scene(ask.lab, ask.region)
    for member in group.members.values():
        if member.lifecycle == "InService":
            lifecycle.add_to_balancers(seen, group, member)
    return {}


@answers(
    "A detached balancer loses the group's members, others keep theirs; it shows as Removing.", AutoScalingResponse
)
def detach_load_balancers(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    for name in ask["LoadBalancerNames"]:
        if name not in group.balancers:
            raise Refused("ValidationError", "Trying to remove Load Balancers that are not part of the group")
    for balancer in lifecycle.attached(group):
        if balancer.name in ask["LoadBalancerNames"]:
            for instance_id in group.members:
                balancer.deregister(instance_id, ask.now)
    for name in ask["LoadBalancerNames"]:
        group.balancers[name] = "Removing"
    return {}


@answers("A balancer's state in the group goes from Adding over Added to InService.", AutoScalingResponse)
def describe_load_balancers(ask: Ask) -> dict[str, Any]:
    """{LoadBalancers, NextToken}."""
    group = find(ask.region, ask["AutoScalingGroupName"])
    found = [{"LoadBalancerName": name, "State": at} for name, at in group.balancers.items()]
    rows, token = page(ask, found, 100)
    return {"LoadBalancers": rows, "NextToken": token}


@answers("Tags go to the group they name and tell whether new instances bear them.", AutoScalingResponse)
def create_or_update_tags(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    for tag in ask["Tags"]:
        group = modifiable(ask.region, tag["ResourceId"])
        before = group.tags.get(tag["Key"], ("", False))
        propagate = tag.get("PropagateAtLaunch")
        group.tags[tag["Key"]] = (tag.get("Value", ""), before[1] if propagate is None else bool(propagate))
    return {}


@answers("Tags are deleted by key; keys that are not there are passed over.", AutoScalingResponse)
def delete_tags(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    for tag in ask["Tags"]:
        modifiable(ask.region, tag["ResourceId"]).tags.pop(tag["Key"], None)
    return {}


@answers("Tags are described by group, key, value and propagation.", AutoScalingResponse)
def describe_tags(ask: Ask) -> dict[str, Any]:
    """{Tags, NextToken}."""
    fields = {
        "auto-scaling-group": "ResourceId",
        "key": "Key",
        "value": "Value",
        "propagate-at-launch": "PropagateAtLaunch",
    }
    tags = [tag for group in groups(ask.region).values() for tag in show_tags(group)]
    for wanted in filters(ask, tuple(fields)):
        values = [value.lower() for value in wanted["Values"]]
        tags = [tag for tag in tags if str(tag[fields[wanted["Name"]]]).lower() in values]
    rows, token = page(ask, tags, 50)
    return {"Tags": rows, "NextToken": token}


@answers("Metrics are collected by name, all where none is named.", AutoScalingResponse)
def enable_metrics_collection(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    names = ask.get("Metrics", []) or METRICS
    wrong = [name for name in names if name not in METRICS]
    if wrong:
        raise Refused("ValidationError", f"Metric type {wrong[0]} is not valid")
    group.metrics.update(dict.fromkeys(names, ask["Granularity"]))
    return {}


@answers("Metrics are no longer collected, all where none is named.", AutoScalingResponse)
def disable_metrics_collection(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    for name in ask.get("Metrics", []) or METRICS:
        group.metrics.pop(name, None)
    return {}


@answers("A warm pool is a setting of the group.", AutoScalingResponse)
def put_warm_pool(ask: Ask) -> dict[str, Any]:
    """Nothing; the lab keeps no instances in it."""
    names = ("MaxGroupPreparedCapacity", "MinSize", "PoolState", "InstanceReusePolicy")
    pool = {name: ask[name] for name in names if name in ask}
    modifiable(ask.region, ask["AutoScalingGroupName"]).settings["WarmPoolConfiguration"] = {"MinSize": 0, **pool}
    return {}


@answers("A warm pool is described with its instances.", AutoScalingResponse)
def describe_warm_pool(ask: Ask) -> dict[str, Any]:
    """{WarmPoolConfiguration, Instances}."""
    group = find(ask.region, ask["AutoScalingGroupName"])
    return {"WarmPoolConfiguration": group["WarmPoolConfiguration"], "Instances": page(ask, [], 50)[0]}


@answers("A warm pool is deleted from its group.", AutoScalingResponse)
def delete_warm_pool(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    modifiable(ask.region, ask["AutoScalingGroupName"]).settings["WarmPoolConfiguration"] = None
    return {}


@answers("Target groups are a setting of the group.", AutoScalingResponse)
def attach_load_balancer_target_groups(ask: Ask) -> dict[str, Any]:
    """Nothing; the lab has no load balancers of that kind."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    group.settings["TargetGroupARNs"] = list(
        dict.fromkeys([*(group["TargetGroupARNs"] or []), *ask["TargetGroupARNs"]])
    )
    return {}


@answers("Target groups are taken off the group.", AutoScalingResponse)
def detach_load_balancer_target_groups(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    group = modifiable(ask.region, ask["AutoScalingGroupName"])
    group.settings["TargetGroupARNs"] = [a for a in group["TargetGroupARNs"] or [] if a not in ask["TargetGroupARNs"]]
    return {}


@answers("Target groups are described with their state in the group.", AutoScalingResponse)
def describe_load_balancer_target_groups(ask: Ask) -> dict[str, Any]:
    """{LoadBalancerTargetGroups, NextToken}."""
    arns = find(ask.region, ask["AutoScalingGroupName"])["TargetGroupARNs"] or []
    rows, token = page(ask, [{"LoadBalancerTargetGroupARN": arn, "State": "Added"} for arn in arns], 100)
    return {"LoadBalancerTargetGroups": rows, "NextToken": token}


@answers("The limits are AWS's defaults.", AutoScalingResponse)
def describe_account_limits(ask: Ask) -> dict[str, Any]:
    """The limits and how much of them is used."""
    return {
        "MaxNumberOfAutoScalingGroups": 500,
        "MaxNumberOfLaunchConfigurations": 200,
        "NumberOfAutoScalingGroups": len(groups(ask.region)),
    }


@answers("The termination policies are AWS's.", AutoScalingResponse)
def describe_termination_policy_types(ask: Ask) -> dict[str, Any]:  # noqa: ARG001
    """{TerminationPolicyTypes}."""
    return {"TerminationPolicyTypes": list(TERMINATION_POLICIES)}


@answers("The processes are AWS's.", AutoScalingResponse)
def describe_scaling_process_types(ask: Ask) -> dict[str, Any]:  # noqa: ARG001
    """{Processes}."""
    return {"Processes": [{"ProcessName": name} for name in PROCESSES]}


@answers("The lab's groups notify nobody.", AutoScalingResponse)
def describe_notification_configurations(ask: Ask) -> dict[str, Any]:
    """{NotificationConfigurations}, none."""
    return {"NotificationConfigurations": page(ask, [], 50)[0]}
