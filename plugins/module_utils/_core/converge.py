# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: what stands between the world as it is and as it is wanted, and the one place that walks a plan and waits.

A domain (a balancer, an image, a group) is a module of pure functions over two frozen values: what there *is* and what
is *wanted*. `course` folds "what can be done from here" with "what the world looks like after it" into the whole
ordered list. Check mode reports that list; a run writes it, reads once more, and must then find it empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from .clock import Clock
from .errors import AlreadyThere, Failure, Interrupted, LostReply, Refusal
from .step import Move, Ref, Step, Wait, WaitState, means, steps_of, unknown

H = TypeVar("H")
H_co = TypeVar("H_co", covariant=True)
W = TypeVar("W")


class Converging(Protocol[H, W]):
    """A domain: module-level functions over frozen `H` (what is) and `W` (what is wanted; None: that it be absent)."""

    def refuse(self, have: H, want: W | None, /) -> Refusal | None:
        """Why this cannot or must not be done, or None; quotes the rule."""

    def complete(self, have: H, want: W | None, /) -> W | None:
        """The want without gaps: what was left out is what is there, else the creation default."""

    def moves(self, have: H, want: W | None, /) -> Sequence[Move]:
        """All that can be done from here, ordered; () when nothing is left to do."""

    def foresee(self, have: H, step: Step, /) -> H:
        """The world after the step; values that AWS invents are LATER."""

    def settle(self, have: H, wait: Wait, /) -> H:
        """The world after the wait: what AWS does alone."""

    def show(self, have: H, /) -> dict[str, Any] | None:
        """The managed fields, for the return value and the diff; None when absent."""


