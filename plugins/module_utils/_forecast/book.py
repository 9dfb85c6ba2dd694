# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written down of a replay."""

from __future__ import annotations

import math

from .._core.points import PERIOD as MINUTE
from .value import Curve, Moment, Replay


class Book:
    """The timeline, and the sums of all steps."""

    def __init__(self, curve: Curve, moments: int) -> None:
        """Nothing yet; the timeline is to have at most so many moments."""
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
