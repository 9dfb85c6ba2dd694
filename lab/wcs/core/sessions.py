# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WebSocket sessions of the server: a connection, its WCS messages, and the table of them all."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from .frames import (
    BINARY,
    CLOSE,
    GOING_AWAY,
    INVALID_DATA,
    NORMAL,
    PING,
    PONG,
    TEXT,
    UNSUPPORTED,
    FrameError,
    FrameReader,
    close_code,
    closing,
    frame,
)

PONG_MESSAGE = frame(TEXT, b'{"message":"pong","data":[null]}')
PING_MESSAGE = frame(TEXT, b'{"message":"ping","data":[]}')


class Sessions:
    """All WebSocket connections, and how the server treats them."""

    def __init__(self, ping_interval: float, probes: int, log: Callable[[str], None]) -> None:
        """Pings go out every `ping_interval` seconds; after `probes` unanswered ones a connection is closed."""
        self.ping_interval, self.probes, self.log = ping_interval, probes, log
        self.open: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        """The open ones, oldest first."""
        return iter(list(self.open.values()))

    def count(self, bare: bool) -> int:
        """How many are established; with `bare` also those which only shook hands."""
        return len(self.open) if bare else sum(session.established for session in self.open.values())


class Session(asyncio.Protocol):
    """One connection: a session once the client has sent its `connection` message."""

    __slots__ = ("_frames", "_timer", "_transport", "app_key", "established", "session_id", "table", "unanswered")

    def __init__(self, table: Sessions) -> None:
        """A connection that has shaken hands."""
        self.table = table
        self.session_id = ""
        self.app_key = ""
        self.established = False
        self.unanswered = 0
        self._frames = FrameReader()
        self._transport: Any = None
        self._timer: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is over."""
        self._transport = transport
        ends = (transport.get_extra_info(end) or ("?", 0) for end in ("peername", "sockname"))
        self.session_id = "".join(f"/{end[0]}:{end[1]}" for end in ends) + f"-{os.urandom(8).hex()}"
        self.table.open[self.session_id] = self
        self._timer = asyncio.get_running_loop().call_later(self.table.ping_interval, self._ping)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, in whichever way."""
        self._forget("connection lost" if exc is None else str(exc))

    def data_received(self, data: bytes) -> None:
        """Acts on every message that is complete."""
        try:
            for event in self._frames.feed(data):
                if self._transport.is_closing():
                    return
                self._act(event.kind, event.data)
        except FrameError as error:
            self.close(error.code, error.reason)

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Ends the session; it counts no more from now on."""
        self._forget(f"closed {code} {reason}")
        self._transport.write(closing(code, reason))
        self._transport.close()

    def describe(self) -> dict[str, Any]:
        """The session as the REST API shows it."""
        status = "ESTABLISHED" if self.established else "PENDING"
        return {"sessionId": self.session_id, "appKey": self.app_key, "status": status, "mediaProviders": ["WebRTC"]}

    def _act(self, kind: int, data: bytes) -> None:
        if kind == CLOSE:
            self.close(close_code(data))
        elif kind == PING:
            self._transport.write(frame(PONG, data))
        elif kind == BINARY:
            raise FrameError(UNSUPPORTED, "text messages only")
        elif kind == TEXT:
            self._message(data)

    def _message(self, data: bytes) -> None:
        try:
            message = json.loads(data.decode("utf-8"))
            name, arguments = message["message"], message.get("data") or [None]
            first = arguments[0]
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise FrameError(INVALID_DATA, "not a WCS message") from None
        if name == "pong":
            self.unanswered = 0
        elif name == "ping":  # a client may ask, too
            self._transport.write(PONG_MESSAGE)
        elif name == "connection" and not self.established:
            self._establish(first if isinstance(first, dict) else {})

    def _establish(self, client: dict[str, Any]) -> None:
        self.app_key = str(client.get("appKey") or "defaultApp")[:100]
        self.established = True
        self.table.log(f"{self.session_id} established, appKey {self.app_key}")
        user = {"authToken": f"{self.session_id}-{os.urandom(8).hex()}", "status": "ESTABLISHED"}
        self._transport.write(frame(TEXT, json.dumps({"message": "getUserData", "data": [user]}).encode()))

    def _ping(self) -> None:
        if self.unanswered >= self.table.probes:
            self.close(GOING_AWAY, "keep alive: no pong")
            return
        self.unanswered += 1
        self._transport.write(PING_MESSAGE)
        self._timer = asyncio.get_running_loop().call_later(self.table.ping_interval, self._ping)

    def _forget(self, why: str) -> None:
        if self.table.open.pop(self.session_id, None) is not None:
            self._timer.cancel()
            self.table.log(f"{self.session_id} {why}")
