# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane of Classic Load Balancers: connections taken at a balancer's address and carried to its nodes.

It runs in a thread of its own and gets its instructions as a whole: the fronts there are to be, each with its nodes.
SSL and HTTPS fronts end the client's TLS; what goes to nodes is encrypted anew where their protocol says so. HTTP and
HTTPS are carried like TCP and SSL, but answer 503 where no node is in service and 400 to a WebSocket handshake.

Security groups are obeyed: a port that is open to nobody does not connect (its packets are dropped, so that clients
wait in vain), from elsewhere than a port is open to nothing is heard, and what a node lets nobody in to times out.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from . import certificates
from .certificates import KeyPair

SECURE = ("SSL", "HTTPS")
LOOPBACK = "127."  # from there a node can be reached that is there, too, and no other
CHUNK = 65536
HOLD = 3.0  # seconds a connection waits for a node to come into service
CONNECT_TIMEOUT = 5.0
MOST_HEAD = 65536  # bytes of a request's head that are read
EVERYWHERE = (IPv4Network("0.0.0.0/0"),)
WEB = ("HTTP", "HTTPS")
UPGRADE = re.compile(rb"^GET [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?upgrade:[ \t]*websocket", re.IGNORECASE)
BAD_REQUEST = b"HTTP/1.1 400 BAD_REQUEST\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Node:
    """Where connections may be carried."""

    instance_id: str
    address: str
    zone: str


@dataclass(frozen=True)
class Front:
    """A listener as the data plane serves it: new connections go to `nodes`, those of `living` instances stay open.

    Only those within `open_to` may connect; `closed` are the instances that let the balancer not in.
    """

    address: str
    port: int
    protocol: str
    node_protocol: str
    node_port: int
    nodes: tuple[Node, ...]
    living: frozenset[str]
    idle_timeout: float
    cross_zone: bool
    certificate: KeyPair | None = None
    closed: frozenset[str] = frozenset()
    open_to: tuple[IPv4Network, ...] = EVERYWHERE

    def admits(self, address: str) -> bool:
        """Whether somebody at an address may connect."""
        return any(IPv4Address(address) in network for network in self.open_to)

    @property
    def secure(self) -> bool:
        """Whether clients speak TLS."""
        return self.protocol in SECURE

    @property
    def key(self) -> tuple[str, int]:
        """What distinguishes it from others."""
        return self.address, self.port


def next_node(front: Front, turn: int) -> Node | None:
    """The node of the `turn`-th connection, round robin; without cross-zone each zone gets the same share."""
    if not front.nodes:
        return None
    if front.cross_zone:
        return front.nodes[turn % len(front.nodes)]
    zones = sorted({node.zone for node in front.nodes})
    inside = [node for node in front.nodes if node.zone == zones[turn % len(zones)]]
    return inside[turn // len(zones) % len(inside)]


def hole(address: str, port: int) -> list[socket.socket]:
    """Sockets that hold a port so that connecting to it gets no answer; OSError where the port is taken."""
    server = socket.socket()
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, port))
        server.listen(0)
    except OSError:
        server.close()
        raise
    sockets = [server]
    for _ in range(2):  # the queue has room for one
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex((address, port))
        sockets.append(filler)
    return sockets


@dataclass(eq=False)
class Carried:
    """One connection and the node it was carried to."""

    node: Node
    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    used_at: float

    def cut(self) -> None:
        """Closes both sides."""
        for writer in self.writers:
            writer.close()


@dataclass(eq=False)
class Door:
    """A listener: the front it serves now and its connections; `hole` where no connection is allowed."""

    front: Front
    server: asyncio.Server | None = None
    hole: list[socket.socket] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    turn: int = 0
    carried: set[Carried] = field(default_factory=set)


