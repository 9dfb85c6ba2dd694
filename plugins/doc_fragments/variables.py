# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option by which a role gives a module the names of its variables."""

from __future__ import annotations


class ModuleDocFragment:
    """The option variables."""

    DOCUMENTATION = r"""
options:
  variables:
    description:
      - For roles. The variable that each option of the module comes from, such as V(wcs_balancer_health_check) for
        V(health_check). Messages name the variable in place of the option, because that is what a user of the role set.
      - "An option of another module has the name of that module before it, such as V(wcs_asg: min_size)."
    type: dict
    default: {}
"""
