# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many instances a scaling policy wants: simple, step and target tracking arithmetic. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Adjustment:
    """One step adjustment; bounds are relative to the alarm's threshold, None is open."""

    lower: float | None
    upper: float | None
    adjustment: int

    def covers(self, breach: float) -> bool:
        """Whether a metric that is `breach` above the threshold (negative: below) falls in this step.

        Above the threshold the lower bound belongs to the step, below it the upper one does.
        """
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        return lower <= breach < upper if breach >= 0 else lower < breach <= upper


def round_change(change: float) -> int:
    """A percentage's change in whole instances: above 1 down, 0 to 1 is 1, 0 to -1 is -1, below -1 towards zero."""
    if change == 0:
        return 0
    if abs(change) < 1:
        return 1 if change > 0 else -1
    return math.trunc(change)


def adjusted(current: int, kind: str, adjustment: int, magnitude: int | None = None) -> int:
    """The capacity after `adjustment` to `current`; `kind` is AWS's AdjustmentType, `magnitude` the least change."""
    if kind == "ExactCapacity":
        return adjustment
    if kind == "ChangeInCapacity":
        return current + adjustment
    change = round_change(current * adjustment / 100)
    if magnitude and change:
        change = int(math.copysign(max(abs(change), magnitude), change))
    return current + change


def matching(steps: Sequence[Adjustment], breach: float) -> Adjustment | None:
    """The step a breach falls in, or None."""
    return next((step for step in steps if step.covers(breach)), None)


def step_capacity(desired: int, warming: int, step: Adjustment, kind: str, magnitude: int | None = None) -> int:
    """The capacity a step policy wants.

    Out: counted from the capacity without the `warming` instances, so the same step again adds nothing and a higher
    one adds the difference. In: nothing while instances warm up (Auto Scaling guide, step and simple scaling).
    """
    base = desired - warming
    wanted = adjusted(base, kind, step.adjustment, magnitude)
    if wanted >= base:
        return max(desired, wanted)
    return desired if warming else wanted


def tracked_capacity(capacity: int, metric: float, target: float) -> int:
    """The capacity at which a metric in proportion to load would meet `target`: rounded up out as well as in."""
    return math.ceil(round(capacity * metric / target, 6))


def overlap(steps: Iterable[Adjustment]) -> str | None:
    """Why AWS refuses these steps, or None: no gap, no overlap, one open bound a side at most."""
    ordered = sorted(steps, key=lambda step: -math.inf if step.lower is None else step.lower)
    if not ordered:
        return "At least one StepAdjustment must be specified for StepScaling policies"
    if sum(step.lower is None for step in ordered) > 1 or sum(step.upper is None for step in ordered) > 1:
        return "At most one StepAdjustment may have an unspecified lower bound or upper bound"
    for step in ordered:
        if step.lower is None and step.upper is None and len(ordered) > 1:
            return "StepAdjustment intervals can't overlap"
        if step.lower is not None and step.upper is not None and step.lower >= step.upper:
            return "StepAdjustment lower bound must be less than upper bound"
    for before, after in pairwise(ordered):
        if before.upper is None or after.lower is None or before.upper > after.lower:
            return "StepAdjustment intervals can't overlap"
        if before.upper < after.lower:
            return "StepAdjustment intervals can't have gaps between them"
    return None
