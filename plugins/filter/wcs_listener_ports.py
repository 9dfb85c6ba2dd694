# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter wcs_listener_ports: a load balancer's ports, by what its listeners lead to."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wcs_listener_ports
short_description: The ports of a load balancer, by whether its listeners lead to the control interface of the servers
version_added: 0.1.0
description:
  - Tells the ports for clients from those that lead to the statistics page and the REST interface.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  _input:
    description: Listeners as C(wcs_balancer_listeners) has them. One without a port that is a number is left out.
    type: list
    elements: dict
    required: true
  admin:
    description: The ports of statistics page and REST interface on the servers.
    type: list
    elements: int
    required: true
positional: admin
"""

EXAMPLES = r"""
- name: Port 80 leads to the statistics page
  ansible.builtin.debug:
    msg: "{{ [{'load_balancer_port': 80, 'instance_port': 8081}, {'load_balancer_port': 8080}] | webcallserver.aws.wcs_listener_ports([8081, 8444]) }}"
"""

RETURN = r"""
_value:
  description: The ports for C(clients), and those for C(admin).
  type: dict
  sample:
    clients: [8080]
    admin: [80]
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ..module_utils._security_groups.exposure import listener_ports
from .wcs_typed import wcs_typed


def wcs_listener_ports(listeners: Any, admin: Any) -> dict[str, list[int]]:
    """The ports of the listeners, by what they lead to."""
    goals = [wcs_typed(port, "int") for port in wcs_typed(admin, "list")]
    found = asdict(listener_ports(wcs_typed(listeners, "list"), goals))
    return {name: list(ports) for name, ports in found.items()}


class FilterModule:
    """Hands the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file, by name."""
        return {"wcs_listener_ports": wcs_listener_ports}
