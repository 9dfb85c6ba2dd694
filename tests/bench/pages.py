"""Statistics pages of many nodes: one process, one loopback address a node. `python tests/bench/pages.py 1000`."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab.wcs.core.http import HttpProtocol, Reply
from lab.wcs.core.statistics import as_text, counted
from lab.wcs.core.streams import Streams

NETWORK = 60


def address(number: int) -> str:
    """Where the page of this node is."""
    return f"127.{NETWORK}.{number // 250}.{number % 250 + 1}"


async def serve(count: int) -> None:
    page = Reply(200, as_text(counted(7, 5.0, 1 << 32, Streams())))
    for number in range(count):
        await asyncio.get_running_loop().create_server(lambda: HttpProtocol(lambda _: page), address(number), 8081)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(serve(int(sys.argv[1])))
