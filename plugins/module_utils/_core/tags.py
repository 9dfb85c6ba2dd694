# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags, and the one by which this collection finds its own resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

PREFIX = "webcallserver.aws:"
STACK = f"{PREFIX}stack"
FAMILY = f"{PREFIX}family"
GROUP = "aws:autoscaling:groupName"
"""AWS's own, on the members of a group."""
STACK_NAME = re.compile(r"^[a-z][a-z0-9-]{0,19}$")


def marks(stack: str, family: str | None = None) -> dict[str, str]:
    """The tags that make a thing ours."""
    return {STACK: stack} | ({FAMILY: family} if family else {})


def is_marked(tags: Mapping[str, str], stack: str) -> bool:
    """Whether a thing with these tags belongs to the stack."""
    return tags.get(STACK) == stack


def instead(other: str) -> str:
    """The ways out where a stack has a thing of another name."""
    return f"Set O(name) to '{other}' again, or remove that first (O(state): absent, or the playbook teardown)"


def aimed(
    have: Mapping[str, str], want: Mapping[str, str] | None, purge: bool, own: Mapping[str, str]
) -> dict[str, str]:
    """The tags that a resource should have: the wanted ones and our tags; foreign ones stay unless purged.

    `want` None means that tags are not managed. Reserved tags (`webcallserver.aws:`) and AWS's own (`aws:`) are never
    purged.
    """
    if want is None:
        kept = dict(have)
    elif purge:
        kept = {key: value for key, value in have.items() if key.startswith((PREFIX, "aws:"))}
    else:
        kept = dict(have)
    return kept | dict(want or {}) | dict(own)


def added(have: Mapping[str, str], aim: Mapping[str, str]) -> dict[str, str]:
    """The tags to write so that `have` becomes `aim`, removals aside."""
    return {key: value for key, value in sorted(aim.items()) if have.get(key) != value}


def removed(have: Mapping[str, str], aim: Mapping[str, str]) -> list[str]:
    """The keys to remove so that `have` becomes `aim`."""
    return sorted(key for key in have if key not in aim)


def reserved(want: Mapping[str, str] | None) -> str | None:
    """The first wanted key that a user may not set, or None."""
    return next((key for key in sorted(want or {}) if key.startswith((PREFIX, "aws:"))), None)


def problem(want: Mapping[str, str] | None, limit: int = 50) -> str | None:
    """What AWS or we would refuse in these tags, or None.

    AWS takes 50 tags a thing, 10 on a Classic ELB; 128 characters in a key, 256 in a value.
    """
    if key := reserved(want):
        return f"the tag key '{key}' in O(tags) begins with a reserved prefix ('{PREFIX}' or 'aws:')"
    for key, value in sorted((want or {}).items()):
        if not 1 <= len(key) <= 128:
            return f"the tag key '{key}' in O(tags) has {len(key)} characters, and AWS allows 1 to 128"
        if len(value) > 256:
            return f"the value of tag '{key}' in O(tags) has {len(value)} characters, and AWS allows at most 256"
    if len(want or {}) > limit:
        return f"O(tags) has {len(want or {})} tags, and there is room for {limit} beside those of this collection"
    return None


def texts(tags: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Tags as AWS keeps them: all values are strings; None stays None."""
    return None if tags is None else {str(key): "" if value is None else str(value) for key, value in tags.items()}


def to_aws(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """AWS's list shape, sorted by key, so that equal tags make equal calls."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def from_aws(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """A plain mapping of AWS's list shape."""
    return {tag["Key"]: tag.get("Value") or "" for tag in tags or ()}
