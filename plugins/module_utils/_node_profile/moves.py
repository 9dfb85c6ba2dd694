# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How role and instance profile of nodes are made, changed and removed: a domain for `_core.converge`.

What a killed run left half made is found by its name and tag, and finished.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._core import tags as _tags
from .._core.step import Move, Step
from . import calls as _calls
from .effects import foresee, settle
from .rules import refuse
from .value import (
    POLICY,
    PROFILE,
    ROLE,
    InstanceProfile,
    NodeProfile,
    NodeRole,
    WantedNodeProfile,
    complete,
    says_the_same,
    show,
    tags_aimed,
    trust_of,
)

__all__ = ["complete", "foresee", "moves", "refuse", "settle", "show"]


def moves(have: NodeProfile, want: WantedNodeProfile | None) -> Sequence[Move]:
    """All calls from here, in order; () at the end."""
    if want is None:
        return [*_profile_leaves(have), *_role_leaves(have)]
    return [*_role(have, want), *_allowed(have), *_profile(have, want), *_handed_over(have)]


def _role(have: NodeProfile, want: WantedNodeProfile) -> Sequence[Step]:
    """Tags come first, so that an adopted role is ours before it is changed."""
    if have.role is None:
        return [_calls.create_role(have, tags_aimed(have, {}, want))]
    tagged = _tagged(have, ROLE, have.role, want)
    return tagged if says_the_same(have.role.trust, trust_of(have.region)) else [*tagged, _calls.trust(have)]


def _allowed(have: NodeProfile) -> Sequence[Step]:
    is_allowed = have.role is not None and says_the_same(have.role.policy, POLICY)
    return [] if is_allowed else [_calls.allow(have)]


def _profile(have: NodeProfile, want: WantedNodeProfile) -> Sequence[Step]:
    if have.profile is None:
        return [_calls.create_profile(have, tags_aimed(have, {}, want))]
    return _tagged(have, PROFILE, have.profile, want)


def _handed_over(have: NodeProfile) -> Sequence[Step]:
    has_role = have.profile is not None and have.name in have.profile.roles
    return [] if has_role else [_calls.hand_over(have)]


def _tagged(have: NodeProfile, thing: str, one: NodeRole | InstanceProfile, want: WantedNodeProfile) -> list[Step]:
    """What goes is first: a key that comes back in other letters is the same to IAM."""
    aim = tags_aimed(have, one.tags, want)
    new, old = _tags.added(one.tags, aim), _tags.removed(one.tags, aim)
    gone = [_calls.untag(have, thing, old)] if old else []
    return [*gone, _calls.tag(have, thing, new)] if new else gone


def _profile_leaves(have: NodeProfile) -> Sequence[Step]:
    """Nothing of a profile or role without our tag. An instance profile goes when it has no role any more."""
    if have.own_profile is None:
        return []
    return [*(_calls.take_back(have, role) for role in have.own_profile.roles), _calls.delete_profile(have)]


def _role_leaves(have: NodeProfile) -> Sequence[Step]:
    """A role goes when it has no policies: they are part of it, whoever gave them."""
    role = have.own_role
    if role is None:
        return []
    detached = [_calls.detach(have, policy) for policy in role.attached]
    return [*detached, *(_calls.forbid(have, policy) for policy in role.inline), _calls.delete_role(have)]
