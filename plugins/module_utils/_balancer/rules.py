# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused before the first call, and the rule behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .._core import tags as _tags
from .._core.errors import CORRECT, Refusal
from .._core.plain import listed, plural
from .._core.references import crowded
from .._core.step import LATER
from . import health as _health_check
from . import listeners as _listeners
from .calls import THING
from .value import MOST_TAGS, UNFINISHED, Balancer, Have, Wanted, complete, counted, tags_aimed

NAME = re.compile(r"^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$")
FORMS = {
    "subnets": re.compile(r"^subnet-[0-9a-z]+$"),
    "security_group_ids": re.compile(r"^sg-[0-9a-z]+$"),
    "instance_ids": re.compile(r"^i-[0-9a-z]+$"),
}
LIMITS = {"idle_timeout": (1, 4000), "connection_draining": (0, 3600)}
"""Seconds. AWS's guide takes an idle timeout up to 4000, its API model up to 3600: above that the service decides."""

INTERVALS = (5, 60)
OURS = 1


def refuse(have: Have, want: Wanted | None) -> Refusal | None:
    """The first thing that speaks against it, or None."""
    verb = "delete" if want is None else "change" if have.balancer else "create"
    for reason, way_out in _objections(have, want):
        return Refusal(verb, THING, have.name, reason, way_out)
    return None


def _objections(have: Have, want: Wanted | None) -> Iterator[tuple[str, str]]:
    if not NAME.match(have.name):
        yield "a name has 1 to 32 letters, digits and hyphens, and no hyphen at its ends", "Choose another O(name)"
    if want:
        yield from ((problem, CORRECT) for problem in _problems(have, want))
    if have.balancer:
        yield from _foreign(have)
    elif want:
        yield from _second(have)
    if have.balancer and want:
        yield from _immovable(have.balancer, want)
    if have.balancer and want is None:
        yield from _used(have)


def _problems(have: Have, want: Wanted) -> Iterator[str]:
    goal = complete(have, want)
    assert goal is not None  # noqa: S101 - a want completes to a want
    yield from _place(have, want)
    if goal.listeners is not None:
        yield from _listeners.problems(goal.listeners, goal.region)
    if goal.health_check:
        yield from _health_check.problems(goal.health_check)
    yield from _attributes(goal)
    for option, form in FORMS.items():
        for one in getattr(want, option) or ():
            if one != LATER and not form.match(one):
                yield f"'{one}' in O({option}) is not an ID"
    yield from _tagging(have, want)


def _place(have: Have, want: Wanted) -> Iterator[str]:
    if want.subnets is not None and want.zones is not None:
        yield "O(subnets) and O(zones) exclude each other"
    if have.balancer is None and want.subnets is None and want.zones is None:
        yield "a new load balancer needs O(subnets), or O(zones) in a default VPC"
    for option, what in (("subnets", "subnet"), ("zones", "zone"), ("security_group_ids", "security group")):
        there = getattr(have.balancer, option) if have.balancer else None
        if getattr(want, option) == () and there != ():
            yield f"O({option}) is empty, and a load balancer needs at least one {what}"
    if have.balancer and (reason := crowded(want.subnets or (), have.balancer.zone_of)):
        yield f"O(subnets) has {reason}"


def _attributes(goal: Wanted) -> Iterator[str]:
    for option, (low, high) in LIMITS.items():
        value = getattr(goal.attributes, option)
        if value is not None and not low <= value <= high:
            yield f"O({option}) {value} is not between {low} and {high}"
    log = goal.attributes.access_log
    if log and log.enabled and not log.bucket:
        yield "O(access_log) is enabled and has no bucket"
    if log and log.enabled and log.interval not in INTERVALS:
        yield f"O(access_log.interval) {log.interval} is neither 5 nor 60"


def _tagging(have: Have, want: Wanted) -> Iterator[str]:
    if problem := _tags.problem(want.tags, MOST_TAGS - OURS):
        yield problem
    elif have.balancer:
        aim = tags_aimed(have.balancer, want)
        aim.pop(UNFINISHED, None)
        if (count := counted(aim)) > MOST_TAGS:
            yield (
                f"it would have {count} tags, that of this collection included; a Classic Load Balancer has at most "
                f"{MOST_TAGS}"
            )


