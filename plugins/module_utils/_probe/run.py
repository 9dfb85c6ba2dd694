# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proof by sessions, made by one run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._core.limits import check_limits
from .._core.module import Run
from .._nodes.world import find_nodes
from .options import LIMITS
from .proof import planned, probe


def look(params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The answer: verdict, figures, causes, sessions and nodes."""
    check_limits(params, LIMITS)
    fleet = find_nodes(run.aws, params, with_balancer=True)
    plan = planned(params, fleet, run.check)
    return asyncio.run(probe(plan, fleet, params, run.report)).show()
