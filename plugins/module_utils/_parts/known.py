# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of a stack know of each other before any of them is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.step import LATER

TAGS = {
    "security_groups": "wcs_security_groups",
    "seed_image": "wcs_seed",
    "seed": "wcs_seed",
    "image": "wcs_image",
    "load_balancer": "wcs_balancer",
    "node_profile": "wcs_node_profile",
    "group": "wcs_autoscaling",
}
"""The parts in the order in which they are made, and the tag by which Ansible runs each."""


def selected(tag: str, run: Sequence[str], skip: Sequence[str]) -> bool:
    """Whether Ansible runs a task of that tag with these `--tags` and `--skip-tags`."""
    return bool({tag, "all", "tagged"} & set(run)) and not {tag, "all", "tagged"} & set(skip)


@dataclass(frozen=True)
class Known:
    """What is known when a part is judged.

    `groups`: the IDs of the stack's security groups by name, LATER for new ones; None: they are not of this run.
    `image_id`: that of the stack's image, None: it is not there yet. `seed_image_id`: that of the base image.
    `instance_profile`: the name of that of the stack's nodes, None: it is not of this stack.
    """

    image_name: str | None = None
    image_id: str | None = None
    groups: Mapping[str, str] | None = None
    own: frozenset[str] = frozenset()
    seed_image_id: str | None = None
    instance_profile: str | None = None

    def filled(self, part: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The options of the part with what is known in place of names."""
        if part == "image" and self.image_id and params["instance_id"] == LATER:
            return {**params, "instance_id": None}
        if part == "seed":
            ids = self._ids(params["security_group_ids"])
            return {**params, "image_id": params["image_id"] or self.seed_image_id or LATER, "security_group_ids": ids}
        if part == "load_balancer":
            return {**params, "security_group_ids": self._ids(params["security_group_ids"])}
        return self._group(params) if part == "group" else dict(params)

    def _group(self, params: Mapping[str, Any]) -> dict[str, Any]:
        seed = "none" if params["licence_seed"] == "baking" and self.image_id else params["licence_seed"]
        image = params["licence_seed_image_id"] or self.seed_image_id
        filled = {**params, "licence_seed": seed, "licence_seed_image_id": image}
        if launch := params["launch"]:
            ids = self._ids(launch["security_group_ids"])
            profile = launch.get("instance_profile") or self.instance_profile
            named = {"image_id": self._image(launch["image_id"]), "instance_profile": profile}
            filled["launch"] = {**launch, "security_group_ids": ids, **named}
        return filled

    def _image(self, given: str | None) -> str | None:
        return (self.image_id or LATER) if given is not None and given == self.image_name else given

    def _ids(self, given: Sequence[str] | None) -> Sequence[str] | None:
        """The IDs. Names of groups that are not of this run are left out, and with them an option of nothing else."""
        if not given:
            return given
        if self.groups is None:
            return [one for one in given if one not in self.own] or None
        return [self.groups.get(one, LATER) if one in self.own else one for one in given]
