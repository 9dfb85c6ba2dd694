"""A server's ports by its settings, said once for everything else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from plugins.filter.wcs_ports import FilterModule

PORTS = FilterModule().filters()["wcs_ports"]
USUAL = {
    "http": 8081,
    "https": 8444,
    "ws": 8080,
    "wss": 8443,
    "media_from": 31001,
    "media_to": 32000,
    "signalling": [8080, 8443],
    "admin": [8081, 8444],
}


@pytest.mark.parametrize(
    ("settings", "differs"),
    [
        (None, {}),
        ({}, {}),
        ({"keep_alive.probes": 20}, {}),
        ({"http.port": 8091}, {"http": 8091, "admin": [8091, 8444]}),
        ({"https.port": "8191"}, {"https": 8191, "admin": [8081, 8191]}),
        ({"ws.port": " 8090 ", "wss.port": 8490}, {"ws": 8090, "wss": 8490, "signalling": [8090, 8490]}),
        ({"media_port_from": 20000, "media_port_to": "29999"}, {"media_from": 20000, "media_to": 29999}),
        ({"http.port": None}, {}),
    ],
)
def test_ports_follow_the_settings(settings: dict[str, Any] | None, differs: dict[str, Any]) -> None:
    assert PORTS(settings) == USUAL | differs


@pytest.mark.parametrize("value", ["", "x", 0, -1, 65536, "80.5", 80.5, True, [8081]])
def test_what_is_no_port_is_refused(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"setting 'http.port': '.*' is not a port from 1 to 65535"):
        PORTS({"http.port": value})


def test_settings_are_a_dictionary() -> None:
    with pytest.raises(AnsibleFilterError, match="it is no dict"):
        PORTS("8091")


def test_settings_given_as_text_are_read_as_modules_read_them() -> None:
    assert PORTS("http.port=8091") == PORTS('{"http.port": 8091}') == PORTS({"http.port": 8091})
