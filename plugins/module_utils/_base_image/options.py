# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that name a base image, and the want that they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .value import BaseWant

ARGUMENTS: dict[str, Any] = {
    "image_id": {"type": "str"},
    "name": {"type": "str"},
    "owner": {"type": "str"},
    "newest": {"type": "bool", "default": False},
    "instance_type": {"type": "str"},
    "subnet_id": {"type": "str"},
}
SPEC: dict[str, Any] = {"mutually_exclusive": [("image_id", "name")]}


def wanted(params: Mapping[str, Any], region: str) -> BaseWant:
    """The want in the options."""
    return BaseWant(
        region=region,
        image_id=params["image_id"],
        name=params["name"],
        owner=params["owner"],
        newest=params["newest"],
        instance_type=params["instance_type"],
    )
