# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nodes of a replay and the sessions on them.

Nodes that were launched together and are alike in all are one cohort, so that a fleet of hundreds costs no more than
one of three.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from .value import Lengths, NodeModel

ENDED = 0.5
"""A node with less than so many sessions has none."""
ALIKE = 0.05
"""Nodes whose sessions differ by no more than this share are one cohort."""


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


class Cohorts:
    """All nodes: `all`, the earliest first, but for what was split off a cohort or came back to one."""

    def __init__(self, count: int, node: NodeModel, step: int) -> None:
        """So many that were always there."""
        self.all = [Cohort(count, -math.inf, scaled=False)] if count else []
        self.lengths = node.lengths
        self.keep = math.exp(-step / node.lengths.mean) if node.lengths else 0.0
        self.left: dict[float, float] = {}

    @property
    def active(self) -> int:
        """How many count as capacity: all that AWS does not terminate."""
        return sum(one.count for one in self.all if not one.by_aws)

    def place(self, sessions: float, now: float) -> float:
        """The sessions end and come: those that are open stay where they are, new ones go to all nodes in turn.

        Those beyond the capacity count as refused, and weigh on the nodes all the same: WCS itself refuses none.
        How many there are in all.
        """
        lengths, keep = self.lengths, self.keep
        taking, held = 0, 0.0
        for one in self.all:
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
            for one in self.all:
                one.each, one.then = one.each * share, one.then * share
        elif taking:
            more = (sessions - held) / taking
            for one in self.all:
                if one.leaving is None and one.ready <= now:
                    one.each += more
        return sessions if taking else min(held, sessions)

    def _left(self, lengths: Lengths, seconds: float) -> float:
        """`lengths.left`, each worked out once."""
        found = self.left.get(seconds)
        if found is None:
            found = self.left[seconds] = lengths.left(seconds)
        return found

    def end(self, now: float, draining: float) -> Iterator[tuple[Cohort, float]]:
        """Takes out the nodes that are empty, or drain for so long; with how many sessions are cut."""
        for one in [one for one in self.all if one.leaving is not None]:
            late = one.by_aws and now - (one.leaving or 0.0) >= draining
            if self.lengths is not None and one.each >= ENDED and not late:
                continue
            self.all.remove(one)
            yield one, one.count * one.each if late else 0.0

    def merge(self) -> None:
        """Nodes that have become alike are one cohort."""
        first: Cohort | None = None
        for one in list(self.all):
            if one.leaving is not None:
                continue
            if first is not None and abs(first.each - one.each) <= ALIKE * max(first.each, one.each):
                both = first.count + one.count
                first.each = (first.count * first.each + one.count * one.each) / both
                first.count = both
                self.all.remove(one)
            else:
                first = one

    def launch(self, count: int, ready: float, scaled: bool) -> None:
        """So many more, which take sessions from then on."""
        self.all.append(Cohort(count, ready, scaled))

    def leave(self, among: Iterable[Cohort], count: int, now: float, by_aws: bool = False) -> None:
        """So many of these begin to leave."""
        for gone in self._some(among, count):
            gone.leaving, gone.then, gone.by_aws = now, gone.each, by_aws

    def bring_back(self, among: Iterable[Cohort], count: int) -> None:
        """So many of these stay after all."""
        for back in self._some(among, count):
            back.leaving, back.then = None, 0.0

    def _some(self, among: Iterable[Cohort], count: int) -> Iterator[Cohort]:
        """So many nodes of these cohorts, in their order."""
        for one in among:
            if count <= 0:
                return
            some = one if one.count <= count else one.split(count)
            if some is not one:
                self.all.append(some)
            yield some
            count -= some.count
