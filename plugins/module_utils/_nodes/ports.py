# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ports of a server by its settings: what health check, security groups, statistics and probes must follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.pages import PORTS

MEDIA = {"media_port_from": 31001, "media_port_to": 32000}
SETTINGS = {f"{scheme}.port": port for scheme, port in PORTS.items()} | MEDIA
"""The settings of WCS that say a port, with what it uses when they are left out."""


@dataclass(frozen=True)
class Ports:
    """Where a server listens. `signalling`: for clients; `admin`: for statistics, REST and the health check."""

    http: int
    https: int
    ws: int
    wss: int
    media_from: int
    media_to: int

    def show(self) -> dict[str, Any]:
        """As roles and playbooks use them."""
        return {**asdict(self), "signalling": [self.ws, self.wss], "admin": [self.http, self.https]}


def ports(settings: Mapping[str, Any] | None) -> Ports:
    """The ports of a server with these settings (`wcs_server_settings`). Failure for what is no port."""
    found = {name: _port(name, (settings or {}).get(name), usual) for name, usual in SETTINGS.items()}
    listening = {scheme: found[f"{scheme}.port"] for scheme in PORTS}
    return Ports(**listening, media_from=found["media_port_from"], media_to=found["media_port_to"])


def _port(name: str, given: Any, usual: int) -> int:
    text = str(given).strip() if given is not None else str(usual)
    if isinstance(given, bool) or not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        reason = f"'{given}' is not a port from 1 to 65535"
        raise Failure(Refusal("use", "setting", name, reason, "Correct it in wcs_server_settings"))
    return int(text)
