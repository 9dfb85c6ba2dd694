"""wcs_websocket_probe: real sessions through a balancer's data plane to stand-ins of Web Call Server."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from websockets.asyncio.client import connect

from lab.elb.dataplane import DataPlane, Front
from lab.elb.dataplane import Node as Behind
from plugins.module_utils._core.clock import SystemClock
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run
from plugins.module_utils._core.step import LATER
from plugins.module_utils._nodes.target import Target
from plugins.module_utils._probe.client import Plan, hold_sessions
from plugins.module_utils._probe.messages import hello
from plugins.modules.wcs_websocket_probe import ARGUMENTS, look
from tests.support.hostile import answering
from tests.support.standin import StandIn, certificate_for, free_address, machines
from tests.support.waiting import until


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[[], StandIn]]:
    with machines(tmp_path) as install:
        yield install


@pytest.fixture
def fleet(install: Callable[[], StandIn]) -> list[StandIn]:
    return [install().start() for _ in range(3)]


@contextmanager
def balanced(standins: Sequence[StandIn]) -> Iterator[str]:
    """The address of a balancer that leads to the stand-ins in turn."""
    plane, address = DataPlane(), free_address()
    nodes = tuple(Behind(f"i-{number}", standin.private_ip, "a") for number, standin in enumerate(standins))
    living = frozenset(node.instance_id for node in nodes)
    try:
        plane.follow([Front(address, 8080, "TCP", "TCP", 8080, nodes, living, 3600.0, True)])
        yield address
    finally:
        plane.close()


def probe(standins: Sequence[StandIn], check: bool = False, **given: Any) -> dict[str, Any]:
    """The module's answer."""
    options = {"hosts": [standin.private_ip for standin in standins], "rate": 500, "hold": 0.05, "timeout": 3, **given}
    checked = ArgumentSpecValidator(ARGUMENTS).validate(options)
    assert not checked.error_messages, checked.error_messages
    answer = look(checked.validated_parameters, Run(None, SystemClock(), check))  # type: ignore[arg-type]
    json.dumps(answer, allow_nan=False).encode()
    return answer


def causes(answer: dict[str, Any]) -> list[str]:
    return [cause["cause"] for cause in answer["causes"]]


def test_spread_and_every_session_is_accounted_for(fleet: list[StandIn]) -> None:
    with balanced(fleet) as address:
        answer = probe(fleet, host=address)
    assert answer["verdict"] == "spread"
    assert answer["distribution"] == {
        "min": 20,
        "max": 20,
        "mean": 20.0,
        "max_over_mean": 1.0,
        "p_value": 1.0,
        "sample": 60,
    }
    assert answer["sessions"] == {
        "asked": 60,
        "opened": 60,
        "failed": 0,
        "held": 60,
        "addresses": {address: 60},
        "background": 0,
        "errors": [],
    }
    assert [(node["before"], node["during"], node["gained"]) for node in answer["nodes"]] == [(0, 20, 20)] * 3
    assert (answer["closed_early"], causes(answer)) == (0, [])
    assert 0 < answer["latency_ms"]["min"] <= answer["latency_ms"]["p95"]
    until(lambda: all(standin.count() == 0 for standin in fleet))


def test_one_node_out(fleet: list[StandIn]) -> None:
    fleet[1].verb("stop")
    with balanced(fleet) as address:
        answer = probe(fleet, host=address, sessions=30)
    assert (answer["verdict"], causes(answer)) == ("skewed", ["silent_node"])
    assert answer["causes"][0]["subject"] == fleet[1].private_ip
    assert answer["nodes"][1]["gained"] is None


def test_one_node_that_the_balancer_does_not_know(fleet: list[StandIn]) -> None:
    with balanced(fleet[:2]) as address:
        answer = probe(fleet, host=address)
    assert answer["verdict"] == "skewed"
    assert answer["distribution"]["max_over_mean"] == 1.5
    assert [node["gained"] for node in answer["nodes"]] == [30, 30, 0]


def test_after_scale_out_new_sessions_are_judged_apart_from_old_ones(fleet: list[StandIn]) -> None:
    async def occupied(address: str) -> dict[str, Any]:
        old = [await connect(f"ws://{address}:8080/", proxy=None) for _ in range(40)]
        for client in old:
            await client.send(hello("defaultApp"))
        await asyncio.gather(*(client.recv() for client in old))
        try:
            return await asyncio.to_thread(probe, fleet, url=f"ws://{fleet_address}:8080")
        finally:
            for client in old:
                client.transport.abort()

    with balanced(fleet[:1]) as first, balanced(fleet) as fleet_address:
        answer = asyncio.run(occupied(first))
    assert (answer["verdict"], causes(answer)) == ("spread", ["old_sessions"])
    assert [(node["before"], node["gained"]) for node in answer["nodes"]] == [(40, 20), (0, 20), (0, 20)]


def test_everything_down(fleet: list[StandIn]) -> None:
    for standin in fleet:
        standin.verb("stop")
    answer = probe(fleet, host=free_address(), sessions=5)
    assert answer["verdict"] == "unreachable"
    assert causes(answer) == ["silent_node"] * 3
    assert answer["sessions"]["errors"] == [{"error": "connection refused while connecting", "count": 5}]
    assert answer["latency_ms"]["min"] is None
    assert answer["distribution"]["max_over_mean"] is None


