# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes and schedules that would have refused nobody, at the least cost; and what a node carries, by its history."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from .._core.plain import DAY, plural
from .._core.surplus import Surplus
from .load import LoadPoint
from .replay import replay
from .value import Curve, GroupModel, Replay, TimedSizes

HOUR = 3600
TARGET = 60.0
"""Percent of CPU that a node is to have where no policy says another target."""
WEEK = ("1-5", "0,6")
"""Days of cron: a working day, and one of the week end."""
RISE = 600
"""Seconds in which a rise is looked for."""


@dataclass(frozen=True)
class Suggestion:
    """The group as suggested, how it would have gone, and how much more it holds (`margin`, a share).

    `why_not`: why there is none.
    """

    group: GroupModel | None = None
    replayed: Replay | None = None
    margin: float = 0.0
    why_not: str = ""


@dataclass(frozen=True)
class PerSession:
    """What a session costs by a history: percent of CPU, beside that of an idle node."""

    cost: float
    idle: float

    def fitting(self, target: float) -> float:
        """So many sessions on a node have the CPU at the target."""
        return max(1.0, math.floor((target - self.idle) / self.cost))


def cost_of_sessions(points: Sequence[LoadPoint]) -> PerSession | None:
    """What a session costs, by the straight line that fits best; None where the history does not show it."""
    pairs = [(one.sessions / one.nodes, one.cpu) for one in points if one.nodes and one.cpu is not None]
    if len(pairs) < 3:
        return None
    mean = sum(load for load, _ in pairs) / len(pairs), sum(cpu for _, cpu in pairs) / len(pairs)
    spread = sum((load - mean[0]) ** 2 for load, _ in pairs)
    if spread < 1e-9:
        return None
    cost = sum((load - mean[0]) * (cpu - mean[1]) for load, cpu in pairs) / spread
    idle = mean[1] - cost * mean[0]
    return PerSession(cost, max(0.0, idle)) if cost > 1e-9 and idle < TARGET else None


def suggest(curve: Curve, group: GroupModel, headroom: float, licences: int | None = None) -> Suggestion:
    """What would have refused nobody at the least cost: a minimum beside the policies, or one by the hour.

    `licences`: no more nodes than so many are suggested.
    """
    capacity = group.node.capacity
    if capacity is None:
        return Suggestion(why_not="O(sessions_per_node) is neither given nor to be seen in a history")
    most = Surplus(capacity).nodes_for(max(curve.sessions))
    peak = f"{max(curve.sessions):g} sessions need {plural(most, 'node')}"
    if most > group.max_size:
        return Suggestion(why_not=f"{peak}, and O(max_size) is {group.max_size}")
    if licences is not None and most > licences:
        return Suggestion(why_not=f"{peak}, and O(licence_limit) is {licences}")
    group = group if licences is None else replace(group, max_size=min(group.max_size, licences))
    plain = replace(group, schedules=(), min_size=0)
    found = [_constant(curve, plain, most)]
    if group.scale_in != "manual":
        found += [one for one in _by_the_hour(curve, plain, capacity, headroom) if one is not None]
    best = min((one for one in found if one is not None), key=lambda one: one[1].node_seconds, default=None)
    if best is None:
        return Suggestion(why_not="no setting within O(max_size) refuses nobody")
    model, replayed = best
    return Suggestion(model, replayed, 0.0 if math.isinf(replayed.margin) else replayed.margin)


Tried = tuple[GroupModel, Replay]


