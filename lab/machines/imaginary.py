# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that exist in memory only: healthy unless set otherwise, no sockets, nothing on disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import Check, Known, MachineSpec, MachineState


@dataclass
class Imaginary:
    """One machine. Tests set `health`, `cpu`, `state`, and `sessions` (None: unknown)."""

    spec: MachineSpec
    state: MachineState = "running"
    health: Check = field(default_factory=lambda: Check(True, 200))
    cpu: float = 5.0
    boots: int = 1
    sessions: int | None = 0


class ImaginaryMachines:
    """Machines of an in-process lab; `fresh` is what new ones are like, by default healthy and idle."""

    def __init__(self) -> None:
        """No machines, no images."""
        self.known = Known()
        self.machines: dict[str, Imaginary] = {}
        self.images: dict[str, str] = {}  # image id: the instance it was captured from
        self.fresh_health = Check(True, 200)
        self.fresh_cpu = 5.0

    def __getitem__(self, instance_id: str) -> Imaginary:
        return self.machines[instance_id]

    def install(self, image_id: str, wcs_version: str | None) -> None:  # noqa: ARG002
        """Notes the image."""
        self.images[image_id] = "vendor"

    def refuse(self, cidr: str) -> str | None:  # noqa: ARG002
        """Nothing is."""
        return None

    def boot(self, spec: MachineSpec) -> None:
        """Runs at once."""
        known = self.machines.get(spec.instance_id)
        if known is None:
            self.machines[spec.instance_id] = Imaginary(spec, health=self.fresh_health, cpu=self.fresh_cpu)
        else:
            known.spec, known.state, known.boots = spec, "running", known.boots + 1

    def stop(self, instance_id: str) -> None:
        """Stopped at once."""
        if instance_id in self.machines:
            self.machines[instance_id].state = "stopped"

    def terminate(self, instance_id: str) -> None:
        """Gone at once."""
        self.machines.pop(instance_id, None)

    def state(self, instance_id: str) -> MachineState:
        """As set."""
        known = self.machines.get(instance_id)
        return known.state if known else "gone"

    def capture(self, instance_id: str, image_id: str) -> None:
        """Notes where the image is from."""
        self.images[image_id] = instance_id

    def copy_image(self, image_id: str, copy_id: str) -> None:
        """Notes where the copy is from."""
        self.images[copy_id] = self.images.get(image_id, image_id)

    def forget_image(self, image_id: str) -> None:
        """Drops the note."""
        self.images.pop(image_id, None)

    def check(self, instance_id: str, protocol: str, port: int, path: str, timeout: float) -> Check:  # noqa: ARG002
        """What the machine's `health` says; a machine that does not run never answers."""
        known = self.machines.get(instance_id)
        if known is None or known.state != "running":
            return Check(False, None, "connection refused")
        return known.health

    def cpu(self, instance_id: str) -> float:
        """What the machine's `cpu` says."""
        known = self.machines.get(instance_id)
        return known.cpu if known and known.state == "running" else 0.0

    def reset(self) -> None:
        """No machines, no images, new ones healthy and idle again."""
        self.machines.clear()
        self.images.clear()
        self.fresh_health, self.fresh_cpu = Check(True, 200), 5.0

    def close(self) -> None:
        """Nothing to end."""
