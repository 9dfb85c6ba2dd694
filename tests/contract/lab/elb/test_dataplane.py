"""Real connections through a balancer: who gets them, how long they live."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.elb import dataplane
from lab.elb.certificates import KeyPair, load
from lab.elb.dataplane import DataPlane, Front, Node, next_node
from tests.support.waiting import until

BALANCER = "127.91.250.1"
NODES = (Node("i-1", "127.91.1.1", "a"), Node("i-2", "127.91.2.1", "b"), Node("i-3", "127.91.2.2", "b"))


def self_signed(name: str) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return KeyPair(made.sign(key, hashes.SHA256()).public_bytes(pem).decode(), private.decode())


def serve(address: str, name: str, port: int) -> socket.socket:
    """A node that says its name and then echoes."""
    server = socket.create_server((address, port))

    def talk(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.sendall(name.encode())
            while data := connection.recv(100):
                connection.sendall(data)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server


@pytest.fixture
def port() -> Iterator[int]:
    """A port that every node listens on."""
    with socket.create_server((NODES[0].address, 0)) as probe:
        free = probe.getsockname()[1]
    servers = [serve(node.address, node.instance_id, free) for node in NODES]
    yield free
    for server in servers:
        server.close()


class Patient(DataPlane):
    """Follows again, as a lab does with each tick, while an address is taken for a moment."""

    def follow(self, fronts: Iterable[Front]) -> None:
        wanted = list(fronts)
        for _ in range(20):
            super().follow(wanted)
            if all(door.server or door.hole for door in self._doors.values()):
                return
            time.sleep(0.01)


@pytest.fixture
def plane() -> Iterator[DataPlane]:
    made = Patient()
    yield made
    made.close()


@pytest.fixture
def front(port) -> Front:
    living = frozenset(node.instance_id for node in NODES)
    return Front(BALANCER, port, "TCP", "TCP", port, NODES, living, idle_timeout=60, cross_zone=True)


def connect(front: Front) -> tuple[socket.socket, str]:
    client = socket.create_connection(front.key, timeout=5)
    return client, client.recv(100).decode()


def closed(client: socket.socket) -> bool:
    """Whether the other side closes the connection within the deadline."""
    client.settimeout(5)
    try:
        return client.recv(100) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_the_end_leaves_nothing_running(front: Front) -> None:
    plane = DataPlane()
    plane.follow([replace(front, nodes=())])
    with socket.create_connection(front.key, timeout=5) as waiting:
        until(lambda: len(asyncio.all_tasks(plane._loop)) > 0)
        plane.close()
        assert asyncio.all_tasks(plane._loop) == set()
        assert closed(waiting)


def alive(client: socket.socket) -> bool:
    client.sendall(b"ping")
    return client.recv(100) == b"ping"


def test_new_connections_go_round_over_the_nodes_in_service(plane, front):
    plane.follow([front])
    clients = [connect(front) for _ in range(9)]
    assert Counter(name for _, name in clients) == {"i-1": 3, "i-2": 3, "i-3": 3}
    assert all(alive(client) for client, _ in clients)
    assert plane.connections(BALANCER) == {"i-1": 3, "i-2": 3, "i-3": 3}
    plane.follow([replace(front, nodes=NODES[:1])])
    more = [connect(front) for _ in range(4)]
    assert {name for _, name in more} == {"i-1"}
    for client, _ in (*clients, *more):
        client.close()


def test_without_cross_zone_each_zone_gets_the_same_share(front):
    chosen = Counter(next_node(replace(front, cross_zone=False), turn).instance_id for turn in range(8))
    assert chosen == {"i-1": 4, "i-2": 2, "i-3": 2}
    assert next_node(replace(front, nodes=()), 0) is None


def test_the_client_of_a_node_is_the_balancer(plane, front):
    with socket.create_server((NODES[0].address, 0)) as server:
        plane.follow([replace(front, nodes=NODES[:1], node_port=server.getsockname()[1])])
        with socket.create_connection(front.key, timeout=5):
            _, (address, _) = server.accept()
    assert address == BALANCER


def test_connections_of_a_living_node_stay_when_it_takes_no_new_ones(plane, front):
    plane.follow([replace(front, nodes=NODES[:1])])
    client, _ = connect(front)
    plane.follow([replace(front, nodes=NODES[1:])])
    assert alive(client)
    client.close()


def test_connections_are_cut_when_their_node_may_no_longer_live(plane, front):
    plane.follow([front])
    clients = [connect(front) for _ in range(3)]
    plane.follow([replace(front, nodes=NODES[1:], living=frozenset({"i-2", "i-3"}))])
    for client, name in clients:
        assert closed(client) if name == "i-1" else alive(client)
        client.close()


def test_a_connection_without_payload_is_closed_at_the_idle_timeout(plane, front):
    plane.follow([front])
    idle, busy = connect(front)[0], connect(front)[0]
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        assert alive(busy)
        time.sleep(0.02)
    plane.follow([replace(front, idle_timeout=0.2)])
    assert closed(idle)
    assert alive(busy)
    busy.close()


def test_without_a_node_connections_are_taken_held_and_closed(plane, front, monkeypatch):
    monkeypatch.setattr(dataplane, "HOLD", 0.2)
    empty = replace(front, nodes=())
    plane.follow([empty])
    with socket.create_connection(front.key, timeout=5) as client:
        assert closed(client)
    plane.follow([replace(empty, protocol="HTTP")])
    with socket.create_connection(front.key, timeout=5) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 503 ")


def test_a_node_that_comes_while_a_connection_is_held_gets_it(plane, front):
    plane.follow([replace(front, nodes=())])
    with socket.create_connection(front.key, timeout=5) as client:
        plane.follow([front])
        assert client.recv(100).decode() in front.living


def test_a_node_that_refuses_is_passed_over(plane, front):
    dead = Node("i-0", "127.91.9.9", "a")
    plane.follow([replace(front, nodes=(dead, NODES[0]))])
    for _ in range(4):
        client, name = connect(front)
        assert name == "i-1"
        client.close()


@pytest.fixture(scope="module")
def pairs() -> tuple[KeyPair, KeyPair]:
    return self_signed("first"), self_signed("second")


def handshake(front: Front) -> tuple[ssl.SSLSocket, str]:
    """A TLS connection and the name in the certificate it was shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = context.wrap_socket(socket.create_connection(front.key, timeout=5))
    shown = x509.load_der_x509_certificate(client.getpeercert(binary_form=True))
    return client, str(shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def test_tls_ends_at_the_balancer_and_a_swapped_certificate_is_shown_to_new_clients(plane, front, pairs):
    secure = replace(front, protocol="SSL", certificate=pairs[0])
    plane.follow([secure])
    old, name = handshake(secure)
    assert name == "first"
    assert old.recv(100).decode() in front.living
    plane.follow([replace(secure, certificate=pairs[1])])
    new, name = handshake(secure)
    assert name == "second"
    assert new.recv(100).decode() in front.living
    assert alive(old)
    for client in (old, new):
        client.close()


def test_what_goes_to_an_ssl_node_is_encrypted_anew(plane, front, pairs):
    with socket.create_server((NODES[0].address, 0)) as server:
        port = server.getsockname()[1]
        secure = replace(
            front, protocol="SSL", certificate=pairs[0], node_protocol="SSL", node_port=port, nodes=NODES[:1]
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        load(context, pairs[1])

        def node() -> None:
            with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                connection.sendall(b"node")

        threading.Thread(target=node, daemon=True).start()
        plane.follow([secure])
        client, _ = handshake(secure)
        assert client.recv(100) == b"node"
        assert client.recv(100) == b""
        client.close()


def test_a_certificate_that_is_none_opens_no_door(plane, front):
    plane.follow([replace(front, protocol="SSL", certificate=KeyPair("no", "no"))])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(front.key, timeout=5)


def test_listeners_follow_what_there_is_to_be(plane, front):
    plane.follow([front])
    client, _ = connect(front)
    plane.follow([])
    assert closed(client)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(front.key, timeout=5)
    plane.follow([front])
    connect(front)[0].close()


def test_closing_one_side_closes_the_other_and_the_count_goes_down(plane, front):
    plane.follow([front])
    connect(front)[0].close()
    deadline = time.monotonic() + 5
    while plane.connections(BALANCER) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert plane.connections(BALANCER) == {}


def test_g23_a_port_that_is_open_to_nobody_does_not_connect_and_times_out(plane, front):
    plane.follow([front])
    open_before, _ = connect(front)
    for shut in (True, False, True):
        plane.follow([replace(front, open_to=() if shut else dataplane.EVERYWHERE)])
        if shut:
            with pytest.raises(TimeoutError):
                socket.create_connection(front.key, timeout=0.3)
        else:
            connect(front)[0].close()
        assert alive(open_before), "what is connected stays so"
    open_before.close()


def test_g23_who_is_not_let_in_hears_nothing(plane, front):
    plane.follow([replace(front, open_to=(IPv4Network("127.91.0.0/16"),))])
    with socket.create_connection(front.key, timeout=5, source_address=("127.91.7.7", 0)) as friend:
        assert friend.recv(100).decode() in front.living
    stranger = socket.create_connection(front.key, timeout=0.3, source_address=("127.92.7.7", 0))
    with stranger, pytest.raises(TimeoutError):
        stranger.recv(100)


def test_g23_a_node_that_lets_the_balancer_not_in_is_waited_for_in_vain(plane, front, monkeypatch):
    monkeypatch.setattr(dataplane, "HOLD", 0.2)
    plane.follow([replace(front, closed=front.living)])
    with socket.create_connection(front.key, timeout=5) as client:
        assert closed(client)


HANDSHAKE = b"GET / HTTP/1.1\r\nHost: wcs\r\nconnection: Upgrade\r\nUPGRADE: WebSocket\r\n\r\n"


def test_g22_an_http_listener_answers_400_to_a_websocket_handshake_and_carries_the_rest(plane, front):
    web = replace(front, protocol="HTTP", node_protocol="HTTP", nodes=NODES[:1])
    plane.follow([web])
    with socket.create_connection(front.key, timeout=5) as client:
        for piece in (HANDSHAKE[:30], HANDSHAKE[30:]):
            client.sendall(piece)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")
        assert closed(client) or closed(client)
    with socket.create_connection(front.key, timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: wcs\r\n\r\n")
        until(lambda: b"GET / HTTP/1.1" in client.recv(1000))
    plane.follow([replace(web, protocol="TCP", node_protocol="TCP")])
    with socket.create_connection(front.key, timeout=5) as client:
        client.sendall(HANDSHAKE)
        until(lambda: b"UPGRADE: WebSocket" in client.recv(1000))
