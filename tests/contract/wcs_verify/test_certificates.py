"""Until when certificates are valid, read off servers on loopback."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import time
from pathlib import Path

import pytest

from plugins.module_utils._nodes import certificates
from plugins.module_utils._nodes.certificates import expiries
from plugins.module_utils._nodes.target import Target
from tests.support.standin import certificate_for

DAY = 86_400


@pytest.mark.parametrize("days", [30, -2])
def test_the_end_of_a_certificate_that_nobody_trusts(tmp_path: Path, days: int) -> None:
    certificate, key = certificate_for("node.wcs.example", days)
    (tmp_path / "pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")

    async def asked() -> list[float | str | None]:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            plain = Target("http", "127.0.0.1", port)
            return await asyncio.to_thread(
                expiries, [Target("https", "127.0.0.1", port), plain, None, Target("wss", "127.0.0.1", port)], 5
            )

    first, plain, none, last = asyncio.run(asked())
    assert (plain, none) == (None, None)
    assert first == last
    assert isinstance(first, float)
    assert abs(first - time.time() - days * DAY) < 3600


def test_why_the_end_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
        gone.close()
        servers = [Target("https", "127.0.0.1", silent.getsockname()[1]), Target("https", "127.0.0.1", port)]
        assert expiries(servers, 0.3) == [
            "it was not shown within 0.3 s",
            "connection refused while asking for its certificate",
        ]


def test_without_the_library_the_end_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "MISSING", True)
    (why,) = expiries([Target("https", "127.0.0.1", 1)], 5)
    assert why == f"the Python library cryptography>=42 is not installed for {sys.executable}"
