# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options by which a module learns what there is to pay for, and the prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.answers import table, text
from .costs import costs
from .prices import Prices, own_prices
from .stack import Answers, facts, region_of

ANSWER: dict[str, Any] = {"type": "dict"}
PRICES: dict[str, Any] = {"prices": {"type": "dict"}, "listed_prices": {"type": "dict"}}
COSTS: dict[str, Any] = {
    "type": "dict",
    "options": {
        "region": {"type": "str"},
        "group": ANSWER,
        "load_balancer": ANSWER,
        "image": ANSWER,
        "rollout": ANSWER,
        "stack": ANSWER,
        "seed": {
            "type": "dict",
            "options": {
                "launched": {"type": "bool", "default": False},
                "kept": {"type": "bool", "default": False},
                "base": ANSWER,
            },
        },
        "removed": {"type": "bool", "default": False},
    },
}

ARGUMENTS: dict[str, Any] = {
    "instance_types": {"type": "list", "elements": "str", "default": []},
    "costs": ANSWER,
    "volume_types": {"type": "list", "elements": "str", "default": ["gp3", "gp2"]},
}
"""Those of `wcs_price_info`."""


def answers_of(given: Mapping[str, Any]) -> Answers:
    """What the option `costs` says. A rollout alone shows its group, too, which has a balancer as that of a drain."""
    named = ("group", "load_balancer", "image", "seed", "rollout", "stack")
    found = {name: table(given.get(name)) for name in named}
    if "group" not in found["group"] and "group" in found["rollout"]:
        found["group"] = {"group": found["rollout"]["group"], "goal": {}}
    return Answers(**found)


def costed(params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The costs by the options `costs` and PRICES; None where nobody said what there is, and where there is nothing."""
    given, own = table(params.get("costs")), own_prices(params.get("prices"))
    answers = answers_of(given)
    if not answers.asked:
        return None
    found, listed = facts(answers, given.get("removed") is True), table(params.get("listed_prices"))
    region = text(given.get("region")) or region_of(answers) or ""
    prices = Prices(region, own, table(listed.get("prices")), text(listed.get("refused")))
    return costs(found, prices) if found.anything else None
