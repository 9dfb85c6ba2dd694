# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limits of the options of wcs_drain and wcs_rollout."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .._core.errors import Failure, Refusal

Limits = Mapping[str, tuple[float, float | None]]
"""By option the least and the most that it takes; None: no most."""

LIMITS: Limits = MappingProxyType({"timeout": (0, None), "stat_port": (1, 65535)})
"""The options that both have; `stat_timeout` has its own. The most of `timeout` is the balancers'."""


def check_limits(params: Mapping[str, Any], more: Limits) -> None:
    """Failure for a number outside its limits: LIMITS, and what a module has `more`."""
    for option, (low, high) in {**LIMITS, **more}.items():
        value = params.get(option)
        if value is None or (low <= value and (high is None or value <= high)):
            continue
        reason = f"{value:g} is not between {low:g} and {high:g}" if high else f"{value:g} is less than {low:g}"
        way_out = "Set it within these limits" if high else f"Set it to {low:g} or more"
        raise Failure(Refusal("use", "option", f"O({option})", reason, way_out))
