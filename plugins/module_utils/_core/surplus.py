# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many nodes sessions need, and when nodes are too many."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .plain import plural


@dataclass(frozen=True)
class Surplus:
    """What makes nodes too many. `headroom`: the share of sessions kept free; `stable_for`: seconds it must be so."""

    sessions_per_node: float
    headroom: float = 0.2
    stable_for: float = 900.0

    def nodes_for(self, sessions: float) -> int:
        """How many nodes so many sessions need, without headroom."""
        return math.ceil(round(sessions / self.sessions_per_node, 6))

    def nodes_with_headroom(self, sessions: float) -> int:
        """How many nodes so many sessions need, and those that may come."""
        return self.nodes_for(sessions * (1 + self.headroom))

    def nodes_below(self, threshold: float, value: float, nodes: int, reached: bool = False) -> int:
        """How many nodes keep a metric under a threshold, headroom and all, that has this value on so many nodes.

        Its load moves to those that stay. `reached`: the threshold itself is too much.
        """
        least = round(value * (1 + self.headroom) * nodes / threshold, 6)
        return math.floor(least) + 1 if reached else math.ceil(least)


@dataclass(frozen=True)
class ScaleOut:
    """An alarm by which a policy adds nodes. `rings`: it is in ALARM. `reached`: so it is at the threshold, too.

    `value`: the highest of its metric of late; where it goes `by_sessions` of each node, those say it. `unknown`: why
    there is none, said of the alarm.
    """

    policy: str
    alarm: str
    rings: bool = False
    threshold: float = 0.0
    reached: bool = False
    by_sessions: bool = False
    value: float | None = None
    unknown: str = ""

    @property
    def measurable(self) -> bool:
        """Whether its metric says how many nodes it takes, and is to be read for that."""
        return not (self.rings or self.by_sessions or self.unknown)

    def measured(self, value: float | None) -> ScaleOut:
        """With the highest of its metric since the nodes changed; None: there is none."""
        return replace(self, value=value, unknown="has no data since the nodes changed" if value is None else "")


def scale_out(policy: str, alarm: str, comparison: str, threshold: float, by_sessions: bool) -> ScaleOut:
    """An alarm on one metric by which a policy adds nodes."""
    if not comparison.startswith("Greater") or threshold <= 0:
        return ScaleOut(policy, alarm, threshold=threshold, unknown="is not above a threshold of more than 0")
    reached = comparison.startswith("GreaterThanOrEqual")
    return ScaleOut(policy, alarm, threshold=threshold, reached=reached, by_sessions=by_sessions)


def kept_by(alarm: ScaleOut, wanted: Surplus, nodes: int, sessions: float) -> tuple[int | None, str]:
    """How many of so many nodes keep an alarm from ringing (None: no node may leave), and how that is said."""
    if alarm.rings:
        return None, f"alarm '{alarm.alarm}' of policy '{alarm.policy}' is in ALARM, which adds nodes"
    if alarm.unknown:
        unknown = f"is unknown: alarm '{alarm.alarm}' {alarm.unknown}"
        return None, f"how many nodes policy '{alarm.policy}' needs {unknown}"
    value = sessions / nodes if alarm.by_sessions else alarm.value or 0.0
    least = wanted.nodes_below(alarm.threshold, value, nodes, alarm.reached)
    above = f"{'from' if alarm.reached else 'above'} {alarm.threshold:g}"
    return least, (
        f"policy '{alarm.policy}' needs {plural(least, 'node')}: its metric was up to {value:.4g} on "
        f"{plural(nodes, 'node')}, it adds some {above}, and headroom is {wanted.headroom:g}"
    )
