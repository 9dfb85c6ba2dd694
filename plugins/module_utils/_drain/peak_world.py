# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many sessions a fleet had of late, as its nodes published them and CloudWatch has it."""

from __future__ import annotations

from collections.abc import Callable

from .._core.aws import Aws
from .._core.points import PERIOD
from .._core.surplus import Surplus
from .._scaling.api import read_sessions
from .._steering.view import View
from .surplus import peak


def peak_of(aws: Aws, wanted: Surplus | None) -> Callable[[View], int | None]:
    """Gives the most sessions of all nodes while they must have been too many; None where not all of it is known."""

    def of(view: View) -> int | None:
        if wanted is None or not wanted.stable_for:
            return None
        nodes, start = [node.instance_id for node in view.staying], view.at - wanted.stable_for
        return peak(read_sessions(aws, view.name, nodes, PERIOD, start - PERIOD, view.at), start, view.at)

    return of
