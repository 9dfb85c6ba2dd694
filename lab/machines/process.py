# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Process machines: a folder that is the disk, two loopback addresses, and one Web Call Server process.

Nothing outside the lab's folder is touched, no privilege is needed. The metadata service shows user data, which is not
run: it is written for a machine of its own.
"""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from .. import wcs
from . import MachineSpec, disks, servers
from .live import HOME, STOP_PATIENCE, LiveMachines, Machine
from .metadata import Metadata, MetadataServer
from .network import METADATA_PORT

START_PATIENCE = 90.0  # seconds
AT_SPEED = Path(__file__).with_name("at_speed.py")


class ProcessMachines(LiveMachines):
    """The machines of one lab, under `<directory>/machines`; the disks of its images, under `<directory>/images`."""

    def __init__(self, directory: Path, cpu_per_session: float | None = None, speed: float = 1.0) -> None:
        """`cpu_per_session`: per cent that a session costs; None leaves it to the stand-in's settings.

        `speed`: how many seconds pass in one for programs that run beside the server.
        """
        super().__init__()
        self.api_url: str | None = None  # where AWS is reached from the machines
        self._speed = speed
        self._folder, self._images = directory.resolve() / "machines", directory.resolve() / "images"
        self._cost = cpu_per_session

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

    def capture(self, instance_id: str, image_id: str) -> None:
        """Copies its disk to an image."""
        disks.copy(self._disk(self._machines[instance_id]), self._images / image_id)

    def copy_image(self, image_id: str, copy_id: str) -> None:
        """Copies the disk of an image to another."""
        disks.copy(self._images / image_id, self._images / copy_id)

    def forget_image(self, image_id: str) -> None:
        """Removes an image's disk."""
        disks.remove(self._images / image_id)

    def reset(self) -> None:
        """Ends every machine and removes every disk."""
        self.end_all()
        servers.end_under(self._folder)
        disks.remove(self._images)

    def close(self) -> None:
        """Ends every machine and removes every disk."""
        self.reset()
        disks.remove(self._folder)

    def _of(self, machine: Machine) -> Path:
        return self._folder / machine.spec.instance_id

    def _disk(self, machine: Machine) -> Path:
        return self._of(machine) / "disk"

    def _boot(self, machine: Machine) -> None:
        disk = self._disk(machine)
        disk.parent.mkdir(parents=True, exist_ok=True)
        if not disk.is_dir():
            disks.copy(self._images / machine.spec.image_id, disk)
        (disk.parent / "machine.json").write_text(json.dumps(self._hardware(machine.spec), indent=2) + "\n")
        metadata = Metadata(machine.spec, self.known)
        machine.metadata = MetadataServer(metadata, machine.spec.private_ip, METADATA_PORT)
        machine.state = "running"
        identity, control = disk / HOME / "bin" / "wcs-identity", disk / HOME / "bin" / "webcallserver"
        if identity.is_file() and self._run(machine, [identity]) != 0:
            return
        if control.is_file():
            self._run(machine, [control, "start"])
        self._start_metrics(machine)

    def _start_metrics(self, machine: Machine) -> None:
        """Starts what publishes the server's sessions, where the disk has it, as a service manager would."""
        program = self._disk(machine) / HOME / "bin" / "wcs-metrics"
        if not program.is_file():
            return
        aws = {"AWS_ENDPOINT_URL": self.api_url} if self.api_url else {}
        with (self._of(machine) / "console.log").open("ab") as console:
            subprocess.Popen(
                [sys.executable, str(AT_SPEED), str(self._speed), str(program)],
                cwd=self._disk(machine),
                env={**self._environment(machine), **aws},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _environment(self, machine: Machine) -> dict[str, str]:
        url = machine.metadata.url if machine.metadata else ""
        return {"PATH": os.environ["PATH"], servers.METADATA: url}

    def _stop(self, machine: Machine) -> None:
        disk = self._disk(machine)
        control = disk / HOME / "bin" / "webcallserver"
        if servers.running(disk) and control.is_file():
            self._run(machine, [control, "stop"], STOP_PATIENCE)
        servers.end(servers.programs(disk))
        machine.silence()
        machine.state = "stopped"

    def _remove(self, machine: Machine) -> None:
        disks.remove(self._of(machine))

    def _run(self, machine: Machine, command: list[Any], patience: float = START_PATIENCE) -> int:
        """The exit code of a command on the machine; what it says goes to the machine's console."""
        with (self._of(machine) / "console.log").open("ab") as console:
            console.write(f"$ {' '.join(map(str, command))}\n".encode())
            console.flush()
            try:
                return subprocess.run(
                    [str(word) for word in command],
                    check=False,
                    cwd=self._disk(machine),
                    env=self._environment(machine),
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
