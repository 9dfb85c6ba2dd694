# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What security groups let through: TCP to a port, in at one end and out at the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

EVERYTHING = "-1"
EVERYWHERE = IPv4Network("0.0.0.0/0")


@dataclass(frozen=True)
class Peer:
    """One end of a connection, as the groups of the other end see it."""

    addresses: frozenset[str]
    groups: frozenset[str]  # ids


@dataclass(frozen=True)
class Opening:
    """What is open on one port: to which networks, and to members of which groups."""

    networks: tuple[IPv4Network, ...] = ()
    groups: frozenset[str] = frozenset()

    def admits(self, peer: Peer) -> bool:
        """Whether a peer may connect, or be connected to."""
        return bool(self.groups & peer.groups) or any(
            IPv4Address(address) in network for address in peer.addresses for network in self.networks
        )


def groups_of(instance: Any) -> list[Any]:
    """The security groups of an instance's interfaces."""
    found = {group.id: group for interface in instance.nics.values() for group in interface.group_set}
    return list(found.values())


def peer(instance: Any) -> Peer:
    """An instance as an end of a connection."""
    addresses = (instance.private_ip_address, instance.public_ip_address)
    return Peer(frozenset(str(a) for a in addresses if a), frozenset(group.id for group in groups_of(instance)))


def ingress(groups: Iterable[Any], port: int) -> Opening:
    """What the groups together let in to a TCP port."""
    return _opening([rule for group in groups for rule in group.ingress_rules], port)


def egress(groups: Iterable[Any], port: int) -> Opening:
    """Whereto the groups together let out to a TCP port."""
    return _opening([rule for group in groups for rule in group.egress_rules], port)


def _opening(rules: Iterable[Any], port: int) -> Opening:
    meant = [rule for rule in rules if _covers(rule, port)]
    ranges = [rule.ip_range["CidrIp"] for rule in meant if rule.ip_range.get("CidrIp")]
    sources = [rule.source_group.get("GroupId") for rule in meant]
    return Opening(
        tuple(sorted({IPv4Network(cidr, strict=False) for cidr in ranges})),
        frozenset(str(source) for source in sources if source),
    )


def _covers(rule: Any, port: int) -> bool:
    if rule.ip_protocol == EVERYTHING:
        return True
    return rule.ip_protocol == "tcp" and rule.from_port is not None and rule.from_port <= port <= rule.to_port
