# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options of wcs_seed ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import options as _options
from .._core import tags as _tags
from .value import SeedLaunch, SeedWant

EBS: dict[str, Any] = {
    "delete_on_termination": _options.FLAG,
    "encrypted": _options.FLAG,
    "iops": _options.NUMBER,
    "kms_key_id": _options.TEXT,
    "snapshot_id": _options.TEXT,
    "throughput": _options.NUMBER,
    "volume_size": _options.NUMBER,
    "volume_type": _options.TEXT,
}
VOLUMES = _options.each(
    device_name=_options.NAME,
    virtual_name=_options.TEXT,
    no_device=_options.TEXT,
    ebs={"type": "dict", "options": EBS},
)
ARGUMENTS: dict[str, Any] = {
    "stack": _options.NAME,
    "state": _options.IDENTITY["state"],
    "validate_only": _options.IDENTITY["validate_only"],
    "instance_id": _options.TEXT,
    "image_id": _options.TEXT,
    "instance_type": _options.TEXT,
    "key_name": _options.TEXT,
    "subnet_id": _options.TEXT,
    "security_group_ids": {"type": "list", "elements": "str"},
    "instance_profile": _options.TEXT,
    "volumes": VOLUMES,
    "address": _options.choice("public", "private", default="public"),
    "running": _options.FLAG,
    "tags": _options.TAGS["tags"],
    "purge_tags": _options.TAGS["purge_tags"],
    **_options.waiting(300),
}
SPEC: dict[str, Any] = {"required_by": {"image_id": ["instance_type"]}}


def wanted(params: Mapping[str, Any]) -> SeedWant | None:
    """The want in the options; None: that there be no seed."""
    if params["state"] == "absent":
        return None
    tags = _tags.texts(params["tags"])
    return SeedWant(_launch(params), params["running"], tags, params["purge_tags"])


def _launch(params: Mapping[str, Any]) -> SeedLaunch | None:
    if params["image_id"] is None:
        return None
    return SeedLaunch(
        image_id=params["image_id"],
        instance_type=params["instance_type"],
        key_name=params["key_name"],
        subnet_id=params["subnet_id"],
        security_group_ids=tuple(params["security_group_ids"] or ()),
        instance_profile=params["instance_profile"],
        volumes=tuple(params["volumes"] or ()),
    )
