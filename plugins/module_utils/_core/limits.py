# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least and the most that options take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Failure, Refusal

Limits = Mapping[str, tuple[float, float | None]]
"""By option the least and the most that it takes; None: no most."""

LEAST_IOPS = {"gp3": 3000, "io1": 100, "io2": 100}
"""By the types of volumes that take iops, the least of them (EC2 CreateVolume)."""


def check_limits(params: Mapping[str, Any], limits: Limits) -> None:
    """Failure for a number outside its limits."""
    for option, (low, high) in limits.items():
        value = params.get(option)
        if value is None or (low <= value and (high is None or value <= high)):
            continue
        reason = f"{value:g} is less than {low:g}" if high is None else f"{value:g} is not between {low:g} and {high:g}"
        way_out = f"Set it to {low:g} or more" if high is None else "Set it within these limits"
        raise Failure(Refusal("use", "option", f"O({option})", reason, way_out))
