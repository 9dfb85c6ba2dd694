# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seed of a stack, managed by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import module as _module
from .._seed import moves as _seed
from .._seed.options import wanted
from .._seed.world import SeedWorld


def manage(params: Mapping[str, Any], run: _module.Run) -> _module.Answer:
    """The answer of one run; the resource key is `seed`."""
    want = wanted(params)
    world = SeedWorld(run.aws, params["stack"], want, params["address"], params["instance_id"])
    outcome = run.converge(_seed, world, want, params)
    return _module.Answer(outcome, {"seed": outcome.after})
