# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Classic Load Balancer says of an instance that is registered with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOTHING = ("", "N/A")
"""How AWS writes that there is nothing to tell."""
REGISTERING = "registration is still in progress"


@dataclass(frozen=True)
class InstanceHealth:
    """A line of DescribeInstanceHealth, in AWS's words."""

    state: str
    reason_code: str = "N/A"
    description: str = "N/A"

    @property
    def why(self) -> str:
        """What AWS adds to the state; "" where it adds nothing."""
        return "" if self.description in NOTHING else self.description

    @property
    def in_service(self) -> bool:
        """Whether it gets new connections: a deregistering instance reads InService, too, with a description."""
        return self.state == "InService" and not self.why

    @property
    def registering(self) -> bool:
        """Whether it is on its way into service."""
        return not self.in_service and REGISTERING in self.why

    def __str__(self) -> str:
        """One phrase for the user."""
        return f"{self.state} ({self.why})" if self.why else self.state


WELL = InstanceHealth("InService")


def instance_health(reply: Mapping[str, Any] | None) -> dict[str, InstanceHealth]:
    """What DescribeInstanceHealth replied, by the ids of the instances; {} for no reply."""
    return {
        one["InstanceId"]: InstanceHealth(one["State"], one.get("ReasonCode") or "N/A", one.get("Description") or "N/A")
        for one in (reply or {}).get("InstanceStates") or ()
    }
