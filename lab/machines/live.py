# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What machines that really run have in common: a worker each, checks over real sockets, load as their server says."""

from __future__ import annotations

import abc
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from .. import wcs
from . import Check, Known, MachineSpec, MachineState, checks
from .metadata import MetadataServer

HOME = f"usr/local/{wcs.PRODUCT}"
STOP_PATIENCE = 20.0  # seconds
CPU_WITHOUT_WCS = 1.0  # per cent
CPU_COUNTER = b"system_java_cpu_usage="


@dataclass
class Machine:
    """One machine. Its worker does one thing after the other, so a stop never overtakes a start."""

    spec: MachineSpec
    state: MachineState = "pending"
    metadata: MetadataServer | None = None
    ending: Future[None] | None = None
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "machine"))

    def has_address_of(self, spec: MachineSpec) -> bool:
        """Whether another machine is to have the address that this one has."""
        return spec.instance_id != self.spec.instance_id and spec.private_ip == self.spec.private_ip

    def silence(self) -> None:
        """No metadata any more."""
        if self.metadata is not None:
            self.metadata.close()
            self.metadata = None


class LiveMachines(abc.ABC):
    """The machines of one lab, by instance id. Subclasses say what they are made of."""

    def __init__(self) -> None:
        """None yet."""
        self.known = Known()
        self._machines: dict[str, Machine] = {}

    @abc.abstractmethod
    def refuse(self, cidr: str) -> str | None:
        """Why no machine can have an address in a subnet; None where one can."""

    @abc.abstractmethod
    def _boot(self, machine: Machine) -> None:
        """Brings it to "running"."""

    @abc.abstractmethod
    def _stop(self, machine: Machine) -> None:
        """Brings it to "stopped"; its disk stays."""

    @abc.abstractmethod
    def _remove(self, machine: Machine) -> None:
        """Removes the disk of a machine that has stopped."""

    @abc.abstractmethod
    def _disk(self, machine: Machine) -> Path:
        """Where its file system is to be seen."""

    def boot(self, spec: MachineSpec) -> None:
        """Starts a machine; returns at once."""
        reason = self.refuse(spec.private_ip)
        if reason:
            raise ValueError(reason)
        machine = self._machines.setdefault(spec.instance_id, Machine(spec))
        machine.spec, machine.state = spec, "pending"
        before = [one.ending for one in list(self._machines.values()) if one.ending and one.has_address_of(spec)]

        def boot(machine: Machine) -> None:
            wait(before, timeout=STOP_PATIENCE * 2)
            self._boot(machine)

        self._do(machine, boot)

    def stop(self, instance_id: str) -> None:
        """Shuts it down; returns at once."""
        if instance_id in self._machines:
            self._do(self._machines[instance_id], self._stop)

    def terminate(self, instance_id: str) -> None:
        """Shuts it down for good; returns at once."""
        if instance_id in self._machines:
            machine = self._machines[instance_id]
            machine.ending = self._do(machine, self._terminate)

    def state(self, instance_id: str) -> MachineState:
        """Its state now."""
        machine = self._machines.get(instance_id)
        return machine.state if machine else "gone"

    def check(self, instance_id: str, protocol: str, port: int, path: str, timeout: float) -> Check:
        """A health check over a real connection to the private address."""
        machine = self._machines.get(instance_id)
        if machine is None or machine.state != "running":
            return Check(False, None, "the machine does not run")
        return checks.check(machine.spec.private_ip, protocol, port, path, timeout)

    def cpu(self, instance_id: str) -> float:
        """What the statistics page of its server says; little where none runs."""
        machine = self._machines.get(instance_id)
        if machine is None or machine.state != "running":
            return 0.0
        port = _http_port(self._disk(machine) / HOME)
        page = checks.page(machine.spec.private_ip, port, "/?action=stat", 1.0)
        for line in page.splitlines():
            if line.startswith(CPU_COUNTER):
                return float(line[len(CPU_COUNTER) :])
        return CPU_WITHOUT_WCS

    def end_all(self) -> None:
        """Ends every machine and removes its disk."""
        ending = [self._do(machine, self._terminate) for machine in list(self._machines.values())]
        wait(ending, timeout=STOP_PATIENCE * 2)

    def _terminate(self, machine: Machine) -> None:
        self._stop(machine)
        self._remove(machine)
        machine.state = "gone"
        self._machines.pop(machine.spec.instance_id, None)
        machine.worker.shutdown(wait=False)

    def _do(self, machine: Machine, task: Callable[[Machine], None]) -> Future[None]:
        def work() -> None:
            try:
                task(machine)
            except Exception:
                print(f"machine {machine.spec.instance_id}: {traceback.format_exc()}", file=sys.stderr, flush=True)

        return machine.worker.submit(work)


def _http_port(home: Path) -> int:
    """Where the server's statistics page is, by its own configuration."""
    try:
        for line in (home / "conf" / "flashphoner.properties").read_text().splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "http.port":
                return int(value)
    except (OSError, ValueError):
        pass
    return 8081
