# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of the modules that say costs shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of C(wcs_plan) and C(wcs_report)."""

    DOCUMENTATION = r"""
options:
  prices:
    description:
      - Your own prices in USD, which go over all others.
      - C(instance_hour) is a dictionary by instance type, C(volume_gb_month) one by type of volume. C(load_balancer_hour),
        C(public_address_hour), C(monitoring_month) (of one instance), C(snapshot_gb_month) and C(licence_month) are numbers.
    type: dict
  listed_prices:
    description:
      - The registered result of M(webcallserver.aws.wcs_price_info). Without it, and for what it does not have, the dated table
        of this collection counts.
    type: dict
"""
