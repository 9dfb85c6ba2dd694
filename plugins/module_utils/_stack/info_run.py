# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack shown by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.module import Run
from .freshness import show
from .freshness_world import read_freshness
from .history import checked, launch_times
from .history_world import read_history
from .notices import notices
from .notices_world import launched
from .removals import removals
from .value import Stack, leftovers
from .world import read_stack


def look(params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The answer: `stack`, `leftovers`, `removals`, `notices`, and how old it is."""
    hours = checked(params.get("history"))
    others = [region for region in params["image_regions"] if region != run.aws.region]
    stack = read_stack(run.aws, params["name"], others)
    template = launched(run.aws, stack.group)
    seen = read_freshness(run.aws, template, params.get("base_image"))
    return {
        "region": run.aws.region,
        "stack": stack.show(),
        "leftovers": [item.show() for item in leftovers(stack)],
        "removals": removals(stack, params.get("group_name"), params.get("load_balancer_name")),
        "notices": notices(stack, template is not None),
        **show(seen, run.clock.date()),
        "history": _history(run, stack, hours),
    }


def _history(run: Run, stack: Stack, hours: int) -> dict[str, Any] | None:
    """How the group went in these last hours; None where none is asked for, or there is no group."""
    if not hours or stack.group is None:
        return None
    members = [one["instance_id"] for one in stack.group.get("instances", ())]
    since = launch_times(members, stack.instances)
    return read_history(run.aws, stack.group["auto_scaling_group_name"], since, hours, run.clock.date()).show()
