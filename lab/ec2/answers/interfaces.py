# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's network interfaces: their addresses, who uses one, and what that forbids."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.ask import Ask, answers
from ...core.corrections import correction
from ...core.errors import Refused


@correction("An address that is asked for lies in the subnet, and nobody has it.", Subnet, "request_ip")
def request_ip(take: Any, subnet: Any, ip: str, instance: Any) -> None:
    """Nothing: the address is the instance's."""
    _check_free(subnet, [ip])
    take(subnet, ip, instance)


def _check_free(subnet: Any, addresses: list[str]) -> None:
    for address in addresses:
        if ip_address(address) not in subnet.cidr:
            raise Refused("InvalidParameterValue", f"Address {address} does not fall within the subnet's address range")
        if address in subnet._subnet_ips or _holder(subnet, address) is not None:
            raise Refused("InvalidIPAddress.InUse", f"Address {address} is in use.")


def _holder(subnet: Any, address: str) -> Any:
    """The interface in the subnet that has the address; None where none has."""
    there = (interface for interface in subnet.ec2_backend.enis.values() if interface.subnet.id == subnet.id)
    return next((interface for interface in there if address in _addresses(interface)), None)


def _addresses(interface: Any) -> list[str]:
    return [one["PrivateIpAddress"] for one in interface.private_ip_addresses]


@correction(
    "A network interface has a free address of its subnet where none is asked for.",
    NetworkInterfaceBackend,
    "create_network_interface",
)
def new_interface(
    create: Any, ec2: Any, subnet: Any, address: Any, several: Any = None, *rest: Any, **more: Any
) -> Any:
    """The interface."""
    return create(ec2, subnet, address or _first(subnet, several), several, *rest, **more)


def _first(subnet: Any, several: Any) -> str | None:
    return None if several else str(subnet.get_available_subnet_ip(instance=None))


@correction(
    "CreateNetworkInterface refuses an address beyond its subnet and one that is in use.",
    EC2Response,
    "create_network_interface",
)
def create_network_interface(create: Any, response: Any) -> Any:
    """{NetworkInterface}."""
    given = response._get_params()
    asked = [given.get("PrivateIpAddress"), *(one["PrivateIpAddress"] for one in given.get("PrivateIpAddresses") or [])]
    subnet = state.backend("ec2", response.region).get_subnet(given["SubnetId"])
    _check_free(subnet, list(dict.fromkeys(address for address in asked if address)))
    return create(response)


@correction(
    "A network interface is attached once, to an instance of its zone, at a free place.",
    NetworkInterfaceBackend,
    "attach_network_interface",
)
def attach_network_interface(attach: Any, ec2: Any, eni_id: str, instance_id: str, device_index: Any) -> Any:
    """The attachment."""
    interface, instance = ec2.get_network_interface(eni_id), ec2.get_instance(instance_id)
    if interface.attachment_id:
        raise Refused("InvalidNetworkInterface.InUse", f"Interface: [{eni_id}] in use.")
    if interface.subnet.availability_zone != instance.placement.zone:
        raise Refused(
            "InvalidParameterCombination",
            "You may not attach a network interface to an instance if they are not in the same availability zone",
        )
    if int(device_index) in instance.nics:
        raise Refused(
            "InvalidParameterValue",
            f"Instance '{instance_id}' already has an interface attached at device index '{device_index}'.",
        )
    return attach(ec2, eni_id, instance_id, device_index)


@answers(
    "AssignPrivateIpAddresses tells the new addresses; those of another interface move only where that is allowed.",
    EC2Response,
)
def assign_private_ip_addresses(ask: Ask) -> dict[str, Any]:
    """{NetworkInterfaceId, AssignedPrivateIpAddresses}."""
    ec2 = state.backend("ec2", ask.region)
    interface = ec2.get_network_interface(ask["NetworkInterfaceId"])
    subnet, asked = interface.subnet, [a for a in ask.get("PrivateIpAddresses", []) if a not in _addresses(interface)]
    for address in asked:
        holder = _holder(subnet, address)
        if holder is not None and not ask.get("AllowReassignment"):
            raise Refused("InvalidParameterValue", f"[{address}] is already assigned, but move is not allowed.")
        if holder is not None:
            ec2.unassign_private_ip_addresses(holder.id, [address])
    count = int(ask.get("SecondaryPrivateIpAddressCount", 0))
    asked += [str(subnet.get_available_subnet_ip(instance=None)) for _ in range(count)]
    ec2.assign_private_ip_addresses(interface.id, asked)
    return {
        "NetworkInterfaceId": interface.id,
        "AssignedPrivateIpAddresses": [{"PrivateIpAddress": address} for address in asked],
    }


@correction("A network interface that is in use is not deleted.", EC2Response, "delete_network_interface")
def delete_network_interface(delete: Any, response: Any) -> Any:
    """Nothing."""
    interface_id = str(response._get_param("NetworkInterfaceId"))
    interface = state.backend("ec2", response.region).enis.get(interface_id)
    if interface is not None and (interface.attachment_id or interface.requester_managed):
        raise Refused("InvalidParameterValue", f"Network interface '{interface_id}' is currently in use.")
    return delete(response)
