# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group launches as a user asks for it: the option `launch` as a want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .._core.tags import texts
from .value import BlockDevice, Launch, by_device, encoded

OF_VOLUME = tuple(item.name for item in fields(BlockDevice) if item.name != "rest")


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
        volumes=None if volumes is None else by_device(map(_volume, volumes)),
        http_tokens=metadata.get("http_tokens"),
        http_put_response_hop_limit=metadata.get("http_put_response_hop_limit"),
        instance_metadata_tags=metadata.get("instance_metadata_tags"),
        volume_tags=texts(options.get("volume_tags")),
    )


def _volume(option: Mapping[str, Any]) -> BlockDevice:
    """The volume; Ansible leaves aliases beside the names that they stand for."""
    given: dict[str, Any] = {name: option.get(name) for name in OF_VOLUME}
    return BlockDevice(**given)
