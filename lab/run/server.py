# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server of `lab up`: AWS's API at one loopback address, and the lab's own pages under /_lab/."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import sys
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.core.request import Request

from ..api.answer import answer
from ..api.signatures import stale
from ..core.lab import Lab
from ..core.wire import ReplyLost
from ..ec2.account import Offer, offer
from . import overview

ADDRESS = "127.0.0.1"
LAB = "/_lab/"


class Server(http.server.ThreadingHTTPServer):
    """Answers for one lab until it is closed; a port of 0 takes a free one."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, lab: Lab, port: int) -> None:
        """Listens from now on; OSError where the port is taken."""
        super().__init__((ADDRESS, port), _Handler)
        self.lab = lab
        threading.Thread(target=self.serve_forever, args=(0.1,), name="api", daemon=True).start()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://{ADDRESS}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints what went wrong; that a client is gone, as one that was killed, did not."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stops listening."""
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "lab", ""
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet a reply
    timeout = 120

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith(LAB):
            self._send(*self._page(body))
            return
        request = Request.from_primitives(self.command, f"{self.server.url}{self.path}", self.headers, body)
        request.from_wsgi_server = True
        try:
            reply = stale(self.server.lab, request) or answer(self.server.lab, request)
        except ReplyLost:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(reply.status, reply.headers, reply.body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "status", "server", "date", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The date of an answer: AWS's, which may be another than this computer's."""
        return super().date_time_string((time.time() if timestamp is None else timestamp) + self.server.lab.ahead)

    def _page(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The lab's own pages: status, calls, members, images to be offered, faults; JSON each."""
        lab, target = self.server.lab, urlsplit(self.path)
        page, asked = target.path.removeprefix(LAB), parse_qs(target.query)
        found: Any
        try:
            if page == "status":
                found = overview.status(lab)
            elif page == "calls":
                found = [call.show() for call in lab.calls.since(int(asked.get("since", ["0"])[0]))]
            elif page == "members" and self.command == "POST":
                given = json.loads(body or b"{}")
                lab.set(str(given["thing"]), **given["members"])
                found = None
            elif page == "images":
                found = {"image_id": offer(lab, Offer(**json.loads(body)))}
            elif page == "faults":
                found = self._faults(json.loads(body or b"null"))
            else:
                return 404, {}, b"no such page\n"
        except (ValueError, TypeError) as error:
            return 400, {"Content-Type": "text/plain"}, f"{error}\n".encode()
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def _faults(self, given: Any) -> Any:
        faults = self.server.lab.faults
        if self.command == "POST":
            faults.add(**given)
        elif self.command == "DELETE":
            faults.reset()
        return [rule.show() for rule in faults.rules]

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing: the calls are recorded."""
