# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a fleet becomes what is wanted: the parts know their own changes, here is their order.

What is launched comes first, then the group with its hooks and tags, then what belongs to a group that exists, then
what is no longer needed, policies before their alarms, and at last the wait for the members.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._core import tags as _tags
from .._core.errors import Refusal
from .._core.step import Move, Step, Wait
from .._group import bearers as _bearers
from .._group import calls as _group_calls
from .._group import journal as _journal
from .._group import value as _group
from .._group.value import Group
from .._launch import sources as _sources
from .._scaling import hooks as _hooks
from .._scaling import moves as _scaling
from .._scaling import schedules as _schedules
from . import rules as _rules
from .effects import GONE, foresee, settle
from .show import show
from .value import Fleet, FleetWant, beneath, complete, kept_in, launched_from, naming, tag_changes

__all__ = ["complete", "foresee", "moves", "refuse", "settle", "show"]


def moves(have: Fleet, want: FleetWant | None) -> Sequence[Move]:
    """All that can be done next; () when the fleet is as wanted."""
    if want is None:
        return _first(have, REMOVAL)
    phases = COMING if have.standing is None else STANDING
    return next((found for phase in phases if (found := phase(have, want))), ())


def refuse(have: Fleet, want: FleetWant | None) -> Refusal | None:
    """Why this cannot or must not be done from here, or None."""
    if refusal := _rules.refuse(have, want):
        return refusal
    open_work = beneath(have, want)
    if open_work is None or not any(isinstance(move, Step) for move in moves(have, complete(have, want))):
        return None
    what, way = open_work
    reason = f"{what}, and this run would change the group meanwhile"
    return Refusal("change", "group", have.name, reason, way[0].upper() + way[1:])


def _first(have: Fleet, phases: Sequence[Callable[[Fleet], Sequence[Move]]]) -> Sequence[Move]:
    return next((found for phase in phases if (found := phase(have))), ())


# To be


def _name_free(have: Fleet, _: FleetWant) -> Sequence[Move]:
    return _gone(have)


