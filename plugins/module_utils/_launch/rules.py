# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS would refuse in the option `launch`."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

from .._core import tags as _tags
from .._core.limits import LEAST_IOPS
from .._core.step import LATER
from .value import BlockDevice, Launch

USER_DATA_LIMIT = 16384  # bytes before base64 (EC2 user guide, instance user data)
VOLUME_TAGS = 49  # of AWS's 50: our mark


def problem(want: Launch) -> tuple[str, str] | None:
    """What AWS would refuse in the option `launch`, and the way out; or None. Limits: EC2 RequestLaunchTemplateData."""
    size = len(base64.b64decode(want.user_data)) if want.user_data not in (None, LATER) else 0
    hops = want.http_put_response_hop_limit
    rules = (
        (
            _is(r"(ami-[0-9a-f]+|resolve:ssm:.+)", want.image_id),
            f"O(launch.image_id) '{want.image_id}' is not an image ID",
        ),
        (
            _is(r"[a-z0-9-]+\.[a-z0-9-]+", want.instance_type),
            f"O(launch.instance_type) '{want.instance_type}' is not an instance type",
        ),
        (
            all(_is("sg-[0-9a-f]+", group) for group in want.security_group_ids or ()),
            "O(launch.security_group_ids) needs IDs (sg-…), not names",
        ),
        (size <= USER_DATA_LIMIT, f"O(launch.user_data) has {size} bytes; AWS allows at most {USER_DATA_LIMIT}"),
        (
            hops is None or 1 <= hops <= 64,
            f"O(launch.metadata.http_put_response_hop_limit) is {hops}; AWS allows 1 to 64",
        ),
        *(rule for volume in want.volumes or () for rule in _volume_rules(volume)),
        (
            len({volume.device_name for volume in want.volumes or ()}) == len(want.volumes or ()),
            "O(launch.volumes) names a device twice",
        ),
    )
    broken = next((reason for holds, reason in rules if not holds), None) or _tags.problem(
        want.volume_tags, VOLUME_TAGS
    )
    return (broken, "Correct the option and run again") if broken else None


OF_NO_VOLUME = {"device_name", "no_device", "virtual_name"}


def _volume_rules(volume: BlockDevice) -> tuple[tuple[bool, str], ...]:
    name = volume.device_name
    alone = bool(volume.no_device or volume.virtual_name)
    return (
        (
            not alone or not {*volume.given()} - OF_NO_VOLUME,
            f"device {name} of O(launch.volumes) has no_device or virtual_name, and with that no settings of a volume",
        ),
        (
            volume.size is None or 1 <= volume.size <= 65536,
            f"volume {name} of O(launch.volumes) has size {volume.size}, not 1 to 65536 GiB",
        ),
        (
            volume.iops is None or volume.type in LEAST_IOPS,
            f"volume {name} of O(launch.volumes) has iops, which only gp3, io1 and io2 have (set its type, too)",
        ),
        (
            volume.throughput is None or volume.type == "gp3",
            f"volume {name} of O(launch.volumes) has throughput, which only gp3 has (set its type, too)",
        ),
        (
            volume.kms_key_id is None or volume.encrypted is not False,
            f"volume {name} of O(launch.volumes) has a kms_key_id and encrypted: false",
        ),
    )


def lacking(goal: Launch) -> str | None:
    """What a volume lacks even with what is there, or None: AWS would find out when it launches."""
    lacks = (one for one in goal.volumes or () if one.type in ("io1", "io2") and one.iops is None)
    return next(
        (f"volume {one.device_name} of O(launch.volumes) is of type {one.type} and has no iops" for one in lacks), None
    )


TAG_IN_METADATA = r"(?!(?:\.|\.\.|_index)$)[0-9a-zA-Z\-_+=,.@:]{1,255}"


def unreadable_tag(launch: Launch, keys: Iterable[str]) -> str | None:
    """The first of an instance's tags that its metadata service cannot show, where it is to; or None.

    AWS launches no instance then (EC2 user guide, tags in instance metadata).
    """
    if launch.instance_metadata_tags != "enabled":
        return None
    return next((key for key in sorted(keys) if not re.fullmatch(TAG_IN_METADATA, key)), None)


def _is(pattern: str, value: str | None) -> bool:
    return value in (None, LATER) or re.fullmatch(pattern, str(value)) is not None
