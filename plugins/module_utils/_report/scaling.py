# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the page about scaling: bounds, policies and their alarms, what was done recently."""

from __future__ import annotations

from .facts import Facts
from .markup import Markup, join, tag
from .rows import ActivityRow, AlarmRow, PolicyRow, ScheduleRow
from .sections import grid, section, whole
from .shapes import mark
from .words import figure

ALARMS = {"OK": "serving", "ALARM": "ringing", "INSUFFICIENT_DATA": "unknown"}
STATES = {"INSUFFICIENT_DATA": "no data"}
KINDS = {"TargetTrackingScaling": "target tracking", "StepScaling": "step", "SimpleScaling": "simple"}
DONE = {"Successful": "serving", "Failed": "out", "Cancelled": "out"}


def scaling(facts: Facts) -> Markup:
    """The group's bounds, its policies, their alarms."""
    if not facts.group:
        return section("Scaling", tag("p", "There is no group."))
    low, desired, high = facts.sizes
    return section(
        "Scaling",
        tag("p", f"The group wants {desired}, and may have from {low} to {high} nodes."),
        tag("h3", "Policies"),
        grid(["Policy", "What it does"], [_policy(one) for one in facts.policies]),
        tag("h3", "Alarms"),
        grid(["Alarm", "State", "Condition", "Since (UTC)"], [_alarm(one) for one in facts.alarms]),
        _more(facts),
    )


def _policy(policy: PolicyRow) -> Markup:
    kind = KINDS.get(policy.kind or "", policy.kind or "unknown") + ("" if policy.enabled else ", disabled")
    name = tag("th", policy.name or "unknown", tag("small", kind), scope="row")
    return tag("tr", name, tag("td", policy.rule, class_="wide"))


def _alarm(alarm: AlarmRow) -> Markup:
    managed = tag("small", "managed by AWS (target tracking)") if alarm.name.startswith("TargetTracking-") else None
    state = STATES.get(alarm.state, alarm.state)
    return tag(
        "tr",
        tag("th", alarm.name, managed, scope="row"),
        tag("td", mark(ALARMS.get(alarm.state, "unknown")), state, class_=whole(alarm.state)),
        tag("td", alarm.condition, tag("small", alarm.reason) if alarm.reason else None, class_="wide"),
        tag("td", alarm.since, class_=whole(alarm.since), data_label="since"),
    )


def _more(facts: Facts) -> list[Markup]:
    times = [_scheduled(one) for one in facts.schedules]
    found = [("Lifecycle hooks", facts.hooks), ("Scheduled actions", times)]
    return [join([tag("h3", title), tag("ul", [tag("li", line) for line in lines])]) for title, lines in found if lines]


def _scheduled(action: ScheduleRow) -> str:
    sizes = ", ".join(f"{word} {figure(size)}" for word, size in action.sizes.items())
    return f"{action.name}: {action.due}: {sizes}"


def activities(facts: Facts) -> Markup:
    """What Auto Scaling did recently, and why."""
    if not facts.activities:
        return section("Activities", tag("p", "No scaling activities."))
    return section("Activities", tag("ol", [_activity(one) for one in facts.activities], class_="story"))


def _activity(one: ActivityRow) -> Markup:
    took = "" if one.seconds is None else f" in {figure(one.seconds, 's')}"
    title = tag("p", mark(DONE.get(one.status, "moving")), one.description or "unknown", f" ({one.status}{took})")
    message = tag("p", one.message) if one.message else None
    return tag("li", tag("time", one.begun), tag("div", title, message, tag("p", one.cause or "Cause unknown.")))
