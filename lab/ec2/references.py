# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses an image, as far as DescribeImageReferences sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERSION_DEPTH = 10


def version_depth(kind: Mapping[str, Any]) -> int:
    """How many of a template's newest versions are looked at."""
    for option in kind.get("ResourceTypeOptions") or []:
        if option.get("OptionName") == "version-depth":
            return int(option["OptionValues"][0])
    return VERSION_DEPTH


def of_instances(ec2: Any, image_id: str) -> list[dict[str, str]]:
    """The own instances that were launched from an image and are not terminated."""
    return [
        _reference(ec2, image_id, "ec2:Instance", f"instance/{instance.id}")
        for instance in ec2.all_instances()
        if instance.image_id == image_id and instance.state != "terminated"
    ]


def of_templates(ec2: Any, image_id: str, depth: int) -> list[dict[str, str]]:
    """The launch templates of which one of the `depth` newest versions names an image."""
    return [
        _reference(ec2, image_id, "ec2:LaunchTemplate", f"launch-template/{template.id}")
        for template in ec2.launch_templates.values()
        if any(version.data.get("ImageId") == image_id for version in template.versions[-depth:])
    ]


def _reference(ec2: Any, image_id: str, kind: str, resource: str) -> dict[str, str]:
    arn = f"arn:{ec2.partition}:ec2:{ec2.region_name}:{ec2.account_id}:{resource}"
    return {"ImageId": image_id, "ResourceType": kind, "Arn": arn}
