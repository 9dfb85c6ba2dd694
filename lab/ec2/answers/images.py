# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: names, states, snapshots, attributes, copies, deregistration, references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.elastic_block_store import EBSBackend, Snapshot
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.corrections import correction
from ...core.errors import Refused
from .. import images, references

REGISTERED = {
    "Architecture": "architecture",
    "BootMode": "boot_mode",
    "ImageLocation": "image_location",
    "ImdsSupport": "imds_support",
    "KernelId": "kernel_id",
    "RamdiskId": "ramdisk_id",
    "RootDeviceName": "root_device_name",
    "SriovNetSupport": "sriov_net_support",
    "TpmSupport": "tpm_support",
    "UefiData": "uefi_data",
    "VirtualizationType": "virtualization_type",
}
Ami.imds_support = Ami.sriov_net_support = None
Ami.state_reason = None
Ami.source_image_id = None
Ami.source_image_region = None
Ami.devices = ()


@answers(
    "CreateImage refuses a name that is taken or malformed and an instance in another state than running, stopping or "
    "stopped; makes a snapshot for each EBS volume, tagged as asked; is pending for a while; reboots unless NoReboot.",
    EC2Response,
)
def create_image(ask: Ask) -> dict[str, Any]:
    """{ImageId}: pending."""
    ec2 = state.backend("ec2", ask.region)
    instance = ec2.get_instance(ask["InstanceId"])
    images.check_name(ec2, ask["Name"])
    images.check_source(instance)
    tags = images.tags_by_type(ask.get("TagSpecifications", []))
    wanted = images.Wanted(ask["Name"], ask.get("Description", ""), tags, ask.get("BlockDeviceMappings", []))
    image = images.from_instance(ask.lab, ec2, instance, wanted, reboot=not ask.get("NoReboot", False))
    return {"ImageId": image.id}


@answers(
    "CopyImage is pending for a while, keeps the name's rules, copies the tags only when asked, encrypts when asked, "
    "copies once for a client token.",
    EC2Response,
)
def copy_image(ask: Ask) -> dict[str, Any]:
    """{ImageId}: pending."""
    image, _again = ask.lab.tokens.once("CopyImage", ask.region, ask.given, lambda: _copy(ask))
    return {"ImageId": image.id}


def _copy(ask: Ask) -> Any:
    source = images.find(state.backend("ec2", ask["SourceRegion"]), ask["SourceImageId"])
    ec2 = state.backend("ec2", ask.region)
    images.check_name(ec2, ask["Name"])
    if source.state != "available":
        raise Refused("InvalidAMIID.Unavailable", f"The image ID '{source.id}' is not available")
    tags = images.tags_by_type(ask.get("TagSpecifications", []))
    if ask.get("CopyImageTags"):
        own = {tag["key"]: tag["value"] for tag in source.get_tags()}
        tags["image"] = {**{k: v for k, v in own.items() if not k.startswith("aws:")}, **tags.get("image", {})}
    wanted = images.Wanted(ask["Name"], ask.get("Description") or source.description, tags)
    key = ask.get("KmsKeyId")
    return images.copied(ask.lab, ec2, source, wanted, encrypted=bool(ask.get("Encrypted")), kms_key_id=key)


@answers(
    "RegisterImage makes an image of snapshots that exist and keeps all that it is given; the name's rules hold.",
    EC2Response,
)
def register_image(ask: Ask) -> dict[str, Any]:
    """{ImageId}: available at once."""
    ec2 = state.backend("ec2", ask.region)
    images.check_name(ec2, ask["Name"])
    devices = [_of_snapshot(ec2, device) for device in ask.get("BlockDeviceMappings", [])]
    image = images.record(ec2, ask["Name"], ask.get("Description", ""))
    image.devices, image.ena_support = devices, bool(ask.get("EnaSupport"))
    for name, attribute in REGISTERED.items():
        if name in ask:
            setattr(image, attribute, ask[name])
    for key, value in images.tags_by_type(ask.get("TagSpecifications", [])).get("image", {}).items():
        image.add_tag(key, value)
    return {"ImageId": image.id}


def _of_snapshot(ec2: Any, device: Mapping[str, Any]) -> dict[str, Any]:
    """A device with what its snapshot says where the request does not."""
    ebs = dict(device.get("Ebs") or {})
    if not ebs.get("SnapshotId"):
        return dict(device)
    snapshot = ec2.get_snapshot(ebs["SnapshotId"])
    default = {"VolumeSize": snapshot.volume.size, "VolumeType": "gp2", "DeleteOnTermination": True}
    return {**device, "Ebs": {**default, "Encrypted": bool(snapshot.encrypted), **ebs}}


