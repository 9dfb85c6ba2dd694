# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused of a seed before the first call, and the rule behind it."""

from __future__ import annotations

from .._core import tags as _tags
from .._core.errors import Refusal
from .._core.instances import Instance
from .._core.step import LATER
from .value import DOWN, GONE, NAME, RUNNING, SEED, Seeds, SeedWant

TAGS = 48
"""AWS takes 50 tags; two of them are those by which a seed is found."""


def refuse(have: Seeds, want: SeedWant | None) -> Refusal | None:
    """The first thing that speaks against it, or None."""
    if not _tags.STACK_NAME.match(have.stack):
        reason = "a stack's name is 1 to 20 characters of a-z, 0-9 and -, and begins with a letter"
        return Refusal("use", "stack", have.stack, reason, "Correct O(stack)")
    for one in have.strangers:
        reason = f"it is not tagged {_tags.STACK}={have.stack} and {NAME}={have.name}"
        return Refusal("use", SEED, one, reason, "Correct O(instance_id)")
    if want is None:
        return None
    if problem := _tags.problem(want.tags, TAGS) or _renamed(have, want):
        return Refusal("launch" if not have.found else "tag", SEED, have.name, problem, "Correct O(tags)")
    if len(have.found) > 1:
        ids = ", ".join(one.instance.instance_id for one in have.found)
        return Refusal("choose", f"a {SEED} of stack", have.stack, f"there are several, {ids}", "Terminate all but one")
    return _unusable(have, have.only.instance, want) if have.only else None


def _renamed(have: Seeds, want: SeedWant) -> str:
    given = (want.tags or {}).get(NAME, have.name)
    return (
        "" if given == have.name else f"the tag '{NAME}' in O(tags) is '{given}', and a seed is found by '{have.name}'"
    )


def _unusable(have: Seeds, there: Instance, want: SeedWant) -> Refusal | None:
    """Why the instance that is there cannot be used as the seed."""
    asked = want.launch.image_id if want.launch else LATER
    if LATER not in (asked, there.image_id) and asked != there.image_id:
        reason = f"it was launched from {there.image_id}, and {asked} is asked"
        return Refusal("adopt", SEED, there.instance_id, reason, "Terminate it; the next run launches another one")
    return unreachable(there, have.kind) if want.running and there.state == RUNNING else None


def unreachable(there: Instance, kind: str) -> Refusal | None:
    """That an instance has no address of that kind."""
    if there.address(kind):
        return None
    way_out = "Choose a subnet that gives one (O(subnet_id)), or set O(address)"
    return Refusal("reach", SEED, there.instance_id, f"it is {there.state}, and has no {kind} address", way_out)


def ended(there: Instance) -> Refusal:
    """That an instance ended while it was waited for."""
    why = f" ({there.reason})" if there.reason else ""
    way_out = "Run again: one that is stopped is started, and in place of one that is terminated another is launched"
    state = there.state if there.state in DOWN else GONE
    return Refusal("use", SEED, there.instance_id, f"it is {state}{why}", way_out)
