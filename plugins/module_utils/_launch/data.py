# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is launched, in AWS's words: the data of a launch template's version, and a launch configuration."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.plain import merged, without
from .._core.step import LATER
from .value import BlockDevice, Launch, by_device

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
    """64 hexadecimal digits, computed from the content."""
    data = json.dumps(to_template(launch), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()


def open_ended(launch: Launch) -> bool:
    """Whether a value in it is LATER, so that its digest is not yet known."""
    return LATER in json.dumps(to_template(launch)) or launch.user_data == LATER


PLAIN = {
    "image_id": "ImageId",
    "instance_type": "InstanceType",
    "key_name": "KeyName",
    "user_data": "UserData",
    "ebs_optimized": "EbsOptimized",
}
NESTED = {
    "detailed_monitoring": ("Monitoring", "Enabled"),
    "http_tokens": ("MetadataOptions", "HttpTokens"),
    "http_put_response_hop_limit": ("MetadataOptions", "HttpPutResponseHopLimit"),
    "instance_metadata_tags": ("MetadataOptions", "InstanceMetadataTags"),
}
"""Where a template says what has a name here; the rest of its data is kept as it is, at any depth."""


def to_template(launch: Launch, stack: str | None = None) -> dict[str, Any]:
    """LaunchTemplateData; with `stack`, volumes are tagged with our tag, which also shows that the version is ours."""
    rest = {key: value for key, value in launch.rest.items() if key not in OF_CONFIGURATIONS}
    specs, interfaces = rest.pop("TagSpecifications", []), rest.pop("NetworkInterfaces", [])
    data: dict[str, Any] = {key: getattr(launch, name) for name, key in PLAIN.items()}
    for name, (head, key) in NESTED.items():
        data[head] = {**data.get(head, {}), key: getattr(launch, name)}
    data |= {
        "IamInstanceProfile": _profile(launch.instance_profile),
        "BlockDeviceMappings": [_to_mapping(volume, "") for volume in launch.volumes or ()],
        "TagSpecifications": _tagging(specs, launch.volume_tags or {}, stack),
        **_to_network(launch, interfaces),
    }
    return merged(rest, {key: merged({}, value) if isinstance(value, dict) else value for key, value in data.items()})


def from_template(data: Mapping[str, Any]) -> Launch:
    """The launch that LaunchTemplateData says."""
    named: dict[str, Any] = {name: data.get(key) for name, key in PLAIN.items()}
    named |= {name: (data.get(head) or {}).get(key) for name, (head, key) in NESTED.items()}
    interfaces, profile = _interfaces(data), data.get("IamInstanceProfile") or {}
    groups = interfaces[0].get("Groups") if interfaces else data.get("SecurityGroupIds")
    specs, volume_tags = _tag_specifications(data.get("TagSpecifications") or ())
    read = [
        *PLAIN.values(),
        *(f"{head}.{key}" for head, key in NESTED.values()),
        f"IamInstanceProfile.{'Arn' if profile.get('Arn') else 'Name'}",
        *("BlockDeviceMappings", "NetworkInterfaces", "TagSpecifications", "MetadataOptions.State"),
        *(() if interfaces else ("SecurityGroupIds",)),
    ]
    others = {"NetworkInterfaces": _foreign_network(interfaces), "TagSpecifications": specs}
    return Launch(
        **named,
        security_group_ids=tuple(sorted(groups or ())),
        instance_profile=profile.get("Arn") or profile.get("Name"),
        associate_public_ip=interfaces[0].get("AssociatePublicIpAddress") if interfaces else None,
        volumes=by_device(_from_mapping(item) for item in data.get("BlockDeviceMappings") or ()),
        volume_tags=volume_tags or None,
        rest=merged(without(data, read), others),
    )


def bears_mark(data: Mapping[str, Any], stack: str) -> bool:
    """Whether a version with this data was made by us for this stack."""
    tags = (_tags.from_aws(spec.get("Tags")) for spec in data.get("TagSpecifications") or ())
    return any(_tags.is_marked(given, stack) for given in tags)


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


def _interfaces(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The network interfaces, the one at device 0 first."""
    found = list(data.get("NetworkInterfaces") or ())
    first = next((one for one in found if one.get("DeviceIndex") == 0), None)
    return found if first is None else [first, *(one for one in found if one is not first)]


def _foreign_network(interfaces: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not interfaces:
        return []
    first = without(interfaces[0], MANAGED_INTERFACE)
    plain = len(interfaces) == 1 and "AssociatePublicIpAddress" in interfaces[0] and first == OWN_INTERFACE
    return [] if plain else [first, *map(dict, interfaces[1:])]


Tagging = list[dict[str, Any]]


def _tagging(others: Sequence[Mapping[str, Any]], volumes: Mapping[str, str], stack: str | None) -> Tagging:
    own = {**volumes, **(_tags.marks(stack) if stack is not None else {})}
    specs = [*others, *([{"ResourceType": "volume", "Tags": _tags.to_aws(own)}] if own else [])]
    return sorted(map(dict, specs), key=lambda spec: str(spec.get("ResourceType")))


def _tag_specifications(specs: Sequence[Mapping[str, Any]]) -> tuple[Tagging, dict[str, str]]:
    """Those of other things, and the tags of volumes without our tag."""
    own = [spec for spec in specs if spec.get("ResourceType") == "volume"]
    volumes = {key: value for spec in own for key, value in _tags.from_aws(spec.get("Tags")).items()}
    volumes.pop(_tags.STACK, None)
    others = [without(spec, ()) for spec in specs if spec not in own]
    return sorted(others, key=lambda spec: str(spec.get("ResourceType"))), volumes


def _to_mapping(volume: BlockDevice, no_device: Any) -> dict[str, Any]:
    ebs = {key: value for name, key in EBS.items() if (value := getattr(volume, name)) is not None}
    named = {"DeviceName": volume.device_name or None, "VirtualName": volume.virtual_name, "Ebs": ebs}
    if volume.no_device and "NoDevice" not in volume.rest:
        named["NoDevice"] = no_device
    return merged(volume.rest, named)


def _from_mapping(mapping: Mapping[str, Any]) -> BlockDevice:
    ebs, left_out = mapping.get("Ebs") or {}, mapping.get("NoDevice")
    given = {name: ebs.get(key) for name, key in EBS.items()}
    no_device = True if not ebs and left_out not in (None, False) else None
    read = ("DeviceName", "VirtualName", *(f"Ebs.{key}" for key in EBS.values()))
    rest = without(mapping, (*read, "NoDevice") if no_device and left_out in ("", True) else read)
    name = mapping.get("DeviceName") or ""
    return BlockDevice(name, **given, virtual_name=mapping.get("VirtualName"), no_device=no_device, rest=rest)


# In AWS's words: a launch configuration


OF_CONFIGURATIONS = ("ClassicLinkVPCId", "ClassicLinkVPCSecurityGroups")
"""What a template cannot say: AWS has retired it."""
BOTH = {
    "KernelId": ("KernelId",),
    "RamdiskId": ("RamDiskId",),
    "PlacementTenancy": ("Placement", "Tenancy"),
    "SpotPrice": ("InstanceMarketOptions", "SpotOptions", "MaxPrice"),
}
"""What a configuration says beside, and where a template does."""


def to_configuration(launch: Launch) -> dict[str, Any]:
    """The arguments of CreateLaunchConfiguration, its name aside. botocore itself makes base64 of UserData."""
    rest, monitoring = launch.rest, launch.detailed_monitoring
    metadata = {"HttpTokens": launch.http_tokens, "HttpPutResponseHopLimit": launch.http_put_response_hop_limit}
    args = {
        "ImageId": launch.image_id,
        "InstanceType": launch.instance_type,
        "KeyName": launch.key_name,
        "SecurityGroups": list(launch.security_group_ids or ()),
        "IamInstanceProfile": launch.instance_profile,
        "UserData": _decoded(launch.user_data),
        "InstanceMonitoring": None if monitoring is None else {"Enabled": monitoring},
        "AssociatePublicIpAddress": launch.associate_public_ip,
        "EbsOptimized": launch.ebs_optimized,
        "BlockDeviceMappings": [_to_mapping(volume, True) for volume in launch.volumes or ()],
        "MetadataOptions": merged(rest.get("MetadataOptions") or {}, metadata),
        **{key: _dig(rest, path) for key, path in BOTH.items()},
        **{key: rest.get(key) for key in OF_CONFIGURATIONS},
    }
    return merged({}, args)


def beyond_configurations(launch: Launch) -> list[str]:
    """What a launch configuration cannot say of it, under AWS's names."""
    spot = ("InstanceMarketOptions.MarketType", "MetadataOptions.HttpEndpoint")
    known = (*(".".join(path) for path in BOTH.values()), *spot, *OF_CONFIGURATIONS)
    left = sorted(without(launch.rest, known))
    devices = [f"{key} of {one.device_name}" for one in launch.volumes or () for key in sorted(one.rest.get("Ebs", ()))]
    keys = [f"KmsKeyId of {one.device_name}" for one in launch.volumes or () if one.kms_key_id is not None]
    metadata = ["MetadataOptions.InstanceMetadataTags"] if launch.instance_metadata_tags == "enabled" else []
    return [*left, *devices, *keys, *metadata, *(["tags of volumes"] if launch.volume_tags else [])]


def from_configuration(raw: Mapping[str, Any]) -> Launch:
    """The launch that a launch configuration says; what it lacks is AWS's default (monitoring is on)."""
    metadata = raw.get("MetadataOptions") or {}
    rest: dict[str, Any] = {"MetadataOptions": without(metadata, ("HttpTokens", "HttpPutResponseHopLimit"))}
    rest |= {key: raw.get(key) for key in OF_CONFIGURATIONS}
    for key, path in BOTH.items():
        rest = merged(rest, _planted(path, raw.get(key) or None))
    if raw.get("SpotPrice"):
        rest = merged(rest, {"InstanceMarketOptions": {"MarketType": "spot"}})
    return Launch(
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
        http_tokens=metadata.get("HttpTokens"),
        http_put_response_hop_limit=metadata.get("HttpPutResponseHopLimit"),
        rest=merged({}, rest),
    )


def _dig(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        value = (value or {}).get(part)
    return value


def _planted(path: Sequence[str], value: Any) -> dict[str, Any]:
    for part in reversed(path):
        value = {} if value in (None, {}) else {part: value}
    return dict(value or {})


def _decoded(user_data: str | None) -> str | bytes | None:
    if user_data in (None, LATER):
        return user_data
    raw = base64.b64decode(str(user_data))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