@answers(
    "DeregisterImage deletes the snapshots when asked and tells what became of each; a second time it is "
    "InvalidAMIID.Unavailable.",
    EC2Response,
)
def deregister_image(ask: Ask) -> dict[str, Any]:
    """{Return, DeleteSnapshotResults}."""
    ec2 = state.backend("ec2", ask.region)
    image = images.find(ec2, ask["ImageId"], own=True)
    if image.deregistration_protection != "disabled":
        raise Refused("OperationNotPermitted", f"The AMI {image.id} is protected against deregistering.")
    ec2.deregister_image(image.id)
    ask.lab.machines.forget_image(image.id)
    if not ask.get("DeleteAssociatedSnapshots"):
        return {"Return": True}
    results = [{"SnapshotId": s, "ReturnCode": _drop(ec2, s)} for s in images.snapshot_ids(image)]
    return {"Return": True, "DeleteSnapshotResults": results}


def _drop(ec2: Any, snapshot_id: str) -> str:
    if snapshot_id not in ec2.snapshots:
        return "client-error"
    if images.user_of(ec2, snapshot_id):
        return "skipped"
    del ec2.snapshots[snapshot_id]
    return "success"


@answers(
    "ModifyImageAttribute applies description, imdsSupport (v2.0 is for ever) and launch permissions; own images only.",
    EC2Response,
)
def modify_image_attribute(ask: Ask) -> None:
    """Nothing."""
    ec2 = state.backend("ec2", ask.region)
    image = images.find(ec2, ask["ImageId"], own=True)
    attribute, value = ask.get("Attribute"), ask.get("Value")
    if ask.get("Description") or attribute == "description":
        image.description = (ask.get("Description") or {}).get("Value", value) or ""
    if ask.get("ImdsSupport") or attribute == "imdsSupport":
        asked = (ask.get("ImdsSupport") or {}).get("Value", value)
        if asked != "v2.0":
            raise Refused("InvalidParameterValue", f"Value ({asked}) for parameter imdsSupport is invalid.")
        image.imds_support = asked
    add, remove = images.permissions(ask.given)
    ec2.validate_permission_targets([*add, *remove])
    kept = [given for given in image.launch_permissions if given not in remove]
    image.launch_permissions = [*kept, *(given for given in add if given not in kept)]


@answers(
    "DescribeImageReferences names the instances and the launch templates that use an image; of a template only the "
    "ten newest versions are looked at, unless version-depth says otherwise.",
    EC2Response,
)
def describe_image_references(ask: Ask) -> dict[str, Any]:
    """{ImageReferences}."""
    ec2 = state.backend("ec2", ask.region)
    kinds = {kind["ResourceType"]: kind for kind in ask.get("ResourceTypes", [])}
    found: list[dict[str, str]] = []
    for image_id in ask["ImageIds"]:
        if ask.get("IncludeAllResourceTypes") or "ec2:Instance" in kinds:
            found += references.of_instances(ec2, image_id)
        if ask.get("IncludeAllResourceTypes") or "ec2:LaunchTemplate" in kinds:
            depth = references.version_depth(kinds.get("ec2:LaunchTemplate", {}))
            found += references.of_templates(ec2, image_id, depth)
    return {"ImageReferences": found}


@correction(
    "An unknown id among those asked for is InvalidAMIID.NotFound; a deregistered one is left out.",
    AmiBackend,
    "describe_images",
)
def describe_images(describe: Any, ec2: Any, ami_ids: Any = None, *rest: Any, **more: Any) -> Any:
    """The images."""
    unknown = [i for i in ami_ids or [] if i.startswith("ami-") and i not in ec2.amis and i not in ec2.deleted_amis]
    if unknown:
        kind = "ids" if len(unknown) > 1 else "id"
        raise Refused(
            "InvalidAMIID.NotFound",
            f"The image {kind} '[{', '.join(unknown)}]' {'do' if len(unknown) > 1 else 'does'} not exist",
        )
    return describe(ec2, ami_ids, *rest, **more)


@correction("An image's block devices are its own, one snapshot each.", Ami, "block_device_mappings")
def block_device_mappings(_one: Any, image: Any) -> list[dict[str, Any]]:
    """The mappings."""
    return list(image.devices)


@correction("Images are found by the snapshots that they use, and by product codes.", Ami, "get_filter_value")
def get_filter_value(value: Any, image: Any, name: str, method: str | None = None) -> Any:
    """What the filter looks at."""
    if name == "product-code":
        return [code["ProductCodeId"] for code in image.product_codes or ()]
    return images.snapshot_ids(image) if name == "block-device-mapping.snapshot-id" else value(image, name, method)


@correction("A snapshot that is being made is not complete.", Snapshot, "progress")
def progress(done: Any, snapshot: Any) -> str:
    """Per cent."""
    return "0%" if snapshot.status == "pending" else str(done(snapshot))


@correction(
    "DeleteSnapshot refuses a snapshot that an image uses, and says which id does not exist.",
    EBSBackend,
    "delete_snapshot",
)
def delete_snapshot(_delete: Any, ec2: Any, snapshot_id: str) -> Any:
    """The deleted snapshot."""
    if snapshot_id not in ec2.snapshots:
        raise Refused("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")
    user = images.user_of(ec2, snapshot_id)
    if user:
        raise Refused("InvalidSnapshot.InUse", f"The snapshot {snapshot_id} is currently in use by {user}")
    return ec2.snapshots.pop(snapshot_id)
