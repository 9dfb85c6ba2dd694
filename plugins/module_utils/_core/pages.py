# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages that every server has, and how a load balancer in front of it leads to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

DEMO = "/client2/examples/demo/streaming/two_way_streaming/two_way_streaming.html"
"""The vendor's page that sends and receives a stream in a browser; on the port of the statistics page."""

PORTS = {"http": 8081, "https": 8444, "ws": 8080, "wss": 8443}
"""A server's ports as it is installed."""
ENCRYPTED = ("SSL", "HTTPS")


@dataclass(frozen=True)
class DemoPage:
    """What was seen of a demo page: why it is `wrong`, "" where it is right; not `reached` where nothing answered."""

    wrong: str = ""
    reached: bool = True


def reached(listeners: Iterable[tuple[str, int, int]], ports: Mapping[str, int]) -> dict[str, int]:
    """The port of the load balancer for each scheme (ws, wss, http, https) with a listener that leads to the server.

    `listeners`: protocol, port, and port of the server; the first of a scheme counts. `ports`: the server's, by scheme.
    """
    found: dict[str, int] = {}
    for protocol, port, goal in listeners:
        scheme = next((scheme for scheme, own in ports.items() if own == goal), None)
        if scheme is None or (scheme in ("ws", "wss") and protocol.upper() in ("HTTP", "HTTPS")):
            continue  # a listener for HTTP answers no WebSocket handshake
        plain = {"wss": "ws", "https": "http"}.get(scheme, scheme)
        encrypted = protocol.upper() in ENCRYPTED or (protocol.upper() == "TCP" and scheme != plain)
        found.setdefault(f"{plain}s" if encrypted else plain, port)
    return found


def entrance(listeners: Sequence[tuple[str, int, int]], ports: Mapping[str, int]) -> tuple[int, bool]:
    """The load balancer's port where clients open sessions, and whether they do by TLS; as for `reached`.

    That is the first listener that leads to a WebSocket port of the server's; where none does, the first of all.
    """
    for one in listeners:
        for scheme, port in reached([one], ports).items():
            if scheme in ("ws", "wss"):
                return port, scheme == "wss"
    protocol, port, _ = listeners[0]
    return port, protocol.upper() in ENCRYPTED


def websocket_urls(name: str, found: Mapping[str, int]) -> list[str]:
    """`ws://` and `wss://` URLs of the load balancer, of those that `reached` has found."""
    return [f"{scheme}://{name}:{found[scheme]}" for scheme in ("ws", "wss") if scheme in found]
