# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machine images: what one is, what may be wanted of it, and how it is shown.

An image is made of an instance and is immutable but for its tags, description, permissions and IMDS support. Its name
is its identity: unique in an account and Region. A stack's images are named `<stack>-<12 hex of the fingerprint>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Ref

IMAGE = f"{_tags.PREFIX}image"
"""A tag on snapshots: the name of the image they were made for, so that they are found when the image is gone."""

NAME = re.compile(r"^[A-Za-z0-9()\[\] ./\-'@_]{3,128}$")
STACK_IMAGE = re.compile(r"^(?P<stack>[a-z][a-z0-9-]{0,19})-[0-9a-f]{12}$")
USABLE = ("available",)
COMING = ("pending", "transient")
DISABLED = "disabled"
BROKEN = ("failed", "error", "invalid")


@dataclass(frozen=True)
class ImageVolume:
    """One block device of an image; None: as the source has it."""

    device_name: str
    size: int | None = None
    type: str | None = None
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool | None = None
    delete_on_termination: bool | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are not None."""
        return {key: value for key, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class Image:
    """An image as AWS has it; `region` None is the main one, `user_ids` and `organization_arns` None are not read.

    `protected`: AWS refuses to deregister it. `foreign` is what AWS says beside all that is managed here.
    """

    image_id: str
    name: str
    state: str
    region: str | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    snapshot_ids: tuple[str, ...] | str = ()
    volumes: tuple[ImageVolume, ...] | str = ()
    source_instance_id: str | None = None
    creation_date: str = ""
    reason: str = ""
    imds_support: str | None = None
    user_ids: tuple[str, ...] | None = None
    organization_arns: tuple[str, ...] | None = None
    public: bool = False
    protected: bool = False
    foreign: Mapping[str, Any] | str = LATER

    @property
    def resources(self) -> list[str | Ref]:
        """The ids that have the image's tags: its own and its snapshots'."""
        snapshots = () if isinstance(self.snapshot_ids, str) else self.snapshot_ids
        return [ref(self.name, self.region) if self.image_id == LATER else self.image_id, *snapshots]


def ref(name: str, region: str | None) -> Ref:
    """The id of an image that is yet to be made."""
    return Ref("image", f"{name}@{region}" if region else name, "id")


@dataclass(frozen=True)
class ImageSource:
    """The instance to make an image of; `state` None: there is no such instance."""

    instance_id: str
    state: str | None


@dataclass(frozen=True)
class KeptSnapshot:
    """A snapshot of an image that goes which stays, because other images use it, too."""

    snapshot_id: str
    region: str | None
    used_by: tuple[str, ...]


@dataclass(frozen=True)
class Images:
    """What there is: the image of that name (main Region), its copies by Region, its relatives, its leftovers.

    `permissions`: launch permissions are managed, and so were read. `adopt`: an untagged image may be removed, too.
    `users`: ids of images that should go, each with a launch template that names it and is not of its stack.
    """

    name: str
    permissions: bool = False
    adopt: bool = False
    image: Image | None = None
    source: ImageSource | None = None
    copies: Mapping[str, Image | None] = field(default_factory=dict)
    relatives: Mapping[str | None, tuple[Image, ...]] = field(default_factory=dict)
    in_use: frozenset[str] = frozenset()
    strays: tuple[tuple[str | None, str], ...] = ()
    kept: tuple[KeptSnapshot, ...] = ()
    users: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Copy:
    """A copy in another Region."""

    region: str
    name: str
    encrypted: bool = False
    kms_key_id: str | None = None


@dataclass(frozen=True)
class ImageWant:
    """An image that should be. None: not managed."""

    name: str
    instance_id: str | None = None
    description: str | None = None
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    reboot: bool = True
    volumes: tuple[ImageVolume, ...] | None = None
    user_ids: tuple[str, ...] | None = None
    organization_arns: tuple[str, ...] | None = None
    copies: tuple[Copy, ...] | None = None
    imds_support: str | None = None
    family: str | None = None
    keep: int | None = None
    adopt: bool = False
    region: str = ""
    stack: str | None = None

    @property
    def owner(self) -> str:
        """The stack whose tag it has: the given one, else as its family or name say."""
        return self.stack or stack_of(self.name, self.family)

    @property
    def marks(self) -> dict[str, str]:
        """The tags that show that it is ours."""
        return _tags.marks(self.owner, self.family)


def stack_of(name: str, family: str | None = None) -> str:
    """The stack an image belongs to: its family, else the name less its fingerprint, else the name."""
    match = STACK_IMAGE.match(name)
    return family or (match["stack"] if match else name)


def show(have: Images) -> dict[str, Any] | None:
    """The managed fields of the image and its copies; None when there is none."""
    image = have.image
    if image is None:
        return None
    shown = _shown(image)
    shown["copies"] = [{"region": region, **_shown(copy)} for region, copy in sorted(have.copies.items()) if copy]
    return shown


def _shown(image: Image) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": image.name,
        "image_id": image.image_id,
        "state": image.state,
        "description": image.description,
        "stack": image.tags.get(_tags.STACK),
        "family": image.tags.get(_tags.FAMILY),
        "tags": {key: value for key, value in sorted(image.tags.items()) if not key.startswith((_tags.PREFIX, "aws:"))},
        "snapshot_ids": image.snapshot_ids if isinstance(image.snapshot_ids, str) else list(image.snapshot_ids),
        "volumes": image.volumes if isinstance(image.volumes, str) else [volume.given() for volume in image.volumes],
        "source_instance_id": image.source_instance_id,
        "creation_date": image.creation_date,
        "imds_support": image.imds_support,
        "foreign_settings": image.foreign if isinstance(image.foreign, str) else dict(image.foreign),
    }
    if image.user_ids is not None:
        shown["launch_permissions"] = {
            "user_ids": list(image.user_ids),
            "organization_arns": list(image.organization_arns or ()),
        }
    return shown
