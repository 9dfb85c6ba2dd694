# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is paid for, read off what modules answered anyway: no call is made for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core.answers import count, table, tables, text, texts
from .._core.instances import IDLE, RETAINED
from .._core.licences import of_marketplace
from .._core.plain import Item
from .costs import Machine, Many, StackFacts

INSTANCE, TYPE = re.compile(r"i-.+"), re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")
"""What is not yet known is not of these forms."""
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")


@dataclass(frozen=True)
class Answers:
    """What the modules answered, by what they are about; {} where they were not asked.

    `group`: of wcs_asg, wcs_drain or wcs_load; `seed`: `{launched, kept, base}`, `base` being that of wcs_seed_image;
    `stack`: of wcs_stack_info, which is all there is to say of a stack.
    """

    group: Item = field(default_factory=dict)
    load_balancer: Item = field(default_factory=dict)
    image: Item = field(default_factory=dict)
    seed: Item = field(default_factory=dict)
    rollout: Item = field(default_factory=dict)
    stack: Item = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Whether anything says how many nodes there are."""
        return "group" in self.group or "stack" in self.stack

    @property
    def leaving(self) -> int:
        """How many nodes a drain terminates, and none comes in their place."""
        goal = table(self.group.get("goal"))
        kept = (goal.get("state"), goal.get("then"), goal.get("decrement_desired")) != ("drained", "terminate", True)
        return 0 if kept else len(tables(self.group.get("victims")))

    @property
    def replaced(self) -> int:
        """How many nodes a drain takes out, each of which AWS replaces."""
        goal = table(self.group.get("goal"))
        return len(tables(self.group.get("victims"))) if goal.get("decrement_desired") is False else 0


def facts(answers: Answers, removed: bool = False) -> StackFacts:
    """What is paid for; `removed`: nothing of it afterwards."""
    found = _whole(table(answers.stack.get("stack"))) if answers.stack else _planned(answers)
    if not removed:
        return found
    peak = sum(one.count for one in found.now)
    return replace(found, after=(), most=(), balancer_after=False, peak=peak, unread=False)


def region_of(answers: Answers) -> str | None:
    """The Region by what was answered, the first ARN or the first zone; None where none of them is there."""
    whole = table(answers.stack.get("stack"))
    given = text(answers.stack.get("region")) or text(answers.group.get("region"))
    groups = [table(answers.group.get("group")), table(whole.get("group"))]
    named = [one.get(key) for one in groups for key in ("arn", "auto_scaling_group_arn")]
    named += [node.get("zone") for one in groups for node in tables(one.get("instances"))]
    named += [zone for one in groups for zone in texts(one.get("availability_zones"))]
    found = (REGION.search(one) for one in [given, *named] if isinstance(one, str))
    return next((one[0] for one in found if one), None)


# A group, as any module answers it


@dataclass(frozen=True)
class _Sizes:
    """`kinds`: the types of its members that exist (None: not known); `idle`: how many of them its sizes leave out.

    `retained`: those of the idle ones that AWS keeps though their end has begun.
    """

    kinds: Sequence[str | None] = ()
    idle: int = 0
    retained: int = 0
    desired: int = 0
    most: int = 0
    balanced: bool = False


def _group(group: Item, schedules: Sequence[Item] = ()) -> _Sizes:
    members = [one for one in tables(group.get("instances")) if INSTANCE.fullmatch(str(one.get("instance_id")))]
    sizes = [count(one.get("max_size")) or 0 for one in (group, *schedules)]
    return _Sizes(
        [_known(one.get("instance_type")) for one in members],
        sum(one.get("lifecycle_state") in IDLE for one in members),
        sum(one.get("lifecycle_state") == RETAINED for one in members),
        max(0, count(group.get("desired_capacity")) or 0),
        max(0, *sizes),
        bool(group.get("load_balancers") or group.get("load_balancer_names")),
    )


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) and TYPE.fullmatch(value) else None


def _many(server: Machine, kinds: Iterable[str | None], thing: str = "node") -> list[Many]:
    """The machines by their types; in all else they are like that server."""
    return [Many(replace(server, kind=kind), many, thing) for kind, many in Counter(kinds).items()]


# The parts of a stack, as a plan changes them


def _planned(answers: Answers) -> StackFacts:
    raw, launch = table(answers.group.get("group")), table(answers.group.get("launch"))
    group, rolls = _group(raw, tables(raw.get("scheduled_actions"))), bool(count(_rollout(answers).get("outdated")))
    sort = _sort({**launch, **(table(launch.get("pending")) if rolls else {})}, answers, group.kinds)
    now = _now(answers, group, _known(launch.get("instance_type")) or sort.kind)
    after = max(0, group.desired + group.idle - answers.leaving)
    stay = [] if rolls else now[:after]
    kept, baked = _seeds(answers, sort)
    more = _for_a_while(answers, group, len(now))
    balanced = group.balanced or "goal" in answers.group or bool(table(answers.load_balancer.get("load_balancer")))
    beside_nodes = len(now) + len(baked) if now else 0  # the seed of a new stack is gone when its nodes come
    most = max(group.most + group.idle, after + answers.leaving + more.count) + len(kept)
    return StackFacts(
        now=_many(sort, now),
        after=[*_many(sort, stay), Many(sort, after - len(stay)), *kept],
        most=[Many(sort, group.most + group.idle), *kept],
        balancer_now=balanced and not _added(answers.load_balancer, "load balancer"),
        balancer_after=balanced,
        run=[*baked, replace(more, server=sort)],
        peak=max(most, beside_nodes),
        free=_in_price(answers),
        images=bool(answers.image),
        unread=bool(raw) and raw.get("scheduled_actions") is None and not _added(answers.group, "group"),
    )


def _now(answers: Answers, group: _Sizes, launched: str | None) -> list[str | None]:
    """The types of the nodes there are: of a member that does not say it, that of what was launched."""
    if _added(answers.group, "group"):
        return []
    before = _before(answers.group)
    kind = _known(before.get("launch.instance_type")) or launched
    kinds = [one or kind for one in group.kinds]
    leaving = (count(before.get("group.desired_capacity")) or 0) - len(kinds)  # a plan shows those that stay
    return kinds + [kind] * max(0, leaving)


def _before(result: Item) -> dict[str, Any]:
    """The options that a plan changes, with their values before."""
    options = tables(table(result.get("plan")).get("options"))
    return {str(one.get("option")): one.get("before") for one in options}


def _added(result: Item, thing: str) -> bool:
    """Whether it is made by this plan, and so is not there yet."""
    things = tables(table(result.get("plan")).get("things"))
    return any((one.get("thing"), one.get("change")) == (thing, "add") for one in things)


def _sort(launch: Item, answers: Answers, kinds: Sequence[str | None]) -> Machine:
    """A node as it is launched; where that was not asked for, one like all there are."""
    monitored, public = launch.get("detailed_monitoring"), launch.get("associate_public_ip")
    alike = kinds[0] if len(set(kinds)) == 1 else None
    return Machine(
        _known(launch.get("instance_type")) or alike,
        monitored if isinstance(monitored, bool) else None,
        public if isinstance(public, bool) else None,
        _volumes(launch, table(answers.image.get("image"))),
    )


def _volumes(launch: Item, image: Item) -> tuple[tuple[str | None, int | None], ...] | None:
    """Type and size of the volumes of a node: the image's, and what is said beside it; None where those are unknown."""
    if not str(image.get("image_id")).startswith("ami-") or image.get("image_id") != launch.get("image_id"):
        return None
    found: dict[str, Item] = {str(one.get("device_name")): one for one in tables(image.get("volumes"))}
    for one in tables(launch.get("volumes")):
        found[str(one.get("device_name"))] = {**found.get(str(one.get("device_name")), {}), **one}
    disks = [one for one in found.values() if not one.get("no_device") and not one.get("virtual_name")]
    return tuple((text(one.get("type")), count(one.get("size"))) for one in disks) or None


