# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as a user asks for it: the options of the module as a want."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._group import value as _group
from .._group.value import Settings
from .._launch import value as _launch
from .._scaling import hooks as _hooks
from .._scaling import rules as _scaling_rules
from .._scaling import schedules as _schedules
from .value import LaunchWant, Want

PLAIN = (
    "min_size",
    "max_size",
    "desired_capacity",
    "health_check_type",
    "health_check_grace_period",
    "default_instance_warmup",
    "default_cooldown",
    "new_instances_protected_from_scale_in",
)
SETS = ("subnets", "load_balancers", "suspended_processes")


def wanted(params: Mapping[str, Any]) -> Want | None:
    """What the options ask for, gaps left None; None for `state: absent`. Failure for a value of no usable shape."""
    if params.get("state") == "absent":
        return None
    name, hooks, schedules = params["name"], params.get("lifecycle_hooks"), params.get("scheduled_actions")
    policies = params.get("scaling_policies")
    return Want(
        settings=_settings(params),
        launch=_launched(params.get("launch")),
        policies=None if policies is None else _scaling_rules.wanted(name, policies),
        purge_policies=params.get("purge_policies", True),
        hooks=None if hooks is None else _hooks.wanted(hooks),
        purge_hooks=params.get("purge_hooks", True),
        schedules=None if schedules is None else _schedules.wanted(schedules),
        purge_schedules=params.get("purge_schedules", True),
        tags=_texts(params.get("tags")),
        purge_tags=params.get("purge_tags", True),
        allow_scale_in=params.get("allow_scale_in", False),
    )


def _settings(params: Mapping[str, Any]) -> Settings:
    plain: dict[str, Any] = {option: params.get(option) for option in PLAIN}
    sets: dict[str, Any] = {
        option: None if (given := params.get(option)) is None else tuple(sorted(set(given))) for option in SETS
    }
    ordered = params.get("termination_policies")
    return Settings(
        **plain,
        **sets,
        termination_policies=None if ordered is None else tuple(ordered),
        metrics_collection=_metrics(params.get("metrics_collection")),
    )


def _metrics(given: Any) -> tuple[str, ...] | None:
    """`true` is all metrics, `false` none, a list exactly these."""
    if given is None:
        return None
    if isinstance(given, str) and given.casefold() in ("true", "yes", "on", "false", "no", "off"):
        given = given.casefold() in ("true", "yes", "on")
    if isinstance(given, bool):
        return tuple(sorted(_group.METRICS)) if given else ()
    return tuple(sorted({str(one) for one in (given if isinstance(given, list) else [given])}))


def _launched(option: Mapping[str, Any] | None) -> LaunchWant | None:
    if option is None:
        return None
    return LaunchWant(
        _launch.wanted(option), option.get("kind") or "auto", option.get("keep") or 0, option.get("apply") or "now"
    )


def _texts(tags: Mapping[str, Any] | None) -> dict[str, str] | None:
    return None if tags is None else {str(key): "" if value is None else str(value) for key, value in tags.items()}
