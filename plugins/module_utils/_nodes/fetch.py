# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP request to a node, bounded in every respect but time: that is for who asks (`threads.each`)."""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from .._core.errors import Failure, Refusal
from .lookup import Lookup, addresses
from .target import Target

try:
    import requests
    import urllib3
    from requests import Request as Question
    from requests import RequestException, Response, Session
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import DecodeError, ProtocolError
    from urllib3.exceptions import TimeoutError as Slow

    INSTALLED = {"requests": requests.__version__, "urllib3": urllib3.__version__}  # type: ignore[attr-defined]
except ImportError:
    INSTALLED = {}

NEEDED = {"requests": "2.32.3", "urllib3": "2.0.2"}
"""The oldest that will do: an older requests does not ask for connections of ours, which refuse link-local addresses;
an older urllib3 takes a page that was cut for a whole one."""


def lacking(installed: Mapping[str, str]) -> str | None:
    """Why no page can be read with these versions; None where it can."""
    for name, least in NEEDED.items():
        found = installed.get(name, "")
        if _numbers(found) < _numbers(least):
            there = f", which has {found}" if found else ""
            return f"the Python library {name}>={least} is not installed for {sys.executable}{there}"
    return None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", version)[:3]]


MISSING = lacking(INSTALLED)

LONGEST_LINE = 64 * 1024
PART = 64 * 1024
"""Bytes that are read at once."""
CODINGS = {"": PART, "identity": PART, "gzip": 1024, "deflate": 1024}
"""Packed ones are fewer: urllib3 before 2.6 makes up to a thousand times as many of them, whatever is left of the cap.
"""
MOST_HEADERS = 100
MOST_INTERIM = 5
MOST_REDIRECTS = 3
HEADERS = {
    "User-Agent": "webcallserver.aws",
    "Accept": "text/plain, application/json, */*;q=0.1",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}


@dataclass(frozen=True)
class Request:
    """What is the same for every page: identity, trust and bounds. `max_body` in bytes, `timeout` in seconds."""

    username: str | None = None
    password: str | None = None
    max_body: int = 1 << 20
    validate_certs: bool = True
    lookup: Lookup = socket.getaddrinfo
    context: ssl.SSLContext | None = None
    timeout: float = 10.0

    def prepared(self, tls: bool) -> Request:
        """The same with its TLS context made, which takes milliseconds and is needed once."""
        return replace(self, context=tls_context(self.validate_certs)) if tls else self

    @property
    def auth(self) -> tuple[bytes, bytes] | None:
        """User name and password in the encoding that WCS reads."""
        return None if self.username is None else (self.username.encode(), (self.password or "").encode())


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
    """How far the read of one host has come: shown when its time is up.

    `ended`: whether the host says where its answer ends; else the end of the connection is taken for it.
    """

    stage: str = "looking up its name"
    received: int = 0
    ended: bool = True
    connection: socket.socket | None = None
    over: bool = False

    def __str__(self) -> str:
        return f"{self.stage} ({self.received} bytes so far)" if self.received else self.stage

    def uses(self, made: socket.socket) -> None:
        """Notes what is read from. It is cut at once where the time was up before it was there."""
        self.connection = made
        if self.over:
            self.cut()

    def cut(self) -> None:
        """Ends what is still read, and what would be read later: its thread wakes up and ends."""
        self.over = True
        if self.connection is not None:
            with suppress(OSError):
                # not that of TLS, after which a thread that is about to send would send in plain text
                socket.socket.shutdown(self.connection, socket.SHUT_RDWR)


def fetch(goal: Target, request: Request, progress: Progress) -> bytes:
    """The body of the page; redirects are followed on the same server only. Raises BadAnswer, OSError."""
    for _ in range(MOST_REDIRECTS + 1):
        with asked(goal, request, progress) as response:
            there = response.headers.get("Location")
            if not (300 <= response.status_code < 400 and there is not None):
                if response.status_code != 200:
                    raise BadAnswer(refusal(response.status_code))
                return read_body(response, request.max_body, progress)
        onward = goal.towards(there)
        if onward is None:
            raise BadAnswer(f"it redirects to {there[:100]!r}, and redirects elsewhere are not followed")
        goal = onward
    raise BadAnswer(f"it redirects more than {MOST_REDIRECTS} times")


