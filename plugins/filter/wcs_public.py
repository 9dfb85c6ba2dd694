# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter wcs_public: whether networks are the Internet."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wcs_public
short_description: Whether networks together are the Internet, or much of it
version_added: 0.1.0
description:
  - Counts the public addresses that the networks have together, each once.
  - As many as a C(/4) has, for IPv6 a C(/12), are the Internet. Private addresses (C(10.0.0.0/8), C(fc00::/7) and the like) do not count.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  _input:
    description: Networks such as C(203.0.113.0/24). What is no network counts as none.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Both halves of the Internet are the Internet
  ansible.builtin.debug:
    msg: "{{ ['0.0.0.0/1', '128.0.0.0/1'] | webcallserver.aws.wcs_public }}"
"""

RETURN = r"""
_value:
  description: Whether they are.
  type: bool
  sample: true
"""

from collections.abc import Callable
from typing import Any

from ..module_utils._security_groups.exposure import is_public
from .wcs_typed import wcs_typed


def wcs_public(networks: Any) -> bool:
    """Whether the networks together are the Internet."""
    return is_public(wcs_typed(networks, "list"))


class FilterModule:
    """Hands the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file, by name."""
        return {"wcs_public": wcs_public}
