# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's network: a block of loopback addresses that nothing else uses.

Linux answers on all of 127.0.0.0/8 without any configuration, so every machine and balancer has an address of its own.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass

PORTS = (8080, 8081, 8443, 8444, 8082, 8445, 1935)  # of Web Call Server
CLAIM_HOST = "255.254"  # held by a lab for as long as it is up
METADATA_PORT = 1338
SAMPLE = tuple(f"{net}.{host}" for net in (1, 2, 3, 101, 250) for host in range(1, 8))
TRIES = 40


class NoNetwork(Exception):
    """There is no free block; says why and what to do."""


@dataclass
class Network:
    """A block, claimed: `block` are the first two bytes of its addresses."""

    block: str
    _claim: socket.socket

    def release(self) -> None:
        """Lets others have it."""
        self._claim.close()


def claim(numbers: Iterator[int] | None = None) -> Network:
    """A free block, claimed until it is released or the process ends; NoNetwork where there is none."""
    held = [port for port in (*PORTS, METADATA_PORT) if _held_everywhere(port)]
    if held:
        raise NoNetwork(
            f"Cannot start the lab: port {held[0]} is held on all addresses of this machine, and its balancers and "
            f"servers need it. Find its holder with 'ss -ltnp sport = :{held[0]}', and end it or have it listen on "
            "one address only."
        )
    for number in numbers or iter(random.SystemRandom().sample(range(16, 250), TRIES)):
        network = _claimed(f"127.{number}")
        if network is not None:
            return network
    raise NoNetwork(
        f"Cannot start the lab: none of the blocks of loopback addresses that were tried is free on ports "
        f"{', '.join(map(str, PORTS))}. Take down other labs ('python -m lab down --dir ...')."
    )


def _held_everywhere(port: int) -> bool:
    """Whether two addresses that nothing would choose both have the port taken."""
    return not any(_free(f"127.{a}.{b}.{c}", port) for a, b, c in ((251, 13, 7), (252, 171, 93)))


def _claimed(block: str) -> Network | None:
    mark = socket.socket()
    try:
        mark.bind((f"{block}.{CLAIM_HOST}", METADATA_PORT))
        mark.listen(1)
    except OSError:
        mark.close()
        return None
    if all(_free(f"{block}.{host}", port) for host in SAMPLE for port in (*PORTS, METADATA_PORT)):
        return Network(block, mark)
    mark.close()
    return None


def _free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True
