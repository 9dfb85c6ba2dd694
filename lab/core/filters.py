# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of EC2's describe calls: those that AWS documents, where in an answer each looks, and what passes.

Nearly every filter is named after the member of the answer that it looks at: `block-device-mapping.volume-id` is
BlockDeviceMappings.Ebs.VolumeId. So the place is found in botocore's model; `PLACES` has those with other names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from moto.core.serialize import EC2Serializer, XFormedAttributePicker
from moto.core.utils import get_service_model

from .errors import LabCannot, Refused

Path = tuple[str, ...]

WORD = re.compile(r"<ul>|</ul>|<li>\s*<p>\s*<code>([^<&:]+)")
PLACES: dict[str, dict[str, tuple[str, ...]]] = {
    "DescribeAvailabilityZones": {"message": ("Messages.Message",)},
    "DescribeImages": {
        "is-public": ("Public",),
        "manifest-location": ("ImageLocation",),
        "owner-alias": ("ImageOwnerAlias",),
        "product-code": ("ProductCodes.ProductCodeId",),
        "product-code.type": ("ProductCodes.ProductCodeType",),
        "instance-type-specification.supported-instance-type": (
            "InstanceTypeSpecification.SupportedInstanceTypes.InstanceType",
        ),
        "instance-type-specification.unsupported-instance-type": (
            "InstanceTypeSpecification.UnsupportedInstanceTypes.InstanceType",
        ),
    },
    "DescribeInstances": {
        "dns-name": ("PublicDnsName",),
        "instance-state-code": ("State.Code",),
        "instance-state-name": ("State.Name",),
        "instance.group-id": ("SecurityGroups.GroupId",),
        "instance.group-name": ("SecurityGroups.GroupName",),
        "group-id": ("SecurityGroups.GroupId",),
        "group-name": ("SecurityGroups.GroupName",),
        "ip-address": ("PublicIpAddress",),
        "ipv6-address": ("NetworkInterfaces.Ipv6Addresses.Ipv6Address", "Ipv6Address"),
        "launch-index": ("AmiLaunchIndex",),
        "network-interface.attachment.instance-id": ("InstanceId",),
        "network-interface.attachment.instance-owner-id": ("NetworkInterfaces.OwnerId",),
        "network-interface.availability-zone": ("Placement.AvailabilityZone",),
        "network-interface.group-id": ("NetworkInterfaces.Groups.GroupId",),
        "network-interface.group-name": ("NetworkInterfaces.Groups.GroupName",),
        "network-interface.ipv6-address": ("NetworkInterfaces.Ipv6Addresses.Ipv6Address",),
        "product-code": ("ProductCodes.ProductCodeId",),
        "product-code.type": ("ProductCodes.ProductCodeType",),
        "reason": ("StateTransitionReason",),
    },
    "DescribeInstanceStatus": {
        "instance-state-code": ("InstanceState.Code",),
        "instance-state-name": ("InstanceState.Name",),
        "instance-status.reachability": ("InstanceStatus.Details.Status",),
        "system-status.reachability": ("SystemStatus.Details.Status",),
    },
    "DescribeDhcpOptions": {
        "key": ("DhcpConfigurations.Key",),
        "value": ("DhcpConfigurations.Values.Value",),
    },
    "DescribeKeyPairs": {"fingerprint": ("KeyFingerprint",)},
    "DescribeLaunchTemplateVersions": {
        "iam-instance-profile": (
            "LaunchTemplateData.IamInstanceProfile.Arn",
            "LaunchTemplateData.IamInstanceProfile.Name",
        ),
        "is-default-version": ("DefaultVersion",),
        "license-configuration-arn": ("LaunchTemplateData.LicenseSpecifications.LicenseConfigurationArn",),
        "network-card-index": ("LaunchTemplateData.NetworkInterfaces.NetworkCardIndex",),
    },
    "DescribeNetworkAcls": {
        "association.association-id": ("Associations.NetworkAclAssociationId",),
        "default": ("IsDefault",),
        "entry.cidr": ("Entries.CidrBlock",),
        "entry.egress": ("Entries.Egress",),
        "entry.icmp.code": ("Entries.IcmpTypeCode.Code",),
        "entry.icmp.type": ("Entries.IcmpTypeCode.Type",),
        "entry.ipv6-cidr": ("Entries.Ipv6CidrBlock",),
        "entry.port-range.from": ("Entries.PortRange.From",),
        "entry.port-range.to": ("Entries.PortRange.To",),
        "entry.protocol": ("Entries.Protocol",),
        "entry.rule-action": ("Entries.RuleAction",),
        "entry.rule-number": ("Entries.RuleNumber",),
    },
    "DescribeNetworkInterfaces": {
        "addresses.association.owner-id": ("PrivateIpAddresses.Association.IpOwnerId",),
        "group-id": ("Groups.GroupId",),
        "group-name": ("Groups.GroupName",),
    },
    "DescribeSnapshots": {"status": ("State",)},
    "DescribeSubnets": {
        "availabilityZone": ("AvailabilityZone",),
        "cidr": ("CidrBlock",),
        "cidrBlock": ("CidrBlock",),
        "defaultForAz": ("DefaultForAz",),
        "ipv6-cidr-block-association.state": ("Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State",),
    },
    "DescribeVolumes": {"attachment.status": ("Attachments.State",), "status": ("State",)},
    "DescribeVpcEndpoints": {"vpc-endpoint-state": ("State",)},
    "DescribeVpcs": {
        "cidr": ("CidrBlock",),
        "cidrBlock": ("CidrBlock",),
        "cidr-block": ("CidrBlock",),
        "isDefault": ("IsDefault",),
        "cidr-block-association.state": ("CidrBlockAssociationSet.CidrBlockState.State",),
        "ipv6-cidr-block-association.state": ("Ipv6CidrBlockAssociationSet.Ipv6CidrBlockState.State",),
    },
    "DescribeSecurityGroups": {
        f"{way}{name}": (f"{member}.{place}",)
        for way, member in (("", "IpPermissions"), ("egress.", "IpPermissionsEgress"))
        for name, place in (
            ("ip-permission.cidr", "IpRanges.CidrIp"),
            ("ip-permission.ipv6-cidr", "Ipv6Ranges.CidrIpv6"),
            ("ip-permission.prefix-list-id", "PrefixListIds.PrefixListId"),
            ("ip-permission.protocol", "IpProtocol"),
            ("ip-permission.group-id", "UserIdGroupPairs.GroupId"),
            ("ip-permission.group-name", "UserIdGroupPairs.GroupName"),
            ("ip-permission.user-id", "UserIdGroupPairs.UserId"),
            ("ip-permission.from-port", "FromPort"),
            ("ip-permission.to-port", "ToPort"),
        )
    },
}
"""Where a filter looks that has not its member's name; its value passes where it is at one of the places."""

