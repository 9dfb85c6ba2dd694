# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a seed is, and what can be wanted of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core import tags as _tags
from .._core.instances import Instance

SEED = "seed"
NAME = "Name"
RUNNING, STOPPED, GONE = "running", "stopped", "terminated"
DOWN = ("stopping", STOPPED)
ON_ITS_WAY = {"pending": RUNNING, "stopping": STOPPED}
"""The states that end by themselves, and in which."""


@dataclass(frozen=True)
class Seed:
    """One seed, with the tags of those of its volumes that end with it or have the stack's tag."""

    instance: Instance
    volumes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def bearers(self) -> dict[str, Mapping[str, str]]:
        """Who has the tags of the seed, the instance first, and the tags that each has."""
        return {self.instance.instance_id: self.instance.tags, **self.volumes}


@dataclass(frozen=True)
class Seeds:
    """The seeds of a stack that have not ended, the oldest first.

    `kind`: the address that is asked for, public or private. By id: `ending` are about to end, `ended` did a while ago,
    and `strangers` were named as a seed and are none.
    """

    stack: str
    kind: str = "public"
    found: tuple[Seed, ...] = ()
    ending: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a seed of the stack is called."""
        return name_of(self.stack)

    @property
    def only(self) -> Seed | None:
        """The seed, where there is one."""
        return self.found[0] if len(self.found) == 1 else None


@dataclass(frozen=True)
class SeedLaunch:
    """What a seed is launched from and with; None is AWS's default."""

    image_id: str
    instance_type: str | None = None
    key_name: str | None = None
    subnet_id: str | None = None
    security_group_ids: Sequence[str] = ()
    instance_profile: str | None = None
    volumes: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class SeedWant:
    """What is wanted: `running` or not (None: as it is), and the launch where there is no seed (None: it stays so)."""

    launch: SeedLaunch | None = None
    running: bool | None = None
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True


def name_of(stack: str) -> str:
    """The tag `Name` of a stack's seed, by which it is found."""
    return f"{stack}-seed"


def tags_aimed(have: Seeds, there: Mapping[str, str], want: SeedWant) -> dict[str, str]:
    """The tags that something with these tags should have."""
    return _tags.aimed(there, want.tags, want.purge_tags, {**_tags.marks(have.stack), NAME: have.name})


def is_seed(tags: Mapping[str, str], stack: str) -> bool:
    """Whether an instance with these tags is a seed of the stack."""
    return _tags.is_marked(tags, stack) and tags.get(NAME) == name_of(stack)


def complete(have: Seeds, want: SeedWant | None) -> SeedWant | None:  # noqa: ARG001
    """The want, which has no gaps."""
    return want


def show(have: Seeds) -> dict[str, Any] | None:
    """The managed fields; None where there is none. Of several, which only a removal takes, the ids."""
    if not have.found:
        return None
    if have.only is None:
        return {"name": have.name, "instance_ids": [one.instance.instance_id for one in have.found]}
    one = have.only.instance
    return {
        "name": have.name,
        "instance_id": one.instance_id,
        "running": one.state not in DOWN,
        "image_id": one.image_id,
        "subnet_id": one.subnet,
        "address": one.address(have.kind),
        "private_ip_address": one.private_address,
        "stack": one.tags.get(_tags.STACK),
        "tags": {key: one.tags[key] for key in sorted(one.tags) if not key.startswith((_tags.PREFIX, "aws:"))},
    }
