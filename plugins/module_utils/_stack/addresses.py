# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to connect to a stack: WebSocket addresses, and the statistics and demo pages of balancer and nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.pages import DEMO
from .._nodes.members import AskedNode, Page
from .._nodes.target import Target

ENCRYPTED = ("SSL", "HTTPS")


def addresses(
    balancer: Mapping[str, Any], host: str | None, nodes: Sequence[AskedNode], page: Page, ports: Mapping[str, int]
) -> dict[str, Any]:
    """`load_balancer` and `nodes`, each with its URLs; null where there is none.

    `host`: the name that clients know the balancer by, where it is not its own; `ports`: the server's, by scheme.
    """
    name = host or str(balancer["dns_name"])
    reached = dict(_reached(balancer, ports))
    web = next((scheme for scheme in ("https", "http") if scheme in reached), None)
    return {
        "load_balancer": {
            "dns_name": balancer["dns_name"],
            "websocket_urls": [f"{scheme}://{name}:{reached[scheme]}" for scheme in ("ws", "wss") if scheme in reached],
            "statistics_url": Target(web, name, reached[web], page.path).url if web else None,
            "demo_url": Target(web, name, reached[web], DEMO).url if web else None,
        },
        "nodes": [_node(node, page) for node in nodes],
    }


def _reached(balancer: Mapping[str, Any], ports: Mapping[str, int]) -> list[tuple[str, int]]:
    """Scheme and port of each listener that leads to the server, the last first: the first of a scheme counts."""
    found = []
    for one in reversed(balancer.get("listener_descriptions") or ()):
        listener = one.get("listener") or {}
        protocol, goal = str(listener.get("protocol")).upper(), listener.get("instance_port")
        scheme = next((scheme for scheme, port in ports.items() if port == goal), None)
        if scheme is None or (scheme in ("ws", "wss") and protocol in ("HTTP", "HTTPS")):
            continue  # a listener for HTTP answers no WebSocket handshake
        plain = {"wss": "ws", "https": "http"}.get(scheme, scheme)
        encrypted = protocol in ENCRYPTED or (protocol == "TCP" and scheme != plain)
        found.append((f"{plain}s" if encrypted else plain, int(listener["load_balancer_port"])))
    return found


def _node(node: AskedNode, page: Page) -> dict[str, Any]:
    goal = page.goal(node.host)
    return {
        "instance_id": node.instance_id,
        "availability_zone": node.zone,
        "address": node.host,
        "statistics_url": goal.url if goal else None,
        "demo_url": Target(goal.scheme, goal.host, goal.port, DEMO).url if goal else None,
    }
