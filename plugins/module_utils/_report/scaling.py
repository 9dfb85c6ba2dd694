# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the page about scaling: bounds, policies and their alarms, what was done of late."""

from __future__ import annotations

from .facts import Facts, Item
from .markup import Markup, join, tag
from .sections import grid, section, whole
from .shapes import mark
from .words import condition, figure, moment, number, rule, text, when

ALARMS = {"OK": "serving", "ALARM": "ringing", "INSUFFICIENT_DATA": "unknown"}
STATES = {"INSUFFICIENT_DATA": "no data"}
KINDS = {"TargetTrackingScaling": "target tracking", "StepScaling": "step", "SimpleScaling": "simple"}
DONE = {"Successful": "serving", "Failed": "out", "Cancelled": "out"}


def scaling(facts: Facts) -> Markup:
    """The group's bounds, its policies, their alarms."""
    if not facts.group:
        return section("Scaling", tag("p", "There is no group."))
    low, desired, high = (figure(facts.size(key)) for key in ("min_size", "desired_capacity", "max_size"))
    return section(
        "Scaling",
        tag("p", f"The group wants {desired}, and may have from {low} to {high} nodes."),
        tag("h3", "Policies"),
        grid(["Policy", "What it does"], [_policy(one) for one in facts.items("scaling_policies")]),
        tag("h3", "Alarms"),
        grid(["Alarm", "State", "Condition", "Since (UTC)"], [_alarm(one) for one in facts.items("alarms")]),
        _more(facts),
    )


def _policy(policy: Item) -> Markup:
    words = text(policy.get("policy_type")) or "unknown"
    kind = KINDS.get(words, words) + (", switched off" if policy.get("enabled") is False else "")
    name = tag("th", text(policy.get("policy_name")) or "unknown", tag("small", kind), scope="row")
    return tag("tr", name, tag("td", rule(policy), class_="wide"))


def _alarm(alarm: Item) -> Markup:
    name = text(alarm.get("alarm_name")) or "unknown"
    state = text(alarm.get("state_value")) or "unknown"
    reason = text(alarm.get("state_reason"))
    since = when(alarm.get("state_updated_timestamp"))
    theirs = tag("small", "managed by AWS (target tracking)") if name.startswith("TargetTracking-") else None
    return tag(
        "tr",
        tag("th", name, theirs, scope="row"),
        tag("td", mark(ALARMS.get(state, "unknown")), STATES.get(state, state), class_=whole(state)),
        tag("td", condition(alarm), tag("small", reason) if reason else None, class_="wide"),
        tag("td", since, class_=whole(since), data_label="since"),
    )


def _more(facts: Facts) -> list[Markup]:
    hooks = [
        f"{text(one.get('lifecycle_hook_name'))} ({text(one.get('lifecycle_transition'))})"
        for one in facts.items("lifecycle_hooks")
    ]
    times = [_scheduled(one) for one in facts.items("scheduled_actions")]
    found = [("Lifecycle hooks", hooks), ("Scheduled actions", times)]
    return [join([tag("h3", title), tag("ul", [tag("li", line) for line in lines])]) for title, lines in found if lines]


def _scheduled(action: Item) -> str:
    sizes = [
        f"{word} {figure(action.get(key))}"
        for word, key in (("min", "min_size"), ("max", "max_size"), ("desired", "desired_capacity"))
        if number(action.get(key)) is not None
    ]
    due = text(action.get("recurrence")) or when(action.get("start_time"))
    zone = text(action.get("time_zone")) or "UTC"
    return f"{text(action.get('scheduled_action_name'))}: {due} {zone}: {', '.join(sizes)}"


def activities(facts: Facts) -> Markup:
    """What Auto Scaling did of late, and why."""
    items = facts.items("activities")
    if not items:
        return section("Activities", tag("p", "No scaling activities."))
    return section("Activities", tag("ol", [_activity(item) for item in items], class_="story"))


def _activity(item: Item) -> Markup:
    status = text(item.get("status_code")) or "unknown"
    begun, ended = moment(item.get("start_time")), moment(item.get("end_time"))
    took = f" in {figure(round((ended - begun).total_seconds()), 's')}" if begun and ended else ""
    message = text(item.get("status_message"))
    return tag(
        "li",
        tag("time", when(item.get("start_time"))),
        tag(
            "div",
            tag(
                "p", mark(DONE.get(status, "moving")), text(item.get("description")) or "unknown", f" ({status}{took})"
            ),
            tag("p", message) if message else None,
            tag("p", text(item.get("cause")) or "Cause unknown."),
        ),
    )
