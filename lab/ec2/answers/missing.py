# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's words for what is not there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.models.key_pairs import KeyPairBackend
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.corrections import correction
from ...core.errors import Refused, missing
from ..launching import check_tags


def _groups(ec2: Any) -> Collection[str]:
    return {group_id for groups in ec2.groups.values() for group_id in groups}


def _subnets(ec2: Any) -> Collection[str]:
    return {subnet_id for subnets in ec2.subnets.values() for subnet_id in subnets}


def _named(
    owner: type, method: str, given: str, code: str, words: str, known: Callable[[Any], Collection[str]]
) -> None:
    """Has `method` refuse ids that are not `known` before anything else; `given` is the parameter they come in."""

    @correction(f"An id that does not exist is named in the refusal: {code}.", owner, method)
    def describe(search: Any, ec2: Any, *rest: Any, **options: Any) -> Any:
        ids = rest[0] if rest else options.get(given)
        for lost in [i for i in ids or [] if i not in known(ec2)]:
            raise Refused(code, words.format(lost))
        return search(ec2, *rest, **options)


_named(
    SubnetBackend,
    "describe_subnets",
    "subnet_ids",
    "InvalidSubnetID.NotFound",
    "The subnet ID '{}' does not exist",
    _subnets,
)
_named(
    VPCBackend,
    "describe_vpcs",
    "vpc_ids",
    "InvalidVpcID.NotFound",
    "The vpc ID '{}' does not exist",
    lambda ec2: ec2.vpcs,
)
_named(
    SecurityGroupBackend,
    "describe_security_groups",
    "group_ids",
    "InvalidGroup.NotFound",
    "The security group '{}' does not exist",
    _groups,
)
_named(
    KeyPairBackend,
    "describe_key_pairs",
    "key_names",
    "InvalidKeyPair.NotFound",
    "The key pair '{}' does not exist",
    lambda ec2: ec2.key_pairs,
)
_named(
    EBSBackend,
    "describe_snapshots",
    "snapshot_ids",
    "InvalidSnapshot.NotFound",
    "The snapshot '{}' does not exist.",
    lambda ec2: ec2.snapshots,
)
_named(
    EBSBackend,
    "describe_volumes",
    "volume_ids",
    "InvalidVolume.NotFound",
    "The volume '{}' does not exist.",
    lambda ec2: ec2.volumes,
)


@correction("A snapshot that does not exist is named in the refusal.", EBSBackend, "get_snapshot")
def get_snapshot(find: Any, ec2: Any, snapshot_id: str) -> Any:
    """The snapshot."""
    if snapshot_id not in ec2.snapshots:
        raise Refused("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")
    return find(ec2, snapshot_id)


@correction(
    "Tags go to what exists only; a key is there once and has 128 characters at most; those that begin with aws: are "
    "AWS's.",
    EC2Response,
    "create_tags",
)
def create_tags(create: Any, response: Any) -> Any:
    """What moto answers."""
    given = response._get_params()
    for name, words in (("Resources", "resourceIdSet"), ("Tags", "tagSet")):
        if not given.get(name):
            raise missing("ec2", words)
    there = state.instances(response.region)
    for lost in [i for i in given["Resources"] if i.startswith("i-") and i not in there]:
        raise Refused("InvalidInstanceID.NotFound", f"The instance ID '{lost}' does not exist")
    check_tags(given["Tags"])
    if any(tag["Key"].lower().startswith("aws:") for tag in given["Tags"]):
        raise Refused("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
    return create(response)


@correction("Tags are taken away from what is named: MissingParameter without.", EC2Response, "delete_tags")
def delete_tags(delete: Any, response: Any) -> Any:
    """What moto answers."""
    if not response._get_params().get("Resources"):
        raise missing("ec2", "resourceIdSet")
    return delete(response)
