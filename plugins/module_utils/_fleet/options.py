# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as a user asks for it: the options of the module, and the want that they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import tags as _tags
from .._core.licences import Licences
from .._core.options import FLAG, IDENTITY, LICENCES, NAME, NUMBER, TAGS, TEXT, choice, each, waiting
from .._group import options as _group_options
from .._group.value import PROTECTIONS, RETENTIONS
from .._launch import options as _launch_options
from .._scaling import options as _scaling_options
from .._scaling.hooks import RESULTS, TRANSITIONS
from .._scaling.options import POLICIES, SCHEDULES
from .value import FleetWant, LaunchWant

YES: dict[str, Any] = {"type": "bool", "default": True}
TEXTS: dict[str, Any] = {"type": "list", "elements": "str"}


LAUNCH: dict[str, Any] = {
    "kind": choice("auto", "template", "configuration", default="auto"),
    "image_id": TEXT,
    "instance_type": TEXT,
    "key_name": {"type": "str", "no_log": False},
    "security_group_ids": TEXTS,
    "instance_profile": TEXT,
    "user_data": {"type": "str", "no_log": True},
    "detailed_monitoring": FLAG,
    "associate_public_ip": FLAG,
    "ebs_optimized": FLAG,
    "volumes": each(
        device_name=NAME,
        size={"type": "int", "aliases": ["volume_size"]},
        type=choice("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard", aliases=["volume_type"]),
        iops=NUMBER,
        throughput=NUMBER,
        encrypted=FLAG,
        kms_key_id={"type": "str", "no_log": False},
        snapshot_id=TEXT,
        delete_on_termination=FLAG,
        virtual_name=TEXT,
        no_device=FLAG,
    ),
    "volume_tags": {"type": "dict"},
    "metadata": {
        "type": "dict",
        "options": {
            "http_tokens": choice("required", "optional"),
            "http_put_response_hop_limit": NUMBER,
            "instance_metadata_tags": choice("enabled", "disabled"),
        },
    },
    "keep": {"type": "int", "default": 2},
    "apply": choice("now", "rollout", default="now"),
}
HOOKS = each(
    name=NAME,
    transition=choice(*TRANSITIONS, required=True),
    heartbeat_timeout=NUMBER,
    default_result=choice(*RESULTS),
    notification_target_arn=TEXT,
    role_arn=TEXT,
    notification_metadata=TEXT,
)
ARGUMENTS: dict[str, Any] = {
    **IDENTITY,
    "stack": TEXT,
    "min_size": NUMBER,
    "max_size": NUMBER,
    "desired_capacity": NUMBER,
    "subnets": TEXTS,
    "load_balancers": TEXTS,
    "planned_load_balancers": {"type": "list", "elements": "str", "default": []},
    "health_check_type": TEXT,
    "health_check_grace_period": NUMBER,
    "default_instance_warmup": NUMBER,
    "default_cooldown": NUMBER,
    "termination_policies": TEXTS,
    "new_instances_protected_from_scale_in": FLAG,
    "metrics_collection": {"type": "raw"},
    "suspended_processes": TEXTS,
    "deletion_protection": choice(*PROTECTIONS),
    "instance_lifecycle_policy": {
        "type": "dict",
        "options": {"on_abandoned_termination": choice(*RETENTIONS, required=True)},
    },
    "allow_scale_in": {"type": "bool", "default": False},
    **LICENCES,
    "licence_seed": choice("none", "baking", "kept", default="none"),
    "licence_seed_image_id": TEXT,
    "licence_surge": {"type": "int", "default": 0},
    "tag_volumes": {"type": "bool", "default": False},
    "launch": {"type": "dict", "options": LAUNCH},
    "scaling_policies": POLICIES,
    "purge_policies": YES,
    "lifecycle_hooks": HOOKS,
    "purge_hooks": YES,
    "scheduled_actions": SCHEDULES,
    "purge_schedules": YES,
    **TAGS,
    **waiting(900),
}


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
