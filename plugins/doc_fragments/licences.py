# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of the modules that count licences shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of C(wcs_asg), C(wcs_drain) and C(wcs_rollout)."""

    DOCUMENTATION = r"""
options:
  licence_limit:
    description:
      - The number of licences. A run that would have more servers at a time is refused, with the sum. Running instances of
        the stack outside the group, such as the seed, count.
      - Nodes of an image with a product code of AWS Marketplace do not count, because the price of their hour includes the
        licence.
    type: int
  licence_allow_over:
    description:
      - Whether to allow more servers than O(licence_limit) nevertheless.
    type: bool
    default: false
"""
