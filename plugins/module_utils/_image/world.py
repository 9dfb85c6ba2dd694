# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images in AWS: how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import api as _ec2
from .._core import tags as _tags
from .._core.aws import Aws
from .._core.errors import Refusal
from .._core.step import LATER, Ref, Step, Wait, WaitState
from . import api as _api
from . import value as _image
from .moves import leaving, superfluous
from .value import Copy, Image, Images, ImageSource, ImageWant, KeptSnapshot


class ImageWorld:
    """The images that a want (or a removal by name or id) is about."""

    def __init__(
        self,
        aws: Aws,
        want: ImageWant | None,
        name: str,
        image_id: str | None,
        copies: Sequence[Copy],
        adopt: bool,
        launched: Callable[[str, str | None], bool] = lambda *_: False,
        templates_of: Callable[[str, str | None, str | None], Sequence[str]] = lambda *_: (),
    ) -> None:
        """`image_id` is for a removal by id; `copies` say where to look besides.

        `launched`: whether a launch template or configuration of the Region names an image; `templates_of`: the names
        of such templates that are not of a stack.
        """
        self.aws, self.want, self.name, self.image_id, self.adopt = aws, want, name, image_id, adopt
        self.launched, self.templates_of = launched, templates_of
        self.names = {copy.region: copy.name for copy in copies}
        self._seen: dict[str | None, Image | None] = {}
        self._judged = False
        self._kept: dict[tuple[str | None, str], KeptSnapshot] = {}

    def read(self) -> Images:
        """What there is; parts just seen by a wait are not read again."""
        image = self._image(None)
        name = image.name if image is not None and self.image_id else self.name
        copies = {region: self._image(region) for region in self.names}
        have = Images(name=name, permissions=self._with_permissions, adopt=self.adopt, image=image, copies=copies)
        have = replace(have, source=self._source(have))
        if self.want is None:
            have = replace(have, strays=self._strays(have), users=tuple(self._users(have)))
        else:
            have = self._with_relatives(have)
        return self._with_kept(have)

    def look(self, wait: Wait) -> WaitState:
        """Whether the image is available; hopeless when it failed."""
        region = wait.subject[1] or None
        image = self._seen[region] = self._find(region)
        if image is None:
            return WaitState(False, f"{wait.what} is not visible yet")
        if image.state in _image.BROKEN:
            way_out = "Fix that and run again: the failed image is removed and a new one made"
            return WaitState(
                False, hopeless=Refusal("make", "image", image.name, f"AWS says {image.state}: {image.reason}", way_out)
            )
        return WaitState(image.state in _image.USABLE, f"{wait.what} is {image.state}")

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        self._seen.clear()
        return self.aws.write(step, known)

    @property
    def _with_permissions(self) -> bool:
        return self.want is not None and (self.want.user_ids is not None or self.want.organization_arns is not None)

    def _image(self, region: str | None) -> Image | None:
        return self._seen.pop(region) if region in self._seen else self._find(region)

    def _find(self, region: str | None) -> Image | None:
        by_id = self.image_id if region is None else None
        found = (
            _api.read_by_id(self.aws, by_id, region)
            if by_id
            else _api.read_by_name(self.aws, self._name(region), region)
        )
        return self._permitted(found[0], region) if found else None

    def _name(self, region: str | None) -> str:
        return self.name if region is None else self.names[region] or self.name

    def _permitted(self, image: Image, region: str | None) -> Image:
        if not self._with_permissions:
            return image
        if image.state not in _image.USABLE:
            return replace(image, user_ids=(), organization_arns=())
        granted = _api.read_granted(self.aws, image.image_id, region) or ()
        return replace(
            image,
            user_ids=tuple(sorted(item["UserId"] for item in granted if item.get("UserId"))),
            organization_arns=tuple(sorted(item["OrganizationArn"] for item in granted if "OrganizationArn" in item)),
        )

    def _source(self, have: Images) -> ImageSource | None:
        want = self.want
        made = have.image is not None and have.image.state not in _image.BROKEN
        if want is None or made or want.instance_id in (None, LATER):
            return None
        found = _ec2.instances_by_id(self.aws, [str(want.instance_id)])
        return ImageSource(str(want.instance_id), next((one.state for one in found.values()), None))

    def _strays(self, have: Images) -> tuple[tuple[str | None, str], ...]:
        found: list[tuple[str | None, str]] = []
        for region in (None, *self.names):
            image = have.image if region is None else have.copies.get(region)
            if image is not None and image.state in _image.COMING:  # its own snapshots are not all known yet
                continue
            name = have.name if region is None else self._name(region)
            own = set(image.snapshot_ids) if image is not None else set()
            found += [(region, one) for one in _api.read_snapshots(self.aws, name, region) if one not in own]
        return tuple(found)

    def _users(self, have: Images) -> Iterator[tuple[str, str]]:
        """Templates of others that launch from an image that goes; looked for once, before the first call."""
        if self._judged:
            return
        self._judged = True
        for region, image in leaving(have, None):
            templates = self.templates_of(image.image_id, region, image.tags.get(_tags.STACK))
            yield from ((image.image_id, name) for name in templates)

    def _with_kept(self, have: Images) -> Images:
        """With the snapshots of what goes that stay, also those that an earlier read of this run found."""
        going = leaving(have, self.want)
        candidates = [(region, one) for region, image in going for one in image.snapshot_ids] + list(have.strays)
        ids = {image.image_id for _, image in going}
        for region in dict.fromkeys(region for region, _ in candidates):
            named = sorted({snapshot for place, snapshot in candidates if place == region})
            for snapshot, images in _ec2.images_of_snapshots(self.aws, named, region=region).items():
                if others := tuple(sorted(set(images) - ids)):
                    self._kept[region, snapshot] = KeptSnapshot(snapshot, region, others)
        strays = tuple(stray for stray in have.strays if stray not in self._kept)
        return replace(have, strays=strays, kept=tuple(self._kept.values()))

    def _with_relatives(self, have: Images) -> Images:
        want = self.want
        if want is None or want.keep is None or want.family is None:
            return have
        relatives = {region: self._family(region, want.family, want.owner) for region in (None, *self.names)}
        have = replace(have, relatives=relatives)
        doomed = superfluous(have, want.keep)
        used = {image.image_id for region, image in doomed if self._used(region, image.image_id)}
        return replace(have, in_use=frozenset(used))

    def _family(self, region: str | None, family: str, stack: str) -> tuple[Image, ...]:
        found = []
        for image in _api.read_family(self.aws, family, stack, region):
            granted = _api.read_granted(self.aws, image.image_id, region)
            if granted is not None:
                found.append(replace(image, user_ids=tuple(map(str, granted))))
        return tuple(found)

    def _used(self, region: str | None, image_id: str) -> bool:
        """Whether any instance, template version, or launch configuration names the image."""
        return _api.in_use(self.aws, image_id, region) or self.launched(image_id, region)
