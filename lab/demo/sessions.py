# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WebSocket clients of a demonstration: sessions as the vendor's client opens them, held on a thread of their own."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

GREETING = {
    "message": "connection",
    "data": [{"appKey": "defaultApp", "mediaProviders": ["WebRTC"], "clientVersion": "2.0"}],
}
AT_ONCE = 20


class Sessions:
    """Open sessions. Every ping is answered, as the server closes silent clients."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._open: list[ClientConnection] = []
        self._tasks: list[asyncio.Task[None]] = []
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def __len__(self) -> int:
        return sum(1 for connection in self._open if connection.close_code is None)

    def open(self, url: str, count: int) -> int:
        """How many of `count` new sessions were established through `url`."""
        return self._do(self._open_many(url, count))

    def close(self) -> None:
        """Closes every session."""
        self._do(self._close_all())

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)

    async def _open_many(self, url: str, count: int) -> int:
        room = asyncio.Semaphore(AT_ONCE)

        async def one() -> bool:
            async with room:
                return await self._session(url)

        return sum(await asyncio.gather(*(one() for _ in range(count))))

    async def _session(self, url: str) -> bool:
        try:
            connection = await connect(url, ping_interval=None, compression=None, open_timeout=15)
        except (OSError, ConnectionClosed, TimeoutError):
            return False
        self._open.append(connection)
        await connection.send(json.dumps(GREETING))
        established = asyncio.Event()
        self._tasks.append(asyncio.create_task(_answer(connection, established)))
        try:
            await asyncio.wait_for(established.wait(), 15)
        except TimeoutError:
            return False
        return True

    async def _close_all(self) -> None:
        await asyncio.gather(*(connection.close() for connection in self._open))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._open.clear()
        self._tasks.clear()


async def _answer(connection: ClientConnection, established: asyncio.Event) -> None:
    try:
        async for text in connection:
            message = json.loads(text)["message"]
            if message == "getUserData":
                established.set()
            elif message == "ping":
                await connection.send(json.dumps({"message": "pong", "data": [None]}))
    except ConnectionClosed:
        return