def _second(have: Have) -> Iterator[tuple[str, str]]:
    """A stack has one balancer: one of another name would take its place, and the old one be forgotten."""
    for other in have.others:
        reason = f"load balancer '{other}' is tagged {_tags.STACK}={have.owner}, and a stack has one load balancer"
        yield reason, _tags.instead(other)


def _used(have: Have) -> Iterator[tuple[str, str]]:
    for group in have.users:
        reason = f"Auto Scaling group '{group}' names it, and is not of stack '{have.owner}'"
        yield reason, "Remove it from that group first"


def _foreign(have: Have) -> Iterator[tuple[str, str]]:
    if not have.adopt and not have.is_ours:
        mark = f"{_tags.STACK}={have.owner}"
        reason = (
            f"a load balancer of this name exists and is not tagged {mark}, so it is not managed by this collection"
        )
        yield reason, "Set O(adopt): true to have it managed here, or choose another O(name)"


def _immovable(balancer: Balancer, want: Wanted) -> Iterator[tuple[str, str]]:
    if want.scheme not in (None, balancer.scheme):
        instances = plural(len(balancer.instance_ids), "registered instance")
        reason = (
            f"it is {balancer.scheme}, and AWS cannot change that. Replacing it would cut every connection, change its "
            f"DNS name, and lose its {instances} and Auto Scaling groups"
        )
        way_out = "Leave O(scheme) out, or make one of another O(stack)"
        yield reason, way_out
    if stuck := _stuck(balancer, want):
        both = f"O(subnets) {stuck[0]} and {stuck[1]} are in one zone; AWS allows one subnet per zone, and never none"
        yield both, "Add a subnet of another zone; a second run may remove it again"
    if not want.allow_subnet_removal:
        yield from _cut(balancer, want)
    if not want.allow_failing_health_check:
        yield from _failed(balancer)


def _cut(balancer: Balancer, want: Wanted) -> Iterator[tuple[str, str]]:
    """What serves in a zone that would be taken out, be it only while a subnet is exchanged."""
    for option, thing, zone in leaving(balancer, want):
        if ids := sorted(one for one, there in balancer.serving.items() if there == zone):
            where = "" if thing == zone else f" of zone {zone}"
            reason = f"O({option}) leaves out {thing}{where}, where {_listed(ids)} in service"
            yield reason, f"Keep {thing}, drain what serves there (wcs_drain), or set O(allow_subnet_removal): true"


def leaving(balancer: Balancer, want: Wanted) -> Iterator[tuple[str, str, str]]:
    """The subnets and zones that would be taken out: the option, what it leaves out, and the zone of it."""
    if want.subnets is not None and balancer.subnets is not None:
        for subnet in sorted(set(balancer.subnets) - set(want.subnets)):
            yield "subnets", subnet, balancer.zone_of.get(subnet, "")
    if want.zones is not None and balancer.zones is not None:
        yield from (("zones", zone, zone) for zone in sorted(set(balancer.zones) - set(want.zones)))


def _failed(balancer: Balancer) -> Iterator[tuple[str, str]]:
    """What serves now, and would not under the wanted health check."""
    ill = {one: answer for one, answer in sorted(balancer.tried.items()) if answer.passed is False}
    if ill:
        answer, *_ = ill.values()
        reason = f"{_listed(list(ill))} in service and would fail the new health check ({answer.text})"
        yield reason, "Correct O(health_check), or set O(allow_failing_health_check): true"


def _listed(ids: Sequence[str]) -> str:
    return f"{listed(ids, MOST_LISTED)} {'is' if len(ids) == 1 else 'are'}"


MOST_LISTED = 3
"""So many instances are named in a sentence."""


def _stuck(balancer: Balancer, want: Wanted) -> tuple[str, str] | None:
    """The only subnet and the one that should replace it, where the second has to go and the first cannot."""
    if len(balancer.subnets or ()) != 1 or len(set(want.subnets or ())) != 1:
        return None
    (old,), (new,) = balancer.subnets or ("",), set(want.subnets or ())
    zone = balancer.zone_of.get(old)
    return (old, new) if old != new and zone and zone == balancer.zone_of.get(new) else None
