# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A load replayed on a group: period by period what its nodes carry, what its alarms see, and what its policies do.

Nodes that were launched together and are alike in all are one cohort, so that a fleet of hundreds costs no more than
one of three.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from .._core.points import ON_THE_WAY, highest
from .._core.points import PERIOD as MINUTE
from .._core.surplus import Surplus
from .._scaling.policies import upwards
from .alarms import Sample, Window, statistic
from .decide import SIMPLE, TRACKING, Capacity, Signal, agreed, bounded, cooling, largest, pause, wanted, warmup
from .schedules import next_due
from .tracking import LOW, SEEN, Windows
from .value import Curve, GroupModel, Lengths, Moment, Replay, ReplayedPolicy, RuleAlarm, TimedSizes

ENDED = 0.5
"""A node with less than so many sessions has none."""
ALIKE = 0.05
"""Nodes whose sessions differ by no more than this share are one cohort."""
MERGE = 5
"""So often, in steps, it is looked which those are."""
FULL = 100.0


class Cohort:
    """Nodes alike: how many, when they are `ready` for sessions, and how many sessions `each` has.

    `scaled`: launched by a policy. `leaving` since then, with so many sessions each `then`; `by_aws`: terminating.
    """

    __slots__ = ("by_aws", "count", "each", "leaving", "ready", "scaled", "then")

    def __init__(self, count: int, ready: float, scaled: bool, each: float = 0.0) -> None:
        """Nodes that are on their way, or there since `ready`."""
        self.count, self.ready, self.scaled, self.each = count, ready, scaled, each
        self.leaving: float | None = None
        self.then, self.by_aws = 0.0, False

    def split(self, count: int) -> Cohort:
        """So many of the nodes as a cohort of their own."""
        self.count -= count
        return Cohort(count, self.ready, self.scaled, self.each)


