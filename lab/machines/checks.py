# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as a Classic Load Balancer makes them, over real sockets."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time

from . import Check

MOST = 65536  # bytes of a body that are read


def check(address: str, protocol: str, port: int, path: str, timeout: float) -> Check:
    """The outcome of one check: a connection (tcp, ssl) or a GET that must be answered 200 (http, https) in time."""
    deadline = time.monotonic() + timeout
    try:
        with contextlib.ExitStack() as stack:
            sock = stack.enter_context(socket.create_connection((address, port), timeout))
            if protocol in ("ssl", "https"):
                sock.settimeout(max(0.001, deadline - time.monotonic()))
                sock = stack.enter_context(_trusting().wrap_socket(sock))
            if protocol in ("tcp", "ssl"):
                return Check(True)
            return _get(sock, address, port, path, deadline)
    except TimeoutError:
        return Check(False, None, f"no answer within {timeout:g} s")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Check(False, None, getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a balancer checks no certificate
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _get(sock: socket.socket, address: str, port: int, path: str, deadline: float) -> Check:
    request = f"GET {path or '/'} HTTP/1.1\r\nHost: {address}:{port}\r\nUser-Agent: ELB-HealthChecker/1.0\r\n"
    sock.settimeout(max(0.001, deadline - time.monotonic()))
    sock.sendall(f"{request}Accept: */*\r\nConnection: close\r\n\r\n".encode())
    response = http.client.HTTPResponse(sock, method="GET")
    response.begin()
    left = MOST
    while left > 0:
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        piece = response.read1(min(left, 8192))
        if not piece:
            break
        left -= len(piece)
        if time.monotonic() > deadline:
            raise TimeoutError
    ok = response.status == 200
    return Check(ok, response.status, "" if ok else f"the page answers {response.status}")


def page(address: str, port: int, path: str, timeout: float) -> bytes:
    """The body of a page that answers 200; nothing where it does not, for whatever reason."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.read(MOST) if response.status == 200 else b""
    except (OSError, http.client.HTTPException):
        return b""
    finally:
        connection.close()
