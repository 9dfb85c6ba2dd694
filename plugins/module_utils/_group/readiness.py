# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a group that is waited for comes into service, or never will, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._balancer.health import InstanceHealth
from .._core.errors import Refusal
from .._core.plain import iso
from .value import Group, Member

FAILED_LAUNCHES = 3
"""So many launches that fail say that no launch will do."""
REPLACED_NODES = 2
WELL_PAST = 60.0
"""Seconds beyond the grace period after which a node that never passed a check is given up."""

NAMED = 5
"""So many nodes or activities are named in a sentence; all are in the details."""


@dataclass(frozen=True)
class Activity:
    """What Auto Scaling did or tried. Times are seconds since 1970, by AWS's clock."""

    description: str
    status: str
    message: str = ""
    cause: str = ""
    start: float = 0.0
    end: float | None = None
    activity_id: str = ""

    @property
    def why(self) -> str:
        """The reason in one line."""
        return self.message or self.description.partition("Status Reason:")[2].strip() or self.description


@dataclass(frozen=True)
class Sick:
    """A member that does not serve; `answer` is what its health check says when it is asked from here."""

    instance_id: str
    place: str
    state: str
    reason: str
    answer: str = ""

    def __str__(self) -> str:
        """For the user."""
        answer = f"; its health check, asked from here: {self.answer}" if self.answer else ""
        return f"{self.instance_id} is {self.state} in {self.place} ({self.reason}){answer}"


def complete(group: Group) -> bool:
    """Whether the wanted number is in service in the group and in every balancer, or steering sees to that."""
    return group.steered or all(len(group.serving(name)) >= group.desired for name in (None, *balancers(group)))


def balancers(group: Group) -> Sequence[str]:
    """The balancers whose verdict counts: those that were asked for it."""
    return sorted(group.health or ())


def progress(group: Group) -> str:
    """One line: how many serve where."""
    places = [f"{len(group.serving())} of {group.desired} in service in the group"]
    places += [f"{len(group.serving(name))} in balancer {name}" for name in balancers(group)]
    return ", ".join(places)


def sick(group: Group) -> list[Sick]:
    """The members that should serve and do not, with the reason."""
    found = []
    for member in group.members:
        if member.health != "Healthy" and not member.retained:
            found.append(Sick(member.instance_id, "the group", member.health, member.state))
        elif member.state == "InService":
            found += [
                Sick(member.instance_id, f"balancer {name}", health.state, health.why)
                for name in balancers(group)
                if not (health := _health_of(group, name, member)).in_service
            ]
    return found


def _health_of(group: Group, balancer: str, member: Member) -> InstanceHealth:
    unknown = InstanceHealth("OutOfService", description="the balancer does not know it")
    return (group.health or {}).get(balancer, {}).get(member.instance_id, unknown)


def failed_launches(activities: Iterable[Activity], since: float) -> list[Activity]:
    """The launches that failed since then."""
    return [
        one
        for one in activities
        if one.start >= since and one.status == "Failed" and one.description.startswith("Launching")
    ]


def replacements(activities: Iterable[Activity], since: float) -> list[Activity]:
    """The terminations since then that a failed health check caused."""
    return [
        one
        for one in activities
        if one.start >= since and one.description.startswith("Terminating") and "health check" in one.cause
    ]


def launched_at(activities: Iterable[Activity], instance_id: str) -> float | None:
    """When the launch of the instance was over, as far as is known."""
    ends = [one.end for one in activities if one.description.startswith("Launching") and instance_id in one.description]
    return next((end for end in ends if end is not None), None)


def hopeless(
    group: Group, activities: Sequence[Activity], since: float | None, now: float | None, passed: set[str]
) -> tuple[str, str] | None:
    """Why it will never be complete, and what to do; None while there is hope. `passed`: members that once served."""
    suspended = group.settings.suspended_processes or ()
    for process, missing in (
        ("Launch", len(_coming(group)) < group.desired),
        ("AddToLoadBalancer", bool(balancers(group)) and len(group.serving()) >= group.desired),
    ):
        if process in suspended and missing:
            return f"the process {process} is suspended", f"Resume it (O(suspended_processes) without {process})"
    if since is None or now is None:
        return None
    failed, replaced = failed_launches(activities, since), replacements(activities, since)
    if len(failed) >= FAILED_LAUNCHES:
        reason = f"{len(failed)} launches failed since this run began"
        return reason, "Correct what AWS names (O(launch), quota, O(subnets), permissions) and run again"
    if len(replaced) >= REPLACED_NODES:
        return f"{len(replaced)} nodes failed their health check and were replaced since this run began", LOOK_AT_NODE
    patience = (group.settings.health_check_grace_period or 0) + WELL_PAST
    for one in sick(group):
        start = launched_at(activities, one.instance_id)
        if start is not None and one.place != "the group" and one.instance_id not in passed and now - start > patience:
            return "a node well past its grace period never passed a check, and AWS does not replace it", LOOK_AT_NODE
    return None


LOOK_AT_NODE = (
    "Check:\n"
    "- that WCS runs on the node\n"
    "- that its statistics page answers on the port and path of the health check\n"
    "- that the security groups let the load balancer in"
)


def _coming(group: Group) -> list[Member]:
    return [one for one in group.members if one.state.startswith("Pending") or one.state == "InService"]


def summary(sick_members: Sequence[Sick], failed: Sequence[Activity]) -> str:
    """What there is to say, after the progress line."""
    launches = list(dict.fromkeys(one.why for one in failed))
    parts = [f"a launch failed: {why.rstrip('.')}" for why in launches[:NAMED]]
    parts += [str(one) for one in sick_members[:NAMED]]
    if (more := len(sick_members) - NAMED) > 0:
        parts.append(f"{more} more nodes are not in service")
    return "; ".join(parts)


def refusal(name: str, cause: tuple[str, str], more: str) -> Refusal:
    """The end of a wait that is hopeless."""
    reason, way_out = cause
    return Refusal("complete", "group", name, f"{reason}. {more}" if more else reason, way_out)


def details(sick_members: Sequence[Sick], failed: Sequence[Activity]) -> dict[str, Any]:
    """The sick members and the failed activities as a module returns them."""
    return {
        "sick_instances": [
            {
                "instance_id": one.instance_id,
                "where": one.place,
                "state": one.state,
                "reason": one.reason,
                "health_check": one.answer or None,
            }
            for one in sick_members
        ],
        "failed_activities": [
            {
                "description": one.description,
                "status": one.status,
                "reason": one.why,
                "cause": one.cause,
                "start_time": iso(one.start),
            }
            for one in failed
        ],
    }


def from_aws(raw: Mapping[str, Any]) -> Activity:
    """The activity of DescribeScalingActivities."""
    start, end = raw["StartTime"], raw.get("EndTime")
    return Activity(
        raw.get("Description") or "",
        raw.get("StatusCode") or "",
        raw.get("StatusMessage") or "",
        raw.get("Cause") or "",
        start.timestamp(),
        end.timestamp() if end else None,
        raw.get("ActivityId") or "",
    )
