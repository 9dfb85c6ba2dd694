# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a group went of late, as CloudWatch has it."""

from __future__ import annotations

from collections.abc import Mapping

from .._core.aws import Aws
from .._core.points import PERIOD
from .._scaling.api import read_group_points, read_publishers
from .history import History, bounds


def read_history(aws: Aws, group: str, launched: Mapping[str, float], hours: int, now: float) -> History:
    """The last hours of the group. `launched`: its members of today, and since when each is there."""
    start, end = bounds(hours, now)
    nodes = sorted({*launched, *read_publishers(aws, group)})
    in_service, cpu, by_node = read_group_points(aws, group, nodes, PERIOD, start, end)
    published = {name: dict(points) for name, points in by_node.items() if points}
    return History(start, end, dict(in_service), dict(cpu), published, launched)
