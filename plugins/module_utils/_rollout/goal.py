# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rollout aims at: the version, who still runs another one, how many nodes there will be at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .._core.licences import UNCOUNTED, Licences
from .._group.journal import Journal
from .._steering import view as _view
from .._steering.leaving import DrainOptions, OnTimeout
from .._steering.view import LiveNode, View, unevenness

MARGIN = 120.0
"""Seconds beyond the group's grace period that a new node may take to be proven."""


@dataclass(frozen=True)
class RolloutGoal:
    """Every node runs the wanted version of the template (None: the latest), or the one before the last rollout.

    `batch` nodes leave at once (None: as many as `surge`, at least one), after `surge` new ones were added for a while.
    `min_in_service` (None: as many as there were, less what `batch` exceeds `surge`) go on serving. `timeout`: of each
    drain, `launch_timeout`: of a new node until it is proven (None: the grace period and MARGIN); in seconds.
    """

    state: Literal["current", "rolled_back"] = "current"
    version: str | None = None
    batch: int | None = None
    surge: int = 1
    min_in_service: int | None = None
    timeout: float | None = None
    on_timeout: OnTimeout = "fail"
    launch_timeout: float | None = None
    licences: Licences = UNCOUNTED

    @property
    def at_once(self) -> int:
        """How many nodes leave at the same time."""
        return max(self.surge, 1) if self.batch is None else self.batch

    def patience(self, view: View) -> float:
        """Seconds until a new node that is not proven is given up."""
        return view.grace + MARGIN if self.launch_timeout is None else self.launch_timeout


def aim(view: View, goal: RolloutGoal) -> str | None:
    """The version that every node should run; None where there is none to go back to."""
    if goal.state == "current":
        return goal.version or (view.template.latest if view.template else None)
    if view.journal is not None and view.journal.rollout:
        return view.journal.source
    return view.previous


def outdated(view: View, target: str | None) -> list[LiveNode]:
    """The nodes that count and run a version that is not alike, those on their way out among them."""
    return [node for node in view.nodes if node.active and not view.runs(node, target)]


def fresh(view: View, target: str | None) -> list[LiveNode]:
    """The nodes that count, stay, and run the version."""
    return [node for node in view.staying if node.version == target]


def before(view: View, target: str | None) -> str | None:
    """The version to go back to: the group's, or where that is the target, the one most others run."""
    if view.template is not None and view.template.version != target:
        return view.template.version
    counted = Counter(node.version for node in outdated(view, target) if node.version)
    return counted.most_common(1)[0][0] if counted else target


def settled(view: View, target: str | None) -> bool:
    """Whether there is nothing to roll out."""
    return view.template is None or (view.template.version == target and not outdated(view, target))


def complete(view: View) -> bool:
    """Whether no member is missing."""
    return sum(node.active for node in view.nodes) >= view.desired


def lack(view: View, node: LiveNode) -> str:
    """What a new node lacks to be proven."""
    if dead(node):
        return "its machine does not run any more"
    if not view.serves(node):
        return f"{node.state} but not in its balancer" if node.state == "InService" else node.state
    return "its statistics page does not answer" if node.sessions is None else "no session with it could be opened"


def dead(node: LiveNode) -> bool:
    """Whether its machine is no more, though the group still counts on it."""
    return not node.running and node.state == "InService"


def failing(view: View, goal: RolloutGoal, node: LiveNode) -> bool:
    """Whether a new node is taken out when the rollout goes back: not proven, dead, or out of service for long."""
    return not node.proven or dead(node) or node.sick > goal.patience(view)


def stays_even(view: View, without: Sequence[LiveNode]) -> bool:
    """Whether AWS would not move nodes between zones once these are gone and not made up for."""
    return unevenness(view, [node.instance_id for node in without]) <= max(1, unevenness(view))


def order(view: View, goal: RolloutGoal) -> list[LiveNode]:
    """The nodes of other versions as they leave: those on their way, those that do not serve, then fewest sessions.

    Zones that have a node more than others come last: who leaves at the end is not made up for.
    """
    others = outdated(view, aim(view, goal))
    going = [node for node in view.leaving if node in others]
    counts = Counter(node.zone for node in view.staying)
    least = min((counts[zone] for zone in view.zones), default=0)
    rest = _view.order(view, [node for node in others if node not in going])
    return going + sorted(rest, key=lambda node: (view.serves(node), counts[node.zone] > least))


def unpaid(view: View, journal: Journal) -> int:
    """By how many nodes the desired capacity still has to come down again, less those who leave for that."""
    leaving = [node for node in view.leaving if node.mark and node.mark.lowers]
    alive = {node.instance_id for node in view.nodes if not node.gone}
    paid = [
        node
        for node in view.taken.values()
        if node.instance_id not in alive and node.mark and node.mark.lowers and node.mark.run == journal.started
    ]
    return max(0, journal.surge - len(leaving) - len(paid))


def sizes(view: View, goal: RolloutGoal) -> tuple[int, int]:
    """(the desired capacity before the rollout, by how many nodes it is exceeded for a while)."""
    if view.journal is not None and view.journal.rollout:
        return view.journal.desired, view.journal.surge
    return view.desired, min(goal.surge, len(outdated(view, aim(view, goal))))


def peak(view: View, goal: RolloutGoal) -> int:
    """The most nodes that the group will have at a time, with those that are kept though their end has begun."""
    size, surge = sizes(view, goal)
    kept = [node for node in view.nodes if node.retained and node.running]
    return max(size + surge, view.desired) + len(kept)


def floor(view: View, goal: RolloutGoal) -> int:
    """How many nodes have to stay in service at any time of the rollout."""
    size, surge = sizes(view, goal)
    usual = size + min(0, surge - goal.at_once)
    return max(1, usual if goal.min_in_service is None else goal.min_in_service)


def drain_options(view: View, goal: RolloutGoal) -> DrainOptions:
    """How nodes leave."""
    limits = [balancer.draining for balancer in view.balancers if balancer.draining]
    return DrainOptions(
        timeout=min(limits, default=0) if goal.timeout is None else goal.timeout,
        on_timeout=goal.on_timeout,
        floor=floor(view, goal),
        least=max(sizes(view, goal)[0], view.min_size),
        top_up=True,
    )
