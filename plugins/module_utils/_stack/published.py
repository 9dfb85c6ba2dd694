# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the nodes publish their sessions, which a policy of the group may track: when each did so last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._core.points import ON_THE_WAY

MINUTE = 60.0
SPAN = 15 * MINUTE
"""How far back is looked: what is older is as good as never."""


@dataclass(frozen=True)
class Published:
    """When each node last published, in seconds since 1970, by its name; one that is not in it did not of late.

    `period`: how often they shall; `now`: when it was looked.
    """

    period: int
    now: float
    last: Mapping[str, float]

    def age(self, name: str) -> float | None:
        """How many seconds ago the node's newest point begins; None where there is none."""
        return max(0.0, self.now - self.last[name]) if name in self.last else None

    def late(self, name: str) -> bool:
        """Whether the node has left out more than two periods in a row."""
        age = self.age(name)
        return age is None or age > allowed(self.period)


def allowed(period: int) -> float:
    """How old the newest point of a node may be: its own period, two more, and what it takes to be shown."""
    return 3 * period + ON_THE_WAY


def patience(period: int) -> float:
    """How long a node that has just begun may take to publish, which it does within two periods, and AWS to show it."""
    return 3 * period + ON_THE_WAY


def last_of(samples: Mapping[str, Sequence[tuple[float, float]]]) -> dict[str, float]:
    """The newest point of each node that has one."""
    return {name: max(when for when, _ in points) for name, points in samples.items() if points}


def silent(seen: Published, serving: Sequence[str]) -> list[str]:
    """Which nodes in service do not publish, a clause each."""
    return [
        f"{name} has not published its sessions for {_for(seen.age(name))} (wcs-metrics there says why in its journal)"
        for name in serving
        if seen.late(name)
    ]


def ago(seen: Published, name: str) -> str:
    """How long ago the node published, for a table."""
    age = seen.age(name)
    return "no" if age is None else f"{age:.0f} s"


def _for(age: float | None) -> str:
    return f"{SPAN / MINUTE:.0f} min or more" if age is None else f"{age:.0f} s"
