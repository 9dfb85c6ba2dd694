"""Who reaches the control interface: which networks are the Internet, and which listeners lead there."""

from __future__ import annotations

import ipaddress
import random
from typing import Any

import pytest

from plugins.filter.wcs_listener_ports import FilterModule as ListenerPortsFilter
from plugins.filter.wcs_public import FilterModule as PublicFilter

PUBLIC = PublicFilter().filters()["wcs_public"]
PORTS = ListenerPortsFilter().filters()["wcs_listener_ports"]
WORLD = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
BESIDE_PRIVATE = [
    *("0.0.0.0/5", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2"),
    *("128.0.0.0/3", "160.0.0.0/5", "168.0.0.0/6", "172.0.0.0/12", "173.0.0.0/8", "174.0.0.0/7", "176.0.0.0/4"),
]


@pytest.mark.parametrize(
    ("networks", "public"),
    [
        (["0.0.0.0/0"], True),
        (["::/0"], True),
        (["203.0.113.7/0"], True),
        (["0.0.0.0/0.0.0.0"], True),
        ("10.0.0.0/8,::/0", True),
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        (["::/1", "8000::/1"], True),
        (["0.0.0.0/1"], True),
        (["10.0.0.0/8", "2000::/3"], True),
        (["2400::/12", "2600::/12", "2a00::/12"], True),
        (BESIDE_PRIVATE, True),
        (["48.0.0.0/4"], True),
        (["48.0.0.0/5"], False),
        (["48.0.0.0/5"] * 2, False),
        (["48.0.0.0/5", "56.0.0.0/5"], True),
        (["48.0.0.0/5", "200.0.0.0/5"], True),
        (["48.0.0.0/5", "2600::/13"], False),
        (["2600::/12"], True),
        (["2600::/13"], False),
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "203.0.113.0/24"], False),
        (["0.0.0.0/5", "8.0.0.0/6"], False),  # three quarters of a /4
        ([" 203.0.113.7 ", "2001:db8::1/128"], False),
        (["everybody", "/0", 0, None], False),
        ([], False),
        (None, False),
    ],
)
def test_what_is_the_internet(networks: Any, public: bool) -> None:
    assert PUBLIC(networks) is public


@pytest.mark.parametrize("world", WORLD, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_into_whatever_pieces_the_internet_is_cut(world: Any, seed: int) -> None:
    dice = random.Random(seed)
    pieces = [world]
    for _ in range(60):
        pieces += pieces.pop(dice.randrange(len(pieces))).subnets(prefixlen_diff=1)
    texts = [str(one) for one in dice.sample(pieces, len(pieces))]
    assert PUBLIC(texts)
    assert PUBLIC([*texts, "203.0.113.0/24", "everybody"])


def listener(port: Any, goal: Any = None) -> dict[str, Any]:
    return {"protocol": "tcp", "load_balancer_port": port} | ({} if goal is None else {"instance_port": goal})


@pytest.mark.parametrize(
    ("listeners", "clients", "admin"),
    [
        (None, [], []),
        ([listener(8080)], [8080], []),
        ([listener(80, 8081), listener(443, 8443)], [443], [80]),
        ([listener("80", "8081"), listener("443", "8444")], [], [80, 443]),
        ([listener(8081), listener(8444, 8080)], [8444], [8081]),
        ([listener("all"), listener(None), {}, "tcp", listener(80, "x"), listener(9000)], [9000], []),
    ],
)
@pytest.mark.parametrize("ports", [[8081, 8444], ["8444", "8081"], "8081,8444"])
def test_ports_that_lead_to_the_control_interface_are_not_for_clients(
    listeners: Any, clients: list[int], admin: list[int], ports: Any
) -> None:
    assert PORTS(listeners, ports) == {"clients": clients, "admin": admin}


def test_it_follows_ports_that_were_moved() -> None:
    listeners = [listener(80, 8091), listener(81, 8081)]
    assert PORTS(listeners, [8091, 8444]) == {"clients": [81], "admin": [80]}
