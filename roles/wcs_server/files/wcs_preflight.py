#!/usr/bin/env python3
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proves, on the host itself, that Web Call Server answers its health check and accepts a session.

Prints one clear sentence. Exit code 0 when both hold; 1, with the last lines of the server's log, when one does not;
3 with --idle when sessions are open. Python 3.9 and the standard library.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import sys
import time
from pathlib import Path
from typing import Any

ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PID_FILE = "FlashphonerMainWebCallServer.pid"
PORTS = {"http": ("http.port", 8081), "https": ("https.port", 8444), "ws": ("ws.port", 8080), "wss": ("wss.port", 8443)}
ASKED_BY = {"http": "wcs_balancer_health_check", "ws": "wcs_server_websocket_port and wcs_balancer_listeners"}
ASKED_BY.update({"https": ASKED_BY["http"], "wss": ASKED_BY["ws"]})
BUSY = 3
FOREVER, A_MOMENT, NOT_AT_ALL = float("inf"), 5.0, 0.0


class NotReady(Exception):
    """What does not hold, and what to do; `patience`: the seconds after the start that it may last."""

    def __init__(self, reason: str, way_out: str, patience: float = FOREVER) -> None:
        super().__init__(f"{reason}. {way_out}.")
        self.patience = patience


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    options = parsed(arguments)
    if options.idle:
        return idle(options)
    start = time.monotonic()
    while True:
        try:
            page = check_page(options)
            session = check_session(options)
        except NotReady as reason:
            if time.monotonic() - start < min(reason.patience, options.timeout):
                time.sleep(0.25)
                continue
            print(f"Cannot use WCS on '{options.name}': {reason}")
            print_log(options.home, options.log_lines)
            return 1
        print(f"WCS on '{options.name}' is ready: {page}; {session}.")
        return 0


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="wcs_preflight", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="where WCS is installed")
    parser.add_argument("--name", default=socket.gethostname(), help="how this host is called in messages")
    parser.add_argument("--address", default="127.0.0.1", help="where the server listens on this host")
    parser.add_argument("--scheme", choices=["http", "https"], default="http", help="of the health check")
    parser.add_argument("--port", type=int, default=8081, help="of the health check")
    parser.add_argument("--path", default="/?action=stat", help="of the health check")
    parser.add_argument("--websocket", choices=["ws", "wss"], default="ws")
    parser.add_argument("--websocket-port", type=int, default=8080)
    parser.add_argument("--app-key", default="defaultApp")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for the server to come up")
    parser.add_argument("--log-lines", type=int, default=20)
    parser.add_argument("--idle", action="store_true", help="only see that no WebSocket session is open")
    return parser.parse_args(arguments)


def idle(options: argparse.Namespace) -> int:
    """0 when no session is open, or nothing answers at all; BUSY when there are some."""
    try:
        _, body = get(options)
    except OSError:
        return 0
    count = sessions_of(body)
    if not count:
        return 0
    print(f"Cannot stop WCS on '{options.name}': {count} WebSocket sessions are open on it, and would be cut. ", end="")
    print("Wait until they have ended, or image a host that serves nobody.")
    return BUSY


def check_page(options: argparse.Namespace) -> str:
    """How the health check went. NotReady as long as the balancer would not take the node."""
    asked = f"GET {options.scheme}://{options.address}:{options.port}{options.path}"
    try:
        status, body = get(options)
    except OSError as error:
        raise NotReady(
            f"its health check {asked} answers: {spoken(error)}", *advice(options, options.scheme)
        ) from error
    if status != 200:
        raise NotReady(
            f"its health check {asked} answers: {status}, and a balancer takes a node only for 200",
            "Correct the path of the health check, or what the server's log complains of",
            NOT_AT_ALL if status in (401, 403, 404) else FOREVER,
        )
    count = sessions_of(body)
    return f"{asked} answers 200" + ("" if count is None else f" and counts {count} WebSocket sessions")


def check_session(options: argparse.Namespace) -> str:
    """How a session went: handshake, `connection`, `getUserData`, close. NotReady when it did not."""
    url = f"{options.websocket}://{options.address}:{options.websocket_port}/"
    try:
        with connected(options) as sock:
            shake_hands(sock, options)
            message = {
                "appKey": options.app_key,
                "mediaProviders": ["WebRTC"],
                "clientVersion": "2.0",
                "clientOSVersion": "wcs_preflight",
                "clientBrowserVersion": "wcs_preflight",
                "msePacketizationVersion": 2,
            }
            send(sock, 1, json.dumps({"message": "connection", "data": [message]}).encode())
            answer_of(sock, "getUserData")
            send(sock, 8, (1000).to_bytes(2, "big"))
    except OSError as error:
        raise NotReady(
            f"a session through {url} fails: {spoken(error)}", *advice(options, options.websocket)
        ) from error
    except ValueError as error:
        raise NotReady(
            f"a session through {url} fails: {error}", "See the server's log for why it declines the session"
        ) from error
    return f"a session through {url} was established and closed"


