# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to connect to a stack: WebSocket addresses, and the statistics and demo pages of balancer and nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.pages import DEMO, reached, websocket_urls
from .._nodes.members import AskedNode, Page
from .._nodes.target import Target


def addresses(
    balancer: Mapping[str, Any], host: str | None, nodes: Sequence[AskedNode], page: Page, ports: Mapping[str, int]
) -> dict[str, Any]:
    """`load_balancer` and `nodes`, each with its URLs; null where there is none.

    `host`: the name that clients know the balancer by, where it is not its own; `ports`: the server's, by scheme.
    """
    name = host or str(balancer["dns_name"])
    found = reached(_listeners(balancer), ports)
    web = _web(found)
    return {
        "load_balancer": {
            "dns_name": balancer["dns_name"],
            "websocket_urls": websocket_urls(name, found),
            "statistics_url": Target(web, name, found[web], page.path).url if web else None,
            "demo_url": Target(web, name, found[web], DEMO).url if web else None,
        },
        "nodes": [_node(node, page) for node in nodes],
    }


def demo_urls(
    balancer: Mapping[str, Any],
    host: str | None,
    nodes: Sequence[Mapping[str, Any]],
    ports: Mapping[str, int],
    port: int | None,
) -> dict[str, str | None]:
    """The URL of the demo page by who serves it: load balancer and nodes, these as `addresses` has them.

    `port`: where the load balancer is to have a listener for it; without one the URL is None. None: it need have none.
    """
    name, dns_name = host or str(balancer["dns_name"]), balancer["dns_name"]
    found = reached([one for one in _listeners(balancer) if port in (None, one[1])], ports)
    web = _web(found)
    urls = {f"load balancer {dns_name}": Target(web, name, found[web], DEMO).url if web else None}
    shown = urls if web or port is not None else {}
    return shown | {node["instance_id"] or node["address"]: node["demo_url"] for node in nodes if node["demo_url"]}


def _web(found: Mapping[str, int]) -> str | None:
    """The scheme of the pages, the encrypted one first; None where no listener leads to them."""
    return next((scheme for scheme in ("https", "http") if scheme in found), None)


def _listeners(balancer: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """Protocol, port and the nodes' port of each listener."""
    found = [one.get("listener") or {} for one in balancer.get("listener_descriptions") or ()]
    return [(str(one.get("protocol")), int(one["load_balancer_port"]), int(one["instance_port"])) for one in found]


def _node(node: AskedNode, page: Page) -> dict[str, Any]:
    goal = page.goal(node.host)
    return {
        "instance_id": node.instance_id,
        "availability_zone": node.zone,
        "address": node.host,
        "statistics_url": goal.url if goal else None,
        "demo_url": Target(goal.scheme, goal.host, goal.port, DEMO).url if goal else None,
    }
