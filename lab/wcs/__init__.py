# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Flashphoner Web Call Server, which is proprietary and cannot be shipped.

It has the vendor's tree (`home/`), verbs, ports, statistics page, REST calls and WebSocket sessions, as far as they
are publicly known, and reads its configuration from its own disk, so that a wrong setting shows. Media is left out.
`core/` is the server: Python 3.9 and the standard library, copied into `lib/` of the installed tree.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import tempfile
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


def tarball(folder: Path, version: str = "5.2.1977") -> Path:
    """The installer of a stand-in as the vendor ships one, `<folder>/FlashphonerWebCallServer-<version>.tar.gz`.

    Equal versions give equal bytes.
    """
    path = folder / f"{PRODUCT}-{version}.tar.gz"
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / path.name.removesuffix(".tar.gz")
        _lay_out(root, version)
        _pack(root, path)
    return path


def _pack(root: Path, path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.add(root, root.name, filter=_plain)
    path.write_bytes(gzip.compress(raw.getvalue(), mtime=0))


def _lay_out(root: Path, version: str) -> None:
    """The tree of the unpacked installer."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "home", root / "server", ignore=ignore)
    shutil.copytree(HERE / "core", root / "server" / "lib" / "wcs_core", ignore=ignore)
    shutil.move(root / "server" / "client2", root / "client2")
    for folder in ("client", "server/web", "server/tools", "server/lib/custom", "server/lib/so", "scripts/systemd"):
        (root / folder).mkdir(parents=True)
    for file in ("install.sh", "uninstall.sh", "EULA_PAGE1"):
        shutil.copy(HERE / "installer" / file, root / file)
    shutil.copy(HERE / "installer" / "webcallserver.service", root / "scripts" / "systemd")
    (root / "WCS.version").write_text(f"{version}-standin\n")


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The entry without owner and time."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = "root"
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry
