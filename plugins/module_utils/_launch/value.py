# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group launches: image, type, network, disks, metadata service. The same value whatever AWS keeps it in.

AWS keeps it in a version of a launch template, or, for accounts that still may, in a launch configuration.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .._core.limits import LEAST_IOPS
from .._core.step import LATER


@dataclass(frozen=True)
class BlockDevice:
    """One block device; None: left out. `rest` holds its other settings, under AWS's names; they are kept."""

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
    rest: Mapping[str, Any] = field(default_factory=dict)

    def given(self) -> dict[str, Any]:
        """The options that are not None."""
        return {key: value for key, value in vars(self).items() if value is not None and key != "rest"}


@dataclass(frozen=True)
class Launch:
    """What is launched. None: as a want, left out; as what is there, not set.

    `user_data` is base64, as AWS keeps it. `rest` holds a template's other settings, under AWS's names; they are kept.
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
    volumes: tuple[BlockDevice, ...] | None = None
    http_tokens: str | None = None
    http_put_response_hop_limit: int | None = None
    instance_metadata_tags: str | None = None
    volume_tags: Mapping[str, str] | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


DEFAULTS = Launch(
    detailed_monitoring=True, associate_public_ip=True, http_tokens="required", http_put_response_hop_limit=1
)
"""Used only when there is nothing yet. Media never passes the balancer, so nodes need public addresses."""

PLAIN = tuple(item.name for item in fields(Launch) if item.name not in ("volumes", "volume_tags", "rest"))


# As a want


def completed(have: Launch | None, want: Launch) -> Launch:
    """The want without gaps: what was left out is what is there; where there is nothing, the creation default."""
    base = have or DEFAULTS
    plain = {name: _first(getattr(want, name), getattr(base, name)) for name in PLAIN}
    volumes = base.volumes if want.volumes is None else tuple(_completed(base, volume) for volume in want.volumes)
    given = [name for name in EXCLUDED if getattr(want, name) is not None]
    excluded = {key for name in given for key in EXCLUDED[name]}
    rest = {key: value for key, value in base.rest.items() if key not in excluded}
    tags = base.volume_tags if want.volume_tags is None else want.volume_tags
    return Launch(**plain, volumes=volumes, volume_tags=tags or None, rest=rest)


EXCLUDED = {
    "instance_type": ("InstanceRequirements",),
    "instance_profile": ("IamInstanceProfile",),
    "security_group_ids": ("SecurityGroupIds", "SecurityGroups"),
}
"""What AWS does not take beside an option, or takes in its place: it goes when the option is given."""


def alike(have: Launch, goal: Launch) -> bool:
    """Whether both say the same, and neither says more."""
    one, other = (replace(launch, volumes=by_device(launch.volumes or ())) for launch in (have, goal))
    groups = [tuple(sorted(launch.security_group_ids or ())) for launch in (have, goal)]
    return replace(one, security_group_ids=groups[0]) == replace(other, security_group_ids=groups[1])


def matches(have: Launch | None, goal: Launch) -> bool:
    """Whether `have` says all that `goal` says; what the goal leaves None, and what AWS may add, does not count."""
    if have is None:
        return False
    plain = all(getattr(goal, name) in (None, getattr(have, name)) for name in PLAIN)
    rest = all(have.rest.get(key) == value for key, value in goal.rest.items())
    tags = have.volume_tags == goal.volume_tags
    return plain and rest and tags and _volumes_match(have.volumes or (), goal.volumes)


def _completed(base: Launch, volume: BlockDevice) -> BlockDevice:
    there = next((one for one in base.volumes or () if one.device_name == volume.device_name), None)
    if volume.no_device or volume.virtual_name:
        same = there is not None and (there.no_device, there.virtual_name) == (volume.no_device, volume.virtual_name)
        return replace(volume, rest=there.rest) if there and same else volume
    if there is None or there.no_device or there.virtual_name:
        there = BlockDevice(volume.device_name, encrypted=True, delete_on_termination=True)
    return BlockDevice(**{**_fitting(there, volume), **volume.given()}, rest=there.rest)


def _fitting(there: BlockDevice, want: BlockDevice) -> dict[str, Any]:
    """What of the volume that is there AWS takes beside what is wanted of it."""
    left = there.given()
    kind = want.type or there.type
    if kind != there.type:
        enough = (there.iops or 0) >= LEAST_IOPS.get(kind or "", 1 << 31)
        left = {key: value for key, value in left.items() if key != "throughput" and (key != "iops" or enough)}
    if want.encrypted is False:
        left.pop("kms_key_id", None)
    return {**left, "encrypted": True} if want.kms_key_id else left


def _volumes_match(have: Sequence[BlockDevice], goal: Sequence[BlockDevice] | None) -> bool:
    if goal is None:
        return True
    there = {volume.device_name: vars(volume) for volume in have}
    return there.keys() == {volume.device_name for volume in goal} and all(
        {**volume.given(), "rest": volume.rest}.items() <= there[volume.device_name].items() for volume in goal
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def by_device(volumes: Iterable[BlockDevice]) -> tuple[BlockDevice, ...]:
    """The volumes in the order of their devices."""
    return tuple(sorted(volumes, key=lambda volume: str(volume.device_name)))


def encoded(text: str | bytes | None) -> str | None:
    """Base64 of user data, as AWS keeps it; LATER stays LATER."""
    if text is None or text == LATER:
        return LATER if text else None
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


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
            "instance_metadata_tags": launch.instance_metadata_tags,
        },
        "volume_tags": dict(sorted((launch.volume_tags or {}).items())),
        "foreign_settings": sorted(launch.rest),
    }
