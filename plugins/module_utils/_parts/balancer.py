# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A load balancer, managed by one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._balancer import moves as _balancer
from .._balancer.health import Asks
from .._balancer.options import wanted, warnings
from .._balancer.world import BalancerWorld, shown
from .._core import module as _module
from .._group import api as _groups
from .._nodes.health_answer import answers


def manage(params: Mapping[str, Any], run: _module.Run, asks: Asks = answers) -> _module.Answer:
    """The answer of one run; the balancer's resource key is `load_balancer`. `asks` asks a health check's question."""
    want = wanted(params, run.aws.region) if params["state"] == "present" else None

    def members_of(ids: Sequence[str]) -> frozenset[str]:
        return _groups.members_of(run.aws, ids)

    def users_of(name: str, stack: str) -> tuple[str, ...]:
        return _groups.naming_balancer(run.aws, name, stack)

    world = BalancerWorld(run.aws, params["name"], want, params["adopt"], members_of, asks, params["stack"], users_of)
    outcome = run.converge(_balancer, world, want, params)
    balancer, ids = outcome.after, want.instance_ids if want else None
    if balancer is not None:
        health = outcome.have.balancer.health if outcome.have.balancer else {}
        balancer = {**balancer, "instances": None if ids is None else shown(health, ids)}
    return _module.Answer(outcome, {"load_balancer": balancer}, tuple(warnings(want, world.untried)) if want else ())
