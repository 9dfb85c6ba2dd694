# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A load replayed on a group: period by period what its nodes carry, what its alarms see, and what its policies do."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .._core.points import PERIOD as MINUTE
from .alarms import Sample
from .book import Book
from .callers import Caller
from .cohorts import Cohorts
from .decide import SIMPLE, TRACKING, Capacity, Signal, agreed, bounded, cooling, largest, pause, wanted, warmup
from .schedules import next_due
from .steward import Steward
from .tracking import LOW, SEEN, Windows
from .value import Curve, GroupModel, Replay, ReplayedPolicy, TimedSizes

MERGE = 5
"""So often, in steps, it is looked which nodes have become alike."""
FULL = 100.0


def replay(
    curve: Curve, group: GroupModel, windows: Windows = SEEN, moments: int = 1500, strict: bool = False
) -> Replay:
    """How the group goes along with the load; its timeline has at most so many moments, each of whole minutes.

    `strict`: up to the first session that is refused or cut.
    """
    return _Course(curve, group, windows, moments).run(strict)


class _Course:
    """One replay under way."""

    def __init__(self, curve: Curve, group: GroupModel, windows: Windows, moments: int) -> None:
        self.curve, self.group, self.node = curve, group, group.node
        self.policies = tuple(policy for policy in group.policies if policy.rule.enabled)
        self.rules = [policy.rule for policy in group.policies]
        self.callers = [
            Caller(policy, alarm, curve.step) for policy in self.policies for alarm in policy.alarms(windows)
        ]
        self.plain = all(caller.plain and caller.rule.period >= MINUTE for caller in self.callers)
        self.least, self.most = group.min_size, group.max_size
        self.desired = bounded(group.min_size if group.desired is None else group.desired, self.least, self.most)
        self.nodes = Cohorts(self.desired, self.node, curve.step)
        self.cohorts = self.nodes.all
        policies = (None, *self.policies)
        self.waits = {
            (one and one.name, scaled): self._warmup(one, scaled) for one in policies for scaled in (True, False)
        }
        self.warm_after = max(self.waits.values())
        self.warm_at = -math.inf  # when the latest node is warm in the eyes of all
        self.limit = math.inf if self.node.capacity is None else self.node.capacity
        self.due = [(one, _next(one, curve.start - 1)) for one in group.schedules]
        self.fire_at = _first(self.due)
        self.cooldown: int | None = None
        self.cooldown_until, self.activity_end = 0.0, 0.0
        kept = group.surplus if group.scale_in == "steward" else None
        self.steward = Steward(kept, group, curve, self.callers) if kept else None
        self.cut = 0.0
        self.book = Book(curve, moments)

    def run(self, strict: bool) -> Replay:
        step, now = self.curve.step, self.curve.start
        for number, sessions in enumerate(self.curve.sessions):
            if now >= self.fire_at:
                self._fire(now)
            if len(self.cohorts) == 1 and self.plain and self.warm_at <= now and self.cohorts[0].leaving is None:
                self._calm(sessions, now)
            else:
                self._step(number, sessions, now, now + step)
            now += step
            if self.steward:
                self.steward.look(self.nodes, self.desired, self.least, self.activity_end, now)
            if strict and (self.book.refused or self.cut):
                break
        return self.book.close(self.cut)

    def _calm(self, sessions: float, now: float) -> None:
        """A step in which all nodes are alike and warm, and none comes or goes."""
        one = self.cohorts[0]
        self.book.note(now, sessions, one.count, one.count * self.limit)
        one.each = each = sessions / one.count
        if self.steward:
            self.steward.totals.append(sessions)
        rings = False
        for caller in self.callers:
            caller.see_value(self._cpu(each) if caller.cpu else each)
            rings = rings or caller.state == "ALARM"
        if rings:
            now += self.curve.step
            self._answer([caller for caller in self.callers if caller.state == "ALARM"], now)

    def _step(self, number: int, sessions: float, now: float, end: float) -> None:
        """A step of a group in motion."""
        taking = nodes = 0
        kept = 0.0
        for one in self.cohorts:
            nodes += one.count
            if one.leaving is not None:
                kept += one.count * one.each
            elif one.ready <= now:
                taking += one.count
        self.book.note(now, sessions, nodes, taking * self.limit + kept if taking else kept)
        held = self.nodes.place(sessions, end)
        if kept or taking < nodes:
            self._end_drains(end)
        if len(self.cohorts) > 1 and not number % MERGE and end >= self.warm_at:
            self.nodes.merge()
        if self.steward:
            self.steward.totals.append(held)
        if self.plain:
            self._look_at_averages(end)
        else:
            self._look(number, end)
        self._meet(end)

    def _end_drains(self, now: float) -> None:
        for one, cut in self.nodes.end(now, self.group.connection_draining):
            self.activity_end = now
            self.cut += cut
            if not one.by_aws:
                self.desired = max(self.least, min(self.desired, self.nodes.active))

    # What alarms see, and policies do

    def _look_at_averages(self, now: float) -> None:
        """As `_look`, where no alarm goes by anything but the average of a step."""
        count = warm = 0
        total = load = 0.0
        for one in self.cohorts:
            if one.by_aws or one.ready > now:
                continue
            count += one.count
            total += one.count * one.each
            if one.ready + self.waits[None, one.scaled] <= now:
                warm += one.count
                load += one.count * self._cpu(one.each)
        sessions, cpu = total / count if count else None, load / warm if warm else None
        rings = False
        for caller in self.callers:
            caller.see_value(cpu if caller.cpu else sessions)
            rings = rings or caller.state == "ALARM"
        if rings:
            self._answer([caller for caller in self.callers if caller.state == "ALARM"], now)

    def _look(self, number: int, now: float) -> None:
        seen: dict[str, Sample | None] = {}
        ringing: list[Caller] = []
        for caller in self.callers:
            metric = caller.policy.metric
            if metric not in seen:
                seen[metric] = self._sample(metric, now)
            caller.see(number, seen[metric])
            if caller.state == "ALARM" and (caller.rule.period < MINUTE or now % MINUTE == 0):
                ringing.append(caller)
        if ringing:
            self._answer(ringing, now)

    def _sample(self, metric: str, now: float) -> Sample | None:
        """What the group's metric reports: sessions of all nodes, CPU of those that are warm."""
        cpu = metric == "cpu"
        count, total, least, most = 0, 0.0, math.inf, -math.inf
        for one in self.cohorts:
            if one.by_aws or one.ready + (self.waits[None, one.scaled] if cpu else 0) > now:
                continue
            value = self._cpu(one.each) if cpu else one.each
            count += one.count
            total += one.count * value
            least, most = value if value < least else least, value if value > most else most
        return Sample(now, count, total, least, most) if count else None

    def _cpu(self, sessions: float) -> float:
        load = self.node.cpu_idle + (self.node.cpu_per_session or 0.0) * sessions
        return load if load < FULL else FULL

    def _warmup(self, policy: ReplayedPolicy | None, scaled: bool) -> int:
        group, rule = self.group, policy.rule if policy else None
        return warmup(self.rules, rule, scaled, group.default_warmup, group.default_cooldown)

    def _capacity(self, policy: ReplayedPolicy, now: float) -> Capacity:
        active = [one for one in self.cohorts if not one.by_aws]
        warming = 0
        if now < self.warm_at:
            warming = sum(one.count for one in active if now < one.ready + self.waits[policy.name, one.scaled])
        return Capacity(self.desired, sum(one.count for one in active), warming)

    def _answer(self, ringing: Iterable[Caller], now: float) -> None:
        """All policies that are called count from the same capacity, and the largest wins."""
        wants: list[tuple[int, Caller]] = []
        in_agreement: bool | None = None
        for caller in ringing:
            rule = caller.policy.rule
            if rule.kind == SIMPLE and self._cooling(now):
                continue
            if rule.kind == TRACKING:
                low = LOW in caller.alarm.name
                if self.desired == (self.least if low else self.most):
                    wants.append((self.desired, caller))
                    continue
                if low and in_agreement is None:
                    in_agreement = self._agreed()
            signal = Signal(caller.alarm.name, caller.last, caller.rule.threshold)
            want = wanted(rule, self._capacity(caller.policy, now), signal, bool(in_agreement))
            if want is not None:
                wants.append((bounded(want, self.least, self.most), caller))
        desired = largest(self.desired, [want for want, _ in wants])
        if desired == self.desired:
            return
        simple = [caller.policy.rule for want, caller in wants if want == desired and caller.policy.rule.kind == SIMPLE]
        if simple:
            self.cooldown = pause(simple[0], self.group.default_cooldown)
        self._want(desired, now, by_policy=desired > self.desired)

    def _agreed(self) -> bool:
        return agreed((one.policy.rule, one.state == "ALARM") for one in self.callers if LOW in one.alarm.name)

    def _cooling(self, now: float) -> bool:
        busy = now < self.activity_end or any(one.ready > now or one.by_aws for one in self.cohorts)
        if self.cooldown is not None and not busy:
            self.cooldown_until, self.cooldown = self.activity_end + self.cooldown, None
        return cooling(busy, self.cooldown is not None, self.cooldown_until, now)

    # What becomes of the group

    def _want(self, desired: int, now: float, by_policy: bool = False) -> None:
        self.desired = desired
        self._meet(now, by_policy)

    def _meet(self, now: float, by_policy: bool = False) -> None:
        """Launches what is missing; what is too much leaves where AWS may take it."""
        active = self.nodes.active
        if active < self.desired:
            ready = now + self.node.launch_seconds
            self.nodes.launch(self.desired - active, ready, by_policy)
            self.activity_end = max(self.activity_end, ready)
            self.warm_at = max(self.warm_at, ready + self.warm_after)
        elif active > self.desired and self.group.scale_in == "aws":
            there = [one for one in self.cohorts if not one.by_aws]
            self.nodes.leave(there, active - self.desired, now, by_aws=True)

    def _fire(self, now: float) -> None:
        """Does the scheduled actions that are due."""
        for place, (action, due) in enumerate(self.due):
            if due is None or due > now:
                continue
            self.due[place] = (action, _next(action, now))
            self.least = self.least if action.min_size is None else action.min_size
            self.most = self.most if action.max_size is None else action.max_size
            asked = self.desired if action.desired_capacity is None else action.desired_capacity
            self._want(bounded(asked, self.least, self.most), now)
        self.fire_at = _first(self.due)


def _first(due: Iterable[tuple[TimedSizes, float | None]]) -> float:
    return min((at for _, at in due if at is not None), default=math.inf)


def _next(action: TimedSizes, after: float) -> float | None:
    given = {
        "start": action.start, "end": action.end, "Recurrence": action.recurrence, "TimeZone": action.time_zone,
    }  # fmt: skip
    return next_due(given, after)
