# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program on a machine whose time passes as AWS's does in its lab: at_speed.py SPEED PROGRAM [WORD ...].

What it waits for, and its monotonic clock, pass SPEED times faster; what it is answered with does not, nor does
perf_counter, by which programs measure how long that took.
"""

from __future__ import annotations

import runpy
import sys
import time


def quicken(speed: float) -> None:
    """Has time pass so for the rest of this process."""
    sleep, monotonic = time.sleep, time.monotonic
    time.sleep = lambda seconds: sleep(float(seconds) / speed)
    time.monotonic = lambda: monotonic() * speed


if __name__ == "__main__":
    quicken(float(sys.argv[1]))
    sys.argv[:] = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")
