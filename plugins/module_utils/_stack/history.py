# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a group went, minute by minute: its nodes, their processors and their sessions. What is not known is None."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.plain import DAY, iso, rounded, seconds_of
from .._core.points import ON_THE_WAY, PERIOD, Minutes, value_at

MOST = 15 * 24
"""Hours for which CloudWatch keeps what was published minute by minute."""


@dataclass(frozen=True)
class History:
    """What CloudWatch has of a group from `start` to `end`, in seconds since 1970: values by when their minute begins.

    `in_service`: nodes, where the group collects metrics of its own. `by_node`: the sessions that each node published.
    `launched`: when each node was that is in the group now.
    """

    start: int
    end: int
    in_service: Minutes = field(default_factory=dict)
    cpu: Minutes = field(default_factory=dict)
    by_node: Mapping[str, Minutes] = field(default_factory=dict)
    launched: Mapping[str, float] = field(default_factory=dict)

    def points(self) -> list[dict[str, Any]]:
        """Nodes, CPU and sessions of each minute."""
        lives = {name: self._life(name) for name in {*self.by_node, *self.launched}}
        return [self._point(at, lives) for at in range(self.start, self.end, PERIOD)]

    def show(self) -> dict[str, Any]:
        """As the module returns it. The sessions of each node are those of the last day."""
        since = self.end - DAY
        by_node = {
            name: [{"time": iso(at), "sessions": value} for at, value in sorted(values.items()) if at >= since]
            for name, values in sorted(self.by_node.items())
        }
        return {
            "period": PERIOD,
            "points": self.points(),
            "by_node": {key: rows for key, rows in by_node.items() if rows},
        }

    def _life(self, name: str) -> tuple[float, float]:
        """From when until when the node counts: a member of today until now, also where it publishes no more."""
        values = self.by_node.get(name) or {}
        began = min(values, default=self.launched.get(name, self.end))
        return began, math.inf if name in self.launched else max(values, default=began)

    def _point(self, at: int, lives: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
        alive = [name for name, (first, last) in lives.items() if first <= at <= last]
        known = [value for name in alive if (value := value_at(self.by_node.get(name) or {}, at)) is not None]
        counted = value_at(self.in_service, at) if self.in_service else len(alive) or None
        whole = len(known) == len(alive) >= max(1, math.floor(counted or 0))
        return {
            "time": iso(at),
            "nodes": None if counted is None else round(counted),
            "cpu_percent": rounded(self.cpu.get(at)),
            "sessions": rounded(sum(known)) if whole else None,
        }


def bounds(hours: int, now: float) -> tuple[int, int]:
    """The whole minutes of the last hours, without the newest, which may still be on their way."""
    end = int((now - ON_THE_WAY) // PERIOD * PERIOD)
    return end - hours * 3600, end


def checked(hours: int | None) -> int:
    """The hours to read, 0 for none. Failure for more than CloudWatch keeps."""
    if hours is None or 0 <= hours <= MOST:
        return hours or 0
    way_out = "CloudWatch keeps one-minute values for 15 days. Set it within these limits"
    raise Failure(Refusal("use", "option", "O(history)", f"{hours} is not between 0 and {MOST}", way_out))


def launch_times(members: Sequence[str], instances: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """When each of the members was launched; infinity where that is not known."""
    found = {str(one.get("instance_id")): one.get("launch_time") for one in instances}
    return {name: seconds_of(str(found[name])) if found.get(name) else math.inf for name in members}
