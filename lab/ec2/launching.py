# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launching instances: the one way in for RunInstances and for Auto Scaling.

What is to be launched is described by the parameters of RunInstances, which a launch template's data has, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from botocore import xform_name
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Reservation
from moto.ec2.utils import filter_iam_instance_profiles, parse_user_data

from ..core import backends as state
from ..core.errors import Refused
from ..core.lab import current
from .volumes import keep_performance, merged_devices

KEPT = (  # what an instance tells as it was asked for
    "CapacityReservationSpecification",
    "EnclaveOptions",
    "MaintenanceOptions",
    "NetworkPerformanceOptions",
    "Operator",
    "PrivateDnsNameOptions",
)


def template_data(region: str, template: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """(the data of the version that `template` names, the tags AWS gives to what is launched from it)."""
    ec2 = state.backend("ec2", region)
    _check_template(ec2, template)
    version = ec2._get_template_from_args(dict(template))
    tags = {"aws:ec2launchtemplate:id": version.template.id, "aws:ec2launchtemplate:version": str(version.number)}
    return dict(version.data), tags


def _check_template(ec2: Any, named: Mapping[str, Any]) -> None:
    """Refuses a template that is not there."""
    template_id, name = named.get("LaunchTemplateId"), named.get("LaunchTemplateName")
    if template_id and template_id not in ec2.launch_templates:
        raise Refused(
            "InvalidLaunchTemplateId.NotFound",
            f"The specified launch template, with template ID {template_id}, does not exist.",
        )
    if name and not any(template.name == name for template in ec2.launch_templates.values()):
        raise Refused(
            "InvalidLaunchTemplateName.NotFoundException",
            f"The specified launch template, with template name {name}, does not exist.",
        )


def launch(
    region: str,
    data: Mapping[str, Any],
    count: int = 1,
    subnet_id: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Reservation:
    """The reservation of `count` new instances, pending; Refused, with AWS's code, when AWS would not launch them.

    `subnet_id` decides where (as Auto Scaling does); `tags` come on top of those in the data.
    """
    ec2 = state.backend("ec2", region)
    image = _image(ec2, data.get("ImageId"))
    _check_names(ec2, data)
    check_fit(image, data.get("InstanceType"))
    check_subscribed(image)
    given_profile = profile(ec2, data.get("IamInstanceProfile") or {})
    options = {
        "region_name": region,
        **_place(ec2, data, subnet_id),
        **_settings(data),
        "metadata_options": _metadata(image, data.get("MetadataOptions") or {}),
        "block_device_mappings": merged_devices(ec2, image, data.get("BlockDeviceMappings") or []),
        "tags": _tags(data, tags or {}),
    }
    reservation = _run(ec2, image, count, data.get("UserData"), options)
    _note_launch(image)
    for instance in reservation.instances:
        _keep(instance, data)
        keep_performance(ec2, instance, options["block_device_mappings"])
        if given_profile is not None:
            ec2.associate_iam_instance_profile(instance.id, iam_instance_profile_arn=given_profile.arn)
    return reservation


def _place(ec2: Any, data: Mapping[str, Any], subnet_id: str | None) -> dict[str, Any]:
    """Where the instances are to be, in moto's words."""
    interfaces, groups = _network(ec2, data, subnet_id)
    return {
        "subnet_id": interfaces[0]["SubnetId"],
        "nics": interfaces,
        "security_group_ids": [group.id for group in groups],
        "private_ip": data.get("PrivateIpAddress"),
    }


def _settings(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the instances are to be like, in moto's words."""
    return {
        "instance_type": data.get("InstanceType", "m1.small"),
        "is_instance_type_default": True,  # checked by now, and faster
        "key_name": data.get("KeyName"),
        "ebs_optimized": data.get("EbsOptimized") or False,
        "instance_initiated_shutdown_behavior": data.get("InstanceInitiatedShutdownBehavior"),
        "disable_api_stop": data.get("DisableApiStop") or False,
        "disable_api_termination": data.get("DisableApiTermination") or False,
        "monitoring_state": "enabled" if (data.get("Monitoring") or {}).get("Enabled") else "disabled",
        "client_token": data.get("ClientToken"),
    }


def _run(ec2: Any, image: Any, count: int, user_data: Any, options: Mapping[str, Any]) -> Reservation:
    """The reservation; Refused where the subnet has too few addresses."""
    script = parse_user_data(user_data) if isinstance(user_data, str) else user_data
    try:
        return ec2.run_instances(image.id, count, script, [], **options)
    except StopIteration as full:
        raise Refused(
            "InsufficientFreeAddressesInSubnet",
            f"There are not enough free addresses in subnet '{options['subnet_id']}' "
            "to satisfy the requested number of instances.",
        ) from full


def _note_launch(image: Any) -> None:
    """Has the image say, a day later, that it was launched now."""
    now = current().clock.stamp().strftime("%Y-%m-%dT%H:%M:%SZ")
    current().later(86400, lambda: setattr(image, "last_launched_time", now))


def _keep(instance: Any, data: Mapping[str, Any]) -> None:
    """Gives the instance the settings that moto's launch has no place for."""
    for name in KEPT:
        if data.get(name) is not None:
            setattr(instance, xform_name(name), data[name])
    processor = INSTANCE_TYPES.get(instance.instance_type, {}).get("VCpuInfo", {})
    cores = {"CoreCount": processor.get("DefaultCores"), "ThreadsPerCore": processor.get("DefaultThreadsPerCore")}
    instance.cpu_options = {**cores, **(data.get("CpuOptions") or {})}
    hibernation = data.get("HibernationOptions") or {}
    instance.hibernation_options = {"Configured": bool(hibernation.get("Configured"))}
    burstable = INSTANCE_TYPES.get(instance.instance_type, {}).get("BurstablePerformanceSupported")
    default = "standard" if instance.instance_type.startswith("t2.") or not burstable else "unlimited"
    instance.cpu_credits = (data.get("CreditSpecification") or {}).get("CpuCredits") or default
    for name, value in (data.get("Placement") or {}).items():
        if value is not None and name != "AvailabilityZone":
            setattr(instance.placement, xform_name(name), value)


def _image(ec2: Any, image_id: str | None) -> Any:
    if not image_id:
        raise Refused("MissingParameter", "The request must contain the parameter ImageId")
    if not image_id.startswith("ami-"):
        raise Refused("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    image = ec2.amis.get(image_id)
    if image is None:
        raise Refused("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if image.state != "available":
        raise Refused("InvalidAMIID.Unavailable", f"AMI {image_id} is {image.state}, and cannot be run")
    return image


def _check_names(ec2: Any, data: Mapping[str, Any]) -> None:
    kind = data.get("InstanceType")
    if kind and kind not in INSTANCE_TYPES:
        raise Refused("InvalidParameterValue", f"Invalid value '{kind}' for InstanceType.")
    key = data.get("KeyName")
    if key and key not in ec2.key_pairs:
        raise Refused("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")


def check_fit(image: Any, kind: str | None) -> None:
    """Refuses an instance type of another architecture than the image's."""
    able = INSTANCE_TYPES.get(kind or "", {}).get("ProcessorInfo", {}).get("SupportedArchitectures", [])
    if able and image.architecture not in able:
        raise Refused(
            "InvalidParameterValue",
            f"The architecture '{','.join(able)}' of the specified instance type does not match the architecture "
            f"'{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching "
            "architectures, and try again.",
        )


def check_subscribed(image: Any) -> None:
    """Refuses an image whose product the account has not subscribed to."""
    for code in sorted(current().unsubscribed & {one["ProductCodeId"] for one in image.product_codes or ()}):
        raise Refused(
            "OptInRequired",
            "In order to use this AWS Marketplace product you need to accept terms and subscribe. To do so please "
            f"visit https://aws.amazon.com/marketplace/pp?sku={code}",
            401,
        )


def profile(ec2: Any, given: Mapping[str, str]) -> Any:
    """The instance profile that is named; None where none is. Refused where there is none of that name."""
    name, arn = given.get("Name"), given.get("Arn")
    if not name and not arn:
        return None
    try:
        return filter_iam_instance_profiles(ec2.account_id, ec2.partition, arn, name)
    except Exception as missing:
        field, value = ("name", name) if name else ("arn", arn)
        raise Refused(
            "InvalidParameterValue",
            f"Value ({value}) for parameter iamInstanceProfile.{field} is invalid. "
            f"Invalid IAM Instance Profile {'name' if name else 'ARN'}",
        ) from missing


def _metadata(image: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    default = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2} if image.imds_support == "v2.0" else {}
    return {**default, **given}


TAG_IN_METADATA = re.compile(r"(?!(?:\.|\.\.|_index)$)[0-9a-zA-Z\-_+=,.@:]{1,255}")


def _check_metadata_tags(data: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    """Refuses tags that the metadata service cannot tell, where it is to (EC2 user guide, instance tags there)."""
    if (data.get("MetadataOptions") or {}).get("InstanceMetadataTags") != "enabled":
        return
    for key in tags:
        if not TAG_IN_METADATA.fullmatch(key):
            raise Refused(
                "InvalidParameterValue",
                f"'{key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{{1,255}}), "
                "and must not be a reserved name ('.', '..', '_index')",
            )


def _network(ec2: Any, data: Mapping[str, Any], subnet_id: str | None) -> tuple[list[dict[str, Any]], list[Any]]:
    """(the network interfaces to make, the security groups of the first)."""
    interfaces = [dict(interface) for interface in data.get("NetworkInterfaces") or []]
    if interfaces and not subnet_id and data.get("SubnetId"):
        raise Refused(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level subnet ID may not be specified on the same request",
        )
    first = next((i for i in interfaces if int(i.get("DeviceIndex", 0)) == 0), None)
    if first is None:
        first = {"DeviceIndex": 0}
        interfaces.insert(0, first)
    subnet = ec2.get_subnet(subnet_id or data.get("SubnetId") or first.get("SubnetId") or _default_subnet(ec2, data))
    reason = current().machines.refuse(subnet.cidr_block)
    if reason:
        raise Refused("Unsupported", f"The requested configuration is currently not supported: {reason}.")
    ids = [*(data.get("SecurityGroupIds") or []), *(first.pop("Groups", None) or [])]
    groups = _groups(ec2, subnet, ids, data.get("SecurityGroups") or [])
    first["SubnetId"] = subnet.id
    if first.get("AssociatePublicIpAddress") is None:
        first["AssociatePublicIpAddress"] = subnet.map_public_ip_on_launch is True
    for interface in interfaces:
        interface.setdefault("DeviceIndex", 0)
        interface.setdefault("DeleteOnTermination", True)
    return interfaces, groups


def _default_subnet(ec2: Any, data: Mapping[str, Any]) -> str:
    if ec2.get_default_vpc() is None:
        raise Refused(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
        )
    defaults = ec2.get_default_subnets()
    zone = (data.get("Placement") or {}).get("AvailabilityZone") or next(iter(sorted(defaults)), None)
    if zone not in defaults:
        raise Refused("MissingInput", f"No default subnet for availability zone: '{zone}'.")
    return str(defaults[zone].id)


def _groups(ec2: Any, subnet: Any, ids: Sequence[str], names: Sequence[str]) -> list[Any]:
    found = [ec2.get_security_group_by_name_or_id(name, subnet.vpc_id) for name in names]
    for group_id in ids:
        group = ec2.get_security_group_from_id(group_id)
        if group is None:
            raise Refused("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if group.vpc_id != subnet.vpc_id:
            raise Refused(
                "InvalidParameter",
                f"Security group {group_id} and subnet {subnet.id} belong to different networks.",
            )
        found.append(group)
    return found or [ec2.get_default_security_group(subnet.vpc_id)]


def check_tags(tags: Sequence[Mapping[str, str]]) -> None:
    """Refuses a key that is there twice, and keys and values that are too long."""
    keys = [tag["Key"] for tag in tags]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise Refused("InvalidParameterValue", f"Duplicate tag key '{twice}' specified.")
    for what, limit, texts in (("key", 128, keys), ("value", 256, [tag.get("Value") or "" for tag in tags])):
        if any(len(text) > limit for text in texts):
            raise Refused("InvalidParameterValue", f"Tag {what} exceeds the maximum length of {limit} characters")


def _tags(data: Mapping[str, Any], more: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The tags by kind of resource, `more` on the instances; refused where the metadata service cannot tell them."""
    given: dict[str, dict[str, str]] = {}
    for spec in data.get("TagSpecifications") or []:
        check_tags(spec.get("Tags") or [])
        pairs = {tag["Key"]: tag.get("Value", "") for tag in spec.get("Tags") or []}
        given.setdefault(spec["ResourceType"], {}).update(pairs)
    given.setdefault("instance", {}).update(more)
    _check_metadata_tags(data, given["instance"])
    return given
