# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is launched, in AWS's words: the data of a launch template's version, and a launch configuration."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER
from .value import Launch, Volume, by_device

EBS = {
    "size": "VolumeSize",
    "type": "VolumeType",
    "iops": "Iops",
    "throughput": "Throughput",
    "encrypted": "Encrypted",
    "kms_key_id": "KmsKeyId",
    "snapshot_id": "SnapshotId",
    "delete_on_termination": "DeleteOnTermination",
}


def digest(launch: Launch) -> str:
    """64 hex digits that stand for the content."""
    data = json.dumps(to_template(launch), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


def open_ended(launch: Launch) -> bool:
    """Whether a value in it is LATER, so that its digest is not yet known."""
    return LATER in json.dumps(to_template(launch)) or launch.user_data == LATER


def to_template(launch: Launch, stack: str | None = None) -> dict[str, Any]:
    """LaunchTemplateData; with `stack`, volumes are tagged with our mark, which also marks the version as ours."""
    rest = dict(launch.rest)
    metadata = {**rest.pop("MetadataOptions", {}), **_metadata(launch)}
    data: dict[str, Any] = {
        "ImageId": launch.image_id,
        "InstanceType": launch.instance_type,
        "KeyName": launch.key_name,
        "IamInstanceProfile": _profile(launch.instance_profile),
        "UserData": launch.user_data,
        "Monitoring": None if launch.detailed_monitoring is None else {"Enabled": launch.detailed_monitoring},
        "EbsOptimized": launch.ebs_optimized,
        "BlockDeviceMappings": [_to_mapping(volume, "") for volume in launch.volumes or ()],
        "MetadataOptions": metadata,
        "TagSpecifications": _tagging(rest.pop("TagSpecifications", []), stack),
        **_to_network(launch, rest.pop("NetworkInterfaces", [])),
        **rest,
    }
    return {key: value for key, value in sorted(data.items()) if value not in (None, [], {})}


def from_template(data: Mapping[str, Any]) -> Launch:
    """The launch that LaunchTemplateData says."""
    rest = dict(data)
    profile, metadata = rest.pop("IamInstanceProfile", None) or {}, dict(rest.pop("MetadataOptions", None) or {})
    interfaces = rest.pop("NetworkInterfaces", None) or []
    first = interfaces[0] if interfaces else {}
    groups = rest.pop("SecurityGroupIds", None) or first.get("Groups") or ()
    metadata.pop("State", None)
    launch = Launch(
        image_id=rest.pop("ImageId", None),
        instance_type=rest.pop("InstanceType", None),
        key_name=rest.pop("KeyName", None),
        security_group_ids=tuple(sorted(groups)),
        instance_profile=profile.get("Arn") or profile.get("Name"),
        user_data=rest.pop("UserData", None),
        detailed_monitoring=(rest.pop("Monitoring", None) or {}).get("Enabled"),
        associate_public_ip=first.get("AssociatePublicIpAddress"),
        ebs_optimized=rest.pop("EbsOptimized", None),
        volumes=by_device(_from_mapping(item) for item in rest.pop("BlockDeviceMappings", None) or ()),
        http_tokens=metadata.pop("HttpTokens", None),
        http_put_response_hop_limit=metadata.pop("HttpPutResponseHopLimit", None),
    )
    foreign = {
        "MetadataOptions": metadata,
        "NetworkInterfaces": _foreign_network(interfaces),
        "TagSpecifications": _without_mark(rest.pop("TagSpecifications", None) or []),
    }
    rest |= {key: value for key, value in foreign.items() if value}
    return replace(launch, rest={key: value for key, value in rest.items() if value not in (None, [], {})})


def bears_mark(data: Mapping[str, Any], stack: str) -> bool:
    """Whether a version with this data was made by us for this stack."""
    tags = (_tags.from_aws(spec.get("Tags")) for spec in data.get("TagSpecifications") or ())
    return any(_tags.is_marked(given, stack) for given in tags)


def _metadata(launch: Launch) -> dict[str, Any]:
    given = {"HttpTokens": launch.http_tokens, "HttpPutResponseHopLimit": launch.http_put_response_hop_limit}
    return {key: value for key, value in given.items() if value is not None}


def _profile(profile: str | None) -> dict[str, str] | None:
    return None if profile is None else {"Arn" if profile.startswith("arn:") else "Name": profile}


OWN_INTERFACE = {"DeviceIndex": 0, "DeleteOnTermination": True}
MANAGED_INTERFACE = ("AssociatePublicIpAddress", "Groups")


def _to_network(launch: Launch, interfaces: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    groups = list(launch.security_group_ids or ())
    if launch.associate_public_ip is None and not interfaces:
        return {"SecurityGroupIds": groups}
    first, *others = interfaces or [OWN_INTERFACE]
    managed = {"AssociatePublicIpAddress": launch.associate_public_ip, "Groups": groups}
    return {
        "NetworkInterfaces": [{**first, **{k: v for k, v in managed.items() if v not in (None, [])}}, *others],
    }


def _foreign_network(interfaces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not interfaces:
        return []
    first = {key: value for key, value in interfaces[0].items() if key not in MANAGED_INTERFACE and value != []}
    return [] if len(interfaces) == 1 and first == OWN_INTERFACE else [first, *map(dict, interfaces[1:])]


def _tagging(others: Sequence[Mapping[str, Any]], stack: str | None) -> list[dict[str, Any]]:
    tags = {spec["ResourceType"]: _tags.from_aws(spec.get("Tags")) for spec in others}
    if stack is not None:
        tags["volume"] = tags.get("volume", {}) | _tags.marks(stack)
    return [{"ResourceType": kind, "Tags": _tags.to_aws(tags[kind])} for kind in sorted(tags)]


def _without_mark(specs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    tags = {spec["ResourceType"]: _tags.from_aws(spec.get("Tags")) for spec in specs}
    for given in tags.values():
        given.pop(_tags.STACK, None)
    return [{"ResourceType": kind, "Tags": _tags.to_aws(tags[kind])} for kind in sorted(tags) if tags[kind]]


def _to_mapping(volume: Volume, no_device: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = {"DeviceName": volume.device_name}
    if volume.no_device:
        return mapping | {"NoDevice": no_device}
    if volume.virtual_name:
        return mapping | {"VirtualName": volume.virtual_name}
    return mapping | {"Ebs": {EBS[key]: value for key, value in volume.given().items() if key in EBS}}


def _from_mapping(mapping: Mapping[str, Any]) -> Volume:
    ebs = mapping.get("Ebs") or {}
    given = {name: ebs.get(key) for name, key in EBS.items()}
    no_device = True if not ebs and mapping.get("NoDevice") not in (None, False) else None
    return Volume(mapping["DeviceName"], **given, virtual_name=mapping.get("VirtualName"), no_device=no_device)


# In AWS's words: a launch configuration


def to_configuration(launch: Launch) -> dict[str, Any]:
    """The arguments of CreateLaunchConfiguration, its name aside. botocore itself makes base64 of UserData."""
    placement, spot = launch.rest.get("Placement") or {}, launch.rest.get("InstanceMarketOptions") or {}
    args = {
        "ImageId": launch.image_id,
        "InstanceType": launch.instance_type,
        "KeyName": launch.key_name,
        "SecurityGroups": list(launch.security_group_ids or ()),
        "IamInstanceProfile": launch.instance_profile,
        "UserData": _decoded(launch.user_data),
        "InstanceMonitoring": None if launch.detailed_monitoring is None else {"Enabled": launch.detailed_monitoring},
        "AssociatePublicIpAddress": launch.associate_public_ip,
        "EbsOptimized": launch.ebs_optimized,
        "BlockDeviceMappings": [_to_mapping(volume, True) for volume in launch.volumes or ()],
        "MetadataOptions": {**(launch.rest.get("MetadataOptions") or {}), **_metadata(launch)},
        "PlacementTenancy": placement.get("Tenancy"),
        "SpotPrice": (spot.get("SpotOptions") or {}).get("MaxPrice"),
        "KernelId": launch.rest.get("KernelId"),
        "RamdiskId": launch.rest.get("RamDiskId"),
    }
    return {key: value for key, value in sorted(args.items()) if value not in (None, [], {})}


def from_configuration(raw: Mapping[str, Any]) -> Launch:
    """The launch that a launch configuration says; what it lacks is AWS's default (monitoring is on)."""
    metadata = dict(raw.get("MetadataOptions") or {})
    rest: dict[str, Any] = {"KernelId": raw.get("KernelId"), "RamDiskId": raw.get("RamdiskId")}
    launch = Launch(
        image_id=raw.get("ImageId"),
        instance_type=raw.get("InstanceType"),
        key_name=raw.get("KeyName") or None,
        security_group_ids=tuple(sorted(raw.get("SecurityGroups") or ())),
        instance_profile=raw.get("IamInstanceProfile") or None,
        user_data=raw.get("UserData") or None,
        detailed_monitoring=(raw.get("InstanceMonitoring") or {}).get("Enabled", True),
        associate_public_ip=raw.get("AssociatePublicIpAddress"),
        ebs_optimized=bool(raw.get("EbsOptimized")),
        volumes=by_device(_from_mapping(item) for item in raw.get("BlockDeviceMappings") or ()),
        http_tokens=metadata.pop("HttpTokens", None),
        http_put_response_hop_limit=metadata.pop("HttpPutResponseHopLimit", None),
    )
    rest["MetadataOptions"] = metadata
    if raw.get("PlacementTenancy"):
        rest["Placement"] = {"Tenancy": raw["PlacementTenancy"]}
    if raw.get("SpotPrice"):
        rest["InstanceMarketOptions"] = {"MarketType": "spot", "SpotOptions": {"MaxPrice": raw["SpotPrice"]}}
    return replace(launch, rest={key: value for key, value in rest.items() if value})


def _decoded(user_data: str | None) -> str | bytes | None:
    if user_data in (None, LATER):
        return user_data
    raw = base64.b64decode(str(user_data))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
