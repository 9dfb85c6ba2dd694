"""The stand-in of Web Call Server: real processes on loopback addresses of their own."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.support.standin import StandIn, certificate_for, machines
from tests.support.waiting import until

HELLO = '{"message":"connection","data":[{"appKey":"defaultApp","mediaProviders":["WebRTC"]}]}'
PONG = '{"message":"pong","data":[null]}'
Install = Callable[[], StandIn]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    with machines(tmp_path) as install:
        yield install


@pytest.fixture
def standin(install: Install) -> StandIn:
    return install()


async def shake_hands(standin: StandIn, **options: Any) -> ClientConnection:
    return await connect(f"ws://{standin.public_ip}:8080/", proxy=None, **options)


async def session(standin: StandIn) -> ClientConnection:
    client = await shake_hands(standin)
    await client.send(HELLO)
    assert json.loads(await client.recv())["message"] == "getUserData"
    return client


def get(standin: StandIn, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and body; a JSON body is decoded."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"http://{standin.private_ip}:8081{path}", data, headers)
    try:
        with urlopen(request, timeout=10) as reply:
            raw, status, kind = reply.read(), reply.status, reply.headers["Content-Type"]
            assert int(reply.headers["Content-Length"]) == len(raw)
    except HTTPError as error:
        raw, status, kind = error.read(), error.code, ""
    return status, json.loads(raw) if kind == "application/json" else raw.decode()


def listening(pid: int) -> set[tuple[str, int]]:
    """The TCP addresses a process listens on."""
    found = set()
    own = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
            address, port = fields[1].split(":")
            found.add((socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16)))
    return found


def test_the_vendors_tree(standin: StandIn) -> None:
    link = standin.home.parent / "FlashphonerWebCallServer"
    assert str(link.readlink()) == "FlashphonerWebCallServer-5.2.1977"
    assert (link / "conf" / "WCS.version").read_text().startswith("5.2.1977-")
    for path in ("bin/setenv.sh", "conf/wcs-core.properties", "logs/server_logs", "client2", "tools", "lib/custom"):
        assert (link / path).exists(), path


def test_it_listens_on_its_machines_addresses_and_nowhere_else(standin: StandIn) -> None:
    pid = int(standin.start().pid_file.read_text())
    addresses = (standin.private_ip, standin.public_ip)
    assert listening(pid) == {(address, port) for address in addresses for port in (8080, 8081)}


def test_verbs(standin: StandIn) -> None:
    assert standin.verb("status").returncode == 3
    assert standin.verb("stop").returncode == 0
    pid = int(standin.start().pid_file.read_text())
    assert "already running" in standin.verb("start").stdout
    assert str(pid) in standin.verb("status").stdout
    assert standin.verb("restart").returncode == 0
    assert int(standin.pid_file.read_text()) != pid
    assert standin.verb("stop").returncode == 0
    assert not standin.pid_file.exists()
    assert standin.verb("status").returncode == 3
    assert standin.verb("dance").returncode == 1


def test_a_pid_file_baked_into_an_image_hinders_nobody(standin: StandIn) -> None:
    standin.pid_file.write_text(f"{os.getpid()}\n")
    assert standin.verb("status").returncode == 3
    assert int(standin.start().pid_file.read_text()) != os.getpid()


def test_a_killed_server_can_be_started_again(standin: StandIn) -> None:
    os.kill(int(standin.start().pid_file.read_text()), signal.SIGKILL)
    until(lambda: standin.verb("status").returncode == 3)
    assert standin.start().count() == 0


def test_a_signal_ends_it_cleanly(standin: StandIn) -> None:
    os.kill(int(standin.start().pid_file.read_text()), signal.SIGTERM)
    until(lambda: not standin.pid_file.exists())
    assert "stopped" in standin.log()


BROKEN = {
    "ws__port": ("80a", "not a whole number from 1 to 65535"),
    "http__port": ("70000", "not a whole number from 1 to 65535"),
    "https__port": ("8080", "the number of another port"),
    "ip": ("300.1.1.1", "not an IP address"),
    "media_port_to": ("31000", "lower than media_port_from"),
    "keep_alive__probes": ("-1", "not a whole number"),
    "disable_rest_auth": ("no", "neither true nor false"),
}


@pytest.mark.long
@pytest.mark.parametrize("key", BROKEN)
def test_a_broken_setting_keeps_it_from_starting(standin: StandIn, key: str) -> None:
    value, reason = BROKEN[key]
    done = standin.set(**{key: value}).verb("start")
    assert done.returncode == 1
    for result in (done.stderr, standin.log(), (standin.home / "logs" / "startup.log").read_text()):
        assert reason in result
        assert key.replace("__", ".") in result
    assert not standin.pid_file.exists()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("### JVM OPTIONS ###", "# JVM", "marker"),
        ("-Xmx1024M", "-Xmx1024Q", "Invalid heap size"),
        ("#-Xms1024M", "-Xms2G", "larger value than the maximum"),
    ],
)
def test_jvm_options_that_no_server_starts_with(standin: StandIn, old: str, new: str, reason: str) -> None:
    path = standin.home / "conf" / "wcs-core.properties"
    path.write_text(path.read_text().replace(old, new))
    done = standin.verb("start")
    assert done.returncode == 1
    assert reason in done.stderr


def test_a_port_that_is_taken(standin: StandIn) -> None:
    with socket.create_server((standin.public_ip, 8081)):
        done = standin.verb("start")
    assert done.returncode == 1
    assert f"http.port=8081: cannot listen on {standin.public_ip}" in done.stderr


def test_it_reads_its_ports_from_its_disk(standin: StandIn) -> None:
    standin.set(http__port=8082).start()
    with urlopen(f"http://{standin.private_ip}:8082/?action=stat", timeout=10) as page:
        assert b"connections_websocket=0\n" in page.read()


def test_the_statistics_page(standin: StandIn) -> None:
    standin.start()
    status, text = get(standin, "/?action=stat&preventCache=1")
    assert status == 200
    assert text.startswith("-----Connection")
    assert "\nsystem_java_cpu_usage=2.0\n" in text
    status, groups = get(standin, "/?action=stat&format=json")
    assert groups["connections_stats"] == {"connections": 0, "connections_rtmfp": 0, "connections_websocket": 0}
    assert list(get(standin, "/?action=stat&format=json&groups=core_stats,port_stats")[1]) == [
        "port_stats",
        "core_stats",
    ]


@pytest.mark.parametrize("path", ["/", "/?action=status", "/rest-api/no/such", "/../../etc/passwd", "/client2/"])
def test_what_is_not_there_is_404(standin: StandIn, path: str) -> None:
    assert get(standin.start(), path)[0] == 404


RAW = {
    b"nonsense\r\n\r\n": b"400",
    b"GET / HTTP/1.1\r\nX: " + b"x" * 20000: b"431",
    b"POST /rest-api/connection/find HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n": b"413",
    b"POST /rest-api/connection/find HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n": b"411",
    b"POST /rest-api/connection/find HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]": b"400",
    b"DELETE /rest-api/connection/find HTTP/1.1\r\n\r\n": b"405",
}


def test_requests_that_are_none(standin: StandIn) -> None:
    standin.start()
    for sent, status in RAW.items():
        with socket.create_connection((standin.private_ip, 8081), timeout=5) as client:
            client.sendall(sent)
            assert client.recv(4096).split()[1] == status, sent[:60]


def test_sessions_are_counted_from_the_moment_they_are_established_or_closed(standin: StandIn) -> None:
    async def story() -> None:
        clients = [await session(standin) for _ in range(5)]
        assert await asyncio.to_thread(standin.count) == 5
        assert (await asyncio.to_thread(standin.statistics))["system_stats"]["system_java_cpu_usage"] == 7.0
        await clients[0].close()
        assert await asyncio.to_thread(standin.count) == 4
        clients[1].transport.abort()
        await asyncio.to_thread(until, lambda: standin.count() == 3)
        found = (await asyncio.to_thread(get, standin, "/rest-api/connection/find_all"))[1]
        assert [(one["appKey"], one["status"]) for one in found] == [("defaultApp", "ESTABLISHED")] * 3
        for client in clients[2:]:
            await client.close()

    standin.start()
    asyncio.run(story())
    assert standin.count() == 0


@pytest.mark.parametrize("counts", [False, True])
def test_a_bare_handshake_counts_only_where_it_is_told_to(standin: StandIn, counts: bool) -> None:
    async def story() -> None:
        async with await shake_hands(standin):
            assert await asyncio.to_thread(standin.count) == int(counts)

    standin.set("stand-in.properties", count_bare_handshakes=str(counts).lower()).start()
    asyncio.run(story())


def test_pings_unanswered_close_a_session_and_pongs_keep_it(standin: StandIn) -> None:
    async def answering(client: ClientConnection, pings: int) -> None:
        for _ in range(pings):
            assert json.loads(await client.recv())["message"] == "ping"
            await client.send(PONG)

    async def listen_only(client: ClientConnection) -> None:
        while True:
            await client.recv()

    async def story() -> None:
        talkative, silent = await session(standin), await session(standin)
        await answering(talkative, 10)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await listen_only(silent)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert await asyncio.to_thread(standin.count) == 1
        await answering(talkative, 3)
        await talkative.close()

    standin.set(keep_alive__server_interval=40, keep_alive__probes=3).start()
    asyncio.run(asyncio.wait_for(story(), 20))


def test_the_client_that_breaks_the_protocol_is_closed_with_the_reason(standin: StandIn) -> None:
    async def code_after(send: Callable[[ClientConnection], Awaitable[None]]) -> int:
        async with await shake_hands(standin) as client:
            await send(client)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            return closed.value.rcvd.code

    async def story() -> None:
        assert await code_after(lambda client: client.send("not JSON")) == 1007
        assert await code_after(lambda client: client.send("[" * 100_000)) == 1007
        assert await code_after(lambda client: client.send(b"binary")) == 1003
        assert await code_after(lambda client: client.send("x" * (1 << 20 | 1))) == 1009

    standin.start()
    asyncio.run(asyncio.wait_for(story(), 20))
    assert standin.count() == 0


def test_messages_in_fragments_and_control_pings_are_understood(standin: StandIn) -> None:
    async def story() -> None:
        async with await shake_hands(standin) as client:
            await client.send([HELLO[:10], HELLO[10:30], HELLO[30:]])
            assert json.loads(await client.recv())["message"] == "getUserData"
            await (await client.ping("are you there"))

    standin.start()
    asyncio.run(asyncio.wait_for(story(), 20))


def test_terminate_ends_one_session(standin: StandIn) -> None:
    async def story() -> None:
        gone, stays = await session(standin), await session(standin)
        first = (await asyncio.to_thread(get, standin, "/rest-api/connection/find_all"))[1][0]["sessionId"]
        wanted = {"sessionId": first}
        assert (await asyncio.to_thread(get, standin, "/rest-api/connection/find", wanted))[1][0]["sessionId"] == first
        assert (await asyncio.to_thread(get, standin, "/rest-api/connection/terminate", wanted))[0] == 200
        assert (await asyncio.to_thread(get, standin, "/rest-api/connection/terminate", wanted))[0] == 404
        with pytest.raises(websockets.ConnectionClosed):
            await gone.recv()
        assert await asyncio.to_thread(standin.count) == 1
        await stays.close()

    standin.start()
    asyncio.run(asyncio.wait_for(story(), 20))


def test_rest_authentication(standin: StandIn) -> None:
    standin.set(disable_rest_auth="false").start()
    right, wrong = (f"Basic {base64.b64encode(pair).decode()}" for pair in (b"admin:admin", b"admin:guess"))
    assert get(standin, "/?action=stat")[0] == 200
    assert get(standin, "/rest-api/connection/find_all")[0] == 401
    assert get(standin, "/rest-api/connection/find_all", Authorization=wrong)[0] == 401
    assert get(standin, "/rest-api/connection/find_all", Authorization=right) == (200, [])
    assert get(standin, "/rest-api/stream/find_all", Authorization=right) == (200, [])


def test_tls_ports_are_served_where_there_is_a_certificate(standin: StandIn) -> None:
    certificate = certificate_for("wcs.example")
    for name, content in zip(("wss.crt", "wss.key"), certificate, strict=True):
        (standin.home / "conf" / name).write_bytes(content)
    trust = ssl.create_default_context(cadata=certificate[0].decode())

    async def story() -> None:
        url = f"wss://{standin.public_ip}:8443/"
        async with connect(url, proxy=None, ssl=trust, server_hostname="wcs.example") as client:
            await client.send(HELLO)
            assert json.loads(await client.recv())["message"] == "getUserData"
            assert await asyncio.to_thread(standin.count) == 1

    standin.start()
    asyncio.run(asyncio.wait_for(story(), 20))


def test_a_certificate_that_cannot_be_read_keeps_it_from_starting(standin: StandIn) -> None:
    for name in ("wss.crt", "wss.key"):
        (standin.home / "conf" / name).write_text("no certificate\n")
    done = standin.verb("start")
    assert done.returncode == 1
    assert "no usable certificate" in done.stderr


def test_activation_is_judged_by_the_licence_file(standin: StandIn) -> None:
    licence = standin.home / "conf" / "flashphoner.license"
    key = "EXAMPLE-KEY-0001"
    for given, activated in (("short", False), (key, True)):
        done = os.spawnv(os.P_WAIT, standin.home / "bin" / "activation.sh", ["activation.sh", given])
        assert (done, licence.exists()) == (0, activated)
    assert key not in licence.read_text()
    assert os.spawnv(os.P_WAIT, standin.home / "bin" / "deactivation.sh", ["deactivation.sh"]) == 0
    assert not licence.exists()


@pytest.mark.long
def test_many_sessions_in_little_memory(standin: StandIn) -> None:
    async def story() -> None:
        clients = [await session(standin) for _ in range(300)]
        assert await asyncio.to_thread(standin.count) == 300
        for client in clients:
            client.transport.abort()

    pid = standin.start().pid_file.read_text().strip()
    asyncio.run(story())
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < 25_000


def streams(standin: StandIn) -> tuple[dict[str, Any], dict[str, Any], float]:
    """(the streams' counters that are not 0, transcoding, the CPU's load)."""
    _, result = get(standin, "/?action=stat&format=json")
    counters = {name: value for name, value in result["streams_stats"].items() if value}
    return counters, result["transcoding_stats"], result["system_stats"]["system_java_cpu_usage"]


def test_pushes_into_mixers_load_the_machine(standin: StandIn) -> None:
    """As the vendor's page "Stream mixer" says: a stream that comes by RTMP makes the mixer named after its #."""
    standin.start()
    idle = streams(standin)
    assert idle[:2] == ({}, {})
    assert rest(standin, "mixer/startup", {"uri": "mixer://a", "localStreamName": "a"}) == 200
    url = "rtmp://localhost:1935/live/{}#room"
    for name in ("one", "two"):
        push = {"streamName": "a", "rtmpUrl": url.format(name), "rtmpTransponderFullUrl": True}
        assert rest(standin, "push/startup", push) == 200
    assert rest(standin, "push/startup", push) == 409
    counters, transcoding, cpu = streams(standin)
    assert counters == {"streams_rtmp_in": 2, "streams_rtmp_out": 2}
    assert set(transcoding["transcoding_video_full_info"]) == {"a", "room"}
    assert cpu == idle[2] + 2 * 10 + 2
    for one in get(standin, "/rest-api/push/find_all", {})[1]:
        assert rest(standin, "push/terminate", {"mediaSessionId": one["mediaSessionId"]}) == 200
    assert [one["uri"] for one in get(standin, "/rest-api/mixer/find_all", {})[1]] == ["mixer://a"]
    assert rest(standin, "mixer/terminate", {"uri": "mixer://a"}) == 200
    assert streams(standin) == idle