class Caller:
    """The state of one alarm, step by step.

    A period of several steps may begin at any of them: there is a window for each.
    """

    def __init__(self, policy: ReplayedPolicy, alarm: RuleAlarm, step: int) -> None:
        """It has seen nothing."""
        self.policy, self.alarm, self.rule, self.cpu = policy, alarm, alarm.rule, policy.metric == "cpu"
        self.span = max(1, alarm.rule.period // step)
        self.windows = [Window(alarm.rule) for _ in range(self.span)]
        self.samples: deque[Sample] = deque(maxlen=self.span)
        self.plain = self.span == 1 and alarm.rule.statistic == "Average"
        self.state = "INSUFFICIENT_DATA"
        self.last: float | None = None
        rule = policy.rule
        changes = [one.adjustment for one in rule.steps] or [rule.adjustment]
        self.adds = upwards(rule.adjustment_type, changes, alarm.rule.comparison)
        self.history: deque[tuple[float, float]] = deque()

    def keep(self, begin: float, stable_for: float) -> None:
        """Keeps what it saw last, of the period that began then, for the steward, which looks back so far."""
        if self.last is not None:
            self.history.append((begin, self.last))
        while len(self.history) > 1 and self.history[0][0] < begin - stable_for:
            self.history.popleft()

    def see(self, number: int, sample: Sample | None) -> None:
        """Takes the samples of one more step."""
        if self.plain:
            self.see_value(sample.total / sample.count if sample else None)
            return
        window = self.windows[number % self.span]
        self.samples.append(sample or Sample(0, 0, 0, math.inf, -math.inf))
        window.add(statistic([one for one in self.samples if one.count], self.rule.statistic))
        self.last, self.state = window.last, window.state(self.state)

    def see_value(self, value: float | None) -> None:
        """Takes the average of one more step, where a period is one step."""
        window = self.windows[0]
        window.add(value)
        self.last, self.state = window.last, window.state(self.state)


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
        self.cohorts = [Cohort(self.desired, -math.inf, scaled=False)] if self.desired else []
        policies = (None, *self.policies)
        self.waits = {
            (one and one.name, scaled): self._warmup(one, scaled) for one in policies for scaled in (True, False)
        }
        self.warm_after = max(self.waits.values())
        self.warm_at = -math.inf  # when the latest node is warm in the eyes of all
        self.limit = math.inf if self.node.capacity is None else self.node.capacity
        self.keep = math.exp(-curve.step / self.node.lengths.mean) if self.node.lengths else 0.0
        self.left: dict[float, float] = {}
        self.due = [(one, _next(one, curve.start - 1)) for one in group.schedules]
        self.fire_at = _first(self.due)
        self.cooldown: int | None = None
        self.cooldown_until, self.activity_end = 0.0, 0.0
        self.looked = curve.start
        self.steward = group.surplus if group.scale_in == "steward" else None
        self.adding = [caller for caller in self.callers if caller.adds] if self.steward else []
        self.totals: list[float] = []
        self.cut = 0.0
        self.book = _Book(curve, moments)

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
                self._dismiss(self.steward, now)
            if strict and (self.book.refused or self.cut):
                break
        return self.book.close(self.cut)

    def _calm(self, sessions: float, now: float) -> None:
        """A step in which all nodes are alike and warm, and none comes or goes."""
        one = self.cohorts[0]
        self.book.note(now, sessions, one.count, one.count * self.limit)
        one.each = each = sessions / one.count
        if self.steward:
            self.totals.append(sessions)
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
        held = self._place(sessions, end)
        if kept or taking < nodes:
            self._end_drains(end)
        if len(self.cohorts) > 1 and not number % MERGE:
            self._merge(end)
        if self.steward:
            self.totals.append(held)
        if self.plain:
            self._look_at_averages(end)
        else:
            self._look(number, end)
        self._meet(end)

    # What nodes carry

    def _place(self, sessions: float, now: float) -> float:
        """The sessions end and come: those that are open stay where they are, new ones go to all nodes in turn.

        Those beyond the capacity count as refused, and weigh on the nodes all the same: WCS itself refuses none.
        How many there are in all.
        """
        lengths, keep = self.node.lengths, self.keep
        taking, held = 0, 0.0
        for one in self.cohorts:
            if one.leaving is None:
                one.each *= keep
                taking += one.count if one.ready <= now else 0
            elif lengths is not None:
                one.each = one.then * self._left(lengths, now - one.leaving)
            else:
                one.each = 0.0
            held += one.count * one.each
        if held > sessions:
            share = sessions / held
            for one in self.cohorts:
                one.each, one.then = one.each * share, one.then * share
        elif taking:
            more = (sessions - held) / taking
            for one in self.cohorts:
                if one.leaving is None and one.ready <= now:
                    one.each += more
        return sessions if taking else min(held, sessions)

    def _left(self, lengths: Lengths, seconds: float) -> float:
        """`lengths.left`, each worked out once."""
        found = self.left.get(seconds)
        if found is None:
            found = self.left[seconds] = lengths.left(seconds)
        return found

    def _end_drains(self, now: float) -> None:
        for one in [one for one in self.cohorts if one.leaving is not None]:
            late = one.by_aws and now - (one.leaving or 0.0) >= self.group.connection_draining
            if self.node.lengths is not None and one.each >= ENDED and not late:
                continue
            self.cohorts.remove(one)
            self.activity_end = now
            if one.by_aws:
                self.cut += one.count * one.each if late else 0.0
            else:
                self.desired = max(self.least, min(self.desired, self._active()))

    def _merge(self, now: float) -> None:
        """Nodes that have become alike are one cohort."""
        if now < self.warm_at:
            return
        first: Cohort | None = None
        for one in list(self.cohorts):
            if one.leaving is not None:
                continue
            if first is not None and abs(first.each - one.each) <= ALIKE * max(first.each, one.each):
                both = first.count + one.count
                first.each = (first.count * first.each + one.count * one.each) / both
                first.count = both
                self.cohorts.remove(one)
            else:
                first = one

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

    def _active(self) -> int:
        return sum(one.count for one in self.cohorts if not one.by_aws)

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
        active = self._active()
        if active < self.desired:
            ready = now + self.node.launch_seconds
            self.cohorts.append(Cohort(self.desired - active, ready, by_policy))
            self.activity_end = max(self.activity_end, ready)
            self.warm_at = max(self.warm_at, ready + self.warm_after)
        elif active > self.desired and self.group.scale_in == "aws":
            there = [one for one in self.cohorts if not one.by_aws]
            self._leave(there, active - self.desired, now, by_aws=True)

    def _leave(self, among: list[Cohort], count: int, now: float, by_aws: bool = False) -> None:
        for one in among:
            if count <= 0:
                return
            gone = one if one.count <= count else one.split(count)
            if gone is not one:
                self.cohorts.append(gone)
            gone.leaving, gone.then, gone.by_aws = now, gone.each, by_aws
            count -= gone.count

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

    def _dismiss(self, surplus: Surplus, now: float) -> None:
        """Nodes that are too many leave once their sessions have ended; those that are needed again come back."""
        for caller in self.adding:
            caller.keep(now - self.curve.step, surplus.stable_for)
        if len(self.cohorts) == 1 and now - self.looked < self.group.interval:
            return
        sessions, floor = self.totals[-1], max(self.least, 1)
        serving = [one for one in self.cohorts if one.leaving is None and one.ready <= now]
        count = sum(one.count for one in serving)
        leaving = [one for one in self.cohorts if one.leaving is not None]
        if leaving and (short := max(surplus.nodes_for(sessions), floor) - count) > 0:
            self._return(leaving, short)
            return
        if now - self.looked < self.group.interval:
            return
        self.looked = now
        if count + sum(one.count for one in leaving) < self.desired or now - self.curve.start < surplus.stable_for:
            return
        step = self.curve.step
        window = self.totals[-max(1, int(surplus.stable_for // step)) : -max(1, ON_THE_WAY // step)]
        most = max([sessions, *window])
        extra = count - max(surplus.nodes_with_headroom(most), floor)
        if extra > 0 and self.adding:
            extra = min(extra, count - self._wanted_by_policies(surplus, now, count, most))
        if extra > 0:
            self._leave(sorted(serving, key=lambda one: one.each), extra, now)

    def _wanted_by_policies(self, surplus: Surplus, now: float, count: int, most: float) -> int:
        """So many of the nodes keep the alarms that add some from ringing: all where one rings, or says nothing."""
        least = 0
        for caller in self.adding:
            rule = caller.rule
            if caller.state == "ALARM" or not rule.comparison.startswith("Greater") or rule.threshold <= 0:
                return count
            by_sessions = not caller.cpu and rule.statistic == "Average"
            value = most / count if by_sessions else self._highest(caller, now, surplus)
            if value is None:
                return count
            reached = rule.comparison.startswith("GreaterThanOrEqual")
            least = max(least, surplus.nodes_below(rule.threshold, value, count, reached))
        return least

    def _highest(self, caller: Caller, now: float, surplus: Surplus) -> float | None:
        return highest(caller.history, self.activity_end, now, surplus.stable_for)

    def _return(self, leaving: list[Cohort], count: int) -> None:
        for one in reversed(leaving):
            if count <= 0:
                return
            back = one if one.count <= count else one.split(count)
            if back is not one:
                self.cohorts.append(back)
            back.leaving, back.then = None, 0.0
            count -= back.count


class _Book:
    """What is written down of a replay."""

    def __init__(self, curve: Curve, moments: int) -> None:
        self.step = curve.step
        self.span = _span(curve, moments)
        self.rows: list[Moment] = []
        self.until = -math.inf
        self.row: list[float] = []
        self.peak, self.peak_time, self.node_steps = 0, curve.start, 0
        self.refused, self.refused_time, self.refused_steps = 0.0, -1.0, 0.0
        self.share = math.inf  # the least room, as a share of the sessions

    def note(self, now: float, sessions: float, nodes: int, room: float) -> None:
        """What is open, there and free at a moment."""
        if sessions and room / sessions < self.share:
            self.share = room / sessions
        refused = sessions - room if sessions > room else 0.0
        self.node_steps += nodes
        if nodes > self.peak:
            self.peak, self.peak_time = nodes, now
        if refused:
            self.refused_steps += refused
            self.refused = max(self.refused, refused)
            if self.refused_time < 0:
                self.refused_time = now
        if now >= self.until:
            self._close_row()
            self.row, self.until = [now, sessions, nodes, room, refused], now + self.span
            return
        row = self.row
        if sessions > row[1]:
            row[1] = sessions
        if nodes > row[2]:
            row[2] = nodes
        if room < row[3]:
            row[3] = room
        if refused > row[4]:
            row[4] = refused

    def _close_row(self) -> None:
        if self.row:
            time, sessions, nodes, room, refused = self.row
            self.rows.append(Moment(time, sessions, int(nodes), None if math.isinf(room) else room, refused))

    def close(self, cut: float) -> Replay:
        """All of it."""
        self._close_row()
        return Replay(
            tuple(self.rows),
            self.peak,
            self.peak_time,
            self.node_steps * self.step,
            self.refused,
            None if self.refused_time < 0 else self.refused_time,
            self.refused_steps * self.step,
            cut,
            self.share - 1,
        )


def _span(curve: Curve, moments: int) -> int:
    """Seconds of a moment of the timeline: a round number of minutes where there would be too many."""
    least = len(curve.sessions) * curve.step / moments
    rounds = (curve.step, *(MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)))
    return next((one for one in rounds if one >= least), math.ceil(least))


def _first(due: Iterable[tuple[TimedSizes, float | None]]) -> float:
    return min((at for _, at in due if at is not None), default=math.inf)


def _next(action: TimedSizes, after: float) -> float | None:
    given = {
        "start": action.start, "end": action.end, "Recurrence": action.recurrence, "TimeZone": action.time_zone,
    }  # fmt: skip
    return next_due(given, after)
