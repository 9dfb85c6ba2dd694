"""Where sessions are opened, by a balancer's listeners."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from plugins.filter.wcs_entrance import FilterModule
from plugins.module_utils._core.pages import PORTS

ENTRANCE = FilterModule().filters()["wcs_entrance"]


def listener(protocol: str, port: Any, goal: Any = None) -> dict[str, Any]:
    found = {"protocol": protocol, "load_balancer_port": port}
    return found if goal is None else found | {"instance_port": goal}


@pytest.mark.parametrize(
    ("listeners", "port", "tls"),
    [
        (None, 8080, False),
        ([listener("tcp", 8080)], 8080, False),
        ([listener("TCP", 80, 8080)], 80, False),
        ([listener("tcp", 8443)], 8443, True),
        ([listener("ssl", 443, 8080)], 443, True),
        ([listener("SSL", "443", "8443")], 443, True),
        ([listener("tcp", 8090, 8081), listener("ssl", 443, 8080)], 443, True),
        ([listener("https", 443, 8080), listener("tcp", 8080)], 8080, False),
        ([listener("tcp", 9000, 9000)], 9000, False),
        ([listener("ssl", 9000, 9000)], 9000, True),
    ],
)
def test_it_is_the_first_that_leads_to_a_websocket_port(listeners: Any, port: int, tls: bool) -> None:
    assert ENTRANCE(listeners) == {"port": port, "tls": tls}


@pytest.mark.parametrize("scheme", ["ws", "wss"])
@pytest.mark.parametrize("protocol", ["tcp", "ssl"])
def test_it_follows_the_settings(scheme: str, protocol: str) -> None:
    settings = {"ws.port": 8090, "wss.port": "8493"}
    goal = int(settings[f"{scheme}.port"])
    listeners = [listener("tcp", PORTS[scheme]), listener(protocol, 443, goal)]
    assert ENTRANCE(listeners, settings) == {"port": 443, "tls": protocol == "ssl" or scheme == "wss"}
    assert ENTRANCE(None, settings) == {"port": 8090, "tls": False}


@pytest.mark.parametrize(
    "listeners",
    [[], [{}], ["tcp"], [listener("tcp", "all")], [listener("tcp", None)], [{"load_balancer_port": 8080}]],
)
def test_what_tells_nothing_is_refused_with_the_way_out(listeners: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"wcs_balancer_listeners: .* set wcs_verify_port and wcs_verify_tls"):
        ENTRANCE(listeners)