def test_pings_are_answered_as_long_as_sessions_are_held(install: Callable[[], StandIn]) -> None:
    standin = install().set(keep_alive__server_interval=100, keep_alive__probes=10).start()
    answer = probe([standin], host=standin.public_ip, sessions=5, hold=1.5)
    assert (answer["verdict"], answer["closed_early"], answer["sessions"]["held"]) == ("spread", 0, 5)


def test_sessions_that_end_early_are_told(install: Callable[[], StandIn]) -> None:
    standin = install().start()

    def stop_soon() -> None:
        until(lambda: standin.count() == 5)
        standin.verb("stop")

    stopper = threading.Thread(target=stop_soon)
    stopper.start()
    answer = probe([standin], host=standin.public_ip, sessions=5, hold=1.5)
    stopper.join()
    assert (answer["verdict"], answer["closed_early"], answer["sessions"]["held"]) == ("unreachable", 5, 0)
    assert answer["sessions"]["errors"] == [
        {"error": "it was closed early (code 1001, server is shutting down)", "count": 5}
    ]


def test_in_check_mode_no_session_is_opened(fleet: list[StandIn]) -> None:
    answer = probe(fleet, check=True, host=fleet[0].public_ip)
    assert answer["verdict"] is None
    assert [(node["before"], node["gained"]) for node in answer["nodes"]] == [(0, 0)] * 3
    assert answer["sessions"]["asked"] == 0
    assert "established" not in fleet[0].log()
    assert probe(fleet, check=True, host=LATER)["verdict"] is None


def test_without_nodes_only_the_way_is_proven(fleet: list[StandIn]) -> None:
    answer = probe([], hosts=None, host=fleet[0].public_ip, sessions=3)
    assert (answer["verdict"], answer["nodes"], answer["sessions"]["held"]) == (None, [], 3)


async def at_once(plan: Plan) -> Any:
    async def nothing() -> None:
        return None

    return (await hold_sessions(plan, nothing))[0]


def open_at(target: Target, sessions: int = 3, timeout: float = 3.0, **options: Any) -> list[Any]:
    return list(asyncio.run(at_once(Plan(target, sessions, 500.0, 0.0, timeout, **options))))


def test_sessions_go_to_all_addresses_of_the_name(fleet: list[StandIn]) -> None:
    def lookup(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (standin.public_ip, 0)) for standin in fleet]

    sessions = open_at(Target("ws", "wcs.example", 8080), 30, lookup=lookup)
    assert Counter(session.address for session in sessions) == {standin.public_ip: 10 for standin in fleet}


def test_tls(install: Callable[[], StandIn]) -> None:
    standin = install()
    for name, content in zip(("wss.crt", "wss.key"), certificate_for("wcs.example"), strict=True):
        (standin.home / "conf" / name).write_bytes(content)
    standin.start()
    answer = probe([standin], host=standin.public_ip, tls=True, sessions=3, validate_certs=False)
    assert answer["verdict"] == "spread"
    refused = probe([standin], host=standin.public_ip, tls=True, sessions=3)
    assert refused["verdict"] == "unreachable"
    assert "certificate is not accepted" in refused["sessions"]["errors"][0]["error"]


HELLO_AGAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
WRONG = {
    "no WebSocket": (HELLO_AGAIN, "answered 200 to the WebSocket handshake"),
    "not found": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answered 404"),
    "redirect": (b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", ""),
    "nonsense": (b"SSH-2.0-OpenSSH\r\n", "handshake failed"),
    "nothing": (b"", "handshake failed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_wcs_is_told(case: str) -> None:
    raw, word = WRONG[case]
    with answering(raw) as authority:
        host, port = authority.split(":")
        for session in open_at(Target("ws", host, int(port))):
            assert word in session.error
            assert not session.opened


def test_a_server_that_is_silent_after_the_handshake(install: Callable[[], StandIn]) -> None:
    with socket.create_server((free_address(), 0)) as server:
        host, port = server.getsockname()
        session = open_at(Target("ws", host, port), 1, timeout=0.3)[0]
    assert session.error.startswith("no session within 0.3 s")


def test_a_look_up_that_hangs() -> None:
    stuck = threading.Event()
    session = open_at(Target("ws", "wcs.example", 8080), 2, 0.3, lookup=lambda *_, **__: stuck.wait(30))[0]
    stuck.set()
    assert session.error == "no session within 0.3 s: it was still looking up its name"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"url": "http://10.0.0.1/"}, "neither ws nor wss"),
        ({"url": "ws://u:secret@10.0.0.1/"}, "user name or password"),
        ({"host": "h", "sessions": 0}, "between 1 and 10000"),
        ({"host": "h", "rate": 0}, "between 0.1 and 1000"),
        ({"host": "h", "hold": 9999}, "between 0 and 3600"),
        ({}, "Set url or host"),
    ],
)
def test_what_cannot_be_probed_is_refused(given: dict[str, Any], word: str) -> None:
    with pytest.raises(Failure, match=word):
        probe([], **given)
