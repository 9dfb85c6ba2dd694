# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a removal of a whole stack is to take away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .._core.plain import Item
from .value import Stack


def removals(stack: Stack, group: str | None = None, balancer: str | None = None) -> dict[str, Any]:
    """By part what is to be removed: all that bears the stack's mark, whatever it is called, and what is named besides.

    What has lost its group or balancer bears no mark and goes by their name: where none is known, by the stack's own.
    """
    templates = _names(stack.launch_templates, "launch_template_name")
    groups = [*_names(stack.groups, "auto_scaling_group_name"), *templates, *_given(group)]
    balancers = [*_names(stack.load_balancers, "load_balancer_name"), *_given(balancer)]
    of_nodes = [*_names(stack.roles, "role_name"), *_names(stack.instance_profiles, "instance_profile_name")]
    return {
        "groups": _once(groups) or _given(stack.name if stack.alarms or stack.launch_configurations else None),
        "load_balancers": _once(balancers) or _given(stack.name if stack.network_interfaces else None),
        "node_profiles": _once(of_nodes),
        "images": [{key: item.get(key) for key in ("name", "image_id", "region")} for item in stack.images],
        "security_groups": [
            {
                "vpc_id": vpc,
                "groups": [{"name": one["group_name"]} for one in stack.security_groups if one["vpc_id"] == vpc],
            }
            for vpc in _once(_names(stack.security_groups, "vpc_id"))
        ],
    }


def _names(items: Iterable[Item], key: str) -> list[str]:
    return [str(item[key]) for item in items]


def _given(name: str | None) -> list[str]:
    return [name] if name else []


def _once(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))
