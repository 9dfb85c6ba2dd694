"""wcs_stat_info: healthy nodes, hostile ones, and how nodes are found in AWS."""

from __future__ import annotations

import gzip
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from lab.core.lab import Lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.clock import SystemClock
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run
from plugins.module_utils._nodes.fetch import Request
from plugins.module_utils._nodes.pages import How, read_nodes
from plugins.module_utils._nodes.stats import Node
from plugins.module_utils._nodes.target import Target
from plugins.module_utils._nodes.world import find_nodes
from plugins.modules.wcs_stat_info import ARGUMENTS, look
from tests.support.harness import LabClock, launched
from tests.support.hostile import (
    PAGE,
    Answer,
    Case,
    answering,
    drips,
    hangs,
    malformed,
    reply,
    sends,
    served,
    served_apart,
)
from tests.support.standin import StandIn, free_address, machines
from tests.support.waiting import until


def ask(aws: Any = None, **given: Any) -> dict[str, Any]:
    """The module's answer; always what JSON can carry."""
    checked = ArgumentSpecValidator(ARGUMENTS).validate(given)
    assert not checked.error_messages, checked.error_messages
    answer = look(checked.validated_parameters, Run(aws, SystemClock()))
    json.dumps(answer, allow_nan=False).encode()
    return answer


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[[], StandIn]]:
    with machines(tmp_path) as install:
        yield install


@pytest.mark.parametrize("dialect", ["auto", "text", "json"])
def test_healthy_nodes(install: Callable[[], StandIn], dialect: str) -> None:
    standins = [install().start() for _ in range(2)]
    answer = ask(hosts=[standin.private_ip for standin in standins], format=dialect)
    assert [node["host"] for node in answer["nodes"]] == [standin.private_ip for standin in standins]
    assert [(node["ok"], node["error"], node["connections_websocket"]) for node in answer["nodes"]] == [
        (True, None, 0)
    ] * 2
    assert answer["totals"] == {"nodes": 2, "ok": 2, "failed": 0, "connections_websocket": 0}
    assert answer["distribution"] == {"min": 0, "max": 0, "mean": 0.0, "max_over_mean": None}


def test_a_password_is_sent_where_it_is_wanted(install: Callable[[], StandIn]) -> None:
    standin = install().set(disable_rest_auth="false")
    standin.set("stand-in.properties", auth_covers_statistics="true").start()
    without = ask(hosts=[standin.private_ip])["nodes"][0]
    assert "401: it wants a user name and password" in without["error"]
    assert ask(hosts=[standin.private_ip], username="admin", password="admin")["nodes"][0]["ok"]


def test_two_hundred_malformed_pages_harm_nobody_else() -> None:
    cases = malformed(200)
    with served_apart(len(cases)) as authority:
        hosts = [f"http://{authority}/{case.name}" for case in cases]
        mixed = [host for pair in zip(hosts, [f"http://{authority}/"] * len(hosts), strict=True) for host in pair]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        answer = ask(hosts=mixed, timeout=1.0)
        lasted = time.monotonic() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    bad, good = answer["nodes"][::2], answer["nodes"][1::2]
    assert [node["error"] for node in good if not node["ok"]] == []
    for case, node in zip(cases, bad, strict=True):
        assert not node["ok"], case.name
        assert case.word in node["error"], (case.name, node["error"])
        assert len(node["error"]) < 300
        assert node["error"].isprintable()
        assert node["connections_websocket"] is None
    assert answer["totals"] == {"nodes": 400, "ok": 200, "failed": 200, "connections_websocket": 1400}
    assert lasted < 10
    assert grown < 64 * 1024


def test_hosts_that_hang_hold_up_nobody() -> None:
    with served([Case("hang", hangs, "")]) as authority:
        began = time.monotonic()
        hosts = [f"http://{authority}/{name}" for _ in range(50) for name in ("hang", "")]
        answer = ask(hosts=hosts, timeout=3.0)
        lasted = time.monotonic() - began
    assert answer["totals"]["ok"] == 50
    assert lasted < 4.0


def test_a_host_where_nobody_listens() -> None:
    node = ask(hosts=[free_address()])["nodes"][0]
    assert node["error"] == "connection refused while connecting"
    assert node["latency_ms"] is None


def test_a_redirect_on_the_same_server_is_followed() -> None:
    moved = Case("moved", sends(reply(b"", b"Location: /?action=stat", status=b"302 Found")), "")
    with served([moved]) as authority:
        assert ask(hosts=[f"http://{authority}/moved"])["nodes"][0]["connections_websocket"] == 7


