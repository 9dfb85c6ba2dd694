# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS answers, in the words and figures of a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._core.answers import count, number, table, tables, text
from .._core.plain import noun, time_of, utc

UNKNOWN = "unknown"
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": "≥",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
METRICS = {"ASGAverageCPUUtilization": "average CPU"}


def figure(value: Any, unit: str = "", digits: int | None = None) -> str:
    """`1 234.5 ms`, or `unknown`."""
    known = number(value)
    if known is None:
        return UNKNOWN
    words = (
        f"{known:,.{digits}f}" if digits is not None else f"{known:,d}" if isinstance(known, int) else f"{known:,.6g}"
    )
    return words.replace(",", "\u202f") + (f"\u00a0{unit}" if unit else "")


def plural(many: float | None, thing: str) -> str:
    """`1 node`, `3 nodes`, `unknown nodes`; of a thing in -y `1 activity`, `3 activities`."""
    return f"{figure(many)} {noun(many, thing)}"


def capital(clause: str) -> str:
    """The clause with a capital at its beginning and no stop at its end."""
    return clause[:1].upper() + clause[1:].rstrip(".")


def moment(value: Any) -> datetime | None:
    """The time in UTC; None for what is no ISO 8601 time."""
    if not isinstance(value, str):
        return None
    try:
        return utc(time_of(value)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def when(value: Any) -> str:
    """`2026-11-23 11:36:07`, in UTC; the text as it is where it is no time."""
    found = moment(value)
    return found.strftime("%Y-%m-%d %H:%M:%S") if found else text(value) or UNKNOWN


def rule(policy: Mapping[str, Any]) -> str:
    """What a scaling policy does."""
    tracked = table(policy.get("target_tracking_configuration"))
    if tracked:
        words = f"keeps {_tracked(tracked)} at {_target(tracked)}"
        return f"{words}; never scales in" if tracked.get("disable_scale_in") is True else words
    kind = text(policy.get("adjustment_type"))
    steps = tables(policy.get("step_adjustments"))
    if steps:
        return "; ".join(f"{_bounds(step)}: {_change(step.get('scaling_adjustment'), kind)}" for step in steps)
    words = _change(policy.get("scaling_adjustment"), kind)
    return f"{words}, then waits {figure(policy.get('cooldown'), 's')}" if number(policy.get("cooldown")) else words


def condition(alarm: Mapping[str, Any]) -> str:
    """When an alarm goes off."""
    metric = text(alarm.get("metric_name")) or "a metric expression"
    statistic = text(alarm.get("statistic")) or text(alarm.get("extended_statistic"))
    sign = COMPARISONS.get(str(alarm.get("comparison_operator"))) or text(alarm.get("comparison_operator")) or "against"
    periods = count(alarm.get("evaluation_periods"))
    needed = count(alarm.get("datapoints_to_alarm")) or periods
    words = f"{metric}{f' ({statistic})' if statistic else ''} {sign} {figure(alarm.get('threshold'))}"
    return f"{words}, {figure(needed)} of {figure(periods)} × {figure(alarm.get('period'), 's')}"


def _tracked(tracked: Mapping[str, Any]) -> str:
    predefined = text(table(tracked.get("predefined_metric_specification")).get("predefined_metric_type"))
    if predefined:
        return METRICS.get(predefined, predefined)
    custom = table(tracked.get("customized_metric_specification"))
    return " ".join(filter(None, (text(custom.get("statistic")), text(custom.get("metric_name"))))) or "a metric"


def _target(tracked: Mapping[str, Any]) -> str:
    predefined = table(tracked.get("predefined_metric_specification")).get("predefined_metric_type")
    return figure(tracked.get("target_value"), "%" if predefined in METRICS else "")


def _bounds(step: Mapping[str, Any]) -> str:
    lower, upper = number(step.get("metric_interval_lower_bound")), number(step.get("metric_interval_upper_bound"))
    if lower is None and upper is None:
        return "always"
    ends = (f"from {_point(lower)}" if lower is not None else "", f"up to {_point(upper)}" if upper is not None else "")
    return " ".join(filter(None, ends))


def _point(distance: float) -> str:
    """A bound of a step, which AWS counts from the alarm's threshold."""
    if not distance:
        return "the threshold"
    return f"{abs(distance):g} {'above' if distance > 0 else 'below'} it"


def _change(adjustment: Any, kind: str | None) -> str:
    change = number(adjustment)
    if change is None:
        return UNKNOWN
    if kind == "ExactCapacity":
        return f"sets {plural(int(change), 'node')}"
    return f"{change:+g} %" if kind == "PercentChangeInCapacity" else f"{change:+g} {noun(abs(change), 'node')}"
