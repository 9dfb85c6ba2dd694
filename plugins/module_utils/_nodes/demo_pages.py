# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Demo pages of many hosts at once: whether each is there, and is the page that it should be."""

from __future__ import annotations

import errno
import html
import re
from collections.abc import Sequence
from functools import partial

from .._core.pages import DemoPage
from .fetch import BadAnswer, Progress, Request, fetch, reason
from .target import Target
from .threads import Late, each

TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
WANTED = "twowaystreaming"
"""The letters of the page's title."""
NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT}
"""Errors of a connection that nothing on the other side answered."""


def demo_pages(targets: Sequence[Target], request: Request) -> list[DemoPage]:
    """What was seen of each page, in order."""
    prepared = request.prepared(any(goal.tls for goal in targets))
    found = each([partial(_look, goal, prepared) for goal in targets], request.timeout)
    return [_late(page, request.timeout) if isinstance(page, Late) else page for page in found]


def _look(goal: Target, request: Request, progress: Progress) -> DemoPage:
    try:
        return DemoPage(problem(fetch(goal, request, progress)))
    except BadAnswer as error:
        return DemoPage(str(error).partition(":")[0])
    except (OSError, EOFError, ValueError) as error:
        number = getattr(error, "errno", None)
        if isinstance(error, TimeoutError) and not number:
            return _late(Late.of(progress), request.timeout)
        return DemoPage(reason(error, progress), reached=progress.connection is not None or number not in NO_WAY)


def _late(late: Late, timeout: float) -> DemoPage:
    if not late.connected:
        return DemoPage(f"no connection within {timeout:g} s", reached=False)
    return DemoPage(f"no complete answer within {timeout:g} s: it was still {late.stage}")


def problem(body: bytes) -> str:
    """Why a page is not the demo; "" where it is."""
    found = TITLE.search(body)
    title = html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
    if WANTED in re.sub(r"[^a-z]", "", title.lower()):
        return ""
    return f"its title is {title[:60]!r}, not Two-way Streaming" if title else "it has no title"
