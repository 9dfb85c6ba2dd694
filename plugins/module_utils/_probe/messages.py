# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WebSocket sessions of WCS: what client and server say, and what became of the sessions of a probe.

Every frame is JSON text, `{"message": <name>, "data": [<object>]}`. The client begins with `connection`; `getUserData`
is the answer that makes the session; the server's `ping` wants a `pong`, or the session is closed after ten of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

PONG = '{"message":"pong","data":[null]}'
MOST_ERRORS = 10

Said = Literal["established", "ping", "other"]


def hello(app_key: str) -> str:
    """The first frame of a client, as the vendor's own client sends it."""
    client = {
        "appKey": app_key,
        "mediaProviders": ["WebRTC"],
        "clientVersion": "2.0",
        "clientOSVersion": "webcallserver.aws",
        "clientBrowserVersion": "webcallserver.aws",
        "msePacketizationVersion": 2,
    }
    return json.dumps({"message": "connection", "data": [client]}, separators=(",", ":"))


def meaning_of(frame: str | bytes) -> Said:
    """What a frame of the server means for the session; ValueError for one that is no WCS message."""
    try:
        message = json.loads(frame)
        name = message["message"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError("it answered with something that is no WCS message") from None
    if name == "getUserData":
        return "established"
    return "ping" if name == "ping" else "other"


@dataclass(frozen=True)
class Session:
    """What became of one session. `latency_ms`: from connecting to established; None: never established.

    `error`: why it was not established; `closed_early`: why it ended before the probe closed it.
    """

    address: str | None = None
    latency_ms: float | None = None
    error: str | None = None
    closed_early: str | None = None

    @property
    def opened(self) -> bool:
        """Whether it was established."""
        return self.latency_ms is not None

    @property
    def held(self) -> bool:
        """Whether it was still there when the probe closed it."""
        return self.opened and self.closed_early is None


def summary(sessions: Sequence[Session]) -> dict[str, Any]:
    """How the sessions went, as the module returns it; `addresses`: how many were opened through each."""
    opened = [session for session in sessions if session.opened]
    return {
        "asked": len(sessions),
        "opened": len(opened),
        "failed": len(sessions) - len(opened),
        "held": sum(session.held for session in sessions),
        "addresses": dict(sorted(Counter(session.address or "?" for session in opened).items())),
        "errors": [{"error": error, "count": count} for error, count in failures(sessions)],
    }


def failures(sessions: Sequence[Session]) -> tuple[tuple[str, int], ...]:
    """Why sessions were not held, and how many for each reason, the most frequent first."""
    errors = Counter(session.error or session.closed_early or "" for session in sessions if not session.held)
    return tuple(errors.most_common(MOST_ERRORS))


def latency(sessions: Iterable[Session]) -> dict[str, float | None]:
    """Least, median, 95th percentile and most of the latencies, in milliseconds; None without any."""
    known = sorted(session.latency_ms for session in sessions if session.latency_ms is not None)
    if not known:
        return {"min": None, "median": None, "p95": None, "max": None}
    last = len(known) - 1
    places = {"min": 0, "median": last // 2, "p95": round(last * 0.95), "max": last}
    return {name: round(known[place], 1) for name, place in places.items()}
