# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_validate."""

from __future__ import annotations

from typing import Any

from .known import TAGS

ARGUMENTS: dict[str, Any] = {
    "roles": {"type": "list", "elements": "str", "default": []},
    "hosts": {"type": "dict", "default": {}},
    **{part: {"type": "dict"} for part in TAGS},
    "refused": {"type": "dict", "default": {}},
    "prices": {"type": "dict"},
    "run_tags": {"type": "list", "elements": "str", "default": ["all"]},
    "skip_tags": {"type": "list", "elements": "str", "default": []},
}
