# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of wcs_plan, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.options import VARIABLES
from .._money.options import COSTS, PRICES, costed
from .._money.words import lines as costs_lines
from .outputs import ended, shown
from .table import Line, data, parts_of, table

ARGUMENTS: dict[str, Any] = {
    "results": {"type": "dict", "required": True},
    "stack": {"type": "str"},
    "addresses": {"type": "dict"},
    "report": {"type": "str"},
    "costs": COSTS,
    **PRICES,
    **VARIABLES,
}


def show(params: Mapping[str, Any]) -> dict[str, Any]:
    """The plan as data, and the lines of its table."""
    return answer(params, done=False, connect=True, complete=True)[1]


def answer(
    params: Mapping[str, Any], *, done: bool, connect: bool, complete: bool, seconds: float | None = None
) -> tuple[list[Line], dict[str, Any]]:
    """The lines to show, and the plan as data. Failure for prices that are none.

    `done`: what was changed, in place of what would be, of which it is also said what it costs. `connect`: it is said
    where to connect.
    """
    parts = parts_of(params["results"])
    costs = costed(params)
    ending = ended(params, parts, seconds, costs)
    lines = table(parts, done=done, complete=complete) if parts else []
    if costs and not done:
        lines += map(Line, [*([""] if lines else []), *costs_lines(costs, complete)])
    lines += map(Line, shown(ending, complete) if ending and connect else ())
    texts = [line.text for line in lines]
    return lines, {"plan": {**data(parts), "costs": costs}, "lines": texts, "outputs": ending}
