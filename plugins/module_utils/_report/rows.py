# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The things of a stack as the page draws them: typed, and made once of what the modules answered.

Answers are believed in nothing: what is not of the expected type counts as unknown, which is None.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.answers import count, number, table, tables, text, texts
from .._core.plain import Item
from .words import condition, moment, rule, when


@dataclass(frozen=True)
class BalancerRow:
    """The load balancer. `listeners`: protocol and port, as `TCP 8080`; `doors`: protocol, port, port of the nodes."""

    name: str | None
    dns_name: str | None
    health_check: str | None
    listeners: Sequence[str]
    zones: Sequence[str]
    doors: Sequence[tuple[str, int, int]] = ()


@dataclass(frozen=True)
class GroupRow:
    """The group. `version`: what it launches, a number, or a word that means one; `configuration`: or by that name."""

    arn: str | None
    minimum: int | None
    desired: int | None
    maximum: int | None
    version: str | None
    configuration: str | None
    suspended: Sequence[str]
    zones: Sequence[str]


@dataclass(frozen=True)
class PolicyRow:
    """A scaling policy and what it does."""

    name: str | None
    kind: str | None
    enabled: bool
    rule: str


@dataclass(frozen=True)
class AlarmRow:
    """An alarm and when it goes off."""

    name: str
    state: str
    reason: str | None
    condition: str
    since: str


@dataclass(frozen=True)
class ScheduleRow:
    """A scheduled action; `sizes`: those that it sets, by their words."""

    name: str | None
    due: str
    sizes: Mapping[str, float]


@dataclass(frozen=True)
class ActivityRow:
    """What Auto Scaling did; `seconds`: how long it took."""

    status: str
    begun: str
    seconds: int | None
    description: str | None
    cause: str | None
    message: str | None


@dataclass(frozen=True)
class LaunchRow:
    """A version of the launch template, or a launch configuration. `content`: what makes its nodes differ."""

    name: str | None
    image_id: str | None
    instance_type: str | None
    created: str
    is_default: bool = False
    content: str = ""


@dataclass(frozen=True)
class ImageRow:
    """An image of the stack."""

    name: str | None
    id: str | None
    region: str | None
    state: str | None
    created: str


@dataclass(frozen=True)
class OrphanRow:
    """An orphaned resource."""

    kind: str | None
    id: str | None
    reason: str | None
    region: str | None


def balancer_row(item: Item) -> BalancerRow | None:
    """The balancer; None where there is none."""
    if not item:
        return None
    ports = [table(one.get("listener")) for one in tables(item.get("listener_descriptions"))]
    return BalancerRow(
        text(item.get("load_balancer_name")),
        text(item.get("dns_name")),
        text(table(item.get("health_check")).get("target")),
        [f"{text(one.get('protocol')) or '?'} {text(one.get('load_balancer_port')) or '?'}" for one in ports],
        texts(item.get("availability_zones")),
        [door for one in ports if (door := _door(one))],
    )


def _door(listener: Item) -> tuple[str, int, int] | None:
    protocol = text(listener.get("protocol"))
    port, goal = count(listener.get("load_balancer_port")), count(listener.get("instance_port"))
    return None if protocol is None or port is None or goal is None else (protocol, port, goal)


def group_row(item: Item, templates: Sequence[Item]) -> GroupRow | None:
    """The group; None where there is none."""
    if not item:
        return None
    processes = item.get("suspended_processes")
    named = [table(one).get("process_name", one) for one in processes] if isinstance(processes, (list, tuple)) else []
    return GroupRow(
        arn=text(item.get("auto_scaling_group_arn")),
        minimum=count(item.get("min_size")),
        desired=count(item.get("desired_capacity")),
        maximum=count(item.get("max_size")),
        version=_launched_version(item, templates),
        configuration=text(item.get("launch_configuration_name")),
        suspended=[str(one) for one in named],
        zones=texts(item.get("availability_zones")),
    )


def _launched_version(group: Item, templates: Sequence[Item]) -> str | None:
    """The number of the version that the group launches, also where it says so in a word."""
    given = text(table(group.get("launch_template")).get("version"))
    if given not in ("$Latest", "$Default"):
        return given
    key = "latest_version_number" if given == "$Latest" else "default_version_number"
    return next((text(one.get(key)) for one in templates), None)


def policy_row(item: Item) -> PolicyRow:
    """A policy."""
    enabled = item.get("enabled") is not False
    return PolicyRow(text(item.get("policy_name")), text(item.get("policy_type")), enabled, rule(item))


def alarm_row(item: Item) -> AlarmRow:
    """An alarm."""
    return AlarmRow(
        text(item.get("alarm_name")) or "unknown",
        text(item.get("state_value")) or "unknown",
        text(item.get("state_reason")),
        condition(item),
        when(item.get("state_updated_timestamp")),
    )


def hook_row(item: Item) -> str:
    """A lifecycle hook with its transition."""
    return f"{text(item.get('lifecycle_hook_name'))} ({text(item.get('lifecycle_transition'))})"


def schedule_row(item: Item) -> ScheduleRow:
    """A scheduled action."""
    keys = {"min": "min_size", "max": "max_size", "desired": "desired_capacity"}
    sizes = {word: size for word, key in keys.items() if (size := number(item.get(key))) is not None}
    due = text(item.get("recurrence")) or when(item.get("start_time"))
    return ScheduleRow(text(item.get("scheduled_action_name")), f"{due} {text(item.get('time_zone')) or 'UTC'}", sizes)


def activity_row(item: Item) -> ActivityRow:
    """An activity."""
    begun, ended = moment(item.get("start_time")), moment(item.get("end_time"))
    return ActivityRow(
        text(item.get("status_code")) or "unknown",
        when(item.get("start_time")),
        round((ended - begun).total_seconds()) if begun and ended else None,
        text(item.get("description")),
        text(item.get("cause")),
        text(item.get("status_message")),
    )


def launch_rows(versions: Sequence[Item], configurations: Sequence[Item]) -> list[LaunchRow]:
    """Versions, the newest first, then configurations."""
    newest = sorted(versions, key=lambda one: count(one.get("version_number")) or 0, reverse=True)
    return [
        *(
            _launch_row(
                one.get("version_number"),
                table(one.get("launch_template_data")),
                one.get("create_time"),
                one.get("default_version") is True,
            )
            for one in newest
        ),
        *(_launch_row(one.get("launch_configuration_name"), one, one.get("created_time")) for one in configurations),
    ]


def _launch_row(name: Any, data: Item, created: Any, is_default: bool = False) -> LaunchRow:
    image, kind = text(data.get("image_id")), text(data.get("instance_type"))
    content = {key: value for key, value in data.items() if key != "tag_specifications"}
    return LaunchRow(
        text(name), image, kind, when(created), is_default, json.dumps(content, sort_keys=True, default=str)
    )


def image_row(item: Item, region: str | None) -> ImageRow:
    """An image; `region`: the stack's, where the image says none."""
    return ImageRow(
        text(item.get("name")),
        text(item.get("image_id")),
        text(item.get("region")) or region,
        text(item.get("state")),
        when(item.get("creation_date")),
    )


def orphan_row(item: Item, region: str | None) -> OrphanRow:
    """An orphaned resource."""
    place = text(item.get("region")) or region
    return OrphanRow(text(item.get("kind")), text(item.get("id")), text(item.get("reason")), place)
