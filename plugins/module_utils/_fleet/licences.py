# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The licences that a fleet may need: the greatest number of its nodes, and the servers that run in addition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .._core.errors import Why
from .._core.licences import Servers, over
from .._core.step import LATER
from .._group import value as _group
from .._launch import value as _launch
from .._scaling.schedules import Schedule
from .value import Fleet, FleetWant

FEWER = "Lower O(max_size)"


def unlicensed(have: Fleet, goal: FleetWant) -> Why | None:
    """Why the fleet may need more licences than there are, and what would do; None where it may not.

    Nodes of an image of AWS Marketplace need none.
    """
    if have.marketplace or not goal.licences.bind:
        return None
    if why := bake_unlicensed(have, goal):
        return why
    idle, seeds = _idle(have), Servers(_beside(have, goal), "seed")
    if have.standing is not None and not have.standing.rolling and (surge := min(goal.surge, _outdated(have, goal))):
        there = _group.desired_after(have.standing.settings, goal.settings)
        rollout = [Servers(there, "node"), Servers(surge, "node", "of surge"), idle, seeds]
        if why := over(rollout, goal.licences, "Set O(wcs_rollout: surge) to less, scale in first"):
            return why
    return over([_most(have, goal), idle, seeds], goal.licences, FEWER)


def bake_unlicensed(have: Fleet, goal: FleetWant) -> Why | None:
    """Why there are too few licences for the nodes there are and a seed that an image is made of."""
    if have.marketplace or goal.seed != "baking" or have.standing is None:
        return None
    idle = _idle(have)
    there = max(have.standing.desired, len(have.standing.members) - idle.count)
    full = there >= (have.standing.settings.max_size or 0)
    nodes = Servers(there, "node", "at most" if full else "now")
    return over([nodes, idle, Servers(max(1, have.beside), "seed")], goal.licences, "Scale in first")


def images(have: Fleet, goal: FleetWant) -> set[str | None]:
    """The images that nodes have, or will have: of each member, of the group, and of the goal; None: not known.

    One that is baked later is of AWS Marketplace where the seed's image is.
    """
    wanted = goal.launch.content.image_id if goal.launch else None
    found = {goal.seed_image_id if wanted == LATER else wanted} if goal.launch else set()
    if have.standing is None:
        return found
    found.add(have.launch.image_id if have.launch else None)
    versions = [have.template.find(one.source.version) for one in have.standing.members if have.template and one.source]
    return found | {version.launch.image_id for version in versions if version}


def _outdated(have: Fleet, goal: FleetWant) -> int:
    """How many members that count a rollout would replace; versions that differ by tags of volumes alone are alike."""
    if goal.launch is None or have.standing is None:
        return 0
    content = replace(goal.launch.content, volume_tags=None)
    versions = have.template.versions if have.template else ()
    plain = {one.number: replace(one.launch, volume_tags=None) for one in versions}
    current = {number for number, launch in plain.items() if _launch.matches(launch, content)}
    counting = [one for one in have.standing.members if not one.idle]
    return sum(one.source is None or one.source.version not in current for one in counting)


def _beside(have: Fleet, goal: FleetWant) -> int:
    """The servers that run outside the group at the end: a seed that an image is made of is gone by then."""
    if goal.seed == "kept":
        return max(1, have.beside)
    return max(0, have.beside - 1) if goal.seed == "baking" else have.beside


def _most(have: Fleet, goal: FleetWant) -> Servers:
    """The greatest number of nodes that group or a scheduled action allow."""
    kept = () if goal.schedules is not None and goal.purge_schedules else have.scheduled or ()
    named = {one.name for one in goal.schedules or ()}
    actions = [*(goal.schedules or ()), *(one for one in kept if one.name not in named)]
    by_group = Servers(goal.settings.max_size or 0, "node", "at most")
    return max([by_group, *_of_actions(actions)], key=lambda one: one.count)


def _idle(have: Fleet) -> Servers:
    """The members that run and do not count towards the group's sizes."""
    members = have.standing.members if have.standing else ()
    return Servers(sum(one.idle for one in members), "node", "on standby")


def _of_actions(actions: Iterable[Schedule]) -> list[Servers]:
    return [Servers(one.max_size or 0, "node", f"at most (scheduled action '{one.name}')") for one in actions]
