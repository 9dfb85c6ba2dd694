# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prices read by one run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._core.errors import Failure, LostReply
from .._core.module import Run
from .api import read_prices
from .options import answers_of
from .stack import facts

TYPE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")


def look(params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The answer: prices, or why there are none."""
    paid = [one.kind for one in facts(answers_of(params["costs"] or {})).servers]
    kinds = [one for one in dict.fromkeys([*params["instance_types"], *paid]) if one and TYPE.fullmatch(one)]
    answer: dict[str, Any] = {"prices": {}, "refused": None, "region": run.aws.region}
    try:
        return {**answer, "prices": read_prices(run.aws, run.aws.region, kinds, params["volume_types"])}
    except Failure as failure:
        return {**answer, "refused": failure.refusal.reason}
    except LostReply as lost:
        return {**answer, "refused": lost.failure.refusal.reason}