class DataPlane:
    """The listeners of every balancer of a lab."""

    def __init__(self) -> None:
        self._doors: dict[tuple[str, int], Door] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._to_nodes = certificates.towards_nodes()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="data-plane", daemon=True)
        self._thread.start()

    def follow(self, fronts: Iterable[Front]) -> None:
        """Makes `fronts` what is served: opens, closes and updates listeners; returns when that is done."""
        wanted = {front.key: front for front in fronts}
        asyncio.run_coroutine_threadsafe(self._follow(wanted), self._loop).result(timeout=30)

    def connections(self, address: str) -> dict[str, int]:
        """How many connections each instance has through the balancer at `address`."""
        return dict(self._counts.get(address, {}))

    def close(self) -> None:
        """Closes everything and ends the thread."""
        self.follow(())
        asyncio.run_coroutine_threadsafe(self._ended(), self._loop).result(timeout=30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    async def _ended(self) -> None:
        """Returns when no connection is left."""
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def _follow(self, wanted: dict[tuple[str, int], Front]) -> None:
        for key in [k for k, door in self._doors.items() if k not in wanted or wanted[k].secure != door.front.secure]:
            self._shut(self._doors.pop(key))
        for key, front in wanted.items():
            door = self._doors.setdefault(key, Door(front))
            if front.certificate != door.front.certificate and door.tls is not None and front.certificate is not None:
                certificates.load(door.tls, front.certificate)
            door.front = front
            if front.open_to and door.server is None:
                self._fill(door)
                await self._open(door)
            elif not front.open_to and not door.hole:
                self._dig(door)
            self._cut(door)

    def _cut(self, door: Door) -> None:
        """Ends the connections that were idle for too long or whose node may no longer live."""
        now = self._loop.time()
        for carried in list(door.carried):
            idle = now - carried.used_at >= door.front.idle_timeout
            if idle or carried.node.instance_id not in door.front.living:
                carried.cut()

    def _dig(self, door: Door) -> None:
        """Takes no connection any more, and drops who tries: a queue of one that is full. What is open stays so."""
        if door.server is not None:
            door.server.close()
            door.server = None
        with contextlib.suppress(OSError):
            door.hole = hole(*door.front.key)

    def _fill(self, door: Door) -> None:
        for one in door.hole:
            one.close()
        door.hole = []

    async def _open(self, door: Door) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._serve(door, reader, writer)
            writer.close()

        front = door.front
        with contextlib.suppress(OSError):  # the address may be taken for a moment: the next round tries again
            if front.secure:
                if front.certificate is None:
                    return
                door.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                certificates.load(door.tls, front.certificate)
            door.server = await asyncio.start_server(serve, *front.key, ssl=door.tls, reuse_address=True, backlog=1024)

    def _shut(self, door: Door) -> None:
        self._fill(door)
        if door.server is not None:
            door.server.close()
        for carried in list(door.carried):
            carried.cut()

    async def _serve(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not door.front.admits(writer.get_extra_info("peername")[0]):
            await reader.read()
            return
        found = await self._connect(door)
        if found is None:
            if door.front.protocol in WEB:
                writer.write(UNAVAILABLE)
                await writer.drain()
            return
        node, node_reader, node_writer = found
        carried = Carried(node, (writer, node_writer), self._loop.time())
        self._count(door, carried, 1)
        try:
            if door.front.protocol in WEB and not await self._asked(carried, reader):
                return
            await asyncio.gather(self._pipe(carried, reader, node_writer), self._pipe(carried, node_reader, writer))
        finally:
            self._count(door, carried, -1)
            carried.cut()

    async def _connect(self, door: Door) -> tuple[Node, asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to the next node that takes one; None when for a while there was none."""
        give_up = self._loop.time() + HOLD
        while self._loop.time() < give_up:
            for _ in range(len(door.front.nodes)):
                node = next_node(door.front, door.turn)
                door.turn += 1
                if node is None:
                    break
                if node.instance_id in door.front.closed:
                    await asyncio.sleep(give_up - self._loop.time())  # its packets are dropped
                    return None
                tls = self._to_nodes if door.front.node_protocol in SECURE else None
                mine = (door.front.address, 0) if node.address.startswith(LOOPBACK) else None
                connecting = asyncio.open_connection(node.address, door.front.node_port, ssl=tls, local_addr=mine)
                try:
                    return node, *await asyncio.wait_for(connecting, CONNECT_TIMEOUT)
                except (OSError, asyncio.TimeoutError):
                    continue
            await asyncio.sleep(0.1)
        return None

    async def _asked(self, carried: Carried, reader: asyncio.StreamReader) -> bool:
        """Hands the first request's head to the node; False, and 400 to the client, where it is a WebSocket's."""
        client, node = carried.writers
        head = b""
        while b"\r\n\r\n" not in head and len(head) < MOST_HEAD and (data := await reader.read(CHUNK)):
            head += data
            carried.used_at = self._loop.time()
        if UPGRADE.match(head):
            client.write(BAD_REQUEST)
            await client.drain()
            return False
        node.write(head)
        await node.drain()
        return True

    async def _pipe(self, carried: Carried, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            carried.used_at = self._loop.time()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        else:  # TLS has no half-closed connections
            writer.close()

    def _count(self, door: Door, carried: Carried, change: int) -> None:
        (door.carried.add if change > 0 else door.carried.discard)(carried)
        counts = self._counts.setdefault(door.front.address, Counter())
        counts[carried.node.instance_id] += change
        if not counts[carried.node.instance_id]:
            del counts[carried.node.instance_id]
