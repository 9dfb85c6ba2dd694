# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter wcs_entrance: where clients open sessions, by a balancer's listeners."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wcs_entrance
short_description: Where clients open WebSocket sessions, by the listeners of a load balancer
version_added: 0.1.0
description:
  - Gives port and TLS of the first listener that leads to a WebSocket port of the servers. Where none does, of the first listener.
  - A TCP listener that leads to the port for C(wss://) is one for TLS, which the servers end themselves.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  _input:
    description:
      - Listeners as C(wcs_balancer_listeners) has them.
      - Null for the listener that a balancer has by default, TCP at the port for C(ws://).
    type: list
    elements: dict
    required: true
  settings:
    description: Settings as C(wcs_server_settings) has them, for the ports of the servers.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Where sessions are opened
  ansible.builtin.debug:
    msg: "{{ [{'protocol': 'ssl', 'load_balancer_port': 443, 'instance_port': 8080}] | webcallserver.aws.wcs_entrance }}"
"""

RETURN = r"""
_value:
  description: The C(port) of the load balancer, and whether its sessions are opened by C(tls).
  type: dict
  sample:
    port: 443
    tls: true
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.pages import PORTS, entrance
from .wcs_ports import wcs_ports
from .wcs_typed import wcs_typed


def wcs_entrance(listeners: Any, settings: Any = None) -> dict[str, Any]:
    """Port and TLS of the listener where sessions are opened."""
    found = wcs_ports(settings)
    ports = {scheme: found[scheme] for scheme in PORTS}
    usual = [{"protocol": "tcp", "load_balancer_port": ports["ws"]}]
    rows = usual if listeners is None else wcs_typed(listeners, "list")
    try:
        port, tls = entrance([_row(one) for one in rows], ports)
    except (LookupError, TypeError, ValueError) as error:
        reason = "it is empty" if not rows else "a listener has no protocol, or no load_balancer_port that is a number"
        raise AnsibleFilterError(
            f"Cannot tell where sessions are opened from wcs_balancer_listeners: {reason}. "
            "Correct it, or set wcs_verify_port and wcs_verify_tls."
        ) from error
    return {"port": port, "tls": tls}


def _row(listener: Mapping[str, Any]) -> tuple[str, int, int]:
    port = int(listener["load_balancer_port"])
    return str(listener["protocol"]), port, int(listener.get("instance_port") or port)


class FilterModule:
    """Hands the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file, by name."""
        return {"wcs_entrance": wcs_entrance}