def _constant(curve: Curve, group: GroupModel, most: int) -> Tried | None:
    """The least minimum at which the policies refuse nobody; at `most` none of them has anything to do.

    Of a long load it is looked for on its hardest days, and tried on all of it. Where no node ever leaves, those that
    the load begins with are the minimum; and one there is, for without nodes no metric calls a policy.
    """
    stay = group.scale_in == "manual" or (group.scale_in == "aws" and not group.policies)

    def tried(size: int, load: Curve) -> Tried | None:
        start = max(size, Surplus(group.node.capacity or 1.0).nodes_for(load.sessions[0]))
        return _try(load, replace(group, min_size=start if stay else size, desired=start))

    low, high, hardest = min(1, most), most, _hardest(curve)
    while low < high:
        middle = (low + high) // 2
        if tried(middle, hardest):
            high = middle
        else:
            low = middle + 1
    for size in sorted({low, min(low + 1, most), min(low + max(2, low // 4), most), most}):
        if found := tried(size, curve):
            return found
    return _try(curve, replace(group, min_size=most, desired=most, policies=()))


def _hardest(curve: Curve) -> Curve:
    """A day or so around the steepest rise of a long load; a short one as it is."""
    size, ahead = DAY // curve.step, max(1, RISE // curve.step)
    rows = curve.sessions
    if len(rows) <= 2 * size:
        return curve
    steepest = max(range(0, len(rows) - ahead, ahead), key=lambda at: rows[at + ahead] - rows[at])
    begin = max(0, min(steepest - size // 2, len(rows) - size))
    return Curve(curve.start + begin * curve.step, curve.step, rows[begin : begin + size])


def _by_the_hour(curve: Curve, group: GroupModel, capacity: float, headroom: float) -> Iterator[Tried | None]:
    """A minimum for each hour of the day, with headroom where there is room for it, and as needed where not.

    None where the load is shorter than a day, which says nothing of its other hours.
    """
    if curve.end - curve.start <= 23 * HOUR:
        return
    lead = group.node.launch_seconds + 2 * curve.step
    weekly = curve.end - curve.start > 8 * DAY
    for share in (headroom, 0.0):
        needs = _needs(curve, weekly, Surplus(capacity, share).nodes_with_headroom)
        needs = [[min(need, group.max_size) for need in day] for day in needs]
        if all(len(set(day)) == 1 for day in needs):
            return
        least = min(min(day) for day in needs)
        actions = tuple(_actions(needs, lead, weekly))
        start = max(_need_at(needs, curve.start, weekly), Surplus(capacity).nodes_for(curve.sessions[0]))
        yield _try(curve, replace(group, min_size=least, desired=start, schedules=actions))


def _try(curve: Curve, group: GroupModel) -> Tried | None:
    """How it goes; None where anybody is refused, or is cut by AWS's scale-in."""
    replayed = replay(curve, group, strict=True)
    return None if replayed.refused or replayed.cut else (group, replayed)


def _needs(curve: Curve, weekly: bool, nodes: Callable[[float], int]) -> list[list[int]]:
    """The nodes for the most sessions of each hour, of any day or of working days and week ends.

    The last hour of a day is ready for the first one of either kind of day.
    """
    peaks = [[0.0] * 24 for _ in range(1 + weekly)]
    for place, sessions in enumerate(curve.sessions):
        hour = int((curve.start + place * curve.step) // HOUR)
        row = peaks[1] if weekly and _weekend(hour * HOUR) else peaks[0]
        if sessions > row[hour % 24]:
            row[hour % 24] = sessions
    if weekly:
        for row in peaks:
            row[23] = max(row[23], peaks[0][0], peaks[1][0])
    return [[nodes(sessions) for sessions in day] for day in peaks]


def _weekend(at: float) -> bool:
    return (at // DAY + 3) % 7 >= 5  # 1970 began on a Thursday


def _need_at(needs: Sequence[Sequence[int]], at: float, weekly: bool) -> int:
    return needs[int(weekly and _weekend(at))][int(at // HOUR % 24)]


def _actions(needs: Sequence[Sequence[int]], lead: float, weekly: bool) -> Iterator[TimedSizes]:
    """A scheduled action for each change of the minimum: up so early that the nodes are there at the hour."""
    early = min(59, math.ceil(lead / 60))
    for number, day in enumerate(needs):
        days = WEEK[number] if weekly else "*"
        for hour, need in enumerate(day):
            before = day[hour - 1] if hour or not weekly else None
            if before == need:
                continue
            up = before is not None and need > before and (hour > 0 or not weekly)
            minute, at = (60 - early, (hour - 1) % 24) if up and early else (0, hour)
            name = f"{'working-day' if weekly and not number else 'weekend' if weekly else 'day'}-{hour:02d}"
            yield TimedSizes(name, f"{minute} {at} * * {days}", "Etc/UTC", min_size=need)
