# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steering: where time and live sessions decide, nobody can foresee the calls, so there is one decision a look.

A domain of steering is a module of pure functions over a frozen view of the world and a goal. It keeps nothing in
memory that it cannot do without: what matters is written down in the world before it is acted upon, so that a run that
was killed is taken up by the next one, and two runs at once help each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from .clock import Clock
from .converge import Outcome
from .errors import Failure, Interrupted, LostReply, Refusal
from .step import Step, means

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)
G = TypeVar("G")
V_contra = TypeVar("V_contra", contravariant=True)
G_contra = TypeVar("G_contra", contravariant=True)

PACE = 5.0
"""Seconds between two looks while nothing is to be written."""
BRISK = 1.0
"""Seconds after a write call until the next look."""
STUBBORN = 300.0
"""Seconds for which AWS may say that it is busy before that is an error."""


@dataclass(frozen=True)
class Watch:
    """Nothing to write now: what is waited for, in one line, and when (seconds since 1970) to look at the latest."""

    text: str
    until: float | None = None


@dataclass(frozen=True)
class Halt:
    """The end, short of the goal."""

    refusal: Refusal
    details: Mapping[str, Any] | None = None


Decision = Sequence[Step | Watch | Halt]


class Steering(Protocol[V_contra, G_contra]):
    """A domain: module-level functions over a frozen view and a goal."""

    def refuse(self, view: V_contra, goal: G_contra, /) -> Refusal | None:
        """Why this cannot or must not be begun, or None; quotes the rule and says what would work."""

    def decide(self, view: V_contra, goal: G_contra, now: float, /) -> Decision:
        """What to do now, each step right after the ones before it; () when the goal is reached. `now`: since 1970."""

    def show(self, view: V_contra, /) -> dict[str, Any]:
        """The managed fields, for the diff."""


class SteeredWorld(Protocol[V_co]):
    """Where a domain of steering lives."""

    def read(self) -> V_co:
        """One look at all of it."""

    def write(self, step: Step) -> None:
        """Makes the call. Raises Failure or LostReply."""


def steer(
    domain: Steering[V, G],
    world: SteeredWorld[V],
    goal: G,
    *,
    clock: Clock,
    check: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Outcome[V]:
    """What was written, and the world before and after; in check mode the first decision, and the world as it is.

    Raises Failure, with the calls made so far in `actions`: for a refusal, a halt, an API error.
    """
    run = SteeringRun(domain, world, goal, clock, report)
    if check:
        steps = tuple(move for move in run.first() if isinstance(move, Step))
        return Outcome(steps, run.before, run.before, run.view)
    try:
        for pause in run.looks():
            clock.sleep(pause)
    except Interrupted as end:
        end.actions = [step.action for step in run.written]
        raise
    return Outcome(tuple(run.written), run.before, domain.show(run.view), run.view)


class SteeringRun(Generic[V, G]):
    """One run: look, decide, write, pause, until nothing is left to do."""

    def __init__(
        self, domain: Steering[V, G], world: SteeredWorld[V], goal: G, clock: Clock, report: Callable[[str], None]
    ) -> None:
        """Takes the first look. Raises Failure for a refusal."""
        self.domain, self.world, self.goal, self.clock, self.report = domain, world, goal, clock, report
        self.written: list[Step] = []
        self.view = world.read()
        self.before = domain.show(self.view)
        self._busy_since: float | None = None
        if refusal := domain.refuse(self.view, goal):
            raise Failure(refusal)

    def first(self) -> Decision:
        """What would be done first. Raises Failure where that is to stop."""
        moves = self.domain.decide(self.view, self.goal, self.clock.date())
        for move in moves:
            if isinstance(move, Halt):
                raise Failure(move.refusal, details=move.details)
        return moves

    def looks(self) -> Iterator[float]:
        """Gives the seconds to pause before each further look; ends when the goal is reached."""
        try:
            while moves := self.domain.decide(self.view, self.goal, self.clock.date()):
                yield self._perform(moves)
                self.view = self.world.read()
        except Failure as failure:
            failure.actions = [step.action for step in self.written]
            raise

    def _perform(self, moves: Decision) -> float:
        """Carries out what was decided, up to the first call that AWS does not take now; gives the pause after it."""
        pause = PACE
        for move in moves:
            if isinstance(move, Halt):
                raise Failure(move.refusal, details=move.details)
            if isinstance(move, Step):
                pause = BRISK
                if not self._write(move):
                    return pause
            else:
                self.report(move.text)
                if move.until is not None:
                    pause = min(pause, max(0.2, move.until - self.clock.date()))
        return pause

    def _write(self, step: Step) -> bool:
        """Whether the call was taken. A lost reply, or a refusal that time heals, means to look again."""
        self.written.append(step)
        try:
            self.world.write(step)
        except LostReply as lost:
            self.report(f"{step.operation} {step.subject[1]}: {lost.failure.refusal.reason}; looking again")
            return False
        except Failure as failure:
            self.written.pop()
            now = self.clock.now()
            self._busy_since = now if self._busy_since is None else self._busy_since
            if not means(failure, step.not_yet) or now - self._busy_since > STUBBORN:
                raise
            self.report(f"{step.subject[0]} {step.subject[1]}: {failure.refusal.reason}")
            return False
        self._busy_since = None
        return True
