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
from .threads import each

TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
WANTED = "twowaystreaming"
"""The letters of the page's title."""
NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT}
"""Errors of a connection that nothing on the other side answered."""


def demo_pages(targets: Sequence[Target], request: Request) -> list[DemoPage]:
    """What was seen of each page, in order."""
    prepared = request.prepared(any(goal.tls for goal in targets))
    asked = [(goal, Progress()) for goal in targets]
    found = each([partial(_look, goal, prepared, progress) for goal, progress in asked], request.timeout)
    return [page or _late(progress, request.timeout) for (_, progress), page in zip(asked, found, strict=True)]


def _look(goal: Target, request: Request, progress: Progress) -> DemoPage | None:
    """What was seen of the page; None where its time is up."""
    try:
        return DemoPage(problem(fetch(goal, request, progress)))
    except BadAnswer as error:
        return DemoPage(str(error).partition(":")[0])
    except (OSError, EOFError, ValueError) as error:
        number = getattr(error, "errno", None)
        if isinstance(error, TimeoutError) and not number:
            return None
        return DemoPage(reason(error, progress), reached=progress.socket is not None or number not in NO_WAY)


def _late(progress: Progress, timeout: float) -> DemoPage:
    if progress.socket is None:
        return DemoPage(f"no connection within {timeout:g} s", reached=False)
    progress.cut()
    return DemoPage(f"no complete answer within {timeout:g} s: it was still {progress}")


def problem(body: bytes) -> str:
    """Why a page is not the demo; "" where it is."""
    found = TITLE.search(body)
    title = html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
    if WANTED in re.sub(r"[^a-z]", "", title.lower()):
        return ""
    return f"its title is {title[:60]!r}, not Two-way Streaming" if title else "it has no title"
