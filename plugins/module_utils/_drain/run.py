# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nodes drained, or put back, by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.module import Answer, Run
from .._steering.sessions_world import Sessions, asked
from .._steering.world import LiveGroupWorld
from . import decide as _drain
from . import surplus as _surplus
from .options import wanted
from .published_world import published


def manage(params: Mapping[str, Any], run: Run) -> Answer:
    """What became of the nodes, or in check mode who would leave."""
    goal = wanted(params)
    sessions = Sessions(asked(params), run.clock, lambda _view, _node: False)
    limited = goal.licences.bind and (not goal.decrement or goal.then == "standby")
    seen = published(run.aws, goal.surplus)
    world = LiveGroupWorld(run.aws, params["group_name"], sessions, goal.instance_ids, beside=limited, published=seen)

    def shown() -> Mapping[str, Any]:
        return _drain.describe(world.view, _drain.outcomes(world.view, goal.instance_ids))

    outcome = run.steer(_drain, world, goal, shown)
    view = outcome.have
    victims = _drain.foreseen(_drain.order(view, goal)) if run.check else _drain.outcomes(view, goal.instance_ids)
    found = _surplus.find(world.first, goal.surplus) if goal.surplus else None
    more = {
        "goal": {"state": goal.state, "then": goal.then, "decrement_desired": goal.decrement},
        "surplus": _surplus.show(found) if found else None,
        "summary": _drain.summary(victims, run.check, found.why if found else ""),
    }
    return Answer(outcome, {**_drain.describe(view, victims), **more})
