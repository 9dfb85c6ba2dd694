# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An alarm that calls a policy, as a replay goes on: what it saw, and its state."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

from .._core.points import highest
from .._core.surplus import ScaleOut, scale_out
from .._scaling.policies import upwards
from .alarms import Sample, Window, statistic
from .value import ReplayedPolicy, RuleAlarm


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
        by_sessions = not self.cpu and alarm.rule.statistic == "Average"
        self.scale_out = scale_out(policy.name, alarm.name, alarm.rule.comparison, alarm.rule.threshold, by_sessions)
        self.history: deque[tuple[float, float]] = deque()

    def keep(self, begin: float, stable_for: float) -> None:
        """Keeps what it saw last, of the period that began then, for the steward, which looks back so far."""
        if self.last is not None:
            self.history.append((begin, self.last))
        while len(self.history) > 1 and self.history[0][0] < begin - stable_for:
            self.history.popleft()

    def judged(self, changed: float, now: float, stable_for: float) -> ScaleOut:
        """What the steward knows of it: the highest of its metric of late, since the nodes changed."""
        found = replace(self.scale_out, rings=self.state == "ALARM")
        return found.measured(highest(self.history, changed, now, stable_for)) if found.measurable else found

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