def _seeds(answers: Answers, sort: Machine) -> tuple[list[Many], list[Many]]:
    """(a seed that goes on running, one that only this run has)."""
    kind = _known(table(answers.seed.get("base")).get("instance_type"))
    seed = [Many(replace(sort, kind=kind, volumes=None), 1, "seed")]
    if answers.seed.get("kept") is True:
        return seed, []
    return [], seed if answers.seed.get("launched") is True else []


def _rollout(answers: Answers) -> Item:
    return table(answers.rollout.get("rollout"))


def _for_a_while(answers: Answers, group: _Sizes, now: int) -> Many:
    """The nodes that the run has more for a while."""
    rollout = _rollout(answers)
    if count(rollout.get("outdated")):
        surge = (count(rollout.get("peak")) or 0) - group.desired - group.retained
        return Many(Machine(), max(0, surge), "node", "of surge")
    if "verdict" in answers.group:
        return Many(Machine(), max(0, group.most + group.idle - now), "new node", "at most")
    return Many(Machine(), answers.replaced, "replacement")


def _in_price(answers: Answers) -> bool:
    """Whether the licence is in the price of the hour: the image, or that of the seed, is of AWS Marketplace."""
    foreign = table(table(answers.image.get("image")).get("foreign_settings"))
    base = table(table(answers.seed.get("base")).get("image"))
    return of_marketplace({"ProductCodes": tables(foreign.get("product_codes"))}) or bool(base.get("product_codes"))


# A stack as it is


def _whole(stack: Item) -> StackFacts:
    """Of wcs_stack_info: every machine as EC2 has it."""
    raw = table(stack.get("group"))
    group = _group(raw, tables(stack.get("scheduled_actions")))
    machines = [one for one in tables(stack.get("instances")) if _runs(one)]
    ids = {text(one.get("instance_id")) for one in tables(raw.get("instances"))}
    members = [one for one in machines if text(one.get("instance_id")) in ids]
    nodes = [_machine(one) for one in members]
    others = [_machine(one) for one in machines if text(one.get("instance_id")) not in ids]
    alike = next(iter(set(nodes))) if len(set(nodes)) == 1 else Machine()
    now = [Many(one, many) for one, many in Counter(nodes).items()]
    beside = [Many(one, many, "seed") for one, many in Counter(others).items()]
    most = group.most + group.idle
    return StackFacts(
        now=[*now, *beside],
        after=[*now, *beside],
        most=[*([Many(alike, most)] if most else now), *beside],
        balancer_now=bool(stack.get("load_balancer")),
        balancer_after=bool(stack.get("load_balancer")),
        peak=max(most, len(nodes)) + max(1, len(others)),  # an image that is made needs a seed
        free=bool(members) and all(map(_of_marketplace, members)),
        images=bool(stack.get("snapshots")),
    )


def _of_marketplace(machine: Item) -> bool:
    codes = [{"ProductCodeType": one.get("product_code_type")} for one in tables(machine.get("product_codes"))]
    return of_marketplace({"ProductCodes": codes})


def _runs(machine: Item) -> bool:
    return table(machine.get("state")).get("name") in ("pending", "running")


def _machine(one: Item) -> Machine:
    monitoring = text(table(one.get("monitoring")).get("state"))
    return Machine(
        text(one.get("instance_type")),
        None if monitoring is None else monitoring in ("enabled", "pending"),
        bool(one.get("public_ip_address")),
        market=text(one.get("instance_lifecycle")),
    )