OF_THE_RESERVATION = {"reservation-id": "ReservationId", "owner-id": "OwnerId", "requester-id": "RequesterId"}


@cache
def _operation(name: str) -> Any:
    return get_service_model("ec2").operation_model(name)


@cache
def documented(operation: str) -> frozenset[str]:
    """The names of the filters that AWS documents for an operation; "tag" stands for tag:KEY."""
    members = _operation(operation).input_shape.members
    asked = members.get("Filters") or members.get("Filter")
    depth, names = 0, set()
    for found in WORD.finditer(asked.documentation if asked is not None else ""):
        if found[1] is None:
            depth += 1 if found[0] == "<ul>" else -1
        elif depth == 1:
            names.add(found[1].strip())
    return frozenset({*names, *PLACES.get(operation, ()), *({"tag-value"} if "tag-key" in names else ())})


@cache
def places(operation: str, name: str) -> tuple[Path, ...]:
    """Where in a row of the operation's answer a filter looks; () where the answer has no such member."""
    if name in PLACES.get(operation, ()):
        return tuple(tuple(place.split(".")) for place in PLACES[operation][name])
    path = _find(row(operation), tuple(part.replace("-", "").lower() for part in name.split(".")))
    return (path,) if path else ()


@cache
def key(operation: str) -> str:
    """The member of an operation's answer that has the rows."""
    members = _operation(operation).output_shape.members
    return str(next(name for name, shape in members.items() if shape.type_name == "list"))


@cache
def row(operation: str) -> Any:
    """The shape of a row; of DescribeInstances an instance, not its reservation."""
    shape = _operation(operation).output_shape.members[key(operation)].member
    return shape.members["Instances"].member if operation == "DescribeInstances" else shape