def advice(options: argparse.Namespace, scheme: str) -> tuple[str, float]:
    """What to do where nothing answers on a port, and how long that may last."""
    key, usual = PORTS[scheme]
    asked = options.port if scheme in ("http", "https") else options.websocket_port
    settings = settings_of(options.home)
    given = settings.get(key, str(usual))
    if given != str(asked):
        here = f"{options.home}/conf/flashphoner.properties has {key} = {given}, but port {asked} is asked"
        return f"{here}: set {key} to {asked} in wcs_server_settings, or {given} in {ASKED_BY[scheme]}", NOT_AT_ALL
    if process(options.home) is None:
        return "WCS is not running: start it, and see the end of its log and logs/startup.log", A_MOMENT
    return f"WCS runs and should listen on port {asked} ({key}): see the server's log", FOREVER


def get(options: argparse.Namespace) -> tuple[int, str]:
    """Status and body of the health check's page. As a balancer does, it takes any certificate."""
    if options.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            options.address, options.port, timeout=4, context=trusting()
        )
    else:
        connection = http.client.HTTPConnection(options.address, options.port, timeout=4)
    try:
        connection.request("GET", options.path)
        response = connection.getresponse()
        return response.status, response.read(1 << 20).decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP ({type(error).__name__})") from error
    finally:
        connection.close()


def sessions_of(body: str) -> int | None:
    """`connections_websocket` of the statistics page; None when it is not there."""
    found = re.search(r"^connections?_websocket=(\d+)\s*$", body, re.MULTILINE)
    return int(found[1]) if found else None


def trusting() -> ssl.SSLContext:
    """TLS with whatever certificate the other side has."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connected(options: argparse.Namespace) -> socket.socket:
    """A connection to the WebSocket port."""
    sock = socket.create_connection((options.address, options.websocket_port), timeout=4)
    return trusting().wrap_socket(sock) if options.websocket == "wss" else sock


def shake_hands(sock: socket.socket, options: argparse.Namespace) -> None:
    """The opening handshake of RFC 6455. ValueError when the server does not agree."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET / HTTP/1.1",
        f"Host: {options.address}:{options.websocket_port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte or len(head) > 16384:
            raise ValueError("no WebSocket handshake is answered")
        head += byte
    status = head.decode("latin-1").splitlines()[0]
    expected = base64.b64encode(hashlib.sha1((key + ACCEPT_GUID).encode()).digest()).decode()  # noqa: S324
    if " 101 " not in f"{status} " or f": {expected}" not in head.decode("latin-1"):
        raise ValueError(f"the handshake is answered with '{status.strip()}'")


def send(sock: socket.socket, opcode: int, payload: bytes) -> None:
    """One masked frame."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    sock.sendall(bytes([0x80 | opcode]) + size + mask + masked)


def answer_of(sock: socket.socket, wanted: str) -> dict[str, Any]:
    """The first message of that name. ValueError when the server closes or says something unreadable."""
    while True:
        opcode, payload = received(sock)
        if opcode == 8:
            code = int.from_bytes(payload[:2], "big")
            raise ValueError(f"the server closes it with {code} {payload[2:].decode('utf-8', 'replace')}".strip())
        if opcode == 9:
            send(sock, 10, payload)
        elif opcode == 1:
            message = json.loads(payload)
            if isinstance(message, dict) and message.get("message") == wanted:
                return message


def received(sock: socket.socket) -> tuple[int, bytes]:
    """Opcode and payload of one frame."""
    first, second = exactly(sock, 2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(exactly(sock, 2 if size == 126 else 8), "big")
    if size > 1 << 20:
        raise ValueError(f"a message of {size} bytes comes")
    return first & 0x0F, exactly(sock, size)


def exactly(sock: socket.socket, count: int) -> bytes:
    """So many bytes."""
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise ValueError("the server closes the connection")
        data += part
    return data


def settings_of(home: Path) -> dict[str, str]:
    """The plain settings of flashphoner.properties; {} when it cannot be read."""
    try:
        text = (home / "conf" / "flashphoner.properties").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return dict(re.findall(r"^[ \t]*([^#!=:\s]+)[ \t]*[=:][ \t]*(.*?)[ \t]*$", text, re.MULTILINE))


def process(home: Path) -> int | None:
    """The server's process, if it lives."""
    for file in (home / "bin" / PID_FILE, Path("/var/run") / PID_FILE):
        try:
            number = int(file.read_text().strip())
            command = Path(f"/proc/{number}/cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if b"flashphoner" in command.lower():
            return number
    return None


def spoken(error: OSError) -> str:
    """An error in a few words."""
    if isinstance(error, socket.timeout):
        return "nothing within 4 s"
    return (error.strerror or str(error) or type(error).__name__).lower()


def print_log(home: Path, lines: int) -> None:
    """The last lines of the server's log, or of its start when it has none."""
    for path in (home / "logs" / "server_logs" / "flashphoner.log", home / "logs" / "startup.log"):
        try:
            tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        except OSError:
            continue
        if tail:
            print(f"The last lines of {path}:")
            print("\n".join(tail))
            return
    print(f"There is no log under {home}/logs.")


if __name__ == "__main__":
    sys.exit(main())