class World(Protocol[H_co]):
    """Where a domain lives: reads it, looks at one wait narrowly, writes one step."""

    def read(self) -> H_co:
        """All of it, fresh."""

    def look(self, wait: Wait) -> WaitState:
        """One narrow look."""

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values learned; raises Failure, LostReply or AlreadyThere."""


@dataclass(frozen=True)
class Outcome(Generic[H]):
    """What a run did, or in check mode would do: the write calls in order, and the world before and after.

    `done` says of check mode that nothing is left to write, and nothing to wait for.
    """

    steps: tuple[Step, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    have: H
    done: bool = True

    @property
    def changed(self) -> bool:
        """Whether anything was (or would be) written."""
        return bool(self.steps)

    @property
    def actions(self) -> list[str]:
        """The write calls in order."""
        return [step.action for step in self.steps]


COURSE_LIMIT = 2000
SOON = 60.0
"""Seconds for which AWS may not yet know everywhere what was made."""


def course(domain: Converging[H, W], have: H, want: W | None) -> tuple[tuple[Move, ...], H]:
    """The whole ordered list of moves from `have` to `want`, and the world where it ends.

    Raises RuntimeError when the domain never comes to rest: that is a defect of the domain, found by its tests.
    """
    done: list[Move] = []
    while batch := domain.moves(have, want):
        for move in batch:
            done.append(move)
            have = domain.settle(have, move) if isinstance(move, Wait) else domain.foresee(have, move)
        if len(done) > COURSE_LIMIT:
            raise RuntimeError(f"no end in sight after {done[-3:]}")
    return tuple(done), have


@dataclass(frozen=True)
class Patience:
    """How long a run waits, in seconds: for all waits together, between looks, and for AWS to agree with itself."""

    timeout: float = 600.0
    interval: float = 2.0
    settle: float = 30.0
    rounds: int = 6


def converge(
    domain: Converging[H, W],
    world: World[H],
    want: W | None,
    *,
    clock: Clock,
    check: bool = False,
    wait: bool = True,
    patience: Patience | None = None,
    judge: Callable[[Sequence[Step], bool], None] = lambda _, __: None,
    report: Callable[[str], None] = lambda _: None,
) -> Outcome[H]:
    """What was written (in check mode: would be), and the world before and after.

    `judge` is shown the planned calls before the first is made, and whether the thing stands; it may raise Failure.

    Raises Failure, with the calls made so far in `actions`: for a refusal, an API error, a wait that is hopeless or
    took too long, or a world that does not come to rest. Interrupted has them, too: the last may not have been heard.
    """
    have = world.read()
    if refusal := domain.refuse(have, want):
        raise Failure(refusal)
    goal = domain.complete(have, want)
    planned, end = course(domain, have, goal)
    before = domain.show(have)
    judge(steps_of(planned), before is not None)
    if check:
        return Outcome(steps_of(planned), before, domain.show(end), end, not planned)
    run = _Walk(world, clock, wait, patience or Patience(), report)
    try:
        final = run.walk(domain, have, goal, planned)
    except (Failure, Interrupted) as end:
        end.actions = [step.action for step in run.written]
        raise
    return Outcome(tuple(run.written), before, domain.show(final), final)


class _Walk(Generic[H]):
    """One walk along a course: writes, waits, and when AWS's answers leave a doubt reads again and plans again."""

    def __init__(
        self, world: World[H], clock: Clock, wait: bool, patience: Patience, report: Callable[[str], None]
    ) -> None:
        self.world, self.clock, self.wait, self.patience, self.report = world, clock, wait, patience, report
        self.written: list[Step] = []
        self.deadline = clock.now() + patience.timeout
        self.doubt: Failure | None = None

    def walk(self, domain: Converging[H, W], have: H, goal: W | None, planned: Sequence[Move]) -> H:
        """The world at the end, which has been read and needs no further step."""
        rounds = self.patience.rounds
        while planned and rounds:
            self.doubt, done = None, True
            try:
                done = self.perform(planned)
            except (LostReply, AlreadyThere) as doubt:
                self.doubt = doubt.failure
            have, planned = self.settled(domain, goal, self.patience.settle if done else 0.0)
            if not steps_of(planned) and not self.wait:
                return have
            if steps_of(planned) or self.clock.now() >= self.deadline:
                rounds -= 1
            elif planned:  # AWS has shown the end of the wait, and now shows it no more: that takes time alone
                self.clock.sleep(self.patience.interval)
        if not planned:
            return have
        raise self.doubt or _restless(planned)

    def perform(self, planned: Sequence[Move]) -> bool:
        """Whether every step was written, in order: one about what only a wait brings is left to the next plan.

        Waits that nothing follows are left out when the user does not want to wait.
        """
        last = max((i for i, move in enumerate(planned) if isinstance(move, Step)), default=-1)
        known: dict[Ref, Any] = {}
        for index, move in enumerate(planned):
            if isinstance(move, Wait):
                if self.wait or index < last:
                    self.until(move)
                continue
            if unknown(move.args):
                return False
            known |= self.patiently(move, known)
        return True

    def patiently(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values learned from the step; its `not_yet` refusals are waited out, `soon` ones for a minute."""
        pause, minute = self.patience.interval, self.clock.now() + SOON
        while True:
            self.written.append(step)
            try:
                return self.world.write(step, known)
            except Failure as failure:
                self.written.pop()
                passing = means(failure, step.not_yet) or (means(failure, step.soon) and self.clock.now() < minute)
                if not passing or self.clock.now() + pause > self.deadline:
                    raise
                self.report(f"{step.subject[0]} {step.subject[1]}: {failure.refusal.reason}")
                self.clock.sleep(pause)
                pause = min(pause * 1.5, 15.0)
            except AlreadyThere:
                self.written.pop()
                raise

    def until(self, wait: Wait) -> None:
        """Returns when the wait is over; Failure when it is hopeless or took too long."""
        while True:
            state = self.world.look(wait)
            if state.done:
                return
            if state.hopeless or self.clock.now() >= self.deadline:
                state = state.explain() if state.explain else state
                raise Failure(state.hopeless or _late(wait, state, self.patience.timeout), details=state.details)
            self.report(state.text or f"{wait.what}: waiting until {wait.until}")
            self.clock.sleep(self.patience.interval)

    def settled(self, domain: Converging[H, W], goal: W | None, time: float) -> tuple[H, Sequence[Move]]:
        """The world read again, with what is left to do after AWS had so many seconds to agree with itself."""
        give_up = self.clock.now() + time
        pause = 0.5
        while True:
            have = self.world.read()
            if refusal := domain.refuse(have, goal):
                raise Failure(refusal)
            rest, _ = course(domain, have, goal)
            if not steps_of(rest) or self.clock.now() >= give_up:
                return have, rest
            self.clock.sleep(pause)
            pause = min(pause * 2, 5.0)


def _late(wait: Wait, state: WaitState, timeout: float) -> Refusal:
    seen = f"; last seen: {state.text}" if state.text else ""
    return Refusal(
        "finish waiting for",
        wait.what,
        "",
        f"it was not {wait.until} within O(wait_timeout) ({timeout:g} s){seen}",
        "It goes on in AWS: run again to wait for the rest, with a longer O(wait_timeout) if needed",
    )


def _restless(planned: Sequence[Move]) -> Failure:
    left = ", ".join(dict.fromkeys(step.action for step in steps_of(planned))) or "a wait"
    return Failure(
        Refusal(
            "finish",
            "this run",
            "",
            f"what was written still differs when it is read again (needs {left})",
            "Another run may be changing the same thing: look at the diff in check mode, then run again",
        )
    )
