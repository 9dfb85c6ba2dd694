# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load put on a group by one run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from .._core.errors import Failure
from .._core.module import Run
from .._nodes.members import paged
from .._nodes.pages import How
from .._probe.client import Plan
from .._probe.messages import Session, summary
from .._probe.proof import aim
from .mixers import Mixers, running
from .options import USUAL, wanted
from .rules import refuse
from .value import ended, table, verdict
from .world import LoadedGroup, LoadWorld


def look(given: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The answer: verdict, table, looks and sessions."""
    params = {**USUAL, **given}
    load = wanted(params)
    world = LoadWorld(run.aws, params, run.clock, run.report)
    group = world.read()
    confirmed = {**params, "confirm": params["confirm"] or run.check}
    if refusal := refuse(confirmed, group.nodes, group.max_size, group.beside, group.idle, group.marketplace):
        raise Failure(refusal)
    world.may_watch()
    started = f"{load.text(len(group.nodes.members))} on group '{world.name}'"
    if run.check:
        return _answer(world, group, f"Would start {started}.")
    run.report(started)
    rest = (params["rate"], 0.0, params["timeout"], params["app_key"], params["validate_certs"])
    plan = Plan(aim(params, group.nodes), load.sessions, *rest) if load.sessions else None
    mixers = Mixers(paged(params), How.of(params).request, params["timeout"], params["feed"])
    with running(mixers, group.nodes.members, load):
        world.look()
        sessions = asyncio.run(world.hold(plan, load, group.ids))
    found, reason = verdict(world.looks, group.ids, bool(load.sessions), bool(load.mixers))
    answer = _answer(world, group, ended(world.name, found, reason), sessions)
    return {**answer, "verdict": found, "reason": reason, "activities": world.activities()}


def _answer(world: LoadWorld, group: LoadedGroup, text: str, sessions: Sequence[Session] = ()) -> dict[str, Any]:
    """The answer without a verdict, where there is none yet."""
    new = world.looks[-1].new(group.ids) if world.looks else []
    return {
        "verdict": None,
        "reason": None,
        "summary": text,
        "lines": table(world.looks) if world.looks else [],
        "looks": [one.show() for one in world.looks],
        "new_nodes": [node.instance_id for node in new],
        "activities": [],
        "sessions": summary(sessions),
        "group": group.shown,
    }
