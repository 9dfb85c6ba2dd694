# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a group launches from: its launch template's version, or its launch configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core import backends as state
from ..core.errors import Refused
from ..ec2.launching import profile, template_data
from .groups import Group

NOT_FULL = "You must use a valid fully-formed launch template."
NO_CONFIGURATION = "Launch configuration name not found - Launch configuration with name: {} does not exist"
SAME_WORDS = (
    "ImageId",
    "InstanceType",
    "KeyName",
    "UserData",
    "BlockDeviceMappings",
    "MetadataOptions",
    "EbsOptimized",
)


@dataclass(frozen=True)
class Blueprint:
    """What is launched, in a launch template's words, and how a member says where it is from."""

    data: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    template: Mapping[str, str] | None = None
    configuration: str | None = None

    @property
    def instance_type(self) -> str:
        """The type."""
        return str(self.data.get("InstanceType", "m1.small"))


def configurations(region: str) -> dict[str, dict[str, Any]]:
    """The launch configurations of a Region, by name, as they are described."""
    found: dict[str, dict[str, Any]] = state.backend("autoscaling", region).launch_configurations
    return found


def blueprint(group: Group) -> Blueprint:
    """The group's blueprint as of now ($Latest and $Default move); Refused when it does not exist any more."""
    if group["LaunchConfigurationName"]:
        return _of_configuration(group.region, group["LaunchConfigurationName"])
    mixed = group["MixedInstancesPolicy"]
    if not mixed:
        return of_template(group.region, group["LaunchTemplate"])
    chosen = of_template(group.region, mixed["LaunchTemplate"]["LaunchTemplateSpecification"])
    kinds = [o["InstanceType"] for o in mixed["LaunchTemplate"].get("Overrides") or [] if o.get("InstanceType")]
    data = {**chosen.data, "InstanceType": kinds[0]} if kinds else chosen.data
    return Blueprint(data, chosen.tags, chosen.template)


def of_template(region: str, given: Mapping[str, Any]) -> Blueprint:
    """The blueprint of a template's version, $Default where none is named."""
    named = {key: value for key, value in given.items() if value}
    data, tags = template_data(region, {"Version": "$Default", **named})
    template = state.backend("ec2", region).get_launch_template(tags["aws:ec2launchtemplate:id"])
    shown = {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "Version": tags["aws:ec2launchtemplate:version"],
    }
    return Blueprint(data, tags, shown)


def _of_configuration(region: str, name: str) -> Blueprint:
    given = configurations(region).get(name)
    if given is None:
        raise Refused("ValidationError", NO_CONFIGURATION.format(name))
    data: dict[str, Any] = {key: given[key] for key in SAME_WORDS if given.get(key)}
    data["Monitoring"] = given["InstanceMonitoring"]
    if given.get("IamInstanceProfile"):
        profile = given["IamInstanceProfile"]
        data["IamInstanceProfile"] = {"Arn" if profile.startswith("arn:") else "Name": profile}
    interface: dict[str, Any] = {"DeviceIndex": 0, "Groups": list(given.get("SecurityGroups") or [])}
    if given.get("AssociatePublicIpAddress") is not None:
        interface["AssociatePublicIpAddress"] = given["AssociatePublicIpAddress"]
    data["NetworkInterfaces"] = [interface]
    return Blueprint(data, configuration=name)


def refuse_incomplete(region: str, given: Mapping[str, Any]) -> None:
    """Refused with ValidationError unless instances can be launched from the template as it is now."""
    try:
        data = of_template(region, given).data
    except Refused as missing:
        raise Refused("ValidationError", f"{NOT_FULL} {missing.message}") from missing
    except Exception as missing:  # moto's own words for a template that is not there
        message = getattr(missing, "message", "The specified launch template does not exist.")
        raise Refused("ValidationError", f"{NOT_FULL} {message}") from missing
    ec2 = state.backend("ec2", region)
    if not data.get("ImageId"):
        raise Refused("ValidationError", f"{NOT_FULL} The request must contain the parameter ImageId")
    if data["ImageId"] not in ec2.amis:
        raise Refused("ValidationError", f"{NOT_FULL} The image id '[{data['ImageId']}]' does not exist")
    if data.get("KeyName") and data["KeyName"] not in ec2.key_pairs:
        raise Refused("ValidationError", f"{NOT_FULL} The key pair '{data['KeyName']}' does not exist")
    try:
        profile(ec2, data.get("IamInstanceProfile") or {})
    except Refused as missing:
        raise Refused("ValidationError", f"{NOT_FULL} {missing.message}") from missing
    interfaces = data.get("NetworkInterfaces") or []
    groups = [*(data.get("SecurityGroupIds") or []), *(g for i in interfaces for g in i.get("Groups") or [])]
    for group_id in groups:
        if ec2.get_security_group_from_id(group_id) is None:
            raise Refused("ValidationError", f"{NOT_FULL} The security group '{group_id}' does not exist")
