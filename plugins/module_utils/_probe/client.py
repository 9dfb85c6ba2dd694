# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real WCS sessions through one address: opened at a rate, held with their pings answered, and closed again."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

from .._core.signals import in_thread
from .._nodes.fetch import BadAnswer, Progress, reason, tls_context
from .._nodes.lookup import Lookup, addresses
from .._nodes.target import Target
from .._nodes.threads import Late, each
from .messages import PONG, Session, hello, meaning_of

try:
    from websockets.asyncio.client import ClientConnection, connect
    from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

    MISSING = None
except ImportError:
    MISSING = "websockets>=13"

RENEW_SECONDS = 5.0
"""How long the addresses of a name are used before it is looked up again: a balancer changes them as it grows."""

CLOSE_SECONDS = 5.0
OTHER_FILES = 256
T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What is opened. `rate`: sessions a second; `hold`: seconds to hold them; `timeout`: seconds to open one."""

    target: Target
    sessions: int
    rate: float
    hold: float
    timeout: float
    app_key: str = "defaultApp"
    validate_certs: bool = True
    lookup: Lookup = socket.getaddrinfo


async def hold_sessions(plan: Plan, meanwhile: Callable[[], Awaitable[T]]) -> tuple[list[Session], T]:
    """What became of each session, and what `meanwhile` gave while they were held. None is left open."""
    make_room(plan.sessions)
    probe = _Probe(plan, tls_context(plan.validate_certs) if plan.target.tls else None)
    try:
        await probe.open_all()
        await asyncio.sleep(plan.hold)
        seen = await meanwhile()
    finally:
        await probe.close_all()
    return [held.session for held in probe.held], seen


def make_room(sessions: int) -> None:
    """Allows this process so many open connections, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sessions + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


@dataclass
class _Addresses:
    """The addresses of the target's name in turn, looked up again every RENEW_SECONDS."""

    plan: Plan
    known: list[str] = field(default_factory=list)
    looked_up_at: float = 0.0
    turn: Any = field(default_factory=count)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def next(self) -> str:
        """The address for the next session."""
        async with self.lock:
            now = asyncio.get_running_loop().time()
            if not self.known or now - self.looked_up_at > RENEW_SECONDS:
                self.known = await self._look_up()
                self.looked_up_at = now
        return self.known[next(self.turn) % len(self.known)]

    async def _look_up(self) -> list[str]:
        goal = self.plan.target

        def look_up(_: Progress) -> list[str]:
            return addresses(goal.host, goal.port, self.plan.lookup)

        (found,) = await in_thread(each, [look_up], self.plan.timeout)
        if isinstance(found, Late):
            raise asyncio.TimeoutError
        return found


@dataclass
class _Held:
    """One session in the making, open, or over."""

    session: Session = field(default_factory=Session)
    connection: ClientConnection | None = None
    listener: asyncio.Task[None] | None = None


class _Probe:
    """All sessions of one probe."""

    def __init__(self, plan: Plan, context: ssl.SSLContext | None) -> None:
        self.plan, self.context = plan, context
        self.held: list[_Held] = []
        self.closing = False
        self.addresses = _Addresses(plan)

    async def open_all(self) -> None:
        """Returns when every session is open or has failed; they are begun at the plan's rate."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        opening = []
        for number in range(self.plan.sessions):
            await asyncio.sleep(max(0.0, began + number / self.plan.rate - loop.time()))
            self.held.append(_Held())
            opening.append(asyncio.create_task(self.open(self.held[-1])))
        await asyncio.gather(*opening)

    async def open(self, held: _Held) -> None:
        """Opens one session, or notes why it could not."""
        loop = asyncio.get_running_loop()
        progress = Progress()
        try:
            address = await self.addresses.next()
            held.session, began = Session(address), loop.time()
            await asyncio.wait_for(self.establish(held, address, progress), self.plan.timeout)
        except asyncio.TimeoutError:
            error = f"no session within {self.plan.timeout:g} s: it was still {progress}"
        except (BadAnswer, OSError, EOFError, ValueError) as failure:
            error = reason(failure, progress)
        except InvalidStatus as status:
            error = f"it answered {status.response.status_code} to the WebSocket handshake"
        except ConnectionClosed as closed:
            error = f"it closed the connection before the session was made ({words(closed)})"
        except WebSocketException as failure:
            error = f"the WebSocket handshake failed: {failure}"
        else:
            held.session = replace(held.session, latency_ms=round((loop.time() - began) * 1000, 1))
            if held.connection is not None:
                held.listener = asyncio.create_task(self.listen(held, held.connection))
            return
        held.session = replace(held.session, error=error)
        await self.hang_up(held)

    async def establish(self, held: _Held, address: str, progress: Progress) -> None:
        """Connects, shakes hands and says hello; returns when the server has made a session of it."""
        goal = self.plan.target
        progress.stage = "connecting"
        tls: dict[str, Any] = {"ssl": self.context, "server_hostname": goal.host} if goal.tls else {}
        held.connection = await connect(
            goal.url,
            sock=await connected(address, goal.port),
            compression=None,
            user_agent_header="webcallserver.aws",
            open_timeout=None,
            ping_interval=None,
            close_timeout=CLOSE_SECONDS,
            **tls,
        )
        progress.stage = "waiting for getUserData"
        await held.connection.send(hello(self.plan.app_key))
        while (said := meaning_of(await held.connection.recv())) != "established":
            if said == "ping":
                await held.connection.send(PONG)

    async def listen(self, held: _Held, connection: ClientConnection) -> None:
        """Answers pings until the session ends; notes it when that was not us."""
        early = ""
        try:
            while True:
                if meaning_of(await connection.recv()) == "ping":
                    await connection.send(PONG)
        except ConnectionClosed as closed:
            early = words(closed)
        except ValueError as failure:
            early = str(failure)
        if not self.closing:
            held.session = replace(held.session, closed_early=f"it was closed early ({early})")

    async def close_all(self) -> None:
        """Closes every connection, with WebSocket's closing handshake within CLOSE_SECONDS."""
        self.closing = True
        await asyncio.gather(*(self.hang_up(held) for held in self.held))

    async def hang_up(self, held: _Held) -> None:
        """Closes one connection."""
        if held.connection is None:
            return
        with suppress(asyncio.TimeoutError, OSError, ConnectionClosed):
            await asyncio.wait_for(held.connection.close(), CLOSE_SECONDS)
        held.connection.transport.abort()
        if held.listener is not None:
            await held.listener


async def connected(address: str, port: int) -> socket.socket:
    """A TCP connection. Made here, it goes through no proxy and follows no redirect."""
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made


def words(closed: ConnectionClosed) -> str:
    """Close code and reason for the user."""
    if closed.rcvd is None:
        return "the connection was cut"
    return f"code {closed.rcvd.code}" + (f", {closed.rcvd.reason[:80]}" if closed.rcvd.reason else "")
