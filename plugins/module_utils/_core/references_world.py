# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what planned calls name is there."""

from __future__ import annotations

from collections.abc import Sequence

from . import api as _api
from .aws import Aws
from .errors import Failure
from .references import absent, named
from .step import Step

LATE = ("key pair",)
"""What a template may name without a word from AWS, which refuses only the group that launches from it."""


def look_up(aws: Aws, steps: Sequence[Step], kinds: Sequence[str] | None = None) -> None:
    """Failure where a step names what is not there; `kinds`: of these alone."""
    asked: dict[tuple[str, str | None], set[str]] = {}
    for step in steps:
        for one in (one for one in named(step) if kinds is None or one.kind in kinds):
            asked.setdefault((one.kind, one.region), set()).add(one.name)
    there = {
        (kind, region): _api.there(aws, kind, sorted(names), region=region) for (kind, region), names in asked.items()
    }
    if refusal := absent(steps, there, aws.region):
        raise Failure(refusal)
