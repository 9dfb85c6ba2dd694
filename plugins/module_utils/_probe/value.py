# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a probe showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .messages import Session, latency, summary
from .spread import Count, Judgement, judge


@dataclass(frozen=True)
class Proof:
    """What a probe showed. `judged` is None where nothing was opened."""

    sessions: Sequence[Session]
    counts: Sequence[Count]
    judged: Judgement | None

    @property
    def judgement(self) -> Judgement:
        """The judgement; an empty one where nothing was opened."""
        return self.judged or Judgement(None, judge((), None, 0).distribution, None, ())

    def show(self) -> dict[str, Any]:
        """What a module returns of it."""
        judged = self.judgement
        return {
            "verdict": judged.verdict,
            "distribution": judged.distribution,
            "causes": [cause.show() for cause in judged.causes],
            "sessions": {**summary(self.sessions), "background": judged.background},
            "latency_ms": latency(self.sessions),
            "closed_early": sum(session.closed_early is not None for session in self.sessions),
            "nodes": [count.show() for count in self.counts],
        }
