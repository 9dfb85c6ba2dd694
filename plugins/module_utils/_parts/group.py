# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Auto Scaling group with what it launches and how it scales, managed by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.module import Answer, Run
from .._fleet import moves as _fleet
from .._fleet import options as _fleet_want
from .._fleet import rules as _fleet_rules
from .._fleet import show as _fleet_show
from .._fleet.licences import bake_unlicensed
from .._fleet.value import FleetWant
from .._fleet.world import GroupWorld
from .._group.value import Settings
from .._nodes.health_answer import answers


def manage(params: Mapping[str, Any], run: Run) -> Answer:
    """What the module did or would do, with the fleet as it is afterwards."""
    name, want = params["name"], _fleet_want.wanted(params)
    if want is not None and (refusal := _fleet_rules.problem(name, want)):
        raise Failure(refusal)
    asked = {"adopt": params["adopt"], "wait": params["wait"], "stack": params["stack"]}
    planned = {name, *params["planned_load_balancers"]} if run.check else ()
    world = GroupWorld(run.aws, name, want, **asked, asks=answers, planned=planned)
    outcome = run.converge(_fleet, world, want, params)
    if run.check and (missing := world.missing_balancers(outcome.steps, planned)):
        raise Failure(_fleet_rules.no_balancer(name, missing))
    said = [*_fleet_show.warnings(outcome.have, want), *_fleet_show.notices(outcome.have, want)]
    return Answer(outcome, _fleet_show.describe(outcome.have, want), said)


def judge_bake(params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """{}; Failure where there are too few licences for the seed of an image beside the nodes that there are."""
    name, given = params["name"], _fleet_want.wanted(params)
    if given is None or not given.licences.bind:
        return {}
    image = given.seed_image_id
    want = FleetWant(Settings(), given.launch, licences=given.licences, seed=given.seed, seed_image_id=image)
    have = GroupWorld(run.aws, name, want, adopt=params["adopt"], wait=False, stack=params["stack"]).read()
    if why := bake_unlicensed(have, want):
        raise Failure(Refusal("launch a seed for", "group", name, *why))
    return {}
