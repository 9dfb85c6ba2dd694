# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options of wcs_node_profile ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._core import options as _options
from .._core import tags as _tags
from .value import PROFILE, ROLE, NodeProfile, WantedNodeProfile

ARGUMENTS: dict[str, Any] = {
    "stack": _options.NAME,
    "name": _options.TEXT,
    "state": _options.IDENTITY["state"],
    "validate_only": _options.IDENTITY["validate_only"],
    **_options.TAGS,
    **_options.waiting(120),
}


def wanted(params: Mapping[str, Any]) -> WantedNodeProfile:
    """The want in the options."""
    return WantedNodeProfile(_tags.texts(params["tags"]), params["purge_tags"])


def warnings(have: NodeProfile, want: WantedNodeProfile | None) -> Iterator[str]:
    """What the user should know of what a removal leaves."""
    left = [thing for thing, one in ((ROLE, have.role), (PROFILE, have.profile)) if one is not None]
    for thing in left if want is None else ():
        yield f"{thing.capitalize()} '{have.name}' is left alone: it is not tagged {_tags.STACK}={have.stack}."
