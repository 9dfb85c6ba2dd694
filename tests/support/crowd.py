"""A crowd of WCS clients in a process of its own: sessions through one address that end by themselves, and their log.

    python -m tests.support.crowd ws://127.0.0.1:8080/ LOG --sessions 1000 --shortest 5 --longest 30

Whoever has ended is followed by another, so that the crowd keeps its size. With `--curve 0:6,60:24,90:4` it is so large
at so many seconds after its beginning, and on a line in between. Each line of the log is a JSON object: `at`
(seconds since 1970), `session`, `what` became of it, and the `node` that serves it:

    opened   the server has made a session of it
    ended    by itself, as it was meant to
    cut      by somebody else, before that; `why`
    refused  it could not be opened; `why`

It says `ready` when the first ones are open, and ends what is open when it is told to terminate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

ROOT = Path(__file__).resolve().parents[2]
HELLO = '{"message":"connection","data":[{"appKey":"defaultApp","mediaProviders":["WebRTC"],"clientVersion":"2.0"}]}'
PONG = '{"message":"pong","data":[null]}'
OPENING_AT_ONCE = 20
SERVER = re.compile(r"^/[^/]+/([0-9.]+):")  # of a session's id: /client:port/server:port-…


class Crowd:
    """The clients of one process. `endless` of them never end by themselves."""

    def __init__(self, asked: argparse.Namespace, log: TextIO) -> None:
        self.asked, self.log = asked, log
        self.dice = random.Random(asked.seed)
        self.opening = asyncio.Semaphore(OPENING_AT_ONCE)
        self.over = asyncio.Event()
        self.made = self.open = 0
        self.began = time.monotonic()

    @property
    def size(self) -> float:
        """How many clients there are to be now."""
        if not self.asked.curve:
            return float(self.asked.sessions)
        return along(self.asked.curve, time.monotonic() - self.began)

    async def live(self) -> None:
        """Keeps the crowd's size until it is over."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.over.set)
        most = round(max((size for _, size in self.asked.curve), default=self.asked.sessions))
        places = [asyncio.create_task(self.place(number)) for number in range(most)]
        while self.open < int(self.size) and not self.over.is_set():
            await asyncio.sleep(0.05)
        print("ready", flush=True)
        await asyncio.gather(*places)

    async def place(self, number: int) -> None:
        """One client after the other. The first ones end soon after one another, as if they had come over time."""
        first = True
        while not self.over.is_set():
            if number >= self.size:
                await self.pause(0.2)
                continue
            lasts = self.dice.uniform(self.asked.shortest, self.asked.longest)
            if number < self.asked.endless:
                lasts = float("inf")
            elif first:
                lasts = self.dice.uniform(0, lasts) + self.asked.shortest
            first = False
            self.made += 1
            await self.session(self.made, lasts)

    async def session(self, number: int, lasts: float) -> None:
        """One session, from its opening to its end."""
        connection, node = None, ""
        try:
            async with self.opening:
                connection = await connect(
                    self.asked.url, ping_interval=None, compression=None, open_timeout=20, close_timeout=5
                )
                await connection.send(HELLO)
                node = await asyncio.wait_for(established(connection), 20)
        except (OSError, TimeoutError, ValueError, WebSocketException) as error:
            self.note(number, "refused", node, f"{type(error).__name__}: {error}")
            await self.pause(0.5)
            return
        self.note(number, "opened", node)
        self.open += 1
        talking = asyncio.create_task(answer(connection))
        waiting = asyncio.create_task(self.pause(lasts))
        await asyncio.wait((talking, waiting), return_when=asyncio.FIRST_COMPLETED)
        self.open -= 1
        if talking.done():
            self.note(number, "cut", node, talking.result())
        else:
            self.note(number, "ended", node)
        waiting.cancel()
        await connection.close()
        await talking

    async def pause(self, seconds: float) -> None:
        """Waits, but not beyond the end of it all."""
        try:
            await asyncio.wait_for(self.over.wait(), None if seconds == float("inf") else seconds)
        except asyncio.TimeoutError:
            return

    def note(self, number: int, what: str, node: str, why: str = "") -> None:
        """Writes a line of the log."""
        line = {"at": round(time.time(), 3), "session": number, "what": what, "node": node}
        self.log.write(json.dumps(line | ({"why": why} if why else {})) + "\n")
        self.log.flush()


