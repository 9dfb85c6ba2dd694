# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image with its copies, managed by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core import module as _module
from .._image import moves as _image
from .._image.options import copies, wanted, warnings
from .._image.world import ImageWorld
from .._launch import api as _launch


def manage(params: Mapping[str, Any], run: _module.Run) -> _module.Answer:
    """The answer of one run; the image's resource key is `image`."""
    want = wanted(params, run.aws.region) if params["state"] == "present" else None
    world = ImageWorld(
        run.aws,
        want,
        name=params["name"] or "",
        image_id=params["image_id"] if want is None else None,
        copies=copies(params),
        adopt=params["adopt"],
        launched=lambda image_id, region: _launch.names_image(run.aws, image_id, region),
        templates_of=lambda image_id, region, stack: _launch.foreign_templates(run.aws, image_id, region, stack),
    )
    outcome = run.converge(_image, world, want, params)
    kept = [{**vars(one), "used_by": list(one.used_by)} for one in outcome.have.kept]
    return _module.Answer(outcome, {"image": outcome.after, "kept_snapshots": kept}, tuple(warnings(outcome.have)))
