# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Flashphoner Web Call Server, which is proprietary and cannot be shipped.

It has the vendor's tree (`home/`), verbs, ports, statistics page, REST calls and WebSocket sessions, as far as they
are publicly known, and reads its configuration from its own disk, so that a wrong setting shows. Media is left out.
`core/` is the server: Python 3.9 and the standard library, copied into `lib/` of the installed tree.
"""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
PRODUCT = "FlashphonerWebCallServer"
EMPTY_FOLDERS = (
    *("client", "web", "tools", "lib/custom", "lib/so"),
    *("logs/server_logs", "logs/client_logs", "hls", "media", "records"),
)


def install(disk: Path, version: str = "5.2.1977") -> Path:
    """The home of a stand-in installed under `<disk>/usr/local`, with the vendor's link beside it."""
    home = disk / "usr" / "local" / f"{PRODUCT}-{version}"
    shutil.copytree(HERE / "home", home)
    shutil.copytree(HERE / "core", home / "lib" / "wcs_core", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in EMPTY_FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "conf" / "WCS.version").write_text(f"{version}-standin\n")
    link = home.parent / PRODUCT
    link.unlink(missing_ok=True)
    link.symlink_to(home.name)
    return home
