# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is replayed: sessions over time, a group with its policies, and what sessions do to its nodes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from .._core.surplus import Surplus
from . import alarms as _alarms
from .alarms import AlarmRule
from .decide import TRACKING, ScalingRule
from .tracking import HIGH, LOW, Windows
from .tracking import alarms as tracking_alarms

MetricKind = Literal["cpu", "sessions"]
ScaleIn = Literal["manual", "aws", "steward"]


@dataclass(frozen=True)
class Curve:
    """Sessions over time: `sessions[i]` are open from `start + i * step` on, in seconds since 1970."""

    start: float
    step: int
    sessions: Sequence[float]

    @property
    def end(self) -> float:
        """When the last of them end."""
        return self.start + len(self.sessions) * self.step


@dataclass(frozen=True)
class RuleAlarm:
    """An alarm that calls a policy: its name, and how it looks at the policy's metric."""

    name: str
    rule: AlarmRule


@dataclass(frozen=True)
class ReplayedPolicy:
    """A policy, the metric that calls it and how: by its `alarm`, or by AWS's own of a target (then None)."""

    name: str
    rule: ScalingRule
    metric: MetricKind
    alarm: AlarmRule | None = None
    period: int = 60
    statistic: str = "Average"

    def alarms(self, windows: Windows) -> tuple[RuleAlarm, ...]:
        """The alarms that can call it."""
        if self.alarm is not None:
            return (RuleAlarm(self.name, self.alarm),)
        if self.rule.kind != TRACKING or self.rule.target is None:
            return ()
        made = tracking_alarms(self.rule.target, windows)
        more = {"Period": self.period, "Statistic": self.statistic}
        sides = (HIGH,) if self.rule.disable_scale_in else (HIGH, LOW)
        return tuple(RuleAlarm(side, _alarms.from_aws({**made[side], **more})) for side in sides)


@dataclass(frozen=True)
class TimedSizes:
    """A scheduled action: when it is due (as `schedules.next_due` takes it), and the sizes it sets."""

    name: str
    recurrence: str | None = None
    time_zone: str | None = None
    start: float | None = None
    end: float | None = None
    min_size: int | None = None
    max_size: int | None = None
    desired_capacity: int | None = None


@dataclass(frozen=True)
class Lengths:
    """How long sessions last. `knots`: seconds and the share of sessions that last longer; empty: exponentially."""

    mean: float
    knots: tuple[tuple[float, float], ...] = ()

    def left(self, seconds: float) -> float:
        """The share of the sessions on a node that is still open so long after it has got no new ones."""
        if not self.knots:
            return math.exp(-seconds / self.mean)
        area = 0.0
        for (begin, share), (end, less) in pairwise(self.knots):
            if seconds >= end:
                continue
            first = max(begin, seconds)
            at = share + (less - share) * (first - begin) / (end - begin)
            area += (at + less) / 2 * (end - first)
        return area / self.mean


def of_mean(seconds: float) -> Lengths:
    """Sessions that end at any moment with the same chance, so that they last so long on average."""
    return Lengths(seconds)


def of_quantiles(quantiles: Sequence[tuple[float, float]]) -> Lengths:
    """Sessions of which `share` (0 to 1) last at most so many seconds, evenly in between.

    Beyond the last quantile they go on to end as between the last two.
    """
    knots = [(0.0, 1.0)]
    for share, seconds in sorted(quantiles):
        if seconds > knots[-1][0]:
            knots.append((seconds, 1 - share))
        else:
            knots[-1] = (knots[-1][0], 1 - share)
    (before, share), (end, rest) = knots[-2:] if len(knots) > 1 else (*knots, (1.0, 0.0))
    if rest > 0:
        slope = (share - rest) / (end - before) or 1 / end
        knots.append((end + rest / slope, 0.0))
    mean = sum((share + less) / 2 * (end - begin) for (begin, share), (end, less) in pairwise(knots))
    return Lengths(mean, tuple(knots))


@dataclass(frozen=True)
class NodeModel:
    """What sessions do to a node.

    `capacity`: sessions that fit on one (None: no limit). `launch_seconds`: from the launch until it takes sessions.
    `lengths`: of sessions, which stay on their node; None: they are spread anew in each period.
    """

    capacity: float | None = None
    cpu_per_session: float | None = None
    cpu_idle: float = 0.0
    launch_seconds: float = 180.0
    lengths: Lengths | None = None


@dataclass(frozen=True)
class GroupModel:
    """The group: its sizes, policies and schedules, and how nodes leave it. `desired` None: as `min_size`.

    With AWS's scale-in sessions are cut after `connection_draining` seconds; the steward looks every `interval`, and
    lets no node leave where one is `held` by a policy that is not replayed.
    """

    min_size: int
    max_size: int
    desired: int | None = None
    default_warmup: int | None = None
    default_cooldown: int = 300
    policies: tuple[ReplayedPolicy, ...] = ()
    schedules: tuple[TimedSizes, ...] = ()
    scale_in: ScaleIn = "manual"
    surplus: Surplus | None = None
    interval: float = 300.0
    held: bool = False
    connection_draining: float = 3600.0
    node: NodeModel = field(default_factory=NodeModel)


@dataclass(frozen=True)
class Moment:
    """A stretch of the replay: the most sessions, nodes and refused ones in it, and the least capacity (None: any)."""

    time: float
    sessions: float
    nodes: int
    capacity: float | None
    refused: float


@dataclass(frozen=True)
class Replay:
    """How it went. `refused_seconds`: sessions without a node times the time; `cut`: ended by AWS's scale-in.

    `margin`: the share of sessions more that there was room for at the tightest moment.
    """

    timeline: tuple[Moment, ...]
    peak: int
    peak_time: float
    node_seconds: float
    refused: float
    refused_time: float | None
    refused_seconds: float
    cut: float
    margin: float
