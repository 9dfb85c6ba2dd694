# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forecast from beginning to end: load, cases, replays, suggestion, and all of it as data and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core.errors import Failure, Refusal, named
from .._core.plain import iso, rounded
from .._money.prices import NAMES, Prices, own_prices
from . import show as _show
from . import suggest as _suggest
from .decide import TRACKING
from .load import ReadLoad, curve
from .options import Case, cases, read_load, step_of
from .replay import replay
from .show import Band, Forecast, Outlay
from .suggest import PerSession, Suggestion, cost_of_sessions
from .table import table
from .tracking import SEEN, Windows
from .value import Curve, Replay

EAGER = Windows(high=1, low=15, low_share=0.8)
LAZY = Windows(high=5, low=10, low_share=1.0)
"""Between these the band of target tracking lies."""


BANDED = 60_000
"""Points times variants: a band is shown up to so many, for it takes thrice the time."""


WITHOUT_BAND = "the band of target tracking is left out, for the load is long: set O(band): true"


def forecast(params: Mapping[str, Any], text: str | None = None) -> dict[str, Any]:
    """The module's answer; `text` is the content of the load's file. Failure for what cannot be replayed."""
    load = read_load(params["load"], text)
    learned = cost_of_sessions(load.points)
    params = _learn(params, learned)
    found = cases(params, load)
    sessions = curve(load, step_of(found))
    moments = 1500 if params.get("timeline_points") is None else int(params["timeline_points"])
    if moments < 1:
        reason = f"O(timeline_points) is {moments}"
        raise Failure(Refusal("forecast", "the load", "", reason, "Give 1 or more"))
    banded = params.get("band")
    if banded is None:
        banded = len(found) * len(sessions.sessions) <= BANDED
    forecasts = [_replayed(sessions, one, moments, banded) for one in found]
    outlay = _outlay(params)
    shown = [_show.shown(one, outlay) for one in forecasts]
    result = {
        **{key: shown[0][key] for key in ("timeline", "peak", "cost", "refused", "cut", "band")},
        "variants": shown,
        "load": _load(load, sessions),
        "notices": _notices(load, forecasts, outlay, {**params, "left_out_band": not banded}, learned),
        "suggestion": _suggested(params, sessions, forecasts[0], learned, outlay),
    }
    return {**result, "lines": table(result)}


def _learn(params: Mapping[str, Any], learned: PerSession | None) -> Mapping[str, Any]:
    """The options, with what the history shows of what is left out."""
    if learned is None or params.get("cpu_per_session") is not None:
        return params
    return {**params, "cpu_per_session": learned.cost, "cpu_idle": params.get("cpu_idle") or learned.idle}


def _replayed(sessions: Curve, case: Case, moments: int, banded: bool) -> Forecast:
    found = replay(sessions, case.group, SEEN, moments)
    if not banded or all(policy.rule.kind != TRACKING for policy in case.group.policies):
        return Forecast(case, found)
    lazy, eager = (replay(sessions, case.group, windows, moments) for windows in (LAZY, EAGER))
    return Forecast(case, found, Band(lazy, eager))


def _outlay(params: Mapping[str, Any]) -> Outlay:
    kind = params.get("instance_type")
    prices = Prices(str(params.get("region") or ""), own_prices(_by_name(params.get("prices") or {})))
    return Outlay(prices.hour(kind) if kind else None, kind, params.get("licence_limit"), prices.one("licence_month"))


def _by_name(given: Mapping[str, Any]) -> dict[str, Any]:
    """Prices by their names; an instance type by itself is one of instances."""
    types = {key: value for key, value in given.items() if key not in NAMES and "." in key}
    rest = {key: value for key, value in given.items() if key not in types}
    named = {} if rest.get("instance_hour") is None else rest["instance_hour"]
    return {**rest, "instance_hour": {**named, **types}} if types and isinstance(named, Mapping) else rest


def _load(load: ReadLoad, sessions: Curve) -> dict[str, Any]:
    return {
        "start": iso(sessions.start),
        "end": iso(sessions.end),
        "points": len(load.points),
        "seconds_a_point": load.every,
        "peak": rounded(max(sessions.sessions)),
    }


def _notices(
    load: ReadLoad,
    forecasts: Sequence[Forecast],
    outlay: Outlay,
    params: Mapping[str, Any],
    learned: PerSession | None,
) -> list[str]:
    kind = outlay.instance_type
    unpriced = f"no price of {kind} is known: " if kind else "O(instance_type) is not given: "
    own = dict.fromkeys(text for one in forecasts for text in one.case.notices)
    measured = learned is not None and params.get("cpu_per_session") == learned.cost
    texts = [
        *(params.get("left_out") or ()),
        *load.notices,
        *own,
        *([WITHOUT_BAND] if params["left_out_band"] and params.get("band") is None else []),
        *([f"a session costs {learned.cost:.3g} % of CPU by the history"] if measured and learned else []),
        *_show.over(forecasts, outlay),
        *([f"{unpriced}the money is unknown"] if outlay.usd_per_hour is None else []),
    ]
    return [named(text, params.get("variables") or {}) for text in texts]


def _suggested(
    params: Mapping[str, Any], sessions: Curve, given: Forecast, learned: PerSession | None, outlay: Outlay
) -> dict[str, Any] | None:
    """None where it is not asked for."""
    if params.get("suggest") is False:
        return None
    group = given.case.group
    capacity = group.node.capacity
    if capacity is None and learned is not None:
        targets = [policy.rule.target for policy in group.policies if policy.metric == "cpu" and policy.rule.target]
        capacity = learned.fitting(min(targets, default=_suggest.TARGET))
        group = replace(group, node=replace(group.node, capacity=capacity))
    headroom = params.get("headroom")
    share = 0.2 if headroom is None else float(headroom)
    found: Suggestion = _suggest.suggest(sessions, group, share, outlay.licence_limit)
    base: Replay = given.replay
    found = replace(found, why_not=named(found.why_not, params.get("variables") or {}))
    return _show.shown_suggestion(found, base, learned, outlay, capacity)
