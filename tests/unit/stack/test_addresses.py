"""Where to connect: each listener that leads to the server is an address, by what it carries."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.pages import DEMO, PORTS
from plugins.module_utils._nodes.members import AskedNode, Page
from plugins.module_utils._stack.addresses import addresses, demo_urls


def balancer(*listeners: tuple[str, int, int]) -> dict[str, Any]:
    keys = ("protocol", "load_balancer_port", "instance_port")
    rows = [{"listener": dict(zip(keys, one, strict=True))} for one in listeners]
    return {"dns_name": "wcs.elb", "listener_descriptions": rows}


@pytest.mark.parametrize(
    ("listeners", "sockets", "web"),
    [
        ([("TCP", 8080, 8080)], ["ws://wcs.elb:8080"], None),
        ([("TCP", 8080, 8080), ("TCP", 443, 8443)], ["ws://wcs.elb:8080", "wss://wcs.elb:443"], None),
        ([("SSL", 8443, 8080)], ["wss://wcs.elb:8443"], None),
        ([("HTTP", 80, 8080)], [], None),
        ([("HTTP", 80, 8081)], [], "http://wcs.elb:80"),
        ([("HTTPS", 443, 8081), ("TCP", 8081, 8081)], [], "https://wcs.elb:443"),
        ([("TCP", 8444, 8444)], [], "https://wcs.elb:8444"),
        ([("TCP", 8080, 8080), ("TCP", 9090, 8080)], ["ws://wcs.elb:8080"], None),
        ([("TCP", 1935, 1935)], [], None),
        ([], [], None),
    ],
)
def test_of_the_balancer(listeners: list[tuple[str, int, int]], sockets: list[str], web: str | None) -> None:
    found = addresses(balancer(*listeners), None, [], Page(), PORTS)["load_balancer"]
    assert found["websocket_urls"] == sockets
    assert found["statistics_url"] == (web and f"{web}/?action=stat")
    assert found["demo_url"] == (web and f"{web}{DEMO}")


def test_a_name_of_ones_own_counts_and_so_do_other_ports() -> None:
    found = addresses(balancer(("TCP", 80, 9000)), "wcs.example.com", [], Page(), {**PORTS, "ws": 9000})
    assert found["load_balancer"]["websocket_urls"] == ["ws://wcs.example.com:80"]


def test_of_the_nodes() -> None:
    nodes = [AskedNode("203.0.113.7", "i-1", "us-east-1a"), AskedNode(None, "i-2")]
    found = addresses(balancer(), None, nodes, Page("https", 9444, "/?action=stat"), PORTS)["nodes"]
    assert found[0] == {
        "instance_id": "i-1",
        "availability_zone": "us-east-1a",
        "address": "203.0.113.7",
        "statistics_url": "https://203.0.113.7:9444/?action=stat",
        "demo_url": f"https://203.0.113.7:9444{DEMO}",
    }
    assert (found[1]["address"], found[1]["statistics_url"], found[1]["demo_url"]) == (None, None, None)


NODES = [
    {"instance_id": "i-1", "address": "203.0.113.7", "demo_url": f"http://203.0.113.7:8081{DEMO}"},
    {"instance_id": None, "address": "203.0.113.8", "demo_url": f"http://203.0.113.8:8081{DEMO}"},
    {"instance_id": "i-3", "address": None, "demo_url": None},
]
OF_NODES = {"i-1": NODES[0]["demo_url"], "203.0.113.8": NODES[1]["demo_url"]}


@pytest.mark.parametrize(
    ("listeners", "port", "door"),
    [
        ([("TCP", 8080, 8080)], None, {}),
        ([("TCP", 8080, 8080), ("TCP", 8090, 8081)], None, {"load balancer wcs.elb": f"http://wcs.elb:8090{DEMO}"}),
        ([("SSL", 443, 8081), ("TCP", 8090, 8081)], None, {"load balancer wcs.elb": f"https://wcs.elb:443{DEMO}"}),
        ([("SSL", 443, 8081), ("TCP", 8090, 8081)], 8090, {"load balancer wcs.elb": f"http://wcs.elb:8090{DEMO}"}),
        ([("TCP", 8080, 8080)], 8090, {"load balancer wcs.elb": None}),
        ([("TCP", 8080, 8080), ("TCP", 8090, 8082)], 8090, {"load balancer wcs.elb": None}),
        ([("TCP", 8080, 8080), ("TCP", 8091, 8081)], 8090, {"load balancer wcs.elb": None}),
    ],
)
def test_of_demo_pages(listeners: list[tuple[str, int, int]], port: int | None, door: dict[str, Any]) -> None:
    """A listener that is missing at the port that is asked for is known; elsewhere there need be none."""
    assert demo_urls(balancer(*listeners), None, NODES, PORTS, port) == door | OF_NODES
