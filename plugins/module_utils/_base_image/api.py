# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Base images and what they run on, in AWS: the one place that asks for them, and reads the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import api as _ec2
from .._core.aws import Aws
from .._core.errors import Failure
from .._core.licences import marketplace_codes
from .value import BaseImage, BaseWant

OPT_IN = "OptInRequired"


def read_images(aws: Aws, want: BaseWant) -> tuple[BaseImage, ...]:
    """The images of that id, or of that name and owner; one that is in another Region is not among them."""
    if want.image_id:
        return tuple(from_aws(one) for one in _ec2.there(aws, "image", [want.image_id]).values())
    by_name = [{"Name": "name", "Values": [want.name]}]
    return tuple(from_aws(one) for one in _ec2.describe(aws, "image", by_name, Owners=[want.owner]))


def read_machine(aws: Aws, name: str) -> Mapping[str, Any] | None:
    """The instance type as AWS answers; None where there is none."""
    return _ec2.there(aws, "instance type", [name]).get(name)


def ask_subscription(aws: Aws, image: BaseImage, want: BaseWant, subnet_id: str | None) -> str | None:
    """AWS's text where the account must subscribe before it may launch the image; None where it says nothing of it.

    A launch is asked for as a dry run. It is not documented whether AWS looks at subscriptions then: where it does not,
    the launch itself answers it.
    """
    args: dict[str, Any] = {"ImageId": image.image_id, "MinCount": 1, "MaxCount": 1, "DryRun": True}
    args |= {"InstanceType": want.instance_type} if want.instance_type else {}
    args |= {"SubnetId": subnet_id} if subnet_id else {}
    try:
        aws.read("ec2", "RunInstances", **args)
    except Failure as answer:
        return answer.refusal.reason if answer.call.code == OPT_IN else None
    return None


def from_aws(image: Mapping[str, Any]) -> BaseImage:
    """The frozen value of one image of DescribeImages."""
    return BaseImage(
        image_id=image["ImageId"],
        name=image.get("Name") or "",
        owner=image.get("OwnerId") or "",
        state=image.get("State") or "",
        created=str(image.get("CreationDate") or ""),
        architecture=image.get("Architecture") or "",
        products=marketplace_codes(image),
        raw=image,
    )