Curve = list[tuple[float, float]]


def along(curve: Curve, at: float) -> float:
    """The size at a time; before the first and after the last point that of the point."""
    if at <= curve[0][0]:
        return curve[0][1]
    for (start, low), (end, high) in pairwise(curve):
        if at <= end:
            return low + (high - low) * (at - start) / (end - start)
    return curve[-1][1]


def curve(text: str) -> Curve:
    """`0:6,60:24` as points."""
    return [(float(at), float(size)) for at, size in (point.split(":") for point in text.split(","))]


async def established(connection: ClientConnection) -> str:
    """The address of the node, once it has made a session of the connection."""
    while True:
        message = json.loads(await connection.recv())
        if message["message"] == "getUserData":
            found = SERVER.match(message["data"][0]["authToken"])
            return found[1] if found else ""


async def answer(connection: ClientConnection) -> str:
    """Answers pings until the connection is closed; why it was."""
    try:
        async for text in connection:
            if json.loads(text)["message"] == "ping":
                await connection.send(PONG)
    except ConnectionClosed as closed:
        return str(closed)
    return "closed"


# The log, read


@dataclass(frozen=True)
class Line:
    """What became of one session, and when (seconds since 1970)."""

    at: float
    session: int
    what: str
    node: str
    why: str = ""


@dataclass(frozen=True)
class Log:
    """All lines so far, in their order."""

    path: Path

    @property
    def lines(self) -> list[Line]:
        text = self.path.read_text()
        return [Line(**json.loads(line)) for line in text[: text.rfind("\n") + 1].splitlines()]

    def of(self, what: str) -> list[Line]:
        """The lines that tell this."""
        return [line for line in self.lines if line.what == what]

    def counts(self) -> dict[str, int]:
        """How many lines tell what."""
        return dict(Counter(line.what for line in self.lines))

    def held(self, lines: list[Line] | None = None) -> list[int]:
        """How many sessions were open after each line."""
        held, found = 0, []
        for line in self.lines if lines is None else lines:
            held += {"opened": 1, "ended": -1, "cut": -1}.get(line.what, 0)
            found.append(held)
        return found

    def nodes(self, *, since: float = 0.0) -> Counter[str]:
        """How many sessions each node was given since then."""
        return Counter(line.node for line in self.of("opened") if line.at >= since)


def nobody_was_cut(log: Log, size: int) -> None:
    """Fails where a session was cut or refused, or where the crowd was smaller, or did not change, meanwhile."""
    assert [line for line in log.lines if line.what in ("cut", "refused")] == []
    assert max(log.held()) == size
    assert log.held()[-1] == 0, "all have ended by themselves"
    assert len(log.of("opened")) > 1.5 * size, "sessions ended and came all the while"


@contextmanager
def crowd(url: str, log: Path, **options: Any) -> Iterator[Log]:
    """A crowd that is there, and its log, which is complete afterwards."""
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "tests.support.crowd", url, str(log), *given]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Log(log)
    finally:
        process.terminate()
        process.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.crowd")
    parser.add_argument("url")
    parser.add_argument("log", type=Path)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--shortest", type=float, default=5.0)
    parser.add_argument("--longest", type=float, default=30.0)
    parser.add_argument("--endless", type=int, default=0)
    parser.add_argument("--curve", type=curve, default=[])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with asked.log.open("w") as log:
        asyncio.run(Crowd(asked, log).live())


if __name__ == "__main__":
    main()