def test_a_packed_page_is_read() -> None:
    packed = Case("packed", sends(reply(gzip.compress(PAGE), b"Content-Encoding: gzip")), "")
    with served([packed]) as authority:
        assert ask(hosts=[f"http://{authority}/packed"])["nodes"][0]["connections_websocket"] == 7


@pytest.mark.parametrize("length", range(1, 10))
def test_a_page_without_a_length_may_be_cut_off(length: int) -> None:
    """The end of the connection is taken for that of the page: a value may be cut in the middle."""
    whole = b"-----Connection\nconnections_websocket=123\n"
    with answering(b"HTTP/1.1 200 OK\r\n\r\n" + whole[:-length]) as authority:
        node = ask(hosts=[authority])["nodes"][0]
    assert (node["ok"], node["connections_websocket"]) == (False, None)
    assert "cut off" in node["error"]
    with answering(b"HTTP/1.1 200 OK\r\n\r\n" + whole) as authority:
        assert ask(hosts=[authority])["nodes"][0]["connections_websocket"] == 123


@pytest.mark.parametrize(
    ("codings", "read"),
    [
        (b"gzip", True),
        (b"GZip", True),
        (b"gzip, gzip", False),
        (b"gzip\r\nContent-Encoding: gzip", False),
        (b"identity, gzip", False),
        (b"br", False),
        (b"zstd", False),
    ],
)
def test_a_page_is_unpacked_once_and_only_as_it_was_asked_for(codings: bytes, read: bool) -> None:
    """Of gzip in gzip some hundred bytes are some hundred megabytes."""
    body = gzip.compress(PAGE if read else gzip.compress(bytes(64 << 20)))
    packed = Case("packed", sends(reply(body, b"Content-Encoding: " + codings)), "")
    with served([packed]) as authority:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        node = ask(hosts=[f"http://{authority}/packed"])["nodes"][0]
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if read:
        assert node["connections_websocket"] == 7
    else:
        assert node["error"].endswith(", and only gzip or deflate, once, is unpacked")
    assert grown < 16 * 1024


