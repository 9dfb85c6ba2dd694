"""The demo page of a server that runs, as wcs_verify opens it, and what is said where it does not open."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from plugins.module_utils._core.pages import DEMO, DemoPage
from plugins.module_utils._nodes.demo_pages import demo_pages
from plugins.module_utils._nodes.fetch import Request
from plugins.module_utils._nodes.target import Target
from tests.support.standin import certificate_for, machines


def test_status_and_title_are_looked_at(tmp_path: Path) -> None:
    with machines(tmp_path) as install:
        server = install().start()
        paths = (DEMO, "/client2/index.html", "/client2/no.html")
        found = demo_pages([Target("http", server.private_ip, 8081, path) for path in paths], Request())
    assert found == [
        DemoPage(),
        DemoPage("its title is 'Web Call Server', not Two-way Streaming"),
        DemoPage("it answered 404"),
    ]


@contextmanager
def listening(backlog: int = 8) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        yield server


def look(server: socket.socket, scheme: str = "http", timeout: float = 0.5) -> DemoPage:
    (found,) = demo_pages([Target(scheme, "127.0.0.1", server.getsockname()[1], DEMO)], Request(timeout=timeout))
    return found


def test_where_nobody_listens_it_is_reached_and_refused() -> None:
    with listening() as server:
        port = server.getsockname()[1]
    closed = Target("http", "127.0.0.1", port, DEMO)
    assert demo_pages([closed], Request(timeout=5)) == [DemoPage("connection refused while connecting")]


def test_what_a_firewall_drops_is_not_reached() -> None:
    """The queue of a server that accepts nobody is full: Linux drops what comes, as a security group does."""
    with listening(backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            assert one.connect_ex(server.getsockname()) in (0, errno.EINPROGRESS)
        assert look(server) == DemoPage("no connection within 0.5 s", reached=False)
        for one in waiting:
            one.close()


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT])
def test_where_no_way_leads_it_is_not_reached(number: int) -> None:
    def lookup(*_: object, **__: object) -> object:
        raise OSError(number, os.strerror(number))

    (found,) = demo_pages([Target("http", "node.example", 8081, DEMO)], Request(lookup=lookup, timeout=5))
    assert not found.reached


def test_a_name_that_nobody_knows_is_wrong() -> None:
    def lookup(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    (found,) = demo_pages([Target("http", "node.example", 8081, DEMO)], Request(lookup=lookup, timeout=5))
    assert found == DemoPage("its name cannot be looked up: Name or service not known")


def test_a_server_that_says_nothing_is_reached() -> None:
    with listening() as server:
        assert look(server) == DemoPage("no complete answer within 0.5 s: it was still waiting for its headers")


def test_a_connection_that_is_cut_is_reached() -> None:
    def answer(server: socket.socket) -> None:
        with server.accept()[0] as made:
            made.recv(1 << 16)

    assert answered(answer) == DemoPage("the connection was cut while waiting for its headers")


def answered(answer: Callable[[socket.socket], None], *scheme: str) -> DemoPage:
    """What is seen of a page where a server answers so."""
    with listening() as server:
        thread = threading.Thread(target=answer, args=[server])
        thread.start()
        found = look(server, *scheme, timeout=5)
        thread.join()
    return found


def test_a_certificate_that_nobody_trusts_is_wrong(tmp_path: Path) -> None:
    certificate, key = certificate_for("node.wcs.example")
    (tmp_path / "pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")

    def answer(server: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as made:
            made.recv(1)

    found = answered(answer, "https")
    assert found.reached
    assert found.wrong.startswith("its certificate is not accepted: self-signed certificate")


def test_a_server_without_tls_is_wrong_where_tls_is_asked_for() -> None:
    def answer(server: socket.socket) -> None:
        with server.accept()[0] as made:
            made.recv(1 << 16)
            made.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    found = answered(answer, "https")
    assert found.reached
    assert found.wrong.startswith("TLS failed while ")
