# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many nodes sessions need, and when nodes are too many."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Surplus:
    """What makes nodes too many. `headroom`: the share of sessions kept free; `stable_for`: seconds it must be so."""

    sessions_per_node: float
    headroom: float = 0.2
    stable_for: float = 900.0

    def nodes_for(self, sessions: float) -> int:
        """How many nodes so many sessions need, without headroom."""
        return math.ceil(round(sessions / self.sessions_per_node, 6))

    def nodes_with_headroom(self, sessions: float) -> int:
        """How many nodes so many sessions need, and those that may come."""
        return self.nodes_for(sessions * (1 + self.headroom))
