# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How security groups are created, changed and removed: a domain for `_core.converge`.

All groups are made before rules name them; new rules come before old ones are revoked, so that nobody is shut out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._core import tags as _tags
from .._core.step import Move, Step, Wait
from . import calls as _calls
from .calls import THING
from .effects import foresee, settle
from .rules import refuse
from .value import (
    GROUP,
    Rules,
    SecurityGroup,
    SecurityGroups,
    WantedSecurityGroup,
    WantedSecurityGroups,
    complete,
    show,
    tags_aimed,
)

__all__ = ["complete", "foresee", "moves", "refuse", "settle", "show"]


def moves(have: SecurityGroups, want: WantedSecurityGroups | None) -> Sequence[Move]:
    """The next calls, or the wait, on the way; () at its end."""
    if want is None:
        return _leave(have)
    for phase in PHASES:
        found = [step for one in want.groups for step in phase(have, one, want)]
        if found:
            return found
    return ()


def _leave(have: SecurityGroups) -> Sequence[Move]:
    """A group goes when no rule of another names it; where they name each other, a rule is revoked first."""
    doomed = have.doomed
    if doomed and have.users:
        return (Wait(f"{THING} {', '.join(repr(one.name) for one in doomed)}", "unused"),)
    named = {one.name: {other.name for other in doomed if other != one and _names(other, one)} for one in doomed}
    for group in doomed:
        if not named[group.name]:
            return (_calls.delete(group),)
    if not doomed:
        return ()
    first, others = doomed[0], {group.name for group in doomed}
    return [
        _calls.unlink(have, first, egress, among)
        for egress, rules in ((False, first.rules), (True, first.egress))
        if (among := tuple(rule for rule in rules if rule.kind == GROUP and rule.source in others - {first.name}))
    ]


def _names(group: SecurityGroup, other: SecurityGroup) -> bool:
    return any(rule.kind == GROUP and rule.source == other.name for rule in group.rules + group.egress)


def _created(have: SecurityGroups, one: WantedSecurityGroup, want: WantedSecurityGroups) -> Sequence[Step]:
    if one.name in have.groups:
        return ()
    tags = _tags.aimed({}, one.tags, want.purge_tags, _tags.marks(have.stacks[one.name]))
    return (_calls.create(have, one.name, one.description or one.name, tags),)


def _tagged(have: SecurityGroups, one: WantedSecurityGroup, want: WantedSecurityGroups) -> Sequence[Step]:
    """Our tag comes first, so that an adopted group is ours before it is changed."""
    group = have.groups[one.name]
    aim = tags_aimed(have, group, one, want.purge_tags)
    new, old = _tags.added(group.tags, aim), _tags.removed(group.tags, aim)
    put = [_calls.tagging("CreateTags", group, _tags.to_aws(new))] if new else []
    return put + ([_calls.tagging("DeleteTags", group, [{"Key": key} for key in old])] if old else [])


def _opened(have: SecurityGroups, one: WantedSecurityGroup, _want: WantedSecurityGroups) -> Sequence[Step]:
    return _each(have, one, "Authorize", _missing)


def _redescribed(have: SecurityGroups, one: WantedSecurityGroup, _want: WantedSecurityGroups) -> Sequence[Step]:
    return _each(have, one, "UpdateDescriptions", _other_words)


def _closed(have: SecurityGroups, one: WantedSecurityGroup, want: WantedSecurityGroups) -> Sequence[Step]:
    return _each(have, one, "Revoke", _surplus) if want.purge_rules else ()


def _each(
    have: SecurityGroups, one: WantedSecurityGroup, operation: str, which: Callable[[Rules, Rules], Rules]
) -> Sequence[Step]:
    group = have.groups[one.name]
    pairs = ((False, group.rules, one.rules), (True, group.egress, one.egress))
    return [
        _calls.rules(operation, have, group, egress, rules)
        for egress, there, aim in pairs
        if aim is not None and (rules := which(there, aim))
    ]


def _missing(there: Rules, aim: Rules) -> Rules:
    open_now = {rule.opens for rule in there}
    return tuple(rule for rule in aim if rule.opens not in open_now)


def _surplus(there: Rules, aim: Rules) -> Rules:
    """The rules that are there and not wanted."""
    wanted = {rule.opens for rule in aim}
    return tuple(rule for rule in there if rule.opens not in wanted)


def _other_words(there: Rules, aim: Rules) -> Rules:
    words = {rule.opens: rule.description or "" for rule in there}
    return tuple(rule for rule in aim if rule.description not in (None, words.get(rule.opens, rule.description)))


PHASES: tuple[Callable[[SecurityGroups, WantedSecurityGroup, WantedSecurityGroups], Sequence[Step]], ...] = (
    _created,
    _tagged,
    _opened,
    _redescribed,
    _closed,
)
"""The order of a change; each phase is done for all groups before the next."""