def post(goal: Target, body: bytes, request: Request, progress: Progress, spared: int) -> bytes | None:
    """The answer to a JSON document; None where its status is the one that is `spared`. Raises BadAnswer, OSError."""
    with asked(goal, request, progress, body) as response:
        if response.status_code == spared:
            return None
        if response.status_code != 200:
            raise BadAnswer(f"it answered {response.status_code} to POST {goal.path}")
        return read_body(response, request.max_body, progress)


@contextmanager
def asked(goal: Target, request: Request, progress: Progress, body: bytes | None = None) -> Iterator[Response]:
    """The reply, its body not read yet; no proxy, password or authority from the environment is used.

    `body`: a JSON document to POST; without one it is a GET. Raises Failure where a library is missing.
    """
    if MISSING:
        pip = " ".join(f"'{name}>={least}'" for name, least in NEEDED.items())
        raise Failure(Refusal("ask", "the nodes", "", MISSING, f"Run: {sys.executable} -m pip install {pip}"))
    method = "GET" if body is None else "POST"
    headers = HEADERS if body is None else {**HEADERS, "Content-Type": "application/json"}
    question = Question(method, goal.url, headers=headers, data=body, auth=request.auth).prepare()
    with Session() as session:
        session.trust_env = False
        session.mount(f"{goal.scheme}://", _Adapter(goal, request, progress))
        try:
            response = session.send(question, stream=True, timeout=request.timeout, allow_redirects=False)
        except RequestException as error:
            raise _root(error) from None
        with response:
            yield response


def read_body(response: Response, cap: int, progress: Progress) -> bytes:
    """The body, unpacked; BadAnswer where it is longer than `cap` bytes."""
    progress.stage = "reading its page"
    coding = response.headers.get("Content-Encoding", "").lower()
    if coding not in CODINGS:
        raise BadAnswer(f"its page is packed as {coding[:40]!r}, and only gzip or deflate, once, is unpacked")
    packed = " unpacked" if coding else ""
    too_long = BadAnswer(f"its page is longer than max_body ({cap} bytes){packed}")
    length = response.headers.get("Content-Length")
    if length is not None and not re.fullmatch("[0-9]{1,15}", length):
        raise BadAnswer(f"it announces a length of {length[:40]!r}")
    progress.ended = length is not None or response.headers.get("Transfer-Encoding", "").lower() == "chunked"
    if int(length or 0) > cap:
        raise too_long
    body = bytearray()
    try:
        for part in response.iter_content(CODINGS[coding]):
            body += part
            progress.received = len(body)
            if len(body) > cap:
                raise too_long
    except RequestException as error:
        raise _root(error) from None
    return bytes(body)


def refusal(status: int) -> str:
    """What a status other than 200 means for the user."""
    if status in (401, 403):
        return f"it answered {status}: it wants a user name and password, or refuses this one"
    if status == 404:
        return "it answered 404: there is no statistics page at this port and path"
    return f"it answered {status}"


def reason(error: Exception, progress: Progress) -> str:
    """What the user reads of an error."""
    if isinstance(error, BadAnswer):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message} (validate_certs: false accepts any)"
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return f"TLS failed while {progress}: {(error.reason or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, socket.gaierror):
        return f"its name cannot be looked up: {error.strerror}"
    if isinstance(error, (EOFError, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)):
        return f"the connection was cut while {progress}"
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno).lower()} while {progress}"
    return f"{error or type(error).__name__}"


