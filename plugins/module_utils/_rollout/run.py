# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group rolled out, or back, by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.module import Answer, Run
from .._drain.decide import foreseen, outcomes
from .._steering.sessions_world import Sessions, asked, session_with
from .._steering.world import LiveGroupWorld
from . import decide as _rollout
from .options import wanted


def manage(params: Mapping[str, Any], run: Run) -> Answer:
    """How the rollout went, or in check mode how it would begin."""
    goal = wanted(params)
    proves = session_with(params) if params["probe"] and not run.check else None
    sessions = Sessions(
        asked(params, proves), run.clock, lambda view, node: not run.check and _rollout.is_new(view, goal, node)
    )
    world = LiveGroupWorld(run.aws, params["group_name"], sessions, launches=True, beside=goal.licences.bind)

    def shown() -> Mapping[str, Any]:
        return _rollout.describe(world.first, world.view, goal, outcomes(world.view))

    outcome = run.steer(_rollout, world, goal, shown)
    view = outcome.have
    victims = foreseen(_rollout.order(view, goal)) if run.check else outcomes(view)
    return Answer(outcome, _rollout.describe(world.first, view, goal, victims))
