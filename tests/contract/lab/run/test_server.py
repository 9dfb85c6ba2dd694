"""The HTTP server of the lab, and clients that are gone."""

from __future__ import annotations

import socket
import struct
import threading
from urllib.parse import urlsplit

import pytest

from tests.support.processes import served
from tests.support.waiting import until


def test_a_client_that_is_gone_is_nothing_to_report(capsys: pytest.CaptureFixture[str]) -> None:
    """As one whose run was killed: its connection is reset while the rest of its request is waited for."""
    with served() as (_, url):
        threads = threading.active_count()
        there = urlsplit(url)
        with socket.create_connection((there.hostname, there.port)) as client:
            client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
            until(lambda: threading.active_count() > threads)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until(lambda: threading.active_count() == threads)
    assert capsys.readouterr().err == ""
