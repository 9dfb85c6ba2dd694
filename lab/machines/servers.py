# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs from disks of a folder, servers and what publishes their sessions, by PID files: all that the lab ends."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

BIN = "usr/local/FlashphonerWebCallServer-*/bin"
PID_FILES = f"{BIN}/FlashphonerMainWebCallServer.pid"
PROC = Path("/proc")
METADATA = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
"""In the environment of all that a machine starts, and of nobody who only reads or edits its files."""
TRIES = 5


def running(disk: Path) -> list[int]:
    """Process ids of the servers that run from `disk`; a PID file that came with a copied disk names none."""
    return [pid for file in disk.glob(PID_FILES) for pid in _read(file) if _runs_from(pid, disk)]


def programs(disk: Path) -> list[int]:
    """Process ids of everything that runs from `disk`: servers, what is beside them, and what is starting them."""
    return sorted({*running(disk), *_started(disk)})


def end_under(machines: Path) -> int:
    """How many programs ran from the disks of these machines; they are ended, with what they start meanwhile."""
    count = 0
    for _ in range(TRIES):
        left = {*_started(machines), *(pid for disk in machines.glob("*/disk") for pid in running(disk))}
        if not left:
            break
        count += len(left)
        end(left)
    return count


def end(pids: Iterable[int], patience: float = 10.0) -> None:
    """Ends these processes: asked first, forced after `patience` seconds. Returns when they are gone."""
    left = list(pids)
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            left = [pid for pid in left if _alive(pid)]
            time.sleep(0.01 if left else 0)


def _read(file: Path) -> Iterator[int]:
    with contextlib.suppress(OSError, ValueError):
        yield int(file.read_text().strip())


def _started(folder: Path) -> list[int]:
    """Process ids of what machines started from files in the folder."""
    started = (int(entry.name) for entry in PROC.glob("[0-9]*") if _of_machine(entry))
    return [pid for pid in started if _runs_from(pid, folder)]


def _runs_from(pid: int, folder: Path) -> bool:
    """Whether process `pid` is a program in the folder, and not another one that has got its number since."""
    with contextlib.suppress(OSError):
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
        start = f"{folder.resolve()}/".encode()
        return _alive(pid) and any(word.startswith(start) for word in words)
    return False


def _of_machine(process: Path) -> bool:
    with contextlib.suppress(OSError):
        return f"{METADATA}=".encode() in (process / "environ").read_bytes()
    return False


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return False
