# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host machines: real Debian hosts with systemd and sshd; an image is a commit, the metadata service at AWS's address.

Root and podman are needed. User data is shown by the metadata service and not run: there is no cloud-init.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path

from . import netns
from .containers import METADATA_ADDRESS, Containers, new_key, server_image
from .live import HOME, STOP_PATIENCE, LiveMachines, Machine
from .metadata import Metadata, MetadataServer
from .rootfs import base_image

KIND = "lab"
SETTINGS = "containers.conf"
SYSTEM = "debian12"
KEY = "key"
FILES = (SETTINGS, KEY, f"{KEY}.pub", "known_hosts")  # that they have in the lab's folder


def sweep(directory: Path) -> int:
    """Removes what a killed lab in this folder left; how many hosts there were."""
    if not (directory / SETTINGS).exists():
        return 0
    return Containers.of(directory.resolve(), KIND).clear()


class HostMachines(LiveMachines):
    """The machines of one lab: containers on a network of its own, found by the lab's folder."""

    def __init__(self, directory: Path, cpu_per_session: float | None = None) -> None:
        """Makes the network. `cpu_per_session`: per cent that a session costs; None leaves it to the stand-in."""
        super().__init__()
        self._containers = Containers.of(directory.resolve(), KIND)
        self._containers.clear()
        self._public_key = new_key(directory.resolve() / KEY)
        self._cost = cpu_per_session
        self._images: dict[str, str] = {}
        self._inits: dict[str, int] = {}  # process ids by instance id
        self.block = self._containers.claim(internal=True)
        """The first two bytes of every address."""

    def install(self, image_id: str, wcs_version: str | None) -> None:
        """Has an image that is there at start: a plain system, or one on which WCS was installed."""
        podman = self._containers.podman
        if wcs_version is None:
            self._images[image_id] = base_image(podman, SYSTEM)
        else:
            self._images[image_id] = server_image(podman, SYSTEM, wcs_version)

    def refuse(self, cidr: str) -> str | None:
        """Anything outside the lab's network is."""
        if ipaddress.ip_network(cidr).subnet_of(ipaddress.ip_network(f"{self.block}.0.0/16")):  # type: ignore[arg-type]
            return None
        return f"the lab's hosts are in {self.block}.0.0/16, and {cidr} is not: launch into a subnet of its own VPC"

    def capture(self, instance_id: str, image_id: str) -> None:
        """Commits its disk to an image."""
        self._containers.commit(self._machines[instance_id].spec.instance_id, image_id)
        self._images[image_id] = self._containers.image(image_id)

    def copy_image(self, image_id: str, copy_id: str) -> None:
        """Gives the image a second name."""
        self._containers.podman.run("tag", self._images[image_id], self._containers.image(copy_id))
        self._images[copy_id] = self._containers.image(copy_id)

    def forget_image(self, image_id: str) -> None:
        """Removes an image; machines that were started from it stay."""
        name = self._images.pop(image_id, "")
        if name == self._containers.image(image_id):
            self._containers.podman.run("untag", name, name, quiet=True)

    def reset(self) -> None:
        """Ends every machine and removes every image that was captured."""
        self.end_all()
        for image_id in list(self._images):
            self.forget_image(image_id)

    def close(self) -> None:
        """Ends every machine, removes every image that was captured, and the network."""
        self.end_all()
        self._containers.clear()

    def _disk(self, machine: Machine) -> Path:
        return Path(f"/proc/{self._inits.get(machine.spec.instance_id)}/root")

    def _boot(self, machine: Machine) -> None:
        spec, name = machine.spec, machine.spec.instance_id
        machine.silence()
        new = not self._containers.exists(name)
        if new:
            image = self._images.get(spec.image_id) or base_image(self._containers.podman, SYSTEM)
            self._containers.create(name, image, spec.private_ip)
        public = [spec.public_ip] if spec.public_ip else []
        pid = self._containers.prepare(name, [*public, METADATA_ADDRESS], self._public_key)
        self._inits[name] = pid
        if new and self._cost is not None:
            self._price(self._disk(machine) / HOME / "conf" / "stand-in.properties", self._cost)
        metadata = Metadata(spec, self.known)
        machine.metadata = netns.inside(pid, lambda: MetadataServer(metadata, METADATA_ADDRESS, 80))
        self._containers.start(name)
        machine.state = "running"

    def _price(self, file: Path, cost: float) -> None:
        """Sets what a session costs, where the disk has a stand-in; the last line counts."""
        if file.is_file():
            with file.open("a") as settings:
                settings.write(f"cpu_per_session={cost:g}\n")

    def _stop(self, machine: Machine) -> None:
        self._containers.stop(machine.spec.instance_id, int(STOP_PATIENCE))
        machine.silence()
        machine.state = "stopped"

    def _remove(self, machine: Machine) -> None:
        self._containers.remove(machine.spec.instance_id)
