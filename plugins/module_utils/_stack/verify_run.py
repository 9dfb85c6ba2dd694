# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stack verified by one run: nodes, certificates, sessions and pages are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._core.limits import check_limits
from .._core.module import Run
from .._core.pages import DEMO, DemoPage
from .._core.plain import Item
from .._nodes.certificates import expiries
from .._nodes.demo_pages import demo_pages
from .._nodes.members import paged
from .._nodes.pages import How
from .._nodes.target import Target, target
from .._nodes.world import find_nodes
from .._probe.proof import planned, probe
from .addresses import addresses, demo_urls
from .checks import Evidence, problems
from .freshness import show
from .freshness_world import read_freshness
from .notices import notices, source_gone
from .notices_world import launched
from .published import Published
from .published_world import until_published
from .verify import answer, evidence, nothing
from .verify_options import LIMITS, USUAL
from .world import read_likeness, read_used


def look(params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The answer: whether the stack is sound, and what is not."""
    params = {**USUAL, **params}
    check_limits(params, LIMITS)
    stack = read_used(run.aws, params["name"])
    group, balancer = stack.group, stack.load_balancer
    if group is None or balancer is None:
        return nothing(stack.name, "balancer" if group else "Auto Scaling group", run.check)
    params["load_balancer_name"] = balancer["load_balancer_name"]
    fleet = find_nodes(run.aws, params, with_balancer=True)
    plan = planned(params, fleet, run.check)
    doors = [goal for _, goal in paged(params).jobs(fleet.members, params["address"])]
    ends = expiries([*doors, plan.target], params["timeout"])
    proof = asyncio.run(probe(plan, fleet, params, run.report))
    template = launched(run.aws, group)
    where = addresses(balancer, params["host"], fleet.members, paged(params), params["ports"])
    seen = replace(
        evidence(group, balancer, plan.target, proof, ends),
        notices=notices(stack, True),
        source_gone=source_gone(group) if template is None else None,
        likeness=read_likeness(run.aws, group),
        demo=_demo(params, balancer, where["nodes"]) if params["demo"] else {},
    )
    seen = replace(seen, published=_published(run, params["metrics_period"], group, seen))
    wrong = problems(seen, run.clock.date(), params["certificate_days"], params["outdated"] == "problem")
    base = params.get("base_image")
    certificates = [] if base is None else [end for end in ends if isinstance(end, float)]
    fresh = replace(read_freshness(run.aws, template, base), certificates=certificates)
    return {**answer(seen, proof, wrong), "addresses": where, **show(fresh, run.clock.date())}


def _demo(params: Mapping[str, Any], balancer: Item, nodes: list[dict[str, Any]]) -> dict[str, DemoPage]:
    """What was seen of the demo page of each who serves it, or is to; `nodes` as `addresses` has them."""
    port = params["demo_port"]
    urls = demo_urls(balancer, params["host"], nodes, params["ports"], port)
    goals = {
        name: goal for name, url in urls.items() if url and isinstance(goal := target(url, "http", None, DEMO), Target)
    }
    request = replace(How.of(params).request, timeout=params["timeout"])
    missing = {name: DemoPage(f"no listener at port {port} leads to it") for name, url in urls.items() if url is None}
    return missing | dict(zip(goals, demo_pages(list(goals.values()), request), strict=True))


def _published(run: Run, period: int | None, group: Item, seen: Evidence) -> Published | None:
    """When the nodes in service published their sessions; None where that is not asked."""
    if period is None:
        return None
    nodes = [node.name for node in seen.serving]
    return until_published(run.aws, group["auto_scaling_group_name"], nodes, period, run.report, not run.check)
