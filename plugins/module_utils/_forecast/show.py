# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was replayed, as the module returns it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._core.plain import iso, plural, rounded
from .options import Case
from .suggest import PerSession, Suggestion
from .value import GroupModel, Replay

HOUR = 3600


@dataclass(frozen=True)
class Band:
    """The same load where AWS's own alarms are slower, and where they are quicker, than they were seen to be."""

    lazy: Replay
    eager: Replay


@dataclass(frozen=True)
class Outlay:
    """What an hour of a node costs (None: unknown), its type, the limit of licences, and what one costs a month."""

    usd_per_hour: float | None = None
    instance_type: str | None = None
    licence_limit: int | None = None
    licence_month: float | None = None


@dataclass(frozen=True)
class Forecast:
    """One case, how it went, and within which band (None: nothing of it is AWS's secret)."""

    case: Case
    replay: Replay
    band: Band | None = None


def shown(forecast: Forecast, outlay: Outlay) -> dict[str, Any]:
    """The forecast of one case."""
    replay = forecast.replay
    return {
        "name": forecast.case.name,
        "timeline": _timeline(forecast),
        "peak": _peak(replay, outlay),
        "cost": _cost(replay, outlay),
        "refused": {
            "sessions": rounded(replay.refused),
            "first_time": None if replay.refused_time is None else iso(replay.refused_time),
            "session_hours": rounded(replay.refused_seconds / HOUR),
        },
        "cut": rounded(replay.cut),
        "band": None if forecast.band is None else _band(forecast.band, replay),
        "notices": list(forecast.case.notices),
    }


def _timeline(forecast: Forecast) -> list[dict[str, Any]]:
    rows = [
        {
            "time": iso(one.time),
            "sessions": rounded(one.sessions),
            "nodes": one.nodes,
            "capacity": rounded(one.capacity),
            "refused": rounded(one.refused),
        }
        for one in forecast.replay.timeline
    ]
    if forecast.band:
        three = (forecast.replay, forecast.band.lazy, forecast.band.eager)
        for row, *same in zip(rows, *(one.timeline for one in three), strict=True):
            nodes = [moment.nodes for moment in same]
            row |= {"nodes_lower": min(nodes), "nodes_upper": max(nodes)}
    return rows


def _peak(replay: Replay, outlay: Outlay) -> dict[str, Any]:
    limit = outlay.licence_limit
    return {
        "nodes": replay.peak,
        "licences": replay.peak,
        "time": iso(replay.peak_time),
        "licence_limit": limit,
        "over_limit": None if limit is None else replay.peak > limit,
    }


def _cost(replay: Replay, outlay: Outlay) -> dict[str, Any]:
    hours = replay.node_seconds / HOUR
    price, licence = outlay.usd_per_hour, outlay.licence_month
    return {
        "node_hours": rounded(hours),
        "licences": replay.peak,
        "instance_type": outlay.instance_type,
        "usd_per_hour": price,
        "usd": None if price is None else round(hours * price, 2),
        "licences_usd_per_month": None if licence is None else round(replay.peak * licence, 2),
    }


def _band(band: Band, replay: Replay) -> dict[str, Any]:
    three = (replay, band.lazy, band.eager)
    peaks, hours = [one.peak for one in three], [one.node_seconds / HOUR for one in three]
    refused = [one.refused for one in three]
    return {
        "nodes": {"lower": min(peaks), "upper": max(peaks)},
        "node_hours": {"lower": rounded(min(hours)), "upper": rounded(max(hours))},
        "refused": {"lower": rounded(min(refused)), "upper": rounded(max(refused))},
    }


def shown_suggestion(
    found: Suggestion, given: Replay, cost: PerSession | None, outlay: Outlay, capacity: float | None
) -> dict[str, Any]:
    """The suggestion, with what the group as given would have come to."""
    base: dict[str, Any] = {
        "possible": found.group is not None,
        "reason": found.why_not or None,
        "sessions_per_node": rounded(capacity),
        "cpu_per_session": None if cost is None else round(cost.cost, 4),
        "group": None,
        "scale_in": None,
        "keeps_policies": None,
        "margin": None,
        "peak": None,
        "cost": None,
        "saves_node_hours": None,
        "refused": None,
    }
    if found.group is None or found.replayed is None:
        return base
    saved = (given.node_seconds - found.replayed.node_seconds) / HOUR
    return base | {
        "group": _group(found.group),
        "scale_in": found.group.scale_in,
        "keeps_policies": bool(found.group.policies),
        "margin": round(found.margin, 3),
        "peak": _peak(found.replayed, outlay),
        "cost": _cost(found.replayed, outlay),
        "saves_node_hours": rounded(saved),
        "refused": {"sessions": 0, "first_time": None, "session_hours": 0},
    }


def _group(group: GroupModel) -> dict[str, Any]:
    return {
        "min_size": group.min_size,
        "max_size": group.max_size,
        "desired_capacity": group.desired,
        "scheduled_actions": [
            {"name": one.name, "recurrence": one.recurrence, "time_zone": one.time_zone, "min_size": one.min_size}
            for one in group.schedules
        ],
    }


def over(forecasts: Sequence[Forecast], outlay: Outlay) -> list[str]:
    """A sentence for each case that needs more licences than there are."""
    limit = outlay.licence_limit
    return [
        f"{one.case.name}: licences for {plural(one.replay.peak, 'node')} at a time, O(licence_limit) is {limit}"
        for one in forecasts
        if limit is not None and one.replay.peak > limit
    ]
