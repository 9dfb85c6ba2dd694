# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a name, but for those where no node can be."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from .target import forbidden

Lookup = Callable[..., Any]
"""`socket.getaddrinfo`, or what a test puts in its place."""


def addresses(host: str, port: int, lookup: Lookup = socket.getaddrinfo) -> list[str]:
    """The addresses of a name, each once, in the resolver's order; an address is its own.

    Raises OSError: for a name that has none, and for addresses where no node can be.
    """
    try:
        found = [str(ipaddress.ip_address(host))]
    except ValueError:
        entries = lookup(host, port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    usable = [address for address in found if not forbidden(address)]
    if not usable:
        raise OSError(f"{', '.join(found) or host} is a link-local or metadata address, where no node can be")
    return usable