def _find(shape: Any, parts: Path) -> Path | None:
    """The path below `shape` to the member that `parts` name, written without dashes; None where there is none."""
    while shape.type_name == "list":
        shape = shape.member
    if not parts:
        return None if shape.type_name == "structure" else ()
    if shape.type_name != "structure":
        return None
    first, *rest = parts
    for name, member in shape.members.items():
        if first in _words(name):
            path = _find(member, tuple(rest))
            if path is not None:
                return (name, *path)
    for name, member in shape.members.items():
        left = next((first.removeprefix(word) for word in _words(name) if first.startswith(word)), first)
        path = _find(member, (left, *rest)) if left not in (first, "") else None
        if path is not None:
            return (name, *path)
    below = ((name, _find(member, parts)) for name, member in shape.members.items() if member.type_name == "structure")
    return next(((name, *path) for name, path in below if path is not None), None)


def _words(member: str) -> tuple[str, ...]:
    """What a filter may call a member: BlockDeviceMappings is a block-device-mapping."""
    word = member.lower()
    singular = word.removesuffix("es") if word.endswith("sses") else word.removesuffix("s")
    return word, singular, word.removesuffix("set"), *(("addresses",) if word == "privateipaddresses" else ())


def check(operation: str, names: Iterable[str]) -> None:
    """Refuses a filter that AWS does not know, in its words, and one that the lab cannot apply, in its own."""
    for name in names:
        if name.partition(":")[0] not in documented(operation):
            raise Refused("InvalidParameterValue", f"The filter '{name}' is invalid")
        if not (name.startswith("tag") or name in OF_THE_RESERVATION or places(operation, name)):
            raise LabCannot("Filter", f"filter {operation} by '{name}'")


class Filters:
    """The filters of one request."""

    def __init__(
        self, operation: str, asked: Sequence[Mapping[str, Any]], transformers: Mapping[str, Any] | None = None
    ) -> None:
        """Checked; `asked` as the request has them."""
        if any(not one.get("Name") for one in asked):
            raise Refused("InvalidParameterValue", "The filter 'null' is invalid")
        self.asked = {str(one["Name"]): [_pattern(str(value)) for value in one.get("Values") or ()] for one in asked}
        check(operation, self.asked)
        self.operation, self.row = operation, row(operation)
        self._serializer = EC2Serializer(
            _operation(operation), value_picker=XFormedAttributePicker(response_transformers=dict(transformers or {}))
        )

    def pass_row(self, thing: Any, reservation: Any = None) -> bool:
        """Whether a row (in AWS's shape or as moto keeps it) passes all of them."""
        return all(
            any(pattern.fullmatch(value) for value in self._values(thing, reservation, name) for pattern in patterns)
            for name, patterns in self.asked.items()
        )

    def _values(self, thing: Any, reservation: Any, name: str) -> Iterator[str]:
        if name.startswith("tag"):
            yield from self._tags(thing, name)
        elif reservation is not None and name in OF_THE_RESERVATION:
            shape = _operation(self.operation).output_shape.members[key(self.operation)].member
            yield from self._walk(reservation, shape, (OF_THE_RESERVATION[name],))
        for path in places(self.operation, name):
            yield from self._walk(thing, self.row, path)

    def _tags(self, thing: Any, name: str) -> Iterator[str]:
        member = next((name for name in ("Tags", "TagSet") if name in self.row.members), None)
        pairs = (self._pick(thing, self.row, member) if member else None) or ()
        if self.operation == "DescribeTags":
            pairs = ({word: self._pick(thing, self.row, word) for word in ("Key", "Value")},)
        for pair in pairs:
            tag = {str(word).lower(): value for word, value in pair.items()}
            if name in ("tag-key", "tag-value"):
                yield str(tag[name.removeprefix("tag-")])
            elif name == f"tag:{tag['key']}":
                yield str(tag["value"])

    def _walk(self, thing: Any, shape: Any, path: Path) -> Iterator[str]:
        if thing is None:
            return
        if shape.type_name == "list":
            for one in thing:
                yield from self._walk(one, shape.member, path)
        elif path:
            yield from self._walk(self._pick(thing, shape, path[0]), shape.members[path[0]], path[1:])
        else:
            yield _text(thing)

    def _pick(self, thing: Any, shape: Any, name: str) -> Any:
        member = shape.members[name]
        member.parent = shape
        self._serializer.path = [self.operation, shape.name]
        return self._serializer.get_value(thing, name, member)


def _text(value: Any) -> str:
    """A value as filters know it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return str(value)


def _pattern(value: str) -> re.Pattern[str]:
    """What passes a filter's value: * stands for any text, ? for any letter, a backslash takes their meaning away."""
    parts = re.findall(r"\\.|.", value, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return re.compile(
        "".join(wild.get(part) or re.escape(part.removeprefix("\\") or part) for part in parts), re.DOTALL
    )