def test_nothing_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    asked: list[bytes] = []
    with listening(lambda client: (asked.append(client.recv(4096)), client.sendall(reply(PAGE)))) as authority:
        (tmp_path / "netrc").write_text(f"machine {authority.partition(':')[0]} login admin password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        assert ask(hosts=[authority])["nodes"][0]["ok"]
    assert b"Authorization" not in asked[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("answer", [hangs, drips(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(9999))], ids=["hangs", "drips"])
def test_a_host_left_behind_leaves_no_thread(tmp_path: Path, scheme: str, answer: Answer) -> None:
    before = threading.active_count()
    with served([Case("slow", answer, "")], tls=tmp_path if scheme == "https" else None) as authority:
        nodes = ask(hosts=[f"{scheme}://{authority}/slow"] * 20, timeout=1.0, validate_certs=False)["nodes"]
        until(lambda: threading.active_count() <= before + 1)
    assert {node["error"].partition(":")[0] for node in nodes} == {"no complete answer within 1 s"}


def test_a_handshake_left_behind_leaves_no_thread() -> None:
    before, stuck = threading.active_count(), threading.Event()
    with listening(lambda _: stuck.wait(30)) as authority:
        ask(hosts=[authority], scheme="https", timeout=0.3)
        until(lambda: threading.active_count() <= before + 1)
    stuck.set()


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    with served([], tls=tmp_path) as authority:
        refused = ask(hosts=[authority], scheme="https")["nodes"][0]
        assert "its certificate is not accepted" in refused["error"]
        assert ask(hosts=[authority], scheme="https", validate_certs=False)["nodes"][0]["ok"]


def test_tls_that_stalls_is_cut_or_is_none() -> None:
    with listening(
        lambda client: client.recv(4096) and client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    ) as authority:
        assert "TLS failed" in ask(hosts=[authority], scheme="https", timeout=2)["nodes"][0]["error"]
    with listening(lambda _: time.sleep(1)) as authority:
        node = ask(hosts=[authority], scheme="https", timeout=0.3)["nodes"][0]
        assert node["error"] == "no complete answer within 0.3 s: it was still connecting"
    with listening(lambda client: client.recv(100)) as authority:
        assert "cut while connecting" in ask(hosts=[authority], scheme="https", timeout=2)["nodes"][0]["error"]


@contextmanager
def listening(act: Callable[[socket.socket], Any]) -> Iterator[str]:
    """A raw server: takes one connection, acts on it and closes it."""
    with socket.create_server((free_address(), 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                act(client)

        threading.Thread(target=serve, daemon=True).start()
        yield "{}:{}".format(*server.getsockname())


def test_ipv6() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(reply(b"connections_websocket=5\n"))

        threading.Thread(target=serve, daemon=True).start()
        port = server.getsockname()[1]
        assert ask(hosts=[f"[::1]:{port}"])["nodes"][0]["connections_websocket"] == 5


def read_by_name(lookup: Callable[..., Any], port: int = 8081, timeout: float = 5.0) -> Node:
    how = How(timeout=timeout, request=Request(lookup=lookup))
    return read_nodes([(Node("node.example"), Target("http", "node.example", port, "/"))], how)[0]


def entry(address: str) -> tuple[Any, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))


def test_a_name_look_up_that_hangs_is_left_behind() -> None:
    stuck = threading.Event()
    began = time.monotonic()
    node = read_by_name(lambda *_, **__: stuck.wait(30), timeout=0.3)
    assert time.monotonic() - began < 1.3
    assert node.error == "no complete answer within 0.3 s: it was still looking up its name"
    stuck.set()


def test_a_name_that_is_unknown() -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    assert read_by_name(unknown).error == "its name cannot be looked up: Name or service not known"


def test_the_next_address_is_tried_where_one_refuses() -> None:
    with served([]) as authority:
        addresses = [entry(free_address()), entry(authority.partition(":")[0])]
        assert read_by_name(lambda *_, **__: addresses).ok


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"])
def test_the_metadata_service_is_no_node(address: str) -> None:
    assert "where no node can be" in str(read_by_name(lambda *_, **__: [entry(address)]).error)
    assert "where no node can be" in ask(hosts=[address])["nodes"][0]["error"]


def test_fail_on_error_names_the_nodes_and_keeps_what_was_read() -> None:
    with served([]) as authority, pytest.raises(Failure) as failed:
        ask(hosts=[authority, *(free_address() for _ in range(7))], fail_on_error=True)
    assert str(failed.value).startswith("Cannot read the statistics page of 7 of 8 nodes: 127.")
    assert "; and 2 more. Check" in str(failed.value)
    assert failed.value.details is not None
    assert failed.value.details["totals"]["connections_websocket"] == 7


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(Failure, match="user name or password"):
        ask(hosts=["http://admin:secret@10.0.0.1/"])
    with pytest.raises(Failure, match="option 'timeout'"):
        ask(hosts=["10.0.0.1"], timeout=0)


@pytest.fixture
def api(lab: Lab, aws: Callable[..., Any]) -> Aws:
    return Aws(lambda service, region: aws(service, region or lab.region), LabClock(lab), region=lab.region)


def described(lab: Lab, aws: Callable[..., Any], count: int) -> list[dict[str, Any]]:
    """New instances, as AWS describes them."""
    ec2, ids = aws("ec2"), launched(lab, count)
    return [one for part in ec2.describe_instances(InstanceIds=ids)["Reservations"] for one in part["Instances"]]


def find(api: Aws, with_balancer: bool = False, **options: Any) -> Any:
    return find_nodes(api, {"address": "private", **options}, with_balancer)


def test_instances_by_id(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    first, second = described(lab, aws, 2)
    aws("ec2").terminate_instances(InstanceIds=[second["InstanceId"]])
    fleet = find(api, instance_ids=[first["InstanceId"], second["InstanceId"], "i-00000000000000000"])
    assert [member.host for member in fleet.members] == [first["PrivateIpAddress"], None, None]
    assert fleet.members[0].zone == first["Placement"]["AvailabilityZone"]
    answer = ask(api, instance_ids=["i-00000000000000000"])
    assert answer["nodes"][0]["error"] == "it has no public address, or is no running instance"


def test_instances_of_a_balancer_with_its_word_on_them(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    elb, ids = aws("elb"), launched(lab, 2)
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}
    elb.create_load_balancer(LoadBalancerName="wcs", Listeners=[listener], Subnets=lab.account.subnet_ids)
    elb.register_instances_with_load_balancer(LoadBalancerName="wcs", Instances=[{"InstanceId": ids[0]}])
    fleet = find(api, load_balancer_name="wcs", with_balancer=True)
    assert [member.instance_id for member in fleet.members] == ids[:1]
    assert fleet.members[0].health == "OutOfService"
    assert "registration" in fleet.members[0].why
    assert fleet.balancer.dns_name
    assert len(fleet.balancer.zones) == len(lab.account.subnet_ids)
    assert find(api, load_balancer_name="wcs").balancer is None


@pytest.mark.parametrize("option", ["group_name", "load_balancer_name"])
def test_what_is_not_there_is_named(api: Aws, option: str) -> None:
    with pytest.raises(Failure, match=r"'nobody': there is none of that name in .*\. Correct"):
        find(api, **{option: "nobody"})
