# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab: a small AWS on this machine (see README.md in this folder)."""

from __future__ import annotations

import os

# moto reads this whenever it makes a Region; its thousand Amazon images would cost a second each time.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
