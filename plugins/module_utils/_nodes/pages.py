# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statistics pages of many hosts at once, with one deadline a host over everything from its name to its body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .._core.clock import SystemClock
from .fetch import BadAnswer, Progress, Request, fetch, reason
from .stats import Dialect, Node, with_page
from .target import Target, asking
from .threads import Late, each


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
        """How pages are read, from the options of a module."""
        request = Request(*(params[key] for key in ("username", "password", "max_body", "validate_certs")))
        counters = tuple(params.get("counters") or ())
        return cls(params["format"], counters, params["timeout"], params["concurrency"], request)


def read_nodes(jobs: Sequence[tuple[Node, Target | None]], how: How) -> list[Node]:
    """The nodes with what their pages said, in the order given; what went wrong with a host is in its own node.

    A node without a target is not asked. Raises Failure where a library is missing.
    """
    request = replace(how.request, timeout=how.timeout)
    request = request.prepared(any(goal is not None and goal.tls for _, goal in jobs))
    works = [partial(_read, node, asking(goal, how.dialect), how, request) for node, goal in jobs if goal is not None]
    read = iter(each(works, how.timeout, how.concurrency))
    return [node if goal is None else _in_time(node, next(read), how.timeout) for node, goal in jobs]


def _in_time(node: Node, read: Node | Late, timeout: float) -> Node:
    if isinstance(read, Late):
        return replace(node, error=f"no complete answer within {timeout:g} s: it was still {read.stage}")
    return read


def _read(node: Node, goal: Target, how: How, request: Request, progress: Progress) -> Node | Late:
    """The node with what its page said, or the reason why there is none; Late where its time is up."""
    clock = SystemClock()
    began = clock.now()
    try:
        body = fetch(goal, request, progress)
    except TimeoutError as error:
        return replace(node, error=reason(error, progress)) if error.errno else Late.of(progress)
    except (BadAnswer, OSError, EOFError, ValueError) as error:
        return replace(node, error=reason(error, progress))
    return with_page(node, body, (clock.now() - began) * 1000, how.dialect, how.counters, progress.ended)
