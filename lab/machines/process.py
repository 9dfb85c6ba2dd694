# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Process machines: a folder that is the disk, two loopback addresses, and one Web Call Server process.

Nothing outside the lab's folder is touched, no privilege is needed. User data is told by the metadata service and not
run: it is written for a machine of its own.
"""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from .. import wcs
from ..network import METADATA_PORT
from . import Check, MachineSpec, MachineState, checks, disks, servers
from .metadata import Metadata, MetadataServer

HOME = f"usr/local/{wcs.PRODUCT}"
START_PATIENCE = 90.0  # seconds
STOP_PATIENCE = 20.0
CPU_WITHOUT_WCS = 1.0  # per cent
CPU_COUNTER = b"system_java_cpu_usage="


@dataclass
class Machine:
    """One machine. Its worker does one thing after the other, so a stop never overtakes a start."""

    spec: MachineSpec
    folder: Path
    state: MachineState = "pending"
    metadata: MetadataServer | None = None
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "machine"))

    @property
    def disk(self) -> Path:
        """Its file system."""
        return self.folder / "disk"

    @property
    def home(self) -> Path:
        """Where Web Call Server is, if it is installed."""
        return self.disk / HOME


class ProcessMachines:
    """The machines of one lab, under `<directory>/machines`; the disks of its images, under `<directory>/images`."""

    def __init__(self, directory: Path, cpu_per_session: float | None = None) -> None:
        """`cpu_per_session`: per cent that a session costs; None leaves it to the stand-in's settings."""
        self.target_state: Callable[[str], str | None] = lambda _: None
        self._folder, self._images = directory.resolve() / "machines", directory.resolve() / "images"
        self._cost = cpu_per_session
        self._machines: dict[str, Machine] = {}

    def install(self, image_id: str, wcs_version: str | None) -> None:
        """Lays out the disk of an image that is there at start."""
        disk = self._images / image_id
        (disk / "usr" / "local").mkdir(parents=True)
        if wcs_version is not None:
            wcs.install(disk, wcs_version)

    def refuse(self, cidr: str) -> str | None:
        """Anything but loopback is."""
        if ipaddress.ip_network(cidr).is_loopback:
            return None
        return f"the lab's machines have loopback addresses, and {cidr} is none: launch into a subnet of its own VPC"

    def boot(self, spec: MachineSpec) -> None:
        """Starts a machine; returns at once."""
        reason = self.refuse(spec.private_ip)
        if reason:
            raise ValueError(reason)
        machine = self._machines.setdefault(spec.instance_id, Machine(spec, self._folder / spec.instance_id))
        machine.spec, machine.state = spec, "pending"
        self._do(machine, self._boot)

    def stop(self, instance_id: str) -> None:
        """Shuts it down; returns at once."""
        if instance_id in self._machines:
            self._do(self._machines[instance_id], self._stop)

    def terminate(self, instance_id: str) -> None:
        """Shuts it down and removes its folder; returns at once."""
        if instance_id in self._machines:
            self._do(self._machines[instance_id], self._terminate)

    def state(self, instance_id: str) -> MachineState:
        """Its state now."""
        machine = self._machines.get(instance_id)
        return machine.state if machine else "gone"

    def capture(self, instance_id: str, image_id: str) -> None:
        """Copies its disk to an image."""
        disks.copy(self._machines[instance_id].disk, self._images / image_id)

    def copy_image(self, image_id: str, copy_id: str) -> None:
        """Copies the disk of an image to another."""
        disks.copy(self._images / image_id, self._images / copy_id)

    def forget_image(self, image_id: str) -> None:
        """Removes an image's disk."""
        disks.remove(self._images / image_id)

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
        page = checks.page(machine.spec.private_ip, _http_port(machine.home), "/?action=stat", 1.0)
        for line in page.splitlines():
            if line.startswith(CPU_COUNTER):
                return float(line[len(CPU_COUNTER) :])
        return CPU_WITHOUT_WCS

    def reset(self) -> None:
        """Ends every machine and removes every disk."""
        self._end_all()
        disks.remove(self._images)

    def close(self) -> None:
        """Ends every machine and removes every disk."""
        self.reset()
        disks.remove(self._folder)

    def _end_all(self) -> None:
        ending = [self._do(machine, self._terminate) for machine in list(self._machines.values())]
        wait(ending, timeout=STOP_PATIENCE * 2)
        servers.end(servers.running_under(self._folder))

    def _do(self, machine: Machine, task: Callable[[Machine], None]) -> Future[None]:
        def work() -> None:
            try:
                task(machine)
            except Exception:
                print(f"machine {machine.spec.instance_id}: {traceback.format_exc()}", file=sys.stderr, flush=True)

        return machine.worker.submit(work)

    def _boot(self, machine: Machine) -> None:
        machine.folder.mkdir(parents=True, exist_ok=True)
        if not machine.disk.is_dir():
            disks.copy(self._images / machine.spec.image_id, machine.disk)
        (machine.folder / "machine.json").write_text(json.dumps(self._hardware(machine.spec), indent=2) + "\n")
        machine.metadata = MetadataServer(Metadata(machine.spec, self.target_state), METADATA_PORT)
        machine.state = "running"
        identity, control = machine.home / "bin" / "wcs-identity", machine.home / "bin" / "webcallserver"
        if identity.is_file() and self._run(machine, [identity]) != 0:
            return
        if control.is_file():
            self._run(machine, [control, "start"])

    def _stop(self, machine: Machine) -> None:
        control = machine.home / "bin" / "webcallserver"
        if servers.running(machine.disk) and control.is_file():
            self._run(machine, [control, "stop"], STOP_PATIENCE)
        servers.end(servers.running(machine.disk))
        if machine.metadata is not None:
            machine.metadata.close()
            machine.metadata = None
        machine.state = "stopped"

    def _terminate(self, machine: Machine) -> None:
        self._stop(machine)
        disks.remove(machine.folder)
        machine.state = "gone"
        self._machines.pop(machine.spec.instance_id, None)
        machine.worker.shutdown(wait=False)

    def _run(self, machine: Machine, command: list[Any], patience: float = START_PATIENCE) -> int:
        """The exit code of a command on the machine; what it says goes to the machine's console."""
        url = machine.metadata.url if machine.metadata else ""
        environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}
        with (machine.folder / "console.log").open("ab") as console:
            console.write(f"$ {' '.join(map(str, command))}\n".encode())
            console.flush()
            try:
                return subprocess.run(
                    [str(word) for word in command],
                    check=False,
                    cwd=machine.disk,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                    timeout=patience,
                ).returncode
            except subprocess.TimeoutExpired:
                console.write(f"no end within {patience:g} s\n".encode())
                return -1

    def _hardware(self, spec: MachineSpec) -> dict[str, Any]:
        kind: dict[str, Any] = INSTANCE_TYPES.get(spec.instance_type, {})
        return {
            "instance_id": spec.instance_id,
            "instance_type": spec.instance_type,
            "private_ip": spec.private_ip,
            "public_ip": spec.public_ip,
            "metadata": f"http://{spec.private_ip}:{METADATA_PORT}",
            "memory": int((kind.get("MemoryInfo") or {}).get("SizeInMiB", 4096)) * 2**20,
            "cpu_per_session": self._cost,
        }


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
