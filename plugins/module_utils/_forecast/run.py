# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forecast made by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.local import content, typed
from .forecast import forecast
from .options import TYPED, load_kind, pruned


def look(params: Mapping[str, Any]) -> dict[str, Any]:
    """The answer. Failure for a load or a group that cannot be replayed."""
    found = {name: pruned(params.get(name), spec, name) for name, spec in TYPED.items()}
    checked = typed(TYPED, {name: value for name, (value, _) in found.items() if value is not None})
    left = sorted({one for _, more in found.values() for one in more})
    noted = {"left_out": [f"these options do not count in a forecast: {', '.join(left)}"]} if left else {}
    kind, value = load_kind(params["load"])
    text = content(str(value), "load").decode("utf-8-sig", errors="replace") if kind == "csv" else None
    return forecast({**params, **dict.fromkeys(TYPED), **checked, **noted}, text)
