# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance of EC2 is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ALIVE = ("pending", "running")
ENDED = ("shutting-down", "terminated")
RETAINED = "Terminating:Retained"
"""The state of a member that its group keeps though its end has begun: nothing becomes of it by itself."""
IDLE = ("Standby", "EnteringStandby", RETAINED)
"""The states of members that run beside those that the sizes of their group count."""


@dataclass(frozen=True)
class Instance:
    """One instance. `volumes`: by id, whether the volume ends with it; `reason`: why it ended, in AWS's words."""

    instance_id: str
    state: str
    image_id: str | None = None
    zone: str = ""
    subnet: str | None = None
    public_address: str | None = None
    private_address: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, bool] = field(default_factory=dict)
    reason: str = ""

    @property
    def alive(self) -> bool:
        """Whether it runs, or is about to."""
        return self.state in ALIVE

    @property
    def ended(self) -> bool:
        """Whether it is gone, or about to be."""
        return self.state in ENDED

    @property
    def addresses(self) -> list[str]:
        """The public and the private address, those that it has."""
        return [one for one in (self.public_address, self.private_address) if one]

    def address(self, kind: str) -> str | None:
        """The address of that kind, `public` or `private`; None where it has none."""
        return (self.public_address if kind == "public" else self.private_address) or None


Instances = Mapping[str, Instance]
"""Instances by id."""
