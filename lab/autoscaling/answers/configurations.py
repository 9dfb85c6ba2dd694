# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launch configurations: immutable, kept while a group uses them, refused to most accounts."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.responses import AutoScalingResponse

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.errors import Refused
from ...ec2.instances import is_over
from ..blueprints import NO_CONFIGURATION, configurations
from ..groups import groups, new_id

REFUSED = (
    "The Launch Configuration creation operation is not available in your account. "
    "Use launch templates to create configuration templates for your Auto Scaling groups."
)
INCOMPLETE = (
    "Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters."
)


@answers(
    "A launch configuration is not replaced: AlreadyExists; it can be like an instance; most accounts may make none.",
    AutoScalingResponse,
)
def create_launch_configuration(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    name = ask["LaunchConfigurationName"]
    if ask.lab.refuse_launch_configurations:
        raise Refused("UnsupportedOperation", REFUSED)
    if name in configurations(ask.region):
        raise Refused(
            "AlreadyExists",
            "Launch Configuration by this name already exists - "
            f"A launch configuration already exists with the name {name}",
        )
    given = {key: value for key, value in ask.given.items() if value is not None}
    if "InstanceId" in given:
        given = {**_of_instance(ask, given.pop("InstanceId")), **given}
    if not given.get("ImageId") or not given.get("InstanceType"):
        raise Refused("ValidationError", INCOMPLETE)
    ec2 = state.backend("ec2", ask.region)
    if given["ImageId"] not in ec2.amis:
        raise Refused("ValidationError", f"AMI cannot be described: {given['ImageId']}")
    if given.get("KeyName") and given["KeyName"] not in ec2.key_pairs:
        raise Refused("ValidationError", f"The key pair '{given['KeyName']}' does not exist")
    arn = f"arn:aws:autoscaling:{ask.region}:{state.ACCOUNT_ID}:launchConfiguration:{new_id()}"
    configurations(ask.region)[name] = {
        "KeyName": "",
        "SecurityGroups": [],
        "ClassicLinkVPCSecurityGroups": [],
        "UserData": "",
        "KernelId": "",
        "RamdiskId": "",
        "BlockDeviceMappings": [],
        "InstanceMonitoring": {"Enabled": True},
        "EbsOptimized": False,
        **given,
        "LaunchConfigurationARN": f"{arn}:launchConfigurationName/{name}",
        "CreatedTime": ask.lab.clock.stamp(),
    }
    return {}


def _of_instance(ask: Ask, instance_id: str) -> dict[str, Any]:
    """What a launch configuration takes over from an instance: all but its block devices."""
    instance = state.instances(ask.region).get(instance_id)
    if instance is None or is_over(instance):
        raise Refused("ValidationError", f"The instance {instance_id} does not exist")
    association = state.backend("ec2", ask.region).iam_instance_profile_associations.get(instance_id)
    found = {
        "ImageId": instance.image_id,
        "InstanceType": instance.instance_type,
        "KeyName": instance.key_name,
        "SecurityGroups": [group.id for group in instance.security_groups],
        "UserData": instance.user_data,
        "InstanceMonitoring": {"Enabled": instance.monitoring_state == "enabled"},
        "EbsOptimized": instance.ebs_optimized,
        "IamInstanceProfile": association and association.iam_instance_profile.arn,
    }
    return {key: value for key, value in found.items() if value is not None}


@answers("Launch configurations are described as they were made.", AutoScalingResponse)
def describe_launch_configurations(ask: Ask) -> dict[str, Any]:
    """{LaunchConfigurations, NextToken}."""
    names = ask.get("LaunchConfigurationNames", [])
    found = [given for name, given in configurations(ask.region).items() if not names or name in names]
    rows, token = page(ask, found, 50)
    return {"LaunchConfigurations": rows, "NextToken": token}


@answers("A launch configuration that a group uses stays: ResourceInUse.", AutoScalingResponse)
def delete_launch_configuration(ask: Ask) -> dict[str, Any]:
    """Nothing."""
    name = ask["LaunchConfigurationName"]
    if name not in configurations(ask.region):
        raise Refused("ValidationError", NO_CONFIGURATION.format(name))
    if any(group["LaunchConfigurationName"] == name for group in groups(ask.region).values()):
        raise Refused(
            "ResourceInUse",
            f"Cannot delete launch configuration {name} because it is attached to AutoScalingGroup(s)",
        )
    del configurations(ask.region)[name]
    return {}
