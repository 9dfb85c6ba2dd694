# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group launches: image, type, network, disks, metadata service. The same value whatever AWS keeps it in.

AWS keeps it in a version of a launch template, or, for accounts that still may, in a launch configuration.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from .._core.step import LATER

USER_DATA_LIMIT = 16384  # bytes before base64 (EC2 user guide, instance user data)


@dataclass(frozen=True)
class Volume:
    """One block device; None: left out."""

    device_name: str
    size: int | None = None
    type: str | None = None
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    kms_key_id: str | None = None
    snapshot_id: str | None = None
    delete_on_termination: bool | None = None
    virtual_name: str | None = None
    no_device: bool | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are not None."""
        return {key: value for key, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Launch:
    """What is launched. None: as a want, left out; as what is there, not set.

    `user_data` is base64, as AWS keeps it. `rest` is what a template says beside, under AWS's names: kept as it is.
    """

    image_id: str | None = None
    instance_type: str | None = None
    key_name: str | None = None
    security_group_ids: tuple[str, ...] | None = None
    instance_profile: str | None = None
    user_data: str | None = field(default=None, repr=False)
    detailed_monitoring: bool | None = None
    associate_public_ip: bool | None = None
    ebs_optimized: bool | None = None
    volumes: tuple[Volume, ...] | None = None
    http_tokens: str | None = None
    http_put_response_hop_limit: int | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


DEFAULTS = Launch(
    detailed_monitoring=True, associate_public_ip=True, http_tokens="required", http_put_response_hop_limit=1
)
"""Used only when there is nothing yet. Media never passes the balancer, so nodes need public addresses."""

PLAIN = tuple(item.name for item in fields(Launch) if item.name not in ("volumes", "rest"))


# As a want


def wanted(options: Mapping[str, Any]) -> Launch:
    """The launch that the option `launch` asks for, gaps left None."""
    metadata = options.get("metadata") or {}
    volumes, groups = options.get("volumes"), options.get("security_group_ids")
    return Launch(
        image_id=options.get("image_id"),
        instance_type=options.get("instance_type"),
        key_name=options.get("key_name"),
        security_group_ids=None if groups is None else tuple(sorted(set(groups))),
        instance_profile=options.get("instance_profile"),
        user_data=encoded(options.get("user_data")),
        detailed_monitoring=options.get("detailed_monitoring"),
        associate_public_ip=options.get("associate_public_ip"),
        ebs_optimized=options.get("ebs_optimized"),
        volumes=None if volumes is None else by_device(Volume(**volume) for volume in volumes),
        http_tokens=metadata.get("http_tokens"),
        http_put_response_hop_limit=metadata.get("http_put_response_hop_limit"),
    )


def completed(have: Launch | None, want: Launch) -> Launch:
    """The want without gaps: what was left out is what is there; where there is nothing, the creation default."""
    base = have or DEFAULTS
    plain = {name: _first(getattr(want, name), getattr(base, name)) for name in PLAIN}
    volumes = base.volumes if want.volumes is None else tuple(_completed(base, volume) for volume in want.volumes)
    return Launch(**plain, volumes=volumes, rest=base.rest)


def matches(have: Launch | None, goal: Launch) -> bool:
    """Whether `have` says all that `goal` says; what the goal leaves None, and what AWS may add, does not count."""
    if have is None:
        return False
    plain = all(getattr(goal, name) in (None, getattr(have, name)) for name in PLAIN)
    rest = all(have.rest.get(key) == value for key, value in goal.rest.items())
    return plain and rest and _volumes_match(have.volumes or (), goal.volumes)


def _completed(base: Launch, volume: Volume) -> Volume:
    there = next((one for one in base.volumes or () if one.device_name == volume.device_name), None)
    if volume.no_device or volume.virtual_name:
        return volume
    if there is None or there.no_device or there.virtual_name:
        there = Volume(volume.device_name, encrypted=True, delete_on_termination=True)
    return Volume(**{**there.given(), **volume.given()})


def _volumes_match(have: Sequence[Volume], goal: Sequence[Volume] | None) -> bool:
    if goal is None:
        return True
    there = {volume.device_name: vars(volume) for volume in have}
    return there.keys() == {volume.device_name for volume in goal} and all(
        volume.given().items() <= there[volume.device_name].items() for volume in goal
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def by_device(volumes: Iterable[Volume]) -> tuple[Volume, ...]:
    """The volumes in the order of their devices."""
    return tuple(sorted(volumes, key=lambda volume: str(volume.device_name)))


def encoded(text: str | bytes | None) -> str | None:
    """Base64 of user data, as AWS keeps it; LATER stays LATER."""
    if text is None or text == LATER:
        return LATER if text else None
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


# What AWS would refuse


def problem(want: Launch) -> tuple[str, str] | None:
    """What AWS would refuse in the option `launch`, and the way out; or None. Limits: EC2 RequestLaunchTemplateData."""
    size = len(base64.b64decode(want.user_data)) if want.user_data not in (None, LATER) else 0
    hops = want.http_put_response_hop_limit
    rules = (
        (_is(r"(ami-[0-9a-f]+|resolve:ssm:.+)", want.image_id), f"launch.image_id '{want.image_id}' is no image id"),
        (
            _is(r"[a-z0-9-]+\.[a-z0-9-]+", want.instance_type),
            f"launch.instance_type '{want.instance_type}' is no instance type",
        ),
        (
            all(_is("sg-[0-9a-f]+", group) for group in want.security_group_ids or ()),
            "launch.security_group_ids takes ids (sg-…), not names",
        ),
        (size <= USER_DATA_LIMIT, f"launch.user_data has {size} bytes, and AWS takes at most {USER_DATA_LIMIT}"),
        (
            hops is None or 1 <= hops <= 64,
            f"launch.metadata.http_put_response_hop_limit is {hops}, and AWS takes 1 to 64",
        ),
        *(rule for volume in want.volumes or () for rule in _volume_rules(volume)),
        (
            len({volume.device_name for volume in want.volumes or ()}) == len(want.volumes or ()),
            "launch.volumes names a device twice",
        ),
    )
    return next(((reason, "Correct the option") for holds, reason in rules if not holds), None)


def _volume_rules(volume: Volume) -> tuple[tuple[bool, str], ...]:
    name = volume.device_name
    return (
        (volume.size is None or 1 <= volume.size <= 65536, f"volume {name} has size {volume.size}, not 1 to 65536 GiB"),
        (
            volume.iops is None or volume.type in ("gp3", "io1", "io2"),
            f"volume {name} has iops, which only gp3, io1 and io2 take (give its type, too)",
        ),
        (
            volume.throughput is None or volume.type == "gp3",
            f"volume {name} has throughput, which only gp3 takes (give its type, too)",
        ),
        (
            volume.kms_key_id is None or volume.encrypted is not False,
            f"volume {name} has kms_key_id but shall not be encrypted",
        ),
    )


def _is(pattern: str, value: str | None) -> bool:
    return value in (None, LATER) or re.fullmatch(pattern, str(value)) is not None


# As it is shown


def show(launch: Launch) -> dict[str, Any]:
    """The launch under the names of its options; user data only as a digest, foreign settings only by name."""
    secret = launch.user_data
    if secret is not None and secret != LATER:
        secret = hashlib.sha256(base64.b64decode(secret)).hexdigest()
    return {
        "image_id": launch.image_id,
        "instance_type": launch.instance_type,
        "key_name": launch.key_name,
        "security_group_ids": list(launch.security_group_ids or ()),
        "instance_profile": launch.instance_profile,
        "user_data_sha256": secret,
        "detailed_monitoring": launch.detailed_monitoring,
        "associate_public_ip": launch.associate_public_ip,
        "ebs_optimized": launch.ebs_optimized,
        "volumes": [volume.given() for volume in launch.volumes or ()],
        "metadata": {
            "http_tokens": launch.http_tokens,
            "http_put_response_hop_limit": launch.http_put_response_hop_limit,
        },
        "foreign_settings": sorted(launch.rest),
    }
