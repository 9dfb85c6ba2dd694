# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads that things on every floor need, as AWS answers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import tags as _tags
from .aws import FILTER_VALUES, Aws
from .instances import ALIVE, Instance
from .licences import all_of_marketplace
from .step import LATER


def describe_instances(
    aws: Aws, filters: Sequence[Mapping[str, Any]], *, region: str | None = None
) -> list[Mapping[str, Any]]:
    """The instances that pass the filters, those that ended a while ago among them, as AWS answers."""
    return _machines(aws.pages("ec2", "DescribeInstances", "Reservations", region=region, Filters=list(filters)))


def instances(aws: Aws, filters: Sequence[Mapping[str, Any]], *, region: str | None = None) -> dict[str, Instance]:
    """The instances that pass the filters, those that ended a while ago among them, by id."""
    return _by_id(describe_instances(aws, filters, region=region))


def instances_by_id(aws: Aws, ids: Sequence[str], *, region: str | None = None) -> dict[str, Instance]:
    """Those of the instances that are there, by id; without ids no call is made."""
    return _by_id(_with_ids(aws, ids, region)) if ids else {}


def running(aws: Aws, stack: str) -> dict[str, Instance]:
    """The instances of the stack that run, or are about to."""
    marked = {"Name": f"tag:{_tags.STACK}", "Values": [stack]}
    return instances(aws, [marked, {"Name": "instance-state-name", "Values": list(ALIVE)}])


def instance_from_aws(raw: Mapping[str, Any]) -> Instance:
    """The frozen value of one instance of DescribeInstances."""
    disks = [one.get("Ebs") or {} for one in raw.get("BlockDeviceMappings") or ()]
    return Instance(
        instance_id=raw["InstanceId"],
        state=raw["State"]["Name"],
        image_id=raw.get("ImageId"),
        zone=(raw.get("Placement") or {}).get("AvailabilityZone") or "",
        subnet=raw.get("SubnetId"),
        public_address=raw.get("PublicIpAddress"),
        private_address=raw.get("PrivateIpAddress"),
        tags=_tags.from_aws(raw.get("Tags")),
        volumes={one["VolumeId"]: bool(one.get("DeleteOnTermination")) for one in disks if one.get("VolumeId")},
        reason=(raw.get("StateReason") or {}).get("Message") or "",
    )


def _with_ids(aws: Aws, ids: Sequence[str], region: str | None) -> list[Mapping[str, Any]]:
    return _machines(aws.filtered("DescribeInstances", "Reservations", "instance-id", ids, region=region))


def _machines(reservations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for reservation in reservations for one in reservation["Instances"]]


def _by_id(found: Iterable[Mapping[str, Any]]) -> dict[str, Instance]:
    return {one.instance_id: one for one in map(instance_from_aws, found)}


THERE = {
    "subnet": ("DescribeSubnets", "Subnets", "SubnetId", "subnet-id"),
    "security group": ("DescribeSecurityGroups", "SecurityGroups", "GroupId", "group-id"),
    "VPC": ("DescribeVpcs", "Vpcs", "VpcId", "vpc-id"),
    "image": ("DescribeImages", "Images", "ImageId", "image-id"),
    "key pair": ("DescribeKeyPairs", "KeyPairs", "KeyName", "key-name"),
    "instance type": ("DescribeInstanceTypes", "InstanceTypes", "InstanceType", "instance-type"),
}
"""Operation, the list in its reply, the field with the name, and the filter by it."""


def there(aws: Aws, kind: str, names: Sequence[str], *, region: str | None = None) -> dict[str, Mapping[str, Any]]:
    """Those of the things that are there, by name.

    Kinds are those of THERE, "instance", "certificate" and "security policy"; of that all that AWS has are given.
    """
    if kind == "instance":
        return {one["InstanceId"]: one for one in _with_ids(aws, names, region)}
    if kind == "certificate":
        found = {arn: certificate(aws, arn, region=region) for arn in names}
        return {arn: raw for arn, raw in found.items() if raw is not None}
    if kind == "security policy":  # all: for one that is not there AWS refuses the call
        predefined = aws.pages("elb", "DescribeLoadBalancerPolicies", "PolicyDescriptions", region=region)
        return {str(one["PolicyName"]): one for one in predefined}
    operation, key, field, by = THERE[kind]
    return {one[field]: one for one in aws.filtered(operation, key, by, names, region=region)}


