# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The profile of a stack's nodes, managed by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import module as _module
from .._node_profile import moves as _node_profile
from .._node_profile.options import wanted, warnings
from .._node_profile.value import name_of
from .._node_profile.world import NodeProfileWorld


def manage(params: Mapping[str, Any], run: _module.Run) -> _module.Answer:
    """The answer of one run; the resource keys are `role` and `instance_profile`."""
    want = wanted(params) if params["state"] == "present" else None
    name = params["name"] or name_of(params["stack"], run.aws.region)
    world = NodeProfileWorld(run.aws, name, params["stack"], adopt=params["adopt"], removal=want is None)
    outcome = run.converge(_node_profile, world, want, params)
    found = outcome.after or {"role": None, "instance_profile": None}
    return _module.Answer(outcome, found, tuple(warnings(outcome.have, want)))
