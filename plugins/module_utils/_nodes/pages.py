# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics pages of many hosts at once, with one deadline a host over everything from its name to its body.

asyncio does what a watchdog would: when the deadline passes, the read is cancelled wherever it is, its socket closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .fetch import BadAnswer, Progress, Request, fetch, reason
from .stats import Dialect, Node, told
from .target import Target, asking


@dataclass(frozen=True)
class How:
    """How pages are read. `timeout`: seconds a host."""

    dialect: Dialect = "auto"
    counters: Sequence[str] = ()
    timeout: float = 10.0
    concurrency: int = 64
    request: Request = field(default_factory=Request)

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> How:
        """As the options of a module have it."""
        request = Request(*(params[key] for key in ("username", "password", "max_body", "validate_certs")))
        counters = tuple(params.get("counters") or ())
        return cls(params["format"], counters, params["timeout"], params["concurrency"], request)


def read_nodes(jobs: Sequence[tuple[Node, Target | None]], how: How) -> list[Node]:
    """The nodes with what their pages said, in the order given; what went wrong with a host is in its own node.

    A node without a target is not asked.
    """
    return asyncio.run(gather_nodes(jobs, how))


async def gather_nodes(jobs: Sequence[tuple[Node, Target | None]], how: How) -> list[Node]:
    """As `read_nodes`, inside a running loop."""
    places = asyncio.Semaphore(how.concurrency)
    request = how.request.prepared(any(goal is not None and goal.tls for _, goal in jobs))

    async def one(node: Node, goal: Target | None) -> Node:
        if goal is None:
            return node
        async with places:
            return await read_node(node, asking(goal, how.dialect), how, request)

    return await asyncio.gather(*(one(node, goal) for node, goal in jobs))


async def read_node(node: Node, goal: Target, how: How, request: Request) -> Node:
    """The node with what its page said, or the reason why there is none."""
    loop = asyncio.get_running_loop()
    began, progress = loop.time(), Progress()
    try:
        body = await asyncio.wait_for(fetch(goal, request, progress), how.timeout)
    except asyncio.TimeoutError:
        return replace(node, error=f"no complete answer within {how.timeout:g} s: it was still {progress}")
    except (BadAnswer, OSError, EOFError, ValueError) as error:
        return replace(node, error=reason(error, progress))
    return told(node, body, (loop.time() - began) * 1000, how.dialect, how.counters)
