# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as a user asks for it: the options of the module as a want."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import tags as _tags
from .._core.licences import Licences
from .._group import options as _group_options
from .._launch import options as _launch_options
from .._scaling import options as _scaling_options
from .value import FleetWant, LaunchWant


def wanted(params: Mapping[str, Any]) -> FleetWant | None:
    """What the options ask for, gaps left None; None for `state: absent`. Failure for a value of no usable shape."""
    if params.get("state") == "absent":
        return None
    name, hooks, schedules = params["name"], params.get("lifecycle_hooks"), params.get("scheduled_actions")
    policies = params.get("scaling_policies")
    return FleetWant(
        settings=_group_options.wanted(params),
        launch=_launched(params.get("launch")),
        policies=None if policies is None else _scaling_options.policies(name, policies),
        purge_policies=params.get("purge_policies", True),
        hooks=None if hooks is None else _scaling_options.hooks(hooks),
        purge_hooks=params.get("purge_hooks", True),
        schedules=None if schedules is None else _scaling_options.schedules(schedules),
        purge_schedules=params.get("purge_schedules", True),
        tags=_tags.texts(params.get("tags")),
        purge_tags=params.get("purge_tags", True),
        tag_volumes=params.get("tag_volumes", False),
        allow_scale_in=params.get("allow_scale_in", False),
        licences=Licences(params.get("licence_limit"), params.get("licence_allow_over", False)),
        seed=params.get("licence_seed") or "none",
        surge=params.get("licence_surge") or 0,
        seed_image_id=params.get("licence_seed_image_id"),
    )


def _launched(option: Mapping[str, Any] | None) -> LaunchWant | None:
    if option is None:
        return None
    return LaunchWant(
        _launch_options.wanted(option),
        option.get("kind") or "auto",
        option.get("keep") or 0,
        option.get("apply") or "now",
    )
