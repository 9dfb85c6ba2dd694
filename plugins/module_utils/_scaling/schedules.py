# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scheduled actions of a group: sizes that are set at a time, once or again and again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .._core import cron
from .._core.plain import merged, plain, time_of, without
from .._core.step import Step

KEYS = {
    "name": "ScheduledActionName",
    "recurrence": "Recurrence",
    "time_zone": "TimeZone",
    "start_time": "StartTime",
    "end_time": "EndTime",
    "min_size": "MinSize",
    "max_size": "MaxSize",
    "desired_capacity": "DesiredCapacity",
}
BESIDE = ("AutoScalingGroupName", "Time")
"""`Time` is AWS's former name of `StartTime`, and given beside it."""
SIZES = ("min_size", "max_size", "desired_capacity")
TIMES = ("start_time", "end_time")


@dataclass(frozen=True)
class Schedule:
    """A scheduled action. None: as a want, left out; as what is there, not set. Times are `2026-01-31T08:00:00Z`.

    `rest` holds its other settings, under AWS's names; they are kept.
    """

    name: str
    recurrence: str | None = None
    time_zone: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    min_size: int | None = None
    max_size: int | None = None
    desired_capacity: int | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


def problem(schedules: Sequence[Schedule]) -> str | None:
    """What AWS would refuse, or None. Limits: PutScheduledUpdateGroupAction."""
    if len({one.name for one in schedules}) < len(schedules):
        return "O(scheduled_actions) names an action twice"
    if len(schedules) > 125:
        return f"O(scheduled_actions) has {len(schedules)} actions; AWS allows at most 125 per group"
    for one in schedules:
        if one.recurrence is not None and (why := cron.problem(one.recurrence)):
            return f"recurrence '{one.recurrence}' of action '{one.name}' in O(scheduled_actions) {why}"
        bad = [key for key in TIMES if (time := getattr(one, key)) and not re.fullmatch(r"[0-9T:-]{19}Z", time)]
        if bad:
            return f"{bad[0]} of action '{one.name}' in O(scheduled_actions) is not a time like 2026-01-31T08:00:00Z"
        if wrong := _odd_sizes(one):
            return wrong
    return None


def _odd_sizes(one: Schedule) -> str | None:
    names = ("min_size", "desired_capacity", "max_size")
    sizes = [size for name in names if (size := getattr(one, name)) is not None]
    if sizes == sorted(sizes) and all(size >= 0 for size in sizes):
        return None
    of = f"sizes of action '{one.name}' in O(scheduled_actions)"
    return f"{of} are not 0 <= min_size <= desired_capacity <= max_size"


def passed(one: Schedule, date: str | None) -> bool:
    """Whether the action was to begin before that time, `2026-01-31T08:00:00Z`; None is none."""
    return bool(one.start_time and date and one.start_time < date)


def over(have: Sequence[Schedule], want: Sequence[Schedule], date: str | None) -> list[Schedule]:
    """The wanted actions that ran once, before that time: AWS has removed them, and takes none of the past."""
    there = {one.name for one in have}
    return [one for one in want if one.recurrence is None and passed(one, date) and one.name not in there]


def lacking(goal: Sequence[Schedule], have: Sequence[Schedule] = ()) -> str | None:
    """What an action lacks even with what is there, or what does not go with that; or None."""
    odd = {one.name for one in have if _odd_sizes(one)}
    for one in goal:
        if one.name not in odd and (wrong := _odd_sizes(one)):
            return wrong
        if all(getattr(one, key) is None for key in SIZES):
            return f"action '{one.name}' in O(scheduled_actions) sets none of {', '.join(SIZES)}"
        if one.recurrence is None and one.start_time is None:
            return f"action '{one.name}' in O(scheduled_actions) has neither recurrence nor start_time"
    return None


