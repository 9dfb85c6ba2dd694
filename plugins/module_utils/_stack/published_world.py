# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When nodes published their sessions, as CloudWatch has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._core.aws import Aws
from .._scaling.api import read_sessions
from .published import MINUTE, SPAN, Published, last_of, patience

PAUSE = 10.0
"""Seconds between two looks."""


def read_published(aws: Aws, group: str, nodes: Sequence[str], period: int, now: float) -> Published:
    """When each of the nodes published last."""
    samples = read_sessions(aws, group, nodes, period, now - SPAN, now + MINUTE)
    return Published(period, now, last_of(samples))


def until_published(
    aws: Aws, group: str, nodes: Sequence[str], period: int, report: Callable[[str], None], wait: bool
) -> Published:
    """When each of the nodes published last: read again until none is late, or until a new node would have published.

    Without `wait` it is read once.
    """
    clock = aws.clock
    end = clock.now() + (patience(period) if wait else 0)
    while True:
        seen = read_published(aws, group, nodes, period, clock.date())
        late = [node for node in nodes if seen.late(node)]
        if not late or clock.now() >= end:
            return seen
        report(f"waiting for {', '.join(late[:3])} to publish their sessions, {end - clock.now():.0f} s more")
        clock.sleep(min(PAUSE, max(0.0, end - clock.now())))
