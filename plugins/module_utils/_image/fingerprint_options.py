# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_fingerprint."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, Any] = {
    "inputs": {"type": "dict", "default": {}},
    "files": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "salt": {"type": "str", "default": "", "no_log": False},
}
