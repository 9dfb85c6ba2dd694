# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether what planned calls name is there."""

from __future__ import annotations

from collections.abc import Sequence

from . import api as _api
from .aws import Aws
from .errors import Failure
from .references import Reference, There, absent, references
from .step import Step

LATE = ("key pair", "certificate", "security policy")
"""What AWS finds missing too late: when a group launches, within a minute in which it might come, beside a balancer."""
YOUNG = ("certificate",)
"""What was uploaded a moment ago, AWS may not show yet."""
MOMENT, PAUSE = 5.0, 1.0
"""Seconds for which what is young is looked for again, and between two looks."""


def look_up(aws: Aws, steps: Sequence[Step], kinds: Sequence[str] | None = None, moment: float = 0.0) -> None:
    """Failure where a step names what is not there; `kinds`: of these alone.

    What may have been made just now is looked for again for `moment` seconds.
    """
    asked = {one for step in steps for one in references(step) if kinds is None or one.kind in kinds}
    young = {one for one in asked if one.kind in YOUNG}
    end = aws.clock.now() + moment
    while absent(steps, there := _there(aws, young), aws.region) and aws.clock.now() < end:
        aws.clock.sleep(PAUSE)
    if refusal := absent(steps, {**there, **_there(aws, asked - young)}, aws.region):
        raise Failure(refusal)


def _there(aws: Aws, asked: set[Reference]) -> There:
    names: dict[tuple[str, str | None], set[str]] = {}
    for one in sorted(asked, key=lambda one: (one.kind, one.region or "", one.name)):  # the same calls in every run
        names.setdefault((one.kind, one.region), set()).add(one.name)
    return {
        (kind, region): _api.there(aws, kind, sorted(found), region=region) for (kind, region), found in names.items()
    }
