# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of an image, and the want that they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._core import tags as _tags
from .._core.options import IDENTITY, TAGS, waiting
from .value import Copy, Images, ImageVolume, ImageWant

ARGUMENTS: dict[str, Any] = {
    **IDENTITY,
    "name": {"type": "str"},
    "image_id": {"type": "str"},
    "instance_id": {"type": "str"},
    "description": {"type": "str"},
    "reboot": {"type": "bool", "default": True},
    "volumes": {
        "type": "list",
        "elements": "dict",
        "options": {
            "device_name": {"type": "str", "required": True},
            "size": {"type": "int"},
            "type": {"type": "str", "choices": ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]},
            "iops": {"type": "int"},
            "throughput": {"type": "int"},
            "encrypted": {"type": "bool"},
            "delete_on_termination": {"type": "bool"},
        },
    },
    "launch_permissions": {
        "type": "dict",
        "options": {
            "user_ids": {"type": "list", "elements": "str"},
            "organization_arns": {"type": "list", "elements": "str"},
        },
    },
    "copies": {
        "type": "list",
        "elements": "dict",
        "options": {
            "region": {"type": "str", "required": True},
            "name": {"type": "str"},
            "encrypted": {"type": "bool", "default": False},
            "kms_key_id": {"type": "str", "no_log": False},
        },
    },
    "imds_support": {"type": "str", "choices": ["v2.0"]},
    "stack": {"type": "str"},
    "family": {"type": "str"},
    "keep": {"type": "int"},
    **TAGS,
    **waiting(1800),
}
SPEC: dict[str, Any] = {"required_one_of": [("name", "image_id")], "required_if": [("state", "present", ["name"])]}


def wanted(params: Mapping[str, Any], region: str) -> ImageWant:
    """The want in the options."""
    permissions = params["launch_permissions"] or {}
    return ImageWant(
        name=params["name"],
        instance_id=params["instance_id"],
        description=params["description"],
        tags=_tags.texts(params["tags"]),
        purge_tags=params["purge_tags"],
        reboot=params["reboot"],
        volumes=None if params["volumes"] is None else tuple(ImageVolume(**volume) for volume in params["volumes"]),
        user_ids=_sorted(permissions.get("user_ids")),
        organization_arns=_sorted(permissions.get("organization_arns")),
        copies=None if params["copies"] is None else copies(params),
        imds_support=params["imds_support"],
        family=params["family"],
        keep=params["keep"],
        adopt=params["adopt"],
        region=region,
        stack=params["stack"],
    )


def copies(params: Mapping[str, Any]) -> tuple[Copy, ...]:
    """The copies in the options. AWS takes a key for encrypted ones alone, so that a key says that it is one."""
    return tuple(
        Copy(copy["region"], copy["name"] or params["name"] or "", copy["encrypted"] or bool(key), key)
        for copy in params["copies"] or ()
        for key in [copy["kms_key_id"]]
    )


def _sorted(items: list[str] | None) -> tuple[str, ...] | None:
    return None if items is None else tuple(sorted(items))


def warnings(have: Images) -> Iterator[str]:
    """What the user should know of what stays."""
    for kept in have.kept:
        place = f" in {kept.region}" if kept.region else ""
        users = ", ".join(kept.used_by)
        yield f"Snapshot {kept.snapshot_id}{place} stays when its image is removed: {users} use it, too."
