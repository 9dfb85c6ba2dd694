# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base image of a seed, found by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base_image import api as _api
from .._base_image.options import wanted
from .._base_image.rules import choose, refuse, unnamed, unsubscribed
from .._base_image.value import BaseImage, BaseWant, show, usable
from .._core import module as _module
from .._core.errors import Failure, Refusal


def look(params: Mapping[str, Any], run: _module.Run) -> dict[str, Any]:
    """The answer: the image that is meant, and all that match."""
    want = wanted(params, run.aws.region)
    if refusal := unnamed(want):
        raise Failure(refusal)
    found = _api.read_images(run.aws, want)
    image = choose(found, want)
    if isinstance(image, Refusal):
        raise Failure(image)
    if want.instance_type:
        _judge(run, image, want, params["subnet_id"])
    matches = [one.image_id for one in usable(found)]
    of = f", the newest of {len(matches)}" if len(matches) > 1 else ""
    return {
        "image": show(image),
        "instance_type": want.instance_type,
        "matches": matches,
        "summary": f"Base image {image.listed} is taken{of}.",
    }


def _judge(run: _module.Run, image: BaseImage, want: BaseWant, subnet_id: str | None) -> None:
    """Failure where no seed can be launched from the image."""
    machine = _api.read_machine(run.aws, str(want.instance_type))
    if refusal := refuse(image, machine, want):
        raise Failure(refusal)
    answer = _api.ask_subscription(run.aws, image, want, subnet_id) if image.products else None
    if answer:
        raise Failure(unsubscribed(image.image_id, want.called, answer))
