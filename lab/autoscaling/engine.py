# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auto Scaling's engine: every group is brought a step nearer to what it is to be, each tick."""

from __future__ import annotations

from ..core.lab import Lab
from . import capacity, lifecycle, replacing, schedules
from .groups import Group, Scene, every_group, forgotten, groups, scene

GOING_TO = {
    "Pending": "InService",
    "InService": "InService",
    "Terminating": "Terminated",
    "EnteringStandby": "Standby",
    "Standby": "Standby",
    "Detaching": "Detached",
}


class ScalingEngine:
    """Reconciles what groups have with what they want; all its state is in the groups."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def tick(self, now: float) -> None:  # noqa: ARG002
        """Moves every group on."""
        with self.lab.lock:
            scenes: dict[str, Scene] = {}
            for group in every_group():
                seen = scenes.get(group.region)
                if seen is None:
                    seen = scenes[group.region] = scene(self.lab, group.region)
                with self.lab.guarded(f"group {group.name}"):
                    reconcile(seen, group)

    def target_state(self, instance_id: str) -> str | None:
        """The state a member is going to, as its metadata service shows it; None for what is in no group."""
        with self.lab.lock:
            for group in every_group():
                if instance_id in group.members:
                    return GOING_TO.get(group.members[instance_id].lifecycle.split(":")[0])
        return None

    def reset(self) -> None:
        """The groups go with moto's state."""

    def close(self) -> None:
        """Nothing to release."""


def reconcile(seen: Scene, group: Group) -> None:
    """One step of one group."""
    lifecycle.advance(seen, group)
    if group.deleting:
        _bury(seen, group)
        return
    schedules.fire(seen, group)
    replacing.look(seen, group)
    capacity.meet(seen, group)
    if group.cooldown is not None and not group.busy:
        group.cooldown_until, group.cooldown = seen.now + group.cooldown, None


def _bury(seen: Scene, group: Group) -> None:
    """Ends the members of a group that is being deleted, without draining and hooks, and then the group."""
    for member in group.members.values():
        if member.lifecycle != "Terminating:Proceed":
            lifecycle.end(seen, group, member)
    if not group.members:
        forgotten(group.region)[:0] = group.activities
        groups(group.region).pop(group.name, None)
