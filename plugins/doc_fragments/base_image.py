# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of the modules that say how old a stack is shares."""

from __future__ import annotations


class ModuleDocFragment:
    """The option of C(wcs_stack_info) and C(wcs_verify)."""

    DOCUMENTATION = r"""
options:
  base_image:
    description:
      - What base images are looked for by, to tell whether there is a newer one than the group's image was made from.
        C({}) tells only how old they are. Left out, no image is read, and RV(freshness) is empty.
    type: dict
    suboptions:
      name:
        description: The name; C(*) stands for any text.
        type: str
      owner:
        description: Account number or alias of the owner.
        type: str
"""
