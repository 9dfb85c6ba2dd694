# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled actions: what they do to their group, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from plugins.module_utils._forecast.decide import bounded
from plugins.module_utils._forecast.schedules import following, next_due

from ..core.clock import Clock
from .activities import moment
from .groups import Group, Scene


def fire(scene: Scene, group: Group) -> None:
    """Does the scheduled actions that are due."""
    for name, action in list(group.schedules.items()):
        if action["due"] is not None and scene.now >= action["due"]:
            action["due"] = next_due(action, scene.now)
            if group.runs("ScheduledActions"):
                _resize(scene, group, name, action)
        if action["due"] is None and _over(action, scene.now):
            del group.schedules[name]


def _over(action: Mapping[str, Any], now: float) -> bool:
    """Whether an action that is not due again is forgotten: one that recurs only with its end."""
    return not action.get("Recurrence") or (action["end"] is not None and now >= action["end"])


def shown_start(action: Mapping[str, Any], clock: Clock) -> datetime | None:
    """The StartTime that is described: as given until it has passed, then when the action is due next."""
    due: float | None = action["due"]
    if due is not None and due == action["start"]:
        given: datetime = action["StartTime"]
        return given
    if due is None:
        due = following(action["Recurrence"], clock.now(), action.get("TimeZone"))
    if due is None:
        return None
    return (clock.stamp(due) + timedelta(seconds=0.5)).replace(microsecond=0)


def _resize(scene: Scene, group: Group, name: str, action: Mapping[str, Any]) -> None:
    sizes = {key: action[key] for key in ("MinSize", "MaxSize", "DesiredCapacity") if action.get(key) is not None}
    before = group.desired
    group.settings.update({key: value for key, value in sizes.items() if key != "DesiredCapacity"})
    least, most = int(group.settings["MinSize"]), int(group.settings["MaxSize"])
    wanted = bounded(int(sizes.get("DesiredCapacity", before)), least, most)
    if wanted != before:
        answer = ", ".join(f"{key}: {value}" for key, value in (("min", least), ("max", most), ("desired", wanted)))
        group.want(
            wanted,
            f"At {moment(scene.when)} scheduled action {name} changed AutoScalingGroup constraints to {answer} "
            f"changing the desired capacity from {before} to {wanted}.",
        )
