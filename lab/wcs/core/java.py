# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Java, where there is one: the stand-in does not run on it, but wants options that Java would start with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .properties import BrokenSetting

SERVER, JVM = "### SERVER OPTIONS ###", "### JVM OPTIONS ###"
PASSED_OVER = ("-Xms", "-Xmx", "-XX:InitialRAMPercentage", "-Dcom.sun.management")  # would take memory and a port
SMALL = ("-Xms16m", "-Xmx64m")


def check(home: Path) -> None:
    """BrokenSetting with Java's own words where it does not start with the options of wcs-core.properties."""
    java = shutil.which("java")
    if java is None:
        return
    chosen = options((home / "conf" / "wcs-core.properties").read_text(encoding="utf-8"))
    done = subprocess.run([java, *chosen, *SMALL, "-version"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise BrokenSetting(f"wcs-core.properties: {(done.stderr or done.stdout).strip().splitlines()[0]}")


def options(text: str) -> list[str]:
    """The options of the virtual machine; those of the server's section are not among them."""
    found, mine = [], True
    for line in map(str.strip, text.splitlines()):
        mine = line == JVM or (mine and line != SERVER)
        if mine and line.startswith("-") and not line.startswith(PASSED_OVER):
            found.append(line)
    return found
