# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steward of a replayed group: as wcs_drain with `count: surplus`, run again and again."""

from __future__ import annotations

from collections.abc import Sequence

from .._core.points import ON_THE_WAY
from .._core.surplus import Surplus, kept_by
from .callers import Caller
from .cohorts import Cohorts
from .value import Curve, GroupModel


class Steward:
    """What it goes by: all sessions of each step so far, and when it `looked` last."""

    def __init__(self, surplus: Surplus, group: GroupModel, curve: Curve, callers: Sequence[Caller]) -> None:
        """It has not looked yet."""
        self.surplus, self.interval, self.step = surplus, group.interval, curve.step
        self.held = group.held
        self.start = self.looked = curve.start
        self.adding = [caller for caller in callers if caller.adds]
        self.totals: list[float] = []

    def look(self, nodes: Cohorts, desired: int, least: int, changed: float, now: float) -> None:
        """Nodes that are too many leave once their sessions have ended; those that are needed again come back.

        `changed`: when the group last changed by itself.
        """
        surplus = self.surplus
        for caller in self.adding:
            caller.keep(now - self.step, surplus.stable_for)
        due = now - self.looked >= self.interval
        if len(nodes.all) == 1 and not due:
            return
        sessions, floor = self.totals[-1], max(least, 1)
        serving = [one for one in nodes.all if one.leaving is None and one.ready <= now]
        count = sum(one.count for one in serving)
        leaving = [one for one in nodes.all if one.leaving is not None]
        if leaving and (short := max(surplus.nodes_for(sessions), floor) - count) > 0:
            nodes.bring_back(reversed(leaving), short)
            return
        if not due:
            return
        self.looked = now
        if self.held:
            return
        if count + sum(one.count for one in leaving) < desired or now - self.start < surplus.stable_for:
            return
        window = self.totals[-max(1, int(surplus.stable_for // self.step)) : -max(1, ON_THE_WAY // self.step)]
        most = max([sessions, *window])
        extra = count - max(surplus.nodes_with_headroom(most), floor)
        if extra > 0 and self.adding:
            extra = min(extra, count - self._kept_by_policies(changed, now, count, most))
        if extra > 0:
            nodes.leave(sorted(serving, key=lambda one: one.each), extra, now)

    def _kept_by_policies(self, changed: float, now: float, count: int, most: float) -> int:
        """So many of the nodes keep the alarms that add some from ringing: all where one lets none leave."""
        alarms = (caller.judged(changed, now, self.surplus.stable_for) for caller in self.adding)
        kept = [kept_by(alarm, self.surplus, count, most)[0] for alarm in alarms]
        return max((count if least is None else least for least in kept), default=0)
