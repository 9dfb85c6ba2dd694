# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running server: its ports, from the moment they are bound until SIGTERM."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import tls
from .api import Api
from .frames import GOING_AWAY
from .http import BadRequest, HttpProtocol, Reply, Request, Upgrade
from .properties import BrokenSetting
from .sessions import Session, Sessions
from .settings import Machine, Settings, Standin

try:
    from _sha1 import sha1  # type: ignore[import-not-found]  # hashlib brings OpenSSL along: 5 MB
except ImportError:
    from hashlib import sha1

BACKLOG = 1024
ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def handshake(request: Request, sessions: Sessions) -> Reply | Upgrade:
    """The reply of the WebSocket ports (RFC 6455, 4.2)."""
    headers = request.headers
    wanted = [token.strip().lower() for token in headers.get("connection", "").split(",")]
    if request.method != "GET" or headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in wanted:
        return BadRequest(400, "a WebSocket handshake is wanted here").reply
    if headers.get("sec-websocket-version") != "13":
        return Reply(426, b"version 13 is spoken here\n", headers=(("Sec-WebSocket-Version", "13"),))
    key = headers.get("sec-websocket-key", "").encode("latin-1")
    if len(key) != 24:
        return BadRequest(400, "Sec-WebSocket-Key is missing or wrong").reply
    accept = base64.b64encode(sha1(key + ACCEPT_GUID).digest()).decode()  # noqa: S324 - what the RFC wants
    upgrade = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept))
    return Upgrade(Reply(101, headers=upgrade), Session(sessions))


class Server:
    """One server on one machine."""

    def __init__(
        self, home: Path, settings: Settings, machine: Machine, standin: Standin, log: Callable[[str], None]
    ) -> None:
        """Nothing is bound yet."""
        self.home, self.settings, self.machine, self.log = home, settings, machine, log
        self.sessions = Sessions(settings.ping_interval, settings.probes, log)
        self.api = Api(home, settings, machine, standin, self.sessions)
        self.listeners: list[asyncio.AbstractServer] = []

    async def serve(self, ready: Callable[[], None]) -> None:
        """Calls `ready` when all ports are bound, and returns after SIGTERM or SIGINT, with all sessions closed."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            await self.bind()
            ready()
            await stop.wait()
        finally:
            await self.close()

    async def bind(self) -> None:
        """Listens on every port of every address; BrokenSetting for the first that is taken."""
        context = tls.context(self.home / "conf")
        settings = self.settings
        await self.listen("ws.port", settings.ws_port, self.websocket, None)
        await self.listen("http.port", settings.http_port, self.http, None)
        if context is None:
            self.log("no certificate: wss.port and https.port are not served")
        else:
            await self.listen("wss.port", settings.wss_port, self.websocket, context)
            await self.listen("https.port", settings.https_port, self.http, context)

    async def listen(self, key: str, port: int, factory: Callable[[], asyncio.Protocol], context: Any) -> None:
        """One port on all addresses of the machine."""
        for address in self.machine.addresses:
            try:
                listener = await asyncio.get_running_loop().create_server(
                    factory, address, port, ssl=context, backlog=BACKLOG
                )
            except OSError as error:
                reason = error.strerror or str(error)
                raise BrokenSetting(f"{key}={port}: cannot listen on {address}: {reason}") from error
            self.listeners.append(listener)
            self.log(f"{key} {port} bound on {address}")

    def websocket(self) -> HttpProtocol:
        """A connection of the WebSocket ports."""
        return HttpProtocol(lambda request: handshake(request, self.sessions))

    def http(self) -> HttpProtocol:
        """A connection of the HTTP ports."""
        return HttpProtocol(self.api)

    async def close(self) -> None:
        """No listener and no session is left."""
        for listener in self.listeners:
            listener.close()
        for session in self.sessions:
            session.close(GOING_AWAY, "server is shutting down")
        await asyncio.sleep(0)
