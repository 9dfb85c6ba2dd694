# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security groups, managed by one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._balancer import api as _balancers
from .._core import module as _module
from .._security_groups import moves as _security_groups
from .._security_groups.options import wanted, warnings
from .._security_groups.value import given_back, stack_of
from .._security_groups.world import SecurityGroupsWorld


def manage(params: Mapping[str, Any], run: _module.Run) -> _module.Answer:
    """The answer of one run; the resource key is `security_groups`."""
    want = wanted(params) if params["state"] == "present" else None
    stacks = {one["name"]: stack_of(one["name"], params["stack"]) for one in params["groups"]}

    def beside(names: Sequence[str], stack: str) -> frozenset[str]:
        return _balancers.beside(run.aws, names, stack)

    world = SecurityGroupsWorld(run.aws, stacks, params["vpc_id"], want, params["adopt"], beside)
    outcome = run.converge(_security_groups, world, want, params)
    return _module.Answer(outcome, {"security_groups": given_back(outcome.have)}, tuple(warnings(outcome.have, want)))
