# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2 instances: states that take their time, addresses that can be reached, detailed monitoring."""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.corrections import correction
from ...core.errors import Refused
from ...core.lab import current
from ...core.operations import operation_of
from .. import instances


@correction("A new instance is pending for a while before it runs.", InstanceBackend, "run_instances")
def run_instances(run: Any, ec2: Any, *args: Any, **options: Any) -> Any:
    """The new reservation; a machine is booted for each of its instances."""
    reservation = run(ec2, *args, **options)
    for instance in reservation.instances:
        instances.start(current(), instance)
    return reservation


@correction("Starting takes a while: pending, then running with another public address.", Instance, "start")
def start(begin: Any, instance: Any) -> Any:
    """The state before. A running instance is left as it is; one that is neither stopped nor running is refused."""
    before = copy.copy(instance._state)  # moto writes into it
    if before.name in ("running", "pending"):
        return before
    if before.name != "stopped":
        raise Refused(
            "IncorrectInstanceState", f"The instance '{instance.id}' is not in a state from which it can be started."
        )
    begin(instance)
    instances.start(current(), instance)
    return before


@correction("Stopping takes a while: stopping, then stopped.", Instance, "stop")
def stop(end: Any, instance: Any) -> Any:
    """The state before. A stopped instance is left as it is; a terminated or pending one is refused."""
    before = copy.copy(instance._state)  # moto writes into it
    if before.name in ("stopped", "stopping"):
        return before
    if before.name != "running":
        raise Refused(
            "IncorrectInstanceState", f"This instance '{instance.id}' is not in a state from which it can be stopped."
        )
    end(instance)
    instances.stop(current(), instance)
    return before


@correction("Terminating takes a while, once: shutting-down, terminated for an hour, then gone.", Instance, "terminate")
def terminate(end: Any, instance: Any) -> Any:
    """The state before; terminating again changes nothing."""
    before = copy.copy(instance._state)  # moto writes into it
    if not instances.is_over(instance):
        end(instance)
        instances.terminate(current(), instance)
    return before


def _tells_states(method: str, key: str) -> None:
    """Has a call that changes instances tell the state that each is in now: moto says what most of them go to."""

    @correction(f"{operation_of('ec2', method)} tells each instance's state of before and of now.", EC2Response, method)
    def shown(change: Any, response: Any) -> Any:
        answer = change(response)
        there = state.instances(response.region)
        for row in answer.result[key]:
            row["CurrentState"] = copy.copy(there[row["InstanceId"]]._state)
        return answer


_tells_states("start_instances", "StartingInstances")
_tells_states("stop_instances", "StoppingInstances")
_tells_states("terminate_instances", "TerminatingInstances")


@correction(
    "A reboot stops and boots the machine; the instance stays running. One that is not running is refused.",
    Instance,
    "reboot",
)
def reboot(restart: Any, instance: Any) -> None:
    """Nothing."""
    if instance.state != "running":
        raise Refused("IncorrectState", f"Instance '{instance.id}' is not in a state from which it can be rebooted")
    restart(instance)
    instances.reboot(current(), instance)


@correction("A terminated instance has no private address.", Instance, "private_ip_address")
def private_ip_address(address: Any, instance: Any) -> str | None:
    """The address while there is one."""
    return None if instance.state == "terminated" else address(instance)


@correction("A terminated instance is in no VPC.", Instance, "vpc_id")
def vpc_id(vpc: Any, instance: Any) -> str | None:
    """The VPC while it is in one."""
    return None if instance.state == "terminated" else vpc(instance)


@correction("A terminated instance has no network interfaces.", Instance, "network_interfaces")
def network_interfaces(interfaces: Any, instance: Any) -> list[Any]:
    """The interfaces while it has some."""
    return [] if instance.state == "terminated" else interfaces(instance)


@correction(
    "A public address leads to the instance (here: a second loopback address of its machine).",
    NetworkInterface,
    "check_auto_public_ip",
)
def public_address(give: Any, interface: Any) -> None:
    """Nothing; the interface has a new public address if it is to have one."""
    give(interface)
    if interface.public_ip:
        interface.public_ip = current().public_address()


@correction(
    "A public name leads to the instance (here it is the address: the lab has no name server).",
    Instance,
    "public_dns_name",
)
def public_dns_name(_name: Any, instance: Any) -> str | None:
    """The public address."""
    address: str | None = instance.public_ip_address
    return address


@correction("An instance is found by its id, however many there are.", InstanceBackend, "get_instance")
def get_instance(search: Any, ec2: Any, instance_id: str) -> Any:
    """The instance, the newest looked at first."""
    for reservation in reversed(ec2.reservations.values()):
        for instance in reservation.instances:
            if instance.id == instance_id:
                return instance
    return search(ec2, instance_id)


@answers("MonitorInstances turns detailed monitoring on.", EC2Response)
def monitor_instances(ask: Ask) -> dict[str, Any]:
    """{InstanceMonitorings}: pending."""
    return _monitoring(ask, "enabled", "pending")


@answers("UnmonitorInstances turns detailed monitoring off.", EC2Response)
def unmonitor_instances(ask: Ask) -> dict[str, Any]:
    """{InstanceMonitorings}: disabling."""
    return _monitoring(ask, "disabled", "disabling")


def _monitoring(ask: Ask, reached: str, shown: str) -> dict[str, Any]:
    found = state.backend("ec2", ask.region).get_multi_instances_by_id(ask["InstanceIds"])
    for instance in found:
        instance.monitoring_state = reached
    return {"InstanceMonitorings": [{"InstanceId": i.id, "Monitoring": {"State": shown}} for i in found]}
