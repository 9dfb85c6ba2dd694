# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the health check of a node answers when it is asked from this machine. For messages, never for decisions."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence

LIMIT = 3.0
"""Seconds that all nodes together may take."""

NO_ANSWER = f"no answer within {LIMIT:g} s"


def answers(target: str, hosts: Mapping[str, Sequence[str]], limit: float = LIMIT) -> dict[str, str]:
    """What each node answers, by its key: `HTTP 404 Not Found`, `connection refused`, `no answer within 3 s`.

    `target` is a balancer's (`HTTP:8081/?action=stat`); of a node's addresses the first that says anything counts.
    """
    found: dict[tuple[str, str], str] = {}

    def ask(key: str, host: str) -> None:
        found[key, host] = answer(target, host, limit)

    pairs = [(key, host) for key, addresses in hosts.items() for host in addresses]
    threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in pairs]
    for thread in threads:
        thread.start()
    timer = threading.Event()
    threading.Timer(limit + 0.2, timer.set).start()
    while any(thread.is_alive() for thread in threads) and not timer.wait(0.02):
        pass
    told = {key: [found.get((key, host), NO_ANSWER) for host in addresses] for key, addresses in hosts.items()}
    return {key: next((text for text in said if text != NO_ANSWER), NO_ANSWER) for key, said in told.items() if said}


def answer(target: str, host: str, limit: float = LIMIT) -> str:
    """What one address answers."""
    protocol, _, place = target.partition(":")
    port, slash, path = place.partition("/")
    try:
        with contextlib.closing(socket.create_connection((host, int(port)), timeout=limit)) as plain:
            connection = _secured(plain) if protocol in ("HTTPS", "SSL") else plain
            if protocol not in ("HTTP", "HTTPS"):
                return f"port {port} accepts connections"
            return _asked(connection, host, slash + path)
    except TimeoutError:
        return NO_ANSWER
    except ConnectionRefusedError:
        return f"connection refused on port {port}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"no usable answer on port {port} ({error or type(error).__name__})"


def _secured(plain: socket.socket) -> socket.socket:
    """A balancer does not validate the certificate of a node's health check either."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def _asked(connection: socket.socket, host: str, path: str) -> str:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: webcallserver.aws\r\nConnection: close\r\n\r\n"
    connection.sendall(request.encode())
    response = http.client.HTTPResponse(connection)
    response.begin()
    return f"HTTP {response.status} {response.reason}".strip()