def test_the_servers_own_load_test_mixes_what_is_published_until_it_is_stopped(standin: StandIn) -> None:
    standin.set("stand-in.properties", published="a, b").start()
    test = {"feedingStreams": ["a", "b"], "mixerCount": 2, "streamsInMixer": 1, "intervalInSeconds": 1}
    assert rest(standin, "mixer/test/start", {**test, "feedingStreams": ["a", "c"]}) == 500
    assert rest(standin, "mixer/test/start", test) == 200
    assert set(streams(standin)[1]["transcoding_video_full_info"]) == {"test1", "test2"}
    assert [rest(standin, "mixer/test/stop", {}) for _ in range(2)] == [200, 404]
    assert streams(standin)[1] == {}


def rest(standin: StandIn, path: str, body: Any) -> int:
    """The status of the answer to a call of the REST interface."""
    return int(get(standin, f"/rest-api/{path}", body)[0])


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("mixer/test/start", {"mixerCount": 1, "streamsInMixer": 1}, 400),
        ("mixer/test/start", {"feedingStreams": [], "mixerCount": 0, "streamsInMixer": 1}, 400),
        ("mixer/startup", {"uri": "mixer://a"}, 400),
        ("mixer/terminate", {"uri": "mixer://a"}, 404),
        ("mixer/find_all", {}, 404),
        ("push/startup", {"streamName": "a"}, 400),
        ("push/startup", {"streamName": "a", "rtmpUrl": "http://x"}, 400),
        ("push/startup", {"streamName": "a", "rtmpUrl": "rtmp://x/live"}, 404),
        ("push/terminate", {"mediaSessionId": "a"}, 404),
        ("push/find_all", {}, 404),
    ],
)
def test_what_starts_and_ends_no_stream(standin: StandIn, path: str, body: Any, status: int) -> None:
    standin.start()
    assert rest(standin, path, body) == status
    assert streams(standin)[0] == {}


def test_a_mixer_without_input_may_publish_nothing(standin: StandIn) -> None:
    """Nobody knows of the real one."""
    standin.set("stand-in.properties", empty_mixer_publishes="false").start()
    assert rest(standin, "mixer/startup", {"uri": "mixer://a", "localStreamName": "a"}) == 200
    assert rest(standin, "push/startup", {"streamName": "a", "rtmpUrl": "rtmp://localhost/live"}) == 404


def test_the_demo_pages_are_there_and_nothing_else_of_the_disk(standin: StandIn) -> None:
    standin.start()
    page = "/client2/examples/demo/streaming/two_way_streaming/two_way_streaming.html"
    assert get(standin, page)[0] == 200
    assert get(standin, "/client2/../conf/database.yml")[0] == 404


def test_the_clients_own_ping_is_answered(standin: StandIn) -> None:
    standin.start()

    async def talk() -> str:
        client = await session(standin)
        await client.send('{"message":"ping","data":[null]}')
        answer = str(await client.recv())
        await client.close()
        return answer

    assert json.loads(asyncio.run(talk())) == {"message": "pong", "data": [None]}
