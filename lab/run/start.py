# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lab's process starts quickly: most of its start is reading botocore's and moto's data."""

from __future__ import annotations

import gc
from functools import cache

from botocore.loaders import JSONFileLoader


def begin() -> None:
    """From now on a file of botocore's is read once, however many sessions ask for it, and no garbage is looked for.

    moto opens a session for each part of AWS's world, and each would read EC2's whole model again.
    """
    once = cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = lambda _loader, path: once(path)
    gc.disable()


def end() -> None:
    """Garbage is looked for again, but not in what was read: that stays until the process ends."""
    gc.freeze()
    gc.enable()
