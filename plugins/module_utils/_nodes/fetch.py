# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One statistics page over HTTP: a GET as WCS answers it, bounded in every respect but time."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from .lookup import Lookup, addresses
from .target import Target

LONGEST_LINE = 16 * 1024
MOST_HEADERS = 100
MOST_REDIRECTS = 3
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: .*)?\r?\n")


@dataclass(frozen=True)
class Request:
    """What is the same for every page: identity, trust and bounds. `max_body` in bytes."""

    username: str | None = None
    password: str | None = None
    max_body: int = 1 << 20
    validate_certs: bool = True
    lookup: Lookup = socket.getaddrinfo
    context: ssl.SSLContext | None = None

    def prepared(self, tls: bool) -> Request:
        """The same with its TLS context made, which takes milliseconds and is needed once."""
        return replace(self, context=tls_context(self.validate_certs)) if tls else self

    def wire(self, goal: Target) -> bytes:
        """The request for one page as it is sent."""
        lines = [
            f"GET {goal.path} HTTP/1.1",
            f"Host: {goal.authority}",
            "User-Agent: webcallserver.aws",
            "Accept: text/plain, application/json, */*;q=0.1",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        if self.username is not None:
            pair = f"{self.username}:{self.password or ''}".encode()
            lines.append(f"Authorization: Basic {base64.b64encode(pair).decode()}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def tls_context(validate_certs: bool) -> ssl.SSLContext:
    """Verifies names and certificates against the system's authorities, or nothing at all."""
    context = ssl.create_default_context()
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class BadAnswer(Exception):
    """The host answered what cannot be used; the text is the reason."""


@dataclass
class Progress:
    """How far the read of one host has come: told when its time is up."""

    stage: str = "looking up its name"
    received: int = 0

    def __str__(self) -> str:
        return f"{self.stage} ({self.received} bytes so far)" if self.received else self.stage


@dataclass
class Headers:
    """Status and headers of a reply; names are lower-case."""

    status: int
    fields: dict[str, str] = field(default_factory=dict)


async def fetch(goal: Target, request: Request, progress: Progress) -> bytes:
    """The body of the page; redirects are followed on the same server only."""
    for _ in range(MOST_REDIRECTS + 1):
        answer = await ask(goal, request, progress)
        if isinstance(answer, bytes):
            return answer
        onward = goal.towards(answer)
        if onward is None:
            raise BadAnswer(f"it redirects to {answer[:100]!r}, and redirects elsewhere are not followed")
        goal = onward
    raise BadAnswer(f"it redirects more than {MOST_REDIRECTS} times")


async def ask(goal: Target, request: Request, progress: Progress) -> bytes | str:
    """The body of one reply, or where it redirects to. Raises BadAnswer for every other one."""
    reader, writer = await connect(goal, request, progress)
    try:
        writer.write(request.wire(goal))
        progress.stage = "waiting for its headers"
        headers = await read_headers(reader)
        if 300 <= headers.status < 400 and "location" in headers.fields:
            return headers.fields["location"]
        if headers.status != 200:
            raise BadAnswer(refusal(headers.status))
        progress.stage = "reading its page"
        return await read_body(reader, headers.fields, request.max_body, progress)
    finally:
        writer.transport.abort()


async def connect(
    goal: Target, request: Request, progress: Progress
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first address of the host that takes one."""
    progress.stage = "looking up its name"
    found = await addresses(goal.host, goal.port, request.lookup)
    progress.stage = "connecting"
    tls: dict[str, Any] = {"ssl": request.context, "server_hostname": goal.host} if goal.tls else {}
    for address in found[:-1]:
        with suppress(OSError):
            return await asyncio.open_connection(address, goal.port, limit=LONGEST_LINE, **tls)
    return await asyncio.open_connection(found[-1], goal.port, limit=LONGEST_LINE, **tls)


def refusal(status: int) -> str:
    """What a status other than 200 means for the user."""
    if status in (401, 403):
        return f"it answered {status}: it wants a user name and password, or refuses this one"
    if status == 404:
        return "it answered 404: there is no statistics page at this port and path"
    return f"it answered {status}"


async def line(reader: asyncio.StreamReader) -> bytes:
    """One line with its end; EOFError when the connection ends inside it."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise BadAnswer(f"it sent a header line of more than {LONGEST_LINE} bytes") from None


async def read_headers(reader: asyncio.StreamReader) -> Headers:
    """Status and headers of the reply, interim ones (1xx) skipped."""
    for _ in range(5):
        start = STATUS_LINE.fullmatch(await line(reader))
        if start is None:
            raise BadAnswer("it does not speak HTTP/1 at this port")
        headers = Headers(int(start[1]), await read_fields(reader))
        if headers.status >= 200:
            return headers
    raise BadAnswer("it sends interim replies without end")


async def read_fields(reader: asyncio.StreamReader) -> dict[str, str]:
    """The header fields up to the empty line."""
    fields: dict[str, str] = {}
    for _ in range(MOST_HEADERS):
        raw = await line(reader)
        if raw in (b"\r\n", b"\n"):
            return fields
        name, colon, value = raw.decode("latin-1").partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or (name == "content-length" and fields.get(name, value) != value):
            raise BadAnswer("its headers are malformed")
        fields[name] = value
    raise BadAnswer(f"it sent more than {MOST_HEADERS} headers")


async def read_body(reader: asyncio.StreamReader, fields: dict[str, str], cap: int, progress: Progress) -> bytes:
    """The body, however it is framed; BadAnswer where it is longer than `cap` bytes or was packed."""
    if fields.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise BadAnswer(f"its page is packed ({fields['content-encoding'][:40]!r}), which was not asked for")
    body = bytearray()
    if "transfer-encoding" in fields:
        if fields["transfer-encoding"].lower() != "chunked":
            raise BadAnswer(f"its page is sent as {fields['transfer-encoding'][:40]!r}, which was not asked for")
        await read_chunks(reader, body, cap, progress)
    elif "content-length" in fields:
        await read_exactly(reader, body, whole(fields["content-length"], 10), cap, progress)
    else:
        while part := await reader.read(64 * 1024):
            grow(body, part, cap, progress)
    return bytes(body)


async def read_chunks(reader: asyncio.StreamReader, body: bytearray, cap: int, progress: Progress) -> None:
    """Chunks up to the last one; what follows it is of no interest."""
    while size := whole((await line(reader)).partition(b";")[0].strip().decode("latin-1"), 16):
        await read_exactly(reader, body, size, cap, progress)
        if (await line(reader)).strip():
            raise BadAnswer("its chunks are malformed")


async def read_exactly(reader: asyncio.StreamReader, body: bytearray, size: int, cap: int, progress: Progress) -> None:
    """`size` more bytes of the body; EOFError where they do not come."""
    if len(body) + size > cap:
        raise BadAnswer(f"its page is longer than max_body ({cap} bytes)")
    end = len(body) + size
    while len(body) < end:
        part = await reader.read(min(64 * 1024, end - len(body)))
        if not part:
            raise EOFError
        grow(body, part, cap, progress)


def grow(body: bytearray, part: bytes, cap: int, progress: Progress) -> None:
    """Adds to the body; BadAnswer where it gets too long."""
    body += part
    progress.received = len(body)
    if len(body) > cap:
        raise BadAnswer(f"its page is longer than max_body ({cap} bytes)")


def whole(text: str, base: int) -> int:
    """A length as headers give it; BadAnswer where it is none."""
    if not re.fullmatch("[0-9]{1,15}" if base == 10 else "[0-9a-fA-F]{1,12}", text):
        raise BadAnswer(f"it announces a length of {text[:40]!r}")
    return int(text, base)


def reason(error: Exception, progress: Progress) -> str:
    """What the user reads of an error."""
    if isinstance(error, BadAnswer):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message} (validate_certs: false accepts any)"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed while {progress}: {(error.reason or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, socket.gaierror):
        return f"its name cannot be looked up: {error.strerror}"
    if isinstance(error, (EOFError, ConnectionResetError, BrokenPipeError)):
        return f"the connection was cut while {progress}"
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno).lower()} while {progress}"
    return f"{error or type(error).__name__}"
