# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RunInstances: templates apply in full, names that do not exist are refused, client tokens work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.errors import Refused, dry_run
from ..instances import is_over
from ..launching import check_subscribed, launch, template_data


@answers(
    "RunInstances takes from a launch template whatever the request leaves out, refuses an image, type, key pair, "
    "instance profile, subnet or group that does not exist, a type of another architecture than the image's and a "
    "product of AWS Marketplace without a subscription, and launches once for a client token.",
    EC2Response,
)
def run_instances(ask: Ask) -> Any:
    """The reservation."""
    if ask.get("DryRun"):
        _rehearse(ask)
    reservation, again = ask.lab.tokens.once("RunInstances", ask.region, ask.given, lambda: _launch(ask))
    if again and all(is_over(instance) for instance in reservation.instances):
        raise Refused(
            "IdempotentInstanceTerminated",
            "The client token you have provided is associated with a terminated instance. "
            "Please use a different client token.",
        )
    return reservation


def _rehearse(ask: Ask) -> None:
    """Refuses, as every dry run is: where a subscription lacks with that, if AWS looks at it then."""
    image = state.backend("ec2", ask.region).amis.get(_effective(ask)[0].get("ImageId"))
    if image is not None and ask.lab.dry_run_asks_marketplace:
        check_subscribed(image)
    raise dry_run()


def _launch(ask: Ask) -> Any:
    data, tags = _effective(ask)
    return launch(ask.region, data, count=int(ask.get("MaxCount", 1)), tags=tags)


def _effective(ask: Ask) -> tuple[Mapping[str, Any], dict[str, str]]:
    """(the template's data under the request's, the tags that name the template)."""
    if not ask.get("LaunchTemplate"):
        return ask.given, {}
    data, tags = template_data(ask.region, ask["LaunchTemplate"])
    asked = {key: value for key, value in ask.given.items() if value is not None}
    both = [*(data.get("TagSpecifications") or []), *(asked.get("TagSpecifications") or [])]
    if asked.get("SubnetId") and data.get("NetworkInterfaces"):
        first, *others = data["NetworkInterfaces"]
        asked["NetworkInterfaces"] = [{**first, "SubnetId": asked.pop("SubnetId")}, *others]
    return {**data, **asked, "TagSpecifications": both}, tags