def _root(error: BaseException) -> Exception:
    """The error that requests and urllib3 have wrapped, as one that `reason` knows."""
    for inner in (getattr(error, "reason", None), *error.args):
        if isinstance(inner, BaseException) and inner is not error:
            return _root(inner)
    if isinstance(error, http.client.LineTooLong):
        return BadAnswer(f"it sent a header line of more than {LONGEST_LINE} bytes")
    if isinstance(error, http.client.BadStatusLine) and not isinstance(error, OSError):
        return BadAnswer("it does not speak HTTP/1 at this port")
    if isinstance(error, DecodeError):
        return BadAnswer("its page cannot be unpacked")
    if isinstance(error, (http.client.IncompleteRead, ProtocolError)):
        return EOFError()
    if isinstance(error, http.client.HTTPException) and not isinstance(error, OSError):  # RemoteDisconnected is both
        return BadAnswer(f"it sent more than {MOST_HEADERS} headers")
    if isinstance(error, (OSError, BadAnswer)) and not isinstance(error, RequestException):
        return error
    return TimeoutError() if isinstance(error, Slow) else BadAnswer("its headers are malformed")


if MISSING is None:

    class _Reply(http.client.HTTPResponse):
        """A reply that may be announced by a few interim ones only, where http.client waits forever."""

        interim = 0

        def _read_status(self) -> Any:
            found = super()._read_status()  # type: ignore[misc]
            self.interim += found[1] == http.client.CONTINUE
            if self.interim > MOST_INTERIM:
                raise BadAnswer("it sends interim replies without end")
            if found[0] not in ("HTTP/1.0", "HTTP/1.1"):
                raise http.client.BadStatusLine(found[0])
            return found

    class _Plain(HTTPConnection):
        """A connection to the first usable address of the host that takes one; it notes how far it has come."""

        response_class = _Reply

        def __init__(self, *args: Any, request: Request, progress: Progress, **rest: Any) -> None:
            super().__init__(*args, **rest)
            self.request_options, self.progress = request, progress

        def _new_conn(self) -> socket.socket:
            return _connected(self.host, self.port, self.request_options, self.progress)

        def connect(self) -> None:
            super().connect()
            self.progress.uses(self.sock)  # which TLS has made of the one that was connected
            self.progress.stage = "waiting for its headers"

    class _Secure(_Plain, HTTPSConnection):
        """The same over TLS."""

    class _PlainPool(HTTPConnectionPool):
        ConnectionCls = _Plain

    class _SecurePool(HTTPSConnectionPool):
        ConnectionCls = _Secure

        def _validate_conn(self, conn: Any) -> None:
            """Connects; whether the certificate is verified is the user's choice, and needs no warning."""
            if conn.is_closed:
                conn.connect()

    class _Adapter(HTTPAdapter):
        """Leads requests to one host over connections of ours, and leaves trust to their TLS context."""

        def __init__(self, goal: Target, request: Request, progress: Progress) -> None:
            super().__init__()
            rest: dict[str, Any] = {"request": request, "progress": progress, "timeout": request.timeout}
            host = f"[{goal.host}]" if ":" in goal.host else goal.host
            if goal.tls:
                self.pool: HTTPConnectionPool = _SecurePool(host, goal.port, ssl_context=request.context, **rest)
            else:
                self.pool = _PlainPool(host, goal.port, **rest)

        def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
            return self.pool

        def cert_verify(self, *_: Any) -> None:
            """The context says it."""

        def close(self) -> None:
            self.pool.close()
            super().close()


def _connected(host: str, port: int, request: Request, progress: Progress) -> socket.socket:
    progress.stage = "looking up its name"
    found = addresses(host.strip("[]"), port, request.lookup)
    progress.stage = "connecting"
    for address in found[:-1]:
        with suppress(OSError):
            return _noted(socket.create_connection((address, port), request.timeout), progress)
    return _noted(socket.create_connection((found[-1], port), request.timeout), progress)


def _noted(made: socket.socket, progress: Progress) -> socket.socket:
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    progress.uses(made)
    return made
