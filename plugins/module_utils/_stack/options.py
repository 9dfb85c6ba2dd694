# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_stack_info."""

from __future__ import annotations

from typing import Any

BASE_IMAGE: dict[str, Any] = {
    "base_image": {"type": "dict", "options": {"name": {"type": "str"}, "owner": {"type": "str"}}},
}
"""The option by which base images are looked for."""

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "image_regions": {"type": "list", "elements": "str", "default": []},
    "group_name": {"type": "str"},
    "load_balancer_name": {"type": "str"},
    "history": {"type": "int", "default": 0},
    **BASE_IMAGE,
}
