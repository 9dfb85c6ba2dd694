# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reaches the control interface: networks that are the Internet, and listeners that lead there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .value import network

WIDEST = {4: 4, 6: 12}
"""By version the prefix whose number of addresses is the Internet. Registries give out parts of an IPv6 /12."""
PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("fc00::/7", "fe80::/10"),
    )
)
"""Networks from which nobody on the Internet comes, however many addresses they have."""


def is_public(cidrs: Iterable[object]) -> bool:
    """Whether the networks together have as many public addresses as one of `WIDEST`; what is no network has none."""
    found = [network(str(one)) for one in cidrs]
    networks = [ipaddress.ip_network(one[1]) for one in found if one]
    return any(
        _addresses([one for one in networks if one.version == version]) >= 1 << bits - WIDEST[version]
        for version, bits in ((4, 32), (6, 128))
    )


def _addresses(networks: Iterable[Any]) -> int:
    """How many public addresses networks of one version have, each once."""
    return sum(_public_addresses(one) for one in ipaddress.collapse_addresses(networks))


def _public_addresses(given: Any) -> int:
    alike = [one for one in PRIVATE if one.version == given.version]
    if any(given.subnet_of(one) for one in alike):
        return 0
    return int(given.num_addresses - sum(one.num_addresses for one in alike if one.subnet_of(given)))


@dataclass(frozen=True)
class ListenerPorts:
    """Ports of a load balancer. `admin`: those that lead to the control interface; `clients`: all others."""

    clients: tuple[int, ...]
    admin: tuple[int, ...]


def listener_ports(listeners: Iterable[object], admin: Iterable[int]) -> ListenerPorts:
    """The ports of listeners, by whether they lead to one of the nodes' `admin` ports; none of a malformed one."""
    ports = dict(row for one in listeners if (row := _row(one)))
    goals = set(admin)
    return ListenerPorts(
        clients=tuple(port for port, goal in ports.items() if goal not in goals),
        admin=tuple(port for port, goal in ports.items() if goal in goals),
    )


def _row(listener: object) -> tuple[int, int] | None:
    """Port and the nodes' port; None where wcs_classic_elb refuses the listener."""
    if not isinstance(listener, Mapping):
        return None
    try:
        port = int(listener["load_balancer_port"])
        return port, int(listener.get("instance_port") or port)
    except (LookupError, TypeError, ValueError):
        return None
