# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused of the profile of nodes before the first call, and the rule behind it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from .._core import tags as _tags
from .._core.errors import Refusal
from .value import PROFILE, ROLE, NodeProfile, WantedNodeProfile

NAME = re.compile(r"^[A-Za-z0-9_+=,.@-]{1,64}$")
TAKEN, MARKS = "letters, digits, spaces", "_.:/=+-@"
TAGS = 50
CORRECT = "Correct O(tags)"


def refuse(have: NodeProfile, want: WantedNodeProfile | None) -> Refusal | None:
    """The first thing that speaks against it, or None."""
    verb = "delete" if want is None else "change" if have.role or have.profile else "create"
    for thing, reason, way_out in _kept(have) if want is None else _objections(have, want):
        return Refusal(verb, thing, have.name, reason, way_out)
    return None


def _kept(have: NodeProfile) -> Iterator[tuple[str, str, str]]:
    """Who else needs what a removal takes."""
    for holder in have.holders:
        yield ROLE, f"instance profile '{holder}' has it, too", "Take it out of that first, or keep it"


def _objections(have: NodeProfile, want: WantedNodeProfile) -> Iterator[tuple[str, str, str]]:
    if not NAME.match(have.name):
        yield ROLE, "a name has 1 to 64 letters, digits and _+=,.@-", "Correct O(name)"
    for problem in (_tags.problem(want.tags, TAGS - 1), *_odd(want.tags or {})):
        if problem:
            yield ROLE, problem, CORRECT
    for thing, there, own in ((ROLE, have.role, have.own_role), (PROFILE, have.profile, have.own_profile)):
        if there and not own:
            mark = f"{_tags.STACK}={have.stack}"
            reason = f"it exists and is not tagged {mark}, so it is not managed by this collection"
            yield thing, reason, "Set O(adopt): true to have it managed here, or O(name) to another one"
    for role in have.profile.roles if have.profile else ():
        if role != have.name:
            yield (
                PROFILE,
                f"it has the role '{role}', and AWS allows one",
                "Take that out, or set O(name) to another one",
            )


def _odd(tags: Mapping[str, str]) -> Iterator[str]:
    """What other services take in tags, and IAM does not."""
    keys: dict[str, str] = {}
    for key, value in sorted(tags.items()):
        other = keys.setdefault(key.casefold(), key)
        if other != key:
            yield f"the tag keys '{other}' and '{key}' in O(tags) are one key to IAM"
        if not all(map(_taken, key + value)):
            yield f"the tag '{key}' in O(tags) has characters that IAM refuses; it takes {TAKEN} and {MARKS}"


def _taken(char: str) -> bool:
    return char in MARKS or unicodedata.category(char)[0] in "LNZ"
