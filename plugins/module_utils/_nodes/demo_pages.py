# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Demo pages of many hosts at once: whether each is there, and is the page that it should be."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import partial

from .fetch import BadAnswer, Progress, Request, fetch
from .target import Target
from .threads import each

TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
WANTED = "twowaystreaming"
"""The letters of the page's title."""
CLOSED = "it is not reached"


def demo_problems(targets: Sequence[Target], request: Request) -> list[str]:
    """What is wrong with each page: "" where it is as it should be, CLOSED where nobody answers."""
    prepared = request.prepared(any(goal.tls for goal in targets))
    found = each([partial(_problem, goal, prepared) for goal in targets], request.timeout)
    return [CLOSED if one is None else one for one in found]


def _problem(goal: Target, request: Request) -> str:
    try:
        return problem(fetch(goal, request, Progress()))
    except BadAnswer as error:
        return str(error).partition(":")[0]
    except (OSError, EOFError, ValueError):
        return CLOSED


def problem(body: bytes) -> str:
    """Why a page is not the demo; "" where it is."""
    found = TITLE.search(body)
    title = html.unescape(found[1].decode("utf-8", "replace")).strip() if found else ""
    if WANTED in re.sub(r"[^a-z]", "", title.lower()):
        return ""
    return f"its title is {title[:60]!r}, not Two-way Streaming" if title else "it has no title"
