# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs attention, a sentence each, the most serious first."""

from __future__ import annotations

from collections.abc import Sequence

from .._core.instances import RETAINED
from .._core.plain import listed
from .facts import Facts
from .words import capital, figure, plural

FAILED = ("Failed", "Cancelled")
MOST = 5
"""Causes that are shown one by one."""


def findings(facts: Facts) -> list[str]:
    """The sentences; none where nothing stands out."""
    if not facts.group and not facts.balancer:
        return [f"There is neither a group nor a balancer of the stack {facts.name}.", *_left(facts)]
    return [
        *_missing(facts),
        *(f"{capital(notice)}." for notice in facts.notices),
        *_capacity(facts),
        *_out(facts),
        *_silent(facts),
        *_spread(facts),
        *_empty_zones(facts),
        *_limits(facts),
        *_activities(facts),
        *_suspended(facts),
        *_versions(facts),
        *_left(facts),
    ]


def _missing(facts: Facts) -> list[str]:
    absent = [name for name, thing in (("group", facts.group), ("balancer", facts.balancer)) if not thing]
    return [f"There is no {name} of the stack {facts.name}." for name in absent]


def _capacity(facts: Facts) -> list[str]:
    desired, serving = facts.desired, len(facts.of("serving"))
    if desired is None or desired == serving:
        return ["The group is set to hold no node."] if desired == 0 and not facts.nodes else []
    return [f"The group wants {plural(desired, 'node')}, and {figure(serving)} of {figure(len(facts.nodes))} serve."]


def _out(facts: Facts) -> list[str]:
    out = facts.of("out")
    words = [f"{node.id} is {node.label}{f': {node.why}' if node.why else '.'}" for node in out[:MOST]]
    return words + ([f"{plural(len(out) - MOST, 'more node')} are out of service."] if len(out) > MOST else [])


def _silent(facts: Facts) -> list[str]:
    silent = [node for node in facts.nodes if node.error]
    words = [f"The sessions of {node.id} are unknown: {node.error}." for node in silent[:MOST]]
    more = len(silent) - MOST
    return words + ([f"The sessions of {plural(more, 'more node')} are unknown."] if more > 0 else [])


def _spread(facts: Facts) -> list[str]:
    probe = facts.probe
    if probe is None or probe.verdict == "spread":
        return []
    words = {"skewed": "New sessions are not spread evenly.", "unreachable": "No session could be held."}
    messages = [message for cause, message in probe.causes if cause not in ("unhealthy_node", "silent_node")]
    return [
        words.get(str(probe.verdict), "Where new sessions went is not known."),
        *(f"{capital(message)}." for message in messages[:MOST] if message),
    ]


def _empty_zones(facts: Facts) -> list[str]:
    """Zones without a node, where there could be one in each; unless the probe has said it."""
    served = facts.balancer.zones if facts.balancer else ()
    words = facts.probe is not None and any(cause == "zone_without_node" for cause, _ in facts.probe.causes)
    if words or (facts.desired or 0) < len(served):
        return []
    held = {node.zone for node in facts.nodes if node.state != "out"}
    empty = [zone for zone in served if zone not in held] if facts.nodes else []
    return [f"The balancer serves {listed(empty)}, where there is no node."] if empty else []


def _limits(facts: Facts) -> list[str]:
    most, desired, limit = facts.group.maximum if facts.group else None, facts.desired, facts.licence_limit
    found = []
    if most is not None and desired is not None and desired >= most and _wants_more(facts):
        found.append(f"An alarm asks for more nodes, and the group is at its maximum of {figure(most)}.")
    if limit is not None and facts.peak is not None and facts.peak > limit:
        found.append(
            f"At its peak the stack has {plural(facts.peak, 'server')}, and the licence covers {figure(limit)}."
        )
    return found


def _wants_more(facts: Facts) -> bool:
    ringing = [alarm.name for alarm in facts.alarms if alarm.state == "ALARM"]
    return any(name.endswith(":out") or "-AlarmHigh-" in name for name in ringing)


def _activities(facts: Facts) -> list[str]:
    failed = [one for one in facts.activities if one.status in FAILED]
    if not failed:
        return []
    reason = failed[0].message or failed[0].description or "no reason given"
    of = len(facts.activities)
    return [f"{figure(len(failed))} of the last {plural(of, 'scaling activity')} failed, the latest: {reason}"]


def _suspended(facts: Facts) -> list[str]:
    names = facts.group.suspended if facts.group else ()
    return [f"Suspended processes: {listed(names, 10)}."] if names else []


def _versions(facts: Facts) -> list[str]:
    versions: Sequence[str] = sorted(
        {node.version for node in facts.nodes if node.version and node.lifecycle != RETAINED}
    )
    contents = {row.name: row.content for row in facts.launches if row.content}
    if len({contents.get(version, version) for version in versions}) < 2:  # versions may differ by tags alone
        return []
    return [f"The nodes are of {figure(len(versions))} launch versions: {listed(versions)}."]


def _left(facts: Facts) -> list[str]:
    left = len(facts.orphans)
    return [f"{plural(left, 'orphaned resource')}."] if left else []
