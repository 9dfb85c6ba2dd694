# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaling activities: what a group did, why, and how it went, in AWS's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KEPT = 2000  # activities a group remembers; AWS keeps six weeks
OVER = ("Successful", "Failed", "Cancelled")


@dataclass
class Activity:
    """One activity; `details` is JSON's content."""

    activity_id: str
    group: str
    description: str
    cause: str
    start: datetime
    status: str = "InProgress"
    progress: int = 0
    end: datetime | None = None
    message: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it is still under way."""
        return self.status not in OVER

    def at(self, status: str, progress: int) -> None:
        """Moves it on, unless it is over."""
        if self.running:
            self.status, self.progress = status, progress

    def finish(self, when: datetime, status: str = "Successful", message: str | None = None) -> None:
        """Ends it, once."""
        if not self.running:
            return
        self.status, self.progress, self.end, self.message = status, 100, when, message
        if message:
            self.description = f"{self.description.split('.  Status Reason')[0]}.  Status Reason: {message}"


def moment(when: datetime) -> str:
    """A time as causes write it: 2026-01-01T00:00:00Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def launched(when: datetime, before: int, after: int) -> str:
    """The cause of a launch that makes up for missing capacity."""
    return (
        f"At {moment(when)} an instance was started in response to a difference between desired and actual capacity, "
        f"increasing the capacity from {before} to {after}."
    )


def replaced(when: datetime) -> str:
    """The cause of a launch for a member that was unhealthy."""
    return f"At {moment(when)} an instance was launched in response to an unhealthy instance needing to be replaced."


def balanced(when: datetime, full: str, empty: str) -> str:
    """The cause of a launch that makes the zones more even."""
    return (
        f"At {moment(when)} instances were launched to balance instances in zones {empty} with other zones {full} "
        "resulting in more than desired number of instances in the group."
    )


def shrunk(when: datetime, instance_id: str, before: int, after: int) -> str:
    """The cause of a scale-in."""
    at = moment(when)
    return (
        f"At {at} an instance was taken out of service in response to a difference between desired and actual "
        f"capacity, shrinking the capacity from {before} to {after}.  "
        f"At {at} instance {instance_id} was selected for termination."
    )


SICK = {  # what found a member unhealthy: how the cause of its termination says it
    "ELB": "an ELB system health check failure.",
    "EC2": "an EC2 health check indicating it has been terminated or stopped.",
    "user": "a user health-check.",
}


def sick(when: datetime, found_by: str) -> str:
    """The cause of the termination of an unhealthy member."""
    return f"At {moment(when)} an instance was taken out of service in response to {SICK[found_by]}"


def asked_for(when: datetime, instance_id: str, what: str, change: str = "") -> str:
    """The cause of what a user asked for: `what` is "taken out of service", "moved to standby", …"""
    return f"At {moment(when)} instance {instance_id} was {what} in response to a user request{change or '.'}"


def from_to(word: str, before: int, after: int) -> str:
    """The end of a cause that changes the capacity; `word` is "shrinking" or "increasing"."""
    return f", {word} the capacity from {before} to {after}."


def written(details: Mapping[str, Any]) -> str:
    """An activity's details as AWS writes them: JSON."""
    return json.dumps(details)
