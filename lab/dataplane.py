# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane of Classic Load Balancers: connections taken at a balancer's address and carried to its nodes.

It runs in a thread of its own and is told what to do as a whole: the fronts there are to be, each with its nodes.
Fronts of protocol TCP and HTTP listen; HTTP is carried like TCP, but answers 503 where no node is in service.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

SERVED = ("TCP", "HTTP")
CHUNK = 65536
HOLD = 3.0  # seconds a connection waits for a node to come into service
CONNECT_TIMEOUT = 5.0
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Node:
    """Where connections may be carried."""

    instance_id: str
    address: str
    zone: str


@dataclass(frozen=True)
class Front:
    """A listener as the data plane serves it: new connections go to `nodes`, those of `living` instances stay open."""

    address: str
    port: int
    protocol: str
    node_protocol: str
    node_port: int
    nodes: tuple[Node, ...]
    living: frozenset[str]
    idle_timeout: float
    cross_zone: bool

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from others."""
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
    """An open listener: the front it serves now and its connections."""

    front: Front
    server: asyncio.Server | None = None
    turn: int = 0
    carried: set[Carried] = field(default_factory=set)


class DataPlane:
    """The listeners of every balancer of a lab."""

    def __init__(self) -> None:
        self._doors: dict[tuple[str, int], Door] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="data-plane", daemon=True)
        self._thread.start()

    def follow(self, fronts: Iterable[Front]) -> None:
        """Makes `fronts` what is served: opens, closes and updates listeners; returns when that is done."""
        wanted = {front.key: front for front in fronts if front.protocol in SERVED}
        asyncio.run_coroutine_threadsafe(self._follow(wanted), self._loop).result(timeout=30)

    def connections(self, address: str) -> dict[str, int]:
        """How many connections each instance has through the balancer at `address`."""
        return dict(self._counts.get(address, {}))

    def close(self) -> None:
        """Closes everything and ends the thread."""
        self.follow(())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    async def _follow(self, wanted: dict[tuple[str, int], Front]) -> None:
        for key in [key for key in self._doors if key not in wanted]:
            await self._shut(self._doors.pop(key))
        now = self._loop.time()
        for key, front in wanted.items():
            door = self._doors.get(key)
            if door is None:
                door = self._doors[key] = Door(front)
                await self._open(door)
            elif door.server is None:
                await self._open(door)
            door.front = front
            for carried in list(door.carried):
                idle = now - carried.used_at >= front.idle_timeout
                if idle or carried.node.instance_id not in front.living:
                    carried.cut()

    async def _open(self, door: Door) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._serve(door, reader, writer)
            writer.close()

        with contextlib.suppress(OSError):  # the address may be taken for a moment: the next round tries again
            door.server = await asyncio.start_server(serve, *door.front.key, reuse_address=True, backlog=1024)

    async def _shut(self, door: Door) -> None:
        if door.server is not None:
            door.server.close()
        for carried in list(door.carried):
            carried.cut()

    async def _serve(self, door: Door, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = await self._connect(door)
        if found is None:
            if door.front.protocol == "HTTP":
                writer.write(UNAVAILABLE)
                await writer.drain()
            return
        node, node_reader, node_writer = found
        carried = Carried(node, (writer, node_writer), self._loop.time())
        self._count(door, carried, 1)
        try:
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
                connecting = asyncio.open_connection(
                    node.address, door.front.node_port, local_addr=(door.front.address, 0)
                )
                try:
                    return node, *await asyncio.wait_for(connecting, CONNECT_TIMEOUT)
                except (OSError, asyncio.TimeoutError):
                    continue
            await asyncio.sleep(0.1)
        return None

    async def _pipe(self, carried: Carried, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            carried.used_at = self._loop.time()
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    def _count(self, door: Door, carried: Carried, change: int) -> None:
        (door.carried.add if change > 0 else door.carried.discard)(carried)
        counts = self._counts.setdefault(door.front.address, Counter())
        counts[carried.node.instance_id] += change
        if not counts[carried.node.instance_id]:
            del counts[carried.node.instance_id]