def complete(have: Sequence[Schedule], want: Sequence[Schedule], date: str | None = None) -> tuple[Schedule, ...]:
    """The wanted actions; what an option leaves out is as it is there. `date` is today, as far as it matters.

    AWS moves the start of a recurring action on after each run: a wanted start before AWS's is no difference. What ran
    once is no more, and a recurring action whose start has passed begins now.
    """
    there, done = {one.name: one for one in have}, over(have, want, date)
    return tuple(_over(one, there.get(one.name), date) for one in want if one not in done)


def _over(want: Schedule, have: Schedule | None, date: str | None) -> Schedule:
    if have is None:
        return replace(want, start_time=None) if passed(want, date) else want
    filled: dict[str, Any] = {
        name: getattr(want, name) if getattr(want, name) is not None else getattr(have, name) for name in KEYS
    }
    if filled["recurrence"] and (want.start_time or "") <= (have.start_time or ""):
        filled["start_time"] = have.start_time
    return Schedule(**filled, rest=have.rest)


def moves(group: str, have: Sequence[Schedule], goal: Sequence[Schedule], purge: bool) -> list[Step]:
    """The steps by which the schedules become what is wanted."""
    there = {one.name: one for one in have}
    names = {one.name for one in goal}
    puts = [_put(group, one) for one in goal if not _same(there.get(one.name), one)]
    return puts + [_delete(group, name) for name in sorted(there) if purge and name not in names]


def _same(have: Schedule | None, goal: Schedule) -> bool:
    if have is None:
        return False
    passed = bool(have.recurrence) and (goal.start_time or "") <= (have.start_time or "")
    names = [name for name in KEYS if not (passed and name == "start_time")]
    return all(getattr(goal, name) in (None, getattr(have, name)) for name in names)


def _put(group: str, schedule: Schedule) -> Step:
    args = {"AutoScalingGroupName": group, **to_aws(schedule)}
    subject = ("scheduled action", schedule.name)
    return Step("autoscaling", "PutScheduledUpdateGroupAction", subject, args, lost="repeat")


def _delete(group: str, name: str) -> Step:
    args = {"AutoScalingGroupName": group, "ScheduledActionName": name}
    gone = ("ValidationError~not found",)
    return Step("autoscaling", "DeleteScheduledAction", ("scheduled action", name), args, lost="repeat", gone=gone)


def after(have: Sequence[Schedule], operation: str, args: Mapping[str, Any]) -> tuple[Schedule, ...]:
    """The schedules after PutScheduledUpdateGroupAction or DeleteScheduledAction."""
    kept = [one for one in have if one.name != args["ScheduledActionName"]]
    new = [] if operation == "DeleteScheduledAction" else [from_aws(args)]
    return tuple(sorted((*kept, *new), key=lambda one: one.name))


def to_aws(schedule: Schedule) -> dict[str, Any]:
    """AWS's shape; what is not set is left out."""
    return merged(schedule.rest, {key: getattr(schedule, name) for name, key in KEYS.items()})


def from_aws(raw: Mapping[str, Any]) -> Schedule:
    """The schedule of DescribeScheduledActions, or of the arguments that make one."""
    given: dict[str, Any] = {name: raw.get(key) for name, key in KEYS.items()}
    times: dict[str, Any] = {key: utc(given[key]) for key in TIMES}
    return Schedule(**{**given, **times}, rest=without(raw, (*KEYS.values(), *BESIDE)))


def utc(time: Any) -> str | None:
    """The time as AWS writes it in UTC; what is no time comes back as it is, for `problem` to name."""
    if time is None:
        return None
    try:
        return str(plain(time if isinstance(time, datetime) else time_of(str(time))))
    except ValueError:
        return str(time)


def show(schedules: Sequence[Schedule]) -> list[dict[str, Any]]:
    """The schedules under the names of their options; when a recurring one starts next is AWS's affair."""
    named = [{name: getattr(one, name) for name in KEYS} for one in schedules]
    return [shown | ({"start_time": None} if shown["recurrence"] else {}) for shown in named]
