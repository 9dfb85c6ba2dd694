# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads that things on every floor need, as AWS answers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import tags as _tags
from .aws import FILTER_VALUES, Aws
from .licences import all_of_marketplace
from .step import LATER

Instances = dict[str, Mapping[str, Any]]
"""EC2's instances by id."""


def instances(aws: Aws, filters: Sequence[Mapping[str, Any]], *, region: str | None = None) -> Instances:
    """The instances that pass the filters, those that ended a while ago among them."""
    return _by_id(aws.pages("ec2", "DescribeInstances", "Reservations", region=region, Filters=list(filters)))


def instances_by_id(aws: Aws, ids: Sequence[str], *, region: str | None = None) -> Instances:
    """Those of the instances that are there; without ids no call is made."""
    by = "instance-id"
    return _by_id(aws.filtered("DescribeInstances", "Reservations", by, ids, region=region)) if ids else {}


def running(aws: Aws, stack: str) -> Instances:
    """The instances of the stack that run, or are about to."""
    marked = {"Name": f"tag:{_tags.STACK}", "Values": [stack]}
    return instances(aws, [marked, {"Name": "instance-state-name", "Values": list(ALIVE)}])


ALIVE = ("pending", "running")


def addresses(instance: Mapping[str, Any]) -> list[str]:
    """The public and the private address of an instance as AWS answers, the ones that it has."""
    return [instance[key] for key in ("PublicIpAddress", "PrivateIpAddress") if instance.get(key)]


def _by_id(reservations: Sequence[Mapping[str, Any]]) -> Instances:
    return {one["InstanceId"]: one for reservation in reservations for one in reservation["Instances"]}


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
    """Those of the things that are there, by name; kinds are those of THERE, "instance" and "certificate"."""
    if kind == "instance":
        return instances_by_id(aws, names, region=region)
    if kind == "certificate":
        found = {arn: certificate(aws, arn, region=region) for arn in names}
        return {arn: raw for arn, raw in found.items() if raw is not None}
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


def interfaces(aws: Aws, description: str) -> list[dict[str, Any]]:
    """The network interfaces of that description, as AWS answers."""
    return interfaces_by(aws, "description", [description])


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


def snapshots(aws: Aws, filters: Sequence[Mapping[str, Any]], *, region: str | None = None) -> list[dict[str, Any]]:
    """The own snapshots that pass the filters, as AWS answers."""
    return aws.pages("ec2", "DescribeSnapshots", "Snapshots", region=region, OwnerIds=["self"], Filters=list(filters))
