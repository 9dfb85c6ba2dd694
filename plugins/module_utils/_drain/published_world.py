# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What CloudWatch has of a fleet: its sessions of late, and the alarms by which its policies add nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from .._core.aws import Aws
from .._core.points import PERIOD, highest
from .._core.surplus import ScaleOut, Surplus
from .._group.api import read_activities
from .._scaling.api import read_callers, read_points, read_sessions
from .._steering.view import View
from .surplus import find, peak

NEWEST = 900.0
"""Seconds within which a metric has a point: EC2's come every five minutes where nodes have no detailed monitoring."""


def published(aws: Aws, wanted: Surplus | None) -> Callable[[View], View]:
    """Adds to a view the most sessions of all nodes while they must have been too many, and the alarms.

    Each is asked for once, the alarms only where sessions alone would let nodes leave.
    """
    sessions: list[int | None] = []
    alarms: list[tuple[ScaleOut, ...]] = []

    def of(view: View) -> View:
        if wanted is None:
            return view
        if not sessions:
            sessions.append(_peak(aws, view, wanted))
        view = replace(view, peak=sessions[0])
        if not alarms and not view.leaving and find(view, wanted).extra:
            alarms.append(_alarms(aws, view, wanted.stable_for))
        return replace(view, alarms=alarms[0]) if alarms else view

    return of


def _peak(aws: Aws, view: View, wanted: Surplus) -> int | None:
    if not wanted.stable_for:
        return None
    nodes, start = [node.instance_id for node in view.staying], view.at - wanted.stable_for
    return peak(read_sessions(aws, view.name, nodes, PERIOD, start - PERIOD, view.at), start, view.at)


def _alarms(aws: Aws, view: View, stable_for: float) -> tuple[ScaleOut, ...]:
    """The alarms by which policies add nodes, with the highest of each metric since the nodes changed."""
    found = read_callers(aws, view.name)
    metrics = {alarm: metric for alarm, metric in found.items() if metric is not None}
    if not metrics:
        return tuple(found)
    longest = max(metric.period or PERIOD for metric in metrics.values())
    start = view.at - max(stable_for, NEWEST, 2 * longest)
    points = read_points(aws, {one.alarm: metric for one, metric in metrics.items()}, PERIOD, start, view.at)
    changed = _changed(aws, view.name)
    return tuple(
        one.measured(highest(points[one.alarm], changed, view.at, stable_for)) if one in metrics else one
        for one in found
    )


def _changed(aws: Aws, group: str) -> float:
    """When the group last launched or terminated a node; infinite while it does."""
    done = [one for one in read_activities(aws, group) if one.end is None or one.status == "Successful"]
    return max((math.inf if one.end is None else one.end for one in done), default=0.0)
