# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Classic Load Balancer's network interfaces: one a subnet, from soon after it is made to well after it is gone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.utils import random_eni_attach_id

from ..core import backends as state
from ..core.lab import Lab
from .balancers import Balancer

OWNER = "amazon-elb"


class BalancerInterface(NetworkInterface):
    """An interface in use by a balancer: attached by AWS, to no instance of ours."""

    @property
    def attachment(self) -> Any:
        """The attachment, owned by the service; None before there is one."""
        if self.attachment_id is None:
            return None
        return SimpleNamespace(
            attach_time=None,
            attachment_id=self.attachment_id,
            delete_on_termination=False,
            device_index=1,
            network_card_index=0,
            instance_id=None,
            instance_owner_id=OWNER,
            status="attached",
        )


def keep(lab: Lab, balancer: Balancer) -> None:
    """Gives the balancer one interface for each of its subnets, with its security groups, and takes others away."""
    ec2 = state.backend("ec2", balancer.region)
    subnets = set(balancer.subnets.values())
    for subnet_id in [subnet_id for subnet_id in balancer.interfaces if subnet_id not in subnets]:
        _delete(ec2, balancer.interfaces.pop(subnet_id))
    for subnet_id in balancer.subnets.values():
        if subnet_id not in balancer.interfaces:
            balancer.interfaces[subnet_id] = _create(lab, ec2, balancer, subnet_id)
    groups = [ec2.get_security_group_from_id(group_id) for group_id in balancer.security_groups]
    for interface_id in balancer.interfaces.values():
        ec2.enis[interface_id]._group_set = list(groups)


def drop(balancer: Balancer) -> None:
    """Deletes what interfaces the balancer still has."""
    ec2 = state.backend("ec2", balancer.region)
    for interface_id in balancer.interfaces.values():
        _delete(ec2, interface_id)
    balancer.interfaces.clear()


def _create(lab: Lab, ec2: Any, balancer: Balancer, subnet_id: str) -> str:
    subnet = ec2.get_subnet(subnet_id)
    address = subnet.get_available_subnet_ip(instance=balancer)
    interface = BalancerInterface(
        ec2, subnet, address, group_ids=balancer.security_groups, description=f"ELB {balancer.name}"
    )
    interface.status = "available"
    interface.requester_managed, interface.requester_id = True, OWNER
    ec2.enis[interface.id] = interface
    lab.later(lab.delays.elb_interfaces_attach, lambda: _attach(lab, interface))
    return str(interface.id)


def _attach(lab: Lab, interface: BalancerInterface) -> None:
    with lab.lock:
        interface.status, interface.attachment_id = "in-use", random_eni_attach_id()


def _delete(ec2: Any, interface_id: str) -> None:
    if interface_id in ec2.enis:
        ec2.enis[interface_id].delete()
