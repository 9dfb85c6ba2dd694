# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 requests and replies, and the connection that carries them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Union
from urllib.parse import parse_qsl, urlsplit

LONGEST_HEAD = 16 * 1024
LONGEST_BODY = 1 << 20
IDLE_SECONDS = 60.0
STATUS = {
    101: "Switching Protocols",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    409: "Conflict",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    426: "Upgrade Required",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
}


class Request(NamedTuple):
    """One request; header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def keep_alive(self) -> bool:
        """Whether the client wants to go on with this connection."""
        return self.headers.get("connection", "").lower() != "close"


class Reply(NamedTuple):
    """One reply; it always says how long it is."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain;charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()

    def wire(self, keep_alive: bool, with_body: bool = True) -> bytes:
        """The reply as it is sent."""
        lines = [f"HTTP/1.1 {self.status} {STATUS[self.status]}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status != 101:
            lines += [f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
            lines += ["Connection: keep-alive" if keep_alive else "Connection: close"]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (self.body if with_body else b"")


class Upgrade(NamedTuple):
    """The reply that ends HTTP on a connection, and who goes on with it."""

    reply: Reply
    protocol: asyncio.Protocol


class BadRequest(Exception):
    """A request that cannot be served; carries the reply."""

    def __init__(self, status: int, reason: str) -> None:
        """`reason` is the body of the reply."""
        super().__init__(reason)
        self.reply = Reply(status, f"{reason}\n".encode())


Handler = Callable[[Request], Union[Reply, Upgrade]]


def json_reply(value: Any, status: int = 200) -> Reply:
    """A reply with a JSON body."""
    return Reply(status, json.dumps(value, separators=(",", ":")).encode(), "application/json")


def read_request(data: bytes) -> tuple[Request, int] | None:
    """The first request in `data` and its length; None until it is whole; BadRequest when it never will be."""
    end = data.find(b"\r\n\r\n")
    if end < 0 or end > LONGEST_HEAD:
        if max(end, len(data)) > LONGEST_HEAD:
            raise BadRequest(431, "request head too long")
        return None
    start_line, *lines = data[:end].decode("latin-1").split("\r\n")
    parts = start_line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(400, "not an HTTP/1 request")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if parts[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    size = end + 4 + body_length(headers)
    if len(data) < size:
        return None
    target = urlsplit(parts[1])
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Request(parts[0], target.path, query, headers, data[end + 4 : size]), size


def body_length(headers: Mapping[str, str]) -> int:
    """Bytes of the body that the head announces."""
    if "transfer-encoding" in headers:
        raise BadRequest(411, "a body needs a Content-Length")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest(400, "invalid Content-Length")
    if int(length) > LONGEST_BODY:
        raise BadRequest(413, "body too long")
    return int(length)


class HttpProtocol(asyncio.Protocol):
    """A connection that answers one request after the other, until the client leaves, idles or upgrades."""

    def __init__(self, handler: Handler) -> None:
        """`handler` answers the requests."""
        self.handler = handler
        self.buffer = b""
        self.transport: Any = None
        self.idle: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self.transport = transport
        self.idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The client has left."""
        self.idle.cancel()

    def data_received(self, data: bytes) -> None:
        """Answers what is complete."""
        self.buffer += data
        try:
            while self.buffer and not self.transport.is_closing():
                found = read_request(self.buffer)
                if found is None:
                    return
                self.buffer = self.buffer[found[1] :]
                if not self.answer(found[0]):
                    return
        except BadRequest as bad:
            self.transport.write(bad.reply.wire(keep_alive=False))
            self.transport.close()

    def answer(self, request: Request) -> bool:
        """Whether the connection goes on with HTTP after this reply."""
        reply = self.handler(request)
        if isinstance(reply, Upgrade):
            self.idle.cancel()
            self.transport.write(reply.reply.wire(keep_alive=True))
            self.transport.set_protocol(reply.protocol)
            reply.protocol.connection_made(self.transport)
            if self.buffer:
                reply.protocol.data_received(self.buffer)
            return False
        self.transport.write(reply.wire(request.keep_alive, with_body=request.method != "HEAD"))
        if not request.keep_alive:
            self.transport.close()
        return request.keep_alive
