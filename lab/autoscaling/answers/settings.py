# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a group's settings must be like, when it is made and when it is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ...core import backends as state
from ...core.ask import Ask
from ...core.errors import Refused
from ...elb.balancers import balancers
from ..blueprints import NO_CONFIGURATION, configurations, refuse_incomplete
from ..groups import DEFAULT_COOLDOWN, PROCESSES, Group, find

STORED = (
    "MinSize",
    "MaxSize",
    "DesiredCapacity",
    "DefaultCooldown",
    "HealthCheckType",
    "HealthCheckGracePeriod",
    "PlacementGroup",
    "TerminationPolicies",
    "NewInstancesProtectedFromScaleIn",
    "CapacityRebalance",
    "DeletionProtection",
    "ServiceLinkedRoleARN",
    "MaxInstanceLifetime",
    "Context",
    "DesiredCapacityType",
    "DefaultInstanceWarmup",
    "InstanceMaintenancePolicy",
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityReservationSpecification",
    "InstanceLifecyclePolicy",
)
LAUNCHED_FROM = ("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy")
UNSET = {"DefaultInstanceWarmup": -1, "MaxInstanceLifetime": 0}  # the value that takes a setting away
HEALTH_CHECKS = ("EC2", "ELB", "EBS", "VPC_LATTICE")
TERMINATION_POLICIES = (
    "Default",
    "OldestInstance",
    "NewestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
    "ClosestToNextInstanceHour",
    "AllocationStrategy",
)
ONE_SOURCE = (
    "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy "
    "parameter."
)
PENDING_DELETE = "The AutoScaling group may not be modified while it is pending delete"


def modifiable(region: str, name: str) -> Group:
    """The group of that name; refused while it is being deleted."""
    group = find(region, name)
    if group.deleting:
        raise Refused("ValidationError", PENDING_DELETE)
    return group


def defaults(least: int) -> dict[str, Any]:
    """What a new group has where nothing is given."""
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    return {
        "DesiredCapacity": least,
        "DefaultCooldown": DEFAULT_COOLDOWN,
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 0,
        "TerminationPolicies": ["Default"],
        "NewInstancesProtectedFromScaleIn": False,
        "ServiceLinkedRoleARN": f"arn:aws:iam::{state.ACCOUNT_ID}:{role}",
        "LaunchConfigurationName": None,
        "LaunchTemplate": None,
        "MixedInstancesPolicy": None,
    }


def stored(given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among a request's parameters; None takes one away."""
    found = {key: given[key] for key in STORED if given.get(key) is not None}
    return {key: None if UNSET.get(key) == value else value for key, value in found.items()}


def source(region: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the group is to launch from, the other ways set to None; {} where the request does not say."""
    named = [key for key in LAUNCHED_FROM if given.get(key)]
    if not named:
        return {}
    if len(named) > 1:
        raise Refused("ValidationError", ONE_SOURCE)
    value = given[named[0]]
    if named[0] == "LaunchConfigurationName":
        if value not in configurations(region):
            raise Refused("ValidationError", NO_CONFIGURATION.format(value))
    elif named[0] == "LaunchTemplate":
        value = _template(region, value)
    else:
        spec = value["LaunchTemplate"]["LaunchTemplateSpecification"]
        value = {**value, "LaunchTemplate": {**value["LaunchTemplate"]}}
        value["LaunchTemplate"]["LaunchTemplateSpecification"] = _template(region, spec)
    return {**dict.fromkeys(LAUNCHED_FROM), named[0]: value}


def _template(region: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The template by id and name, with the version only where one is named."""
    if bool(given.get("LaunchTemplateId")) == bool(given.get("LaunchTemplateName")):
        raise Refused("ValidationError", "Valid requests must contain either launchTemplateId or LaunchTemplateName")
    refuse_incomplete(region, given)
    ec2 = state.backend("ec2", region)
    by_id = given.get("LaunchTemplateId")
    template = ec2.launch_templates[by_id] if by_id else ec2.get_launch_template_by_name(given["LaunchTemplateName"])
    shown = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
    return {**shown, "Version": str(given["Version"])} if given.get("Version") else shown


def place(region: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """{VPCZoneIdentifier, AvailabilityZones} where the request names subnets or zones."""
    asked_zones = list(given.get("AvailabilityZones") or [])
    ids = [subnet_id for subnet_id in (given.get("VPCZoneIdentifier") or "").replace(" ", "").split(",") if subnet_id]
    if not ids:
        return {"AvailabilityZones": asked_zones, "VPCZoneIdentifier": ""} if asked_zones else {}
    known = {s.id: s for zones in state.backend("ec2", region).subnets.values() for s in zones.values()}
    for subnet_id in ids:
        if subnet_id not in known:
            raise Refused("ValidationError", f"The subnet ID '{subnet_id}' does not exist")
    if len({known[subnet_id].vpc_id for subnet_id in ids}) > 1:
        raise Refused("ValidationError", "The subnets of an Auto Scaling group must be in one VPC")
    zones = sorted({known[subnet_id].availability_zone for subnet_id in ids})
    if asked_zones and sorted(asked_zones) != zones:
        raise Refused(
            "ValidationError",
            "The availability zones of the specified subnets and the Auto Scaling group do not match",
        )
    return {"AvailabilityZones": zones, "VPCZoneIdentifier": ",".join(ids)}


def filters(ask: Ask, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The filters of the request; refused where one is none of `names`."""
    given: list[Mapping[str, Any]] = ask.get("Filters", [])
    for one in given:
        if not any(fnmatchcase(one["Name"], name) for name in names):
            raise Refused(
                "ValidationError",
                f"Filter type {one['Name']} is not correct. Allowed Filter types are: {' '.join(names)}",
            )
    return given


def check(settings: Mapping[str, Any]) -> None:
    """Refused with ValidationError where sizes, check or policies are not as AWS wants them."""
    least, most, wanted = (int(settings[key]) for key in ("MinSize", "MaxSize", "DesiredCapacity"))
    if least < 0 or least > most:
        raise Refused("ValidationError", f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if not least <= wanted <= most:
        raise Refused(
            "ValidationError",
            f"Desired capacity:{wanted} must be between the specified min size:{least} and max size:{most}",
        )
    kinds = str(settings["HealthCheckType"]).split(",")
    if any(kind not in HEALTH_CHECKS for kind in kinds):
        raise Refused("ValidationError", f"Valid Health Check types are: [{', '.join(HEALTH_CHECKS)}]")
    for policy in settings["TerminationPolicies"]:
        if policy not in TERMINATION_POLICIES and not policy.startswith("arn:"):
            raise Refused("ValidationError", f"Termination policy {policy} is not valid")
    lifetime = settings.get("MaxInstanceLifetime")
    if lifetime and not 86400 <= int(lifetime) <= 31536000:
        raise Refused("ValidationError", "MaxInstanceLifetime must be between 86400 and 31536000 seconds")


def check_balancers(region: str, names: list[str]) -> None:
    """Refused with ValidationError where one is missing."""
    if any(name not in balancers(region) for name in names):
        raise Refused(
            "ValidationError", "Provided Load Balancers may not be valid. Please ensure they exist and try again."
        )


def check_processes(names: list[str]) -> tuple[str, ...]:
    """The processes meant, all where none is named; refused with ValidationError for a name that is none."""
    wrong = [name for name in names if name not in PROCESSES]
    if wrong:
        raise Refused("ValidationError", f"Invalid process type(s) [{', '.join(wrong)}]")
    return tuple(names) or PROCESSES
