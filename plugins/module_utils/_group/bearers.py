# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else has the tags of a group: its members, their volumes, its launch template.

AWS gives a group's tags to new members only. What is there already is tagged by calls of our own, before the group is:
so if the group has the tags, all of it has, and no further read is needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core import tags as _tags
from .._core.step import Step

RESOURCES_A_CALL = 500  # EC2 CreateTags, DeleteTags: 1000
GONE = ("InvalidInstanceID.NotFound", "InvalidVolume.NotFound", "InvalidID")
"""A member that ends while it is being tagged."""


@dataclass(frozen=True)
class Bearer:
    """A resource that has tags. `kind`: instance, volume or launch-template, as AWS names them."""

    resource_id: str
    kind: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TagChange:
    """The tags that bearers of one kind get, and those that are removed."""

    wanted: Mapping[str, str] = field(default_factory=dict)
    unwanted: Collection[str] = ()


def tagging(group: str, bearers: Sequence[Bearer], changes: Mapping[str, TagChange]) -> list[Step]:
    """The calls by which the bearers get and lose tags; those that need the same share them."""
    added: dict[tuple[tuple[str, str], ...], list[str]] = {}
    removed: dict[tuple[str, ...], list[str]] = {}
    for one in bearers:
        change = changes.get(one.kind, TagChange())
        if new := tuple(_tags.added(one.tags, change.wanted).items()):
            added.setdefault(new, []).append(one.resource_id)
        if gone := tuple(sorted(set(one.tags) & set(change.unwanted))):
            removed.setdefault(gone, []).append(one.resource_id)
    creates = [_step(group, "CreateTags", ids, _tags.to_aws(dict(tags))) for tags, ids in _parts(added)]
    deletes = [_step(group, "DeleteTags", ids, [{"Key": key} for key in keys]) for keys, ids in _parts(removed)]
    return creates + deletes


def _parts(found: Mapping[Any, list[str]]) -> Iterator[tuple[Any, list[str]]]:
    for tags, ids in found.items():
        for at in range(0, len(ids), RESOURCES_A_CALL):
            yield tags, sorted(ids)[at : at + RESOURCES_A_CALL]


def _step(group: str, operation: str, ids: list[str], tags: list[dict[str, str]]) -> Step:
    args = {"Resources": ids, "Tags": tags}
    return Step("ec2", operation, ("tags of group", group), args, lost="repeat", gone=GONE)


def after(bearers: Sequence[Bearer], operation: str, args: Mapping[str, Any]) -> tuple[Bearer, ...]:
    """The bearers after CreateTags or DeleteTags."""

    def changed(one: Bearer) -> Bearer:
        if one.resource_id not in args["Resources"]:
            return one
        if operation == "CreateTags":
            return replace(one, tags={**one.tags, **_tags.from_aws(args["Tags"])})
        gone = {tag["Key"] for tag in args["Tags"]}
        return replace(one, tags={key: value for key, value in one.tags.items() if key not in gone})

    return tuple(map(changed, bearers))