def _bearers_tagged(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """Nodes, volumes and template are tagged before the group and the next version are: an interrupted run is seen."""
    return _bearers.tagging(have.name, have.bearers, tag_changes(have, want)) if have.bearers else ()


def _pinned(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """For a rollout, a group that names `$Latest` names its number first: the new version is not to be its at once."""
    group, source = _standing(have), have.source
    if want.launch is None or want.launch.apply == "now" or source is None or source == group.source or group.mixed:
        return ()
    if have.template is None or not have.template.named_by(group.source):
        return ()
    return (_group_calls.update(group.name, naming(source)),)


def _sourced(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """What the group is to launch from: made where it is not there."""
    goal = want.launch
    if goal is None:
        return ()
    template = have.template
    if kept_in(have, goal) is not None:
        return ()
    if goal.kind == "configuration":
        return (_sources.create_configuration(have.name, goal.content),)
    tags = _tags.aimed({}, want.tags, True, _tags.marks(have.owner))
    if template is None:
        return (_sources.create_template(have.name, goal.content, have.source, tags, have.owner),)
    mark = [] if template.ours else [_sources.take_over(template, tags)]
    return [*mark, _sources.create_version(template, goal.content, have.source, have.began, have.owner)]


def _created(have: Fleet, want: FleetWant) -> Sequence[Move]:
    source = launched_from(have, want.launch) if want.launch else None
    tags = _tags.aimed({}, want.tags, True, _tags.marks(have.owner))
    hooks = _hooks.at_creation(want.hooks or ())
    return (_group_calls.create(have.name, want.settings, naming(source) if source else {}, tags, hooks),)


def _updated(have: Fleet, want: FleetWant) -> Sequence[Move]:
    group = _standing(have)
    args = _group.changes(group, want.settings)
    source = launched_from(have, want.launch) if want.launch else None
    if source is not None and not group.source == have.source == source and not group.mixed:
        args |= naming(source)
    return (_group_calls.update(group.name, args),) if args else ()


def _tagged(have: Fleet, want: FleetWant) -> Sequence[Move]:
    return _group_calls.tagging(_standing(have), want.tags, want.purge_tags, _tags.marks(have.owner))


def _hooked(have: Fleet, want: FleetWant) -> Sequence[Move]:
    return () if want.hooks is None else _hooks.moves(have.name, have.hooks or (), want.hooks, want.purge_hooks)


def _switched(have: Fleet, want: FleetWant) -> Sequence[Move]:
    group = _standing(have)
    return _group_calls.joining(group, want.settings) + _group_calls.switching(group, want.settings)


def _scheduled(have: Fleet, want: FleetWant) -> Sequence[Move]:
    if want.schedules is None:
        return ()
    return _schedules.moves(have.name, have.schedules or (), want.schedules, want.purge_schedules)


def _default_version(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """The default version follows the group's."""
    template, source = have.template, have.source
    if want.launch is None or template is None or source is None or not template.ours:
        return ()
    number = source.version
    if not template.named_by(source) or number is None or template.default.number == number:
        return ()
    return (_sources.set_default(template, number),)


def _retired(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """Versions and configurations that nobody needs any more."""
    if want.launch is None:
        return ()
    group, steps = _standing(have), list[Step]()
    own = (have.source, *(member.source for member in group.members))
    used = [source for source in (*own, *have.shared) if source]
    if have.template is not None and have.template.named_by(have.source):
        needed = {have.template.number(source.version) for source in used if have.template.named_by(source)}
        aim = kept_in(have, want.launch)
        needed |= {aim.version or ""} if aim and have.template.named_by(aim) else set()
        needed |= _journal.versions(group.plain_tags)
        numbers = _sources.superfluous(have.template, want.launch.keep, needed)
        steps += _sources.delete_versions(have.template, numbers)
    keep = want.launch.keep if want.launch.kind == "configuration" or want.launch.apply == "rollout" else 0
    older = have.configurations[: max(len(have.configurations) - keep, 0)]
    named = {source.name for source in used if source.kind == "configuration"}
    return steps + [_sources.delete_configuration(one.name) for one in older if one.name not in named]


def _policed(have: Fleet, want: FleetWant) -> Sequence[Move]:
    if want.policies is None:
        return ()
    there = have.policies or ()
    return _scaling.moves(have.name, there, have.alarms, want.policies, want.purge_policies, have.owner)


def _registered(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """AWS registers nodes when they are launched or the group joins; a balancer made anew never hears of the others."""
    group = _standing(have)
    names = [name for name in group.staying(want.settings) if name in have.forgetful]
    return [_group_calls.register(name, [one.instance_id for one in group.serving()]) for name in names]


def _left(have: Fleet, want: FleetWant) -> Sequence[Move]:
    """Balancers are left when the members serve in those that stay."""
    group = _standing(have)
    steps = _group_calls.leaving(group, want.settings)
    waits = _serving(have, want) if steps and group.staying(want.settings) else ()
    return waits or steps


def _serving(have: Fleet, want: FleetWant) -> Sequence[Move]:
    group = _standing(have)
    balancers = group.staying(want.settings) if group.health is not None else ()
    if group.steered or all(len(group.serving(name)) >= group.desired for name in (None, *balancers)):
        return ()
    place = " and ".join(["the group", *(f"balancer {name}" for name in balancers)])
    until = f"complete ({group.desired} in service in {place})"
    return (Wait(f"group '{have.name}'", until, ("complete", have.name)),)


COMING = (_name_free, _sourced, _created)
STANDING = (
    _bearers_tagged,
    _pinned,
    _sourced,
    _tagged,
    _updated,
    _hooked,
    _switched,
    _scheduled,
    _default_version,
    _retired,
    _policed,
    _registered,
    _left,
    _serving,
)


# Not to be


def _unpoliced(have: Fleet) -> Sequence[Move]:
    return _scaling.removal(have.name, have.policies or (), have.alarms)


def _deleted(have: Fleet) -> Sequence[Move]:
    return (_group_calls.delete(have.standing),) if have.standing is not None else ()


def _template_deleted(have: Fleet) -> Sequence[Move]:
    return (_sources.delete_template(have.template),) if have.template is not None and have.template.ours else ()


def _gone(have: Fleet) -> Sequence[Move]:
    if have.group is None or not have.group.deleting:
        return ()
    return (Wait(f"group '{have.name}'", "gone", (GONE, have.name)),)


def _configurations_deleted(have: Fleet) -> Sequence[Move]:
    return [_sources.delete_configuration(one.name) for one in have.configurations]


REMOVAL = (_unpoliced, _deleted, _template_deleted, _gone, _configurations_deleted)


def _standing(have: Fleet) -> Group:
    assert have.standing is not None  # noqa: S101 - `moves` chose the phases by it
    return have.standing
