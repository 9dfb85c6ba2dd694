"""What a role lays on a WCS host, run as the host runs it: the identity script and the proof of readiness."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support import standin

FILES = Path(__file__).parents[3] / "roles" / "wcs_server" / "files"
STOCK = "# Addresses\nip                     =9.9.9.9\nip_local               =10.9.9.9\nunknown=stays\n"


@contextmanager
def metadata(answers: dict[str, str], refuse: int = 0) -> Iterator[str]:
    """The endpoint of a metadata service with these answers; it refuses the first so many tokens."""
    refused = [refuse]

    class Handler(BaseHTTPRequestHandler):
        def answer(self, code: int, text: str = "") -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(text.encode())

        def do_PUT(self) -> None:
            refused[0] -= 1
            ttl = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
            self.answer(503 if refused[0] >= 0 else 200 if self.path == "/latest/api/token" and ttl else 400, "t0ken")

        def do_GET(self) -> None:
            if self.headers.get("X-aws-ec2-metadata-token") != "t0ken":
                return self.answer(401)
            text = answers.get(self.path.removeprefix("/latest/meta-data/"))
            return self.answer(200 if text is not None else 404, text or "")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def home(folder: Path, text: str = STOCK) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "conf").mkdir()
    shutil.copy(FILES / "wcs-identity", folder / "bin")
    (folder / "conf" / "flashphoner.properties").write_text(text)
    (folder / "conf" / "flashphoner.properties").chmod(0o660)
    return folder


def learn(folder: Path, endpoint: str, timeout: float = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "bin" / "wcs-identity"), "--timeout", str(timeout)],
        env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def settings(folder: Path) -> str:
    return (folder / "conf" / "flashphoner.properties").read_text()


def test_a_clone_gets_its_own_addresses_and_nothing_else_changes(tmp_path):
    with metadata({"local-ipv4": "10.0.1.5", "public-ipv4": "203.0.113.7"}) as endpoint:
        done = learn(home(tmp_path), endpoint)
        assert done.returncode == 0, done.stderr
        assert settings(tmp_path) == STOCK.replace("10.9.9.9", "10.0.1.5").replace("9.9.9.9", "203.0.113.7")
        assert (tmp_path / "conf" / "flashphoner.properties").stat().st_mode & 0o777 == 0o660
        assert done.stdout.startswith("wcs-identity: ip=203.0.113.7, ip_local=10.0.1.5 written to ")
        assert "already in" in learn(tmp_path, endpoint).stdout
        assert [path.name for path in (tmp_path / "conf").iterdir()] == ["flashphoner.properties"]


def test_without_a_public_address_the_private_one_is_told(tmp_path):
    with metadata({"local-ipv4": "10.0.1.5"}) as endpoint:
        done = learn(home(tmp_path, "ws.port=8080"), endpoint)
    assert settings(tmp_path) == "ws.port=8080\nip=10.0.1.5\nip_local=10.0.1.5\n"
    assert "no public address" in done.stdout


def test_it_asks_again_while_the_network_comes_up(tmp_path):
    with metadata({"local-ipv4": "10.0.1.5"}, refuse=1) as endpoint:
        assert learn(home(tmp_path), endpoint, timeout=10).returncode == 0


@pytest.mark.parametrize(
    ("answers", "word"), [({}, "no local-ipv4"), ({"local-ipv4": "<html>"}, "where an address should be")]
)
def test_without_addresses_it_fails_and_leaves_the_file_alone(tmp_path, answers, word):
    with metadata(answers) as endpoint:
        done = learn(home(tmp_path), endpoint)
    assert done.returncode == 1
    assert word in done.stderr
    assert "See that the metadata service" in done.stderr
    assert settings(tmp_path) == STOCK


def test_a_service_that_is_not_there_is_named(tmp_path):
    done = learn(home(tmp_path), "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "http://127.0.0.1:9" in done.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[standin.StandIn]:
    with standin.machines(tmp_path_factory.mktemp("wcs")) as install:
        yield install().start()


def prove(server: standin.StandIn, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FILES / "wcs_preflight.py"), "--home", str(server.home), "--name", "node-1"]
    command += ["--address", server.private_ip, "--timeout", "0", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_a_server_that_serves_is_ready(server):
    done = prove(server)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("WCS on 'node-1' is ready: GET http://")
    assert server.count() == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "8099"], ["port 8099 is asked", "http.port = 8081", "wcs_balancer_health_check"]),
        (["--websocket-port", "8099"], ["port 8099 is asked", "ws.port = 8080", "wcs_balancer_listeners"]),
        (["--path", "/nothing"], ["answers: 404", "Correct the path"]),
    ],
)
def test_what_is_wrong_is_said_with_the_log(server, options, words):
    done = prove(server, *options)
    assert done.returncode == 1
    assert "Cannot use WCS on 'node-1'" in done.stdout
    assert "The last lines of" in done.stdout
    for word in words:
        assert word in done.stdout


def test_a_server_with_sessions_is_not_idle_and_a_stopped_one_is(tmp_path):
    from websockets.sync.client import connect

    with standin.machines(tmp_path) as install:
        server = install().start()
        assert prove(server, "--idle").returncode == 0
        with connect(f"ws://{server.private_ip}:8080/") as session:
            session.send('{"message": "connection", "data": [{"appKey": "defaultApp", "mediaProviders": []}]}')
            session.recv(timeout=5)
            busy = prove(server, "--idle")
            assert (busy.returncode, "1 WebSocket sessions" in busy.stdout) == (3, True)
        server.verb("stop")
        assert prove(server, "--idle").returncode == 0
        stopped = prove(server)
        assert stopped.returncode == 1
        assert "WCS is not running: start it" in stopped.stdout
