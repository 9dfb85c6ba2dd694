# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance's life: moto keeps the record, a machine stands behind it, and neither changes in an instant."""

from __future__ import annotations

import base64
from typing import Any

from moto.ec2.models.instances import InstanceState

from ..core import backends as state
from ..core.lab import Lab
from ..machines import MachineSpec

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
REMEMBERED = 3600.0  # AWS seconds that a terminated instance is still described


def set_state(instance: Any, name: str) -> None:
    """Puts the record into a state."""
    instance._state = InstanceState(name, CODES[name])


def is_over(instance: Any) -> bool:
    """Whether it is terminated or about to be."""
    return instance.state in ("shutting-down", "terminated")


def machine_spec(instance: Any) -> MachineSpec:
    """What the machine behind a record is started from."""
    data = instance.user_data
    return MachineSpec(
        instance_id=instance.id,
        image_id=instance.image_id,
        private_ip=str(instance.private_ip_address),
        public_ip=instance.public_ip_address,
        region=instance.ec2_backend.region_name,
        zone=str(instance.availability_zone),
        instance_type=instance.instance_type,
        user_data=base64.b64decode(str(data)) if data else b"",
        metadata_required=instance.metadata_options.http_tokens == "required",
        metadata_enabled=instance.metadata_options.http_endpoint != "disabled",
    )


def metadata_tags(lab: Lab, instance_id: str) -> dict[str, str]:
    """The instance's tags as its metadata service tells them; none where its metadata options do not allow that."""
    with lab.lock:
        for ec2 in state.existing("ec2"):
            instance = next((i for r in ec2.reservations.values() for i in r.instances if i.id == instance_id), None)
            if instance is not None and instance.metadata_options.instance_metadata_tags == "enabled":
                return {tag["key"]: tag["value"] for tag in instance.get_tags()}
    return {}


def start(lab: Lab, instance: Any) -> None:
    """Boots the machine; the record is pending until it runs."""
    set_state(instance, "pending")
    instance.state_reason = None
    lab.machines.boot(machine_spec(instance))
    _arrive(lab, instance, "pending", "running", lab.delays.instance_pending)


def stop(lab: Lab, instance: Any) -> None:
    """Shuts the machine down; the record is stopping until it has stopped."""
    set_state(instance, "stopping")
    lab.machines.stop(instance.id)
    _arrive(lab, instance, "stopping", "stopped", lab.delays.instance_stopping)


def terminate(lab: Lab, instance: Any) -> None:
    """Shuts the machine down for good; the record says terminated for an hour, then it is gone."""
    set_state(instance, "shutting-down")
    lab.machines.terminate(instance.id)
    _arrive(lab, instance, "shutting-down", "terminated", lab.delays.instance_shutting_down)
    lab.later(lab.delays.instance_shutting_down + REMEMBERED, lambda: _forget(lab, instance))


def reboot(lab: Lab, instance: Any) -> None:
    """Shuts the machine down and boots it again; the record stays running all the while."""
    lab.machines.stop(instance.id)

    def again() -> None:
        if instance.state == "running":
            lab.machines.boot(machine_spec(instance))

    lab.later(0, again, ready=lambda: lab.machines.state(instance.id) != "running")


def _arrive(lab: Lab, instance: Any, leaving: str, reached: str, seconds: float) -> None:
    sign = instance._state
    wanted = {"running": ("running",), "stopped": ("stopped", "gone"), "terminated": ("gone",)}[reached]

    def arrive() -> None:
        with lab.lock:
            if instance._state is sign and instance.state == leaving:
                set_state(instance, reached)

    def ready() -> bool:
        return instance._state is not sign or lab.machines.state(instance.id) in wanted

    lab.later(seconds, arrive, ready)


def _forget(lab: Lab, instance: Any) -> None:
    with lab.lock:
        reservations = instance.ec2_backend.reservations
        for reservation in list(reservations.values()):
            if instance in reservation.instances:
                reservation.instances.remove(instance)
                if not reservation.instances:
                    del reservations[reservation.id]
