# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account has at start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """Ids of what the account has at start. `subnets` maps the zone's name to the subnet's id."""

    account_id: str
    region: str
    vpc_id: str
    subnets: dict[str, str]
    key_name: str
    vendor_id: str
    wcs_image_id: str
    wcs_image_name: str
    bare_image_id: str
    bare_image_name: str

    @property
    def subnet_ids(self) -> list[str]:
        """The subnets' ids, by zone."""
        return list(self.subnets.values())

    @property
    def zones(self) -> list[str]:
        """The zones that have a subnet."""
        return list(self.subnets)
