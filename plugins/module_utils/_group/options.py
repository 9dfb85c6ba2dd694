# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a group as a user asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .value import FROM_AWS, METRICS, Settings

PLAIN = (
    "min_size",
    "max_size",
    "desired_capacity",
    "health_check_type",
    "health_check_grace_period",
    "default_instance_warmup",
    "default_cooldown",
    "new_instances_protected_from_scale_in",
    "deletion_protection",
)
SETS = ("subnets", "load_balancers", "suspended_processes")


def wanted(params: Mapping[str, Any]) -> Settings:
    """The settings that the options ask for, gaps left None."""
    plain: dict[str, Any] = {option: params.get(option) for option in PLAIN}
    sets: dict[str, Any] = {
        option: None if (given := params.get(option)) is None else tuple(sorted(set(given))) for option in SETS
    }
    ordered = params.get("termination_policies")
    return Settings(
        **plain,
        **sets,
        termination_policies=None if ordered is None else tuple(ordered) or FROM_AWS.termination_policies,
        metrics_collection=_metrics(params.get("metrics_collection")),
        instance_lifecycle_policy=_lifecycle(params.get("instance_lifecycle_policy")),
    )


def _metrics(given: Any) -> tuple[str, ...] | None:
    """`true` is all metrics, `false` none, a list (or its names with commas between) exactly these."""
    if given is None:
        return None
    if isinstance(given, str) and given.casefold() in ("true", "yes", "on", "false", "no", "off"):
        given = given.casefold() in ("true", "yes", "on")
    if isinstance(given, bool):
        return tuple(sorted(METRICS)) if given else ()
    if isinstance(given, str):
        given = [one.strip() for one in given.split(",")]
    return tuple(sorted({str(one) for one in (given if isinstance(given, list) else [given])}))


def _lifecycle(option: Mapping[str, Any] | None) -> dict[str, str] | None:
    given = {key: str(value) for key, value in (option or {}).items() if value is not None}
    return given or None
