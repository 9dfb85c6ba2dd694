# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own process: everything between `lab up` and `lab down`."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

from ..core.clock import ScaledClock
from ..core.lab import Lab
from ..machines import Machines, network
from ..machines.hosts import HostMachines
from ..machines.imaginary import ImaginaryMachines
from ..machines.process import ProcessMachines
from ..open import open_lab
from . import inventory, start
from .folder import Folder
from .server import ADDRESS, Server

TICK = 0.2  # seconds between two ticks
NOWHERE = "10.77"  # the block of imaginary machines


class Ended(BaseException):
    """The lab was told to go down."""


@dataclass(frozen=True)
class Options:
    """The options of `lab up`.

    `speed`: how many AWS seconds pass in a second; `port`: the API's, 0 for a free one; `machines`: process, podman or
    imaginary, which are in memory only: the API alone, no balancer listens.
    """

    speed: float = 1.0
    port: int = 0
    cpu_per_session: float | None = None
    machines: str = "process"
    default_vpc: bool = False


def serve(folder: Folder, options: Options) -> None:
    """Runs a lab in `folder` until the process is told to end; leaves nothing running and nothing but the log."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    lock = folder.take()
    try:
        folder.sweep()
        with _block(options) as front:
            _run(folder, options, front)
    except Ended:
        pass
    finally:
        folder.clear()
        lock.close()


@contextlib.contextmanager
def _block(options: Options) -> Iterator[str]:
    """The first two bytes of the lab's addresses: claimed where something is to listen on them."""
    if options.machines == "imaginary":
        yield NOWHERE
        return
    claimed = network.claim()
    try:
        yield claimed.block
    finally:
        claimed.release()


def _run(folder: Folder, options: Options, front: str) -> None:
    machines, block = _machines(folder, options, front)
    try:
        clock = ScaledClock(options.speed)
        lab = open_lab(
            machines,
            clock,
            directory=folder.path,
            live=options.machines != "imaginary",
            block=block,
            front=front,
            seed=None,
            default_vpc=options.default_vpc,
        )
    except BaseException:
        machines.close()
        raise
    try:
        server = _server(lab, options.port)
        try:
            if isinstance(machines, ProcessMachines):
                machines.api_url = server.url
            about = inventory.about(lab, server.url, options.speed, options.machines)
            folder.write("env", inventory.env(about))
            folder.write("inventory.yml", inventory.inventory(about))
            folder.write("lab.json", json.dumps(about, indent=2) + "\n")
            start.end()
            _tick(lab)
        finally:
            server.close()
    finally:
        lab.close()


def _machines(folder: Folder, options: Options, front: str) -> tuple[Machines, str]:
    """(what instances are, the first two bytes of their addresses). NoHosts where they cannot be had."""
    if options.machines == "imaginary":
        return ImaginaryMachines(), front
    if options.machines == "podman":
        hosts = HostMachines(folder.path, options.cpu_per_session)
        return hosts, hosts.block
    return ProcessMachines(folder.path, options.cpu_per_session, options.speed), front


def _server(lab: Lab, port: int) -> Server:
    try:
        return Server(lab, port)
    except OSError as error:
        raise network.NoNetwork(
            f"Cannot start the lab: port {port} of {ADDRESS} is not to be had ({error.strerror}). "
            "Leave --port out, or name another."
        ) from error


def _tick(lab: Lab) -> None:
    pause = threading.Event()
    while not pause.wait(TICK):
        lab.tick()


def _end(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # once told is enough: cleaning up is not to be disturbed
    raise Ended
