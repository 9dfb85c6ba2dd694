# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of one lab: what lies in it, who holds it, and how it is left clean."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ..machines import hosts, servers
from ..machines.podman import NETWORKS

LOCK = "lab.lock"
FOLDERS = ("machines", "images", NETWORKS)
OURS = (LOCK, "lab.json", "lab.log", "env", "inventory.yml", *FOLDERS, *hosts.FILES)


class NotOurs(Exception):
    """The folder is somebody else's, or a lab is up in it."""


@dataclass
class Folder:
    """The folder `path`."""

    path: Path

    def holder(self) -> int | None:
        """The process id of the lab that is up here; None when none is."""
        try:
            with (self.path / LOCK).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with contextlib.suppress(OSError, ValueError):
                return int((self.path / LOCK).read_text())
            return 0
        except OSError:
            pass
        return None

    def refuse(self) -> None:
        """NotOurs where something else lies in the folder, or a lab is up in it."""
        if self.path.exists() and not self.path.is_dir():
            raise NotOurs(f"Cannot put a lab into '{self.path}': it is no folder. Name another with --dir.")
        if self.path.is_dir() and not (self.path / LOCK).exists() and self._foreign():
            raise NotOurs(
                f"Cannot put a lab into '{self.path}': there are other things in it "
                f"({', '.join(self._foreign()[:3])}). Name an empty or a new folder with --dir."
            )
        pid = self.holder()
        if pid is not None:
            raise NotOurs(
                f"Cannot start a lab in '{self.path}': one is up there, process {pid}. "
                f"Take it down first (python -m lab down --dir {self.path}), or name another folder with --dir."
            )

    def take(self) -> TextIO:
        """Makes the folder this process's own as long as the returned file is open; NotOurs where it cannot be."""
        self.refuse()
        self.path.mkdir(parents=True, exist_ok=True)
        lock = (self.path / LOCK).open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise NotOurs(f"Cannot start a lab in '{self.path}': another one is being started there.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    def sweep(self) -> int:
        """How many servers or hosts a killed lab had left running; ends them and removes what it left, but for its log.

        NoHosts where that takes more than this user may do.
        """
        count = servers.end_under(self.path / "machines") + hosts.sweep(self.path)
        for name in ("lab.json", "env", "inventory.yml", *hosts.FILES):
            (self.path / name).unlink(missing_ok=True)
        for name in FOLDERS:
            shutil.rmtree(self.path / name, ignore_errors=True)
        return count

    def clear(self) -> None:
        """Removes the lab's files but for its log; the folder too, if nothing else is in it."""
        self.sweep()
        (self.path / LOCK).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def drop_empty_log(self) -> None:
        """Removes a log that says nothing, and then the folder, if nothing else is in it."""
        with contextlib.suppress(OSError):
            if (self.path / "lab.log").stat().st_size == 0:
                (self.path / "lab.log").unlink()
                self.path.rmdir()

    def write(self, name: str, text: str) -> None:
        """Writes a file, at once or not at all."""
        partial = self.path / f".{name}.partial"
        partial.write_text(text)
        partial.replace(self.path / name)

    def about(self) -> dict[str, Any] | None:
        """What the lab that is up here wrote about itself once it was ready; None before that."""
        with contextlib.suppress(OSError, ValueError):
            about: dict[str, Any] = json.loads((self.path / "lab.json").read_text())
            return about
        return None

    def _foreign(self) -> list[str]:
        return sorted(entry.name for entry in self.path.iterdir() if entry.name not in OURS)