def need_no_licence(aws: Aws, image_ids: Iterable[str | None]) -> bool:
    """Whether nodes of these images need no licence: all are of AWS Marketplace. Nobody is asked for an unknown one."""
    named = sorted({one or "" for one in image_ids})
    if not named or {"", LATER} & set(named):
        return False
    return all_of_marketplace(named, there(aws, "image", named))


def certificate(aws: Aws, arn: str, *, region: str | None = None) -> dict[str, Any] | None:
    """The certificate of ACM or IAM as AWS answers; None where there is none of that ARN."""
    if ":iam:" in arn:
        name = arn.rpartition("/")[2]
        said = aws.read("iam", "GetServerCertificate", missing=("NoSuchEntity",), ServerCertificateName=name)
        found: dict[str, Any] = (said or {}).get("ServerCertificate", {}).get("ServerCertificateMetadata", {})
        return found if found.get("Arn") == arn else None
    said = aws.read("acm", "DescribeCertificate", region=region, missing=NO_CERTIFICATE, CertificateArn=arn)
    return None if said is None else dict(said["Certificate"])


NO_CERTIFICATE = ("ResourceNotFoundException", "InvalidArnException", "ValidationException")


def describe(
    aws: Aws, kind: str, filters: Sequence[Mapping[str, Any]], *, region: str | None = None, **args: Any
) -> list[dict[str, Any]]:
    """The things that pass the filters, as AWS answers; kinds are those of THERE."""
    operation, key, _, _ = THERE[kind]
    return aws.pages("ec2", operation, key, region=region, Filters=list(filters), **args)


def zones(aws: Aws, subnets: Sequence[str]) -> dict[str, str]:
    """The zones of those of the subnets that are there."""
    return {subnet: str(raw["AvailabilityZone"]) for subnet, raw in there(aws, "subnet", subnets).items()}


def interfaces(aws: Aws, description: str) -> tuple[str, ...]:
    """The ids of the network interfaces of that description."""
    return tuple(sorted(str(one["NetworkInterfaceId"]) for one in interfaces_by(aws, "description", [description])))


def interfaces_by(aws: Aws, by: str, values: Sequence[str]) -> list[dict[str, Any]]:
    """The network interfaces whose `by`, the name of a filter, is of the values, as AWS answers."""
    return aws.filtered("DescribeNetworkInterfaces", "NetworkInterfaces", by, values)


def images_of_snapshots(
    aws: Aws, snapshot_ids: Sequence[str], *, region: str | None = None
) -> dict[str, tuple[str, ...]]:
    """The ids of the own images, disabled ones too, that use each of the snapshots; one that none uses is left out."""
    wanted, used = set(snapshot_ids), dict[str, set[str]]()
    for at in range(0, len(snapshot_ids), FILTER_VALUES):
        by = {"Name": "block-device-mapping.snapshot-id", "Values": list(snapshot_ids[at : at + FILTER_VALUES])}
        for image in describe(aws, "image", [by], region=region, Owners=["self"], IncludeDisabled=True):
            ebs = (mapping.get("Ebs") or {} for mapping in image.get("BlockDeviceMappings") or ())
            for snapshot in wanted & {one.get("SnapshotId") for one in ebs}:
                used.setdefault(snapshot, set()).add(image["ImageId"])
    return {snapshot: tuple(sorted(images)) for snapshot, images in sorted(used.items())}


def volume_tags(aws: Aws, instances: Iterable[Instance]) -> dict[str, dict[str, str]]:
    """By id the tags of the volumes that end with one of the instances, or have our tag."""
    ends = {volume: ends for one in instances for volume, ends in one.volumes.items()}
    rows = aws.filtered("DescribeVolumes", "Volumes", "volume-id", list(ends)) if ends else ()
    tags = {row["VolumeId"]: _tags.from_aws(row.get("Tags")) for row in rows}
    return {volume: has for volume, has in tags.items() if ends[volume] or _tags.STACK in has}


def snapshots(aws: Aws, filters: Sequence[Mapping[str, Any]], *, region: str | None = None) -> list[dict[str, Any]]:
    """The own snapshots that pass the filters, as AWS answers."""
    return aws.pages("ec2", "DescribeSnapshots", "Snapshots", region=region, OwnerIds=["self"], Filters=list(filters))
