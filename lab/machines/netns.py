# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network namespaces of containers, entered from outside. Needs root."""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable
from typing import TypeVar

CLONE_NEWNET = 0x40000000
Made = TypeVar("Made")


def inside(pid: int, make: Callable[[], Made]) -> Made:
    """What `make` returns, called in the network namespace of process `pid`: sockets that it opens stay there."""
    made: list[Made] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            _enter(pid)
            made.append(make())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="netns")  # one of its own: it never comes back
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def add_address(pid: int, address: str) -> None:
    """Gives the namespace of process `pid` a further address, to which it answers on every interface."""
    command = ["nsenter", "--target", str(pid), "--net", "ip", "address", "replace", f"{address}/32", "dev", "lo"]
    subprocess.run(command, check=True, capture_output=True)


def _enter(pid: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if library.setns(descriptor, CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), f"network namespace of process {pid}")
    finally:
        os.close(descriptor)
