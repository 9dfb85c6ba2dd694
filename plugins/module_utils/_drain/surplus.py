# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many nodes a fleet has more than its sessions need, and whether that has been so for long enough.

What was published in the last while says how it was. Where nothing is published, each run notes what it saw in a tag
of the group, and the next one goes by that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._core.plain import plural, span
from .._core.points import ON_THE_WAY, PERIOD, value_at
from .._core.step import Step
from .._core.surplus import Surplus, kept_by
from .._group.journal import Sighting
from .._steering import calls as steps
from .._steering.leaving import restored
from .._steering.view import LiveNode, View

GROWTH = frozenset({"AddToLoadBalancer", "AlarmNotification", "HealthCheck", "Launch", "ReplaceUnhealthy", "Terminate"})
"""The processes without which a group does not get the nodes that it needs again."""
OFTEN = 30.0
"""Seconds after which a run notes anew what it sees."""


@dataclass(frozen=True)
class Found:
    """What there is too much: `count` nodes may leave now; `why` no more may.

    `extra`: so many would be too many, for how long they have been or not. `sessions`: the most in the time looked at;
    `needed`: the nodes for them, and for what else makes policies add nodes. Both are None where they cannot be known.
    """

    count: int = 0
    extra: int = 0
    sessions: int | None = None
    needed: int | None = None
    why: str = ""


def find(view: View, wanted: Surplus) -> Found:
    """How many nodes may leave now, and why no more."""
    if why := _unsettled(view):
        return Found(why=why)
    now = sessions(view)
    if now is None:
        silent = [node.instance_id for node in view.staying if node.sessions is None]
        return Found(why=f"the sessions of {', '.join(silent)} are unknown")
    most = max(now, view.peak or 0)
    needed = max(wanted.nodes_with_headroom(most), view.floor)
    extra = max(0, len(view.serving) - needed)
    found = Found(0, extra, most, needed)
    if not extra:
        return replace(
            found, why=f"{plural(most, 'session')} need {plural(needed, 'node')}, as many as there are or more"
        )
    kept = [kept_by(alarm, wanted, len(view.serving), most) for alarm in view.alarms]
    if held := next((why for least, why in kept if least is None), ""):
        return replace(found, extra=0, why=held)
    wants, why = max(((least or 0, why) for least, why in kept), default=(0, ""))
    needed = max(needed, wants)
    extra = max(0, len(view.serving) - needed)
    found = Found(0, extra, most, needed)
    if not extra:
        return replace(found, why=why)
    if view.peak is not None or wanted.stable_for == 0:
        return replace(found, count=extra)
    seen = _sighting(view, wanted)
    if seen is None:
        return replace(found, why=f"it was not looked at for {span(wanted.stable_for)} yet")
    since = view.at - seen.since
    if since < wanted.stable_for:
        return replace(found, why=f"they are too many for {span(since)}, and leave after {span(wanted.stable_for)}")
    return replace(found, count=min(extra, seen.count))


def sessions(view: View) -> int | None:
    """All sessions of the fleet; None where those of a node that stays are unknown."""
    counts = [node.sessions for node in view.staying if node.running]
    if any(one is None for one in counts):
        return None
    leaving = [node.sessions or 0 for node in view.leaving if node.running]
    return sum(one for one in counts if one is not None) + sum(leaving)


def ours(view: View) -> list[LiveNode]:
    """The nodes that leave because they are too many, the earliest first."""
    return [node for node in view.leaving if node.mark and node.mark.surplus]


def lowering(view: View, nodes: Sequence[LiveNode]) -> list[LiveNode]:
    """By whose end the desired capacity goes down: not by that of nodes which are more than it wants already.

    AWS launches such ones to even out zones, and cannot remove them again where nodes are protected.
    """
    return list(nodes[max(0, len(view.serving) - view.desired) :])


def peak(samples: Mapping[str, Sequence[tuple[float, float]]], start: float, end: float) -> int | None:
    """The most sessions that all nodes had together in a period between two times; None where not all of it is known.

    `samples`: what each node published, with the begin of its period. A period that a node left out counts as the more
    of those beside it; the newest two minutes may still be on their way.
    """
    known = [dict(points) for points in samples.values()]
    first, last = math.ceil(start / PERIOD), math.floor((end - ON_THE_WAY) / PERIOD)
    totals = [_total(known, at * PERIOD) for at in range(first, last)]
    if not totals or not known or any(one is None for one in totals):
        return None
    return math.ceil(max(one for one in totals if one is not None))


def _total(known: Sequence[Mapping[float, float]], at: float) -> float | None:
    values = [value_at(points, at) for points in known]
    return None if None in values else sum(one for one in values if one is not None)


def needed_again(view: View, wanted: Surplus) -> list[LiveNode]:
    """The nodes on their way out that sessions need after all, the latest of them.

    A node that still takes sessions stays for the headroom, too: of two runs that chose at once, one gives way.
    """
    going, now = ours(view), sessions(view)
    if now is None:
        return []
    most = max(now, view.peak or 0)
    short = max(wanted.nodes_for(now), view.floor) - len(view.serving)
    undecided = [node for node in going if view.serves(node)]
    shy = max(wanted.nodes_with_headroom(most), view.floor) - len(view.serving)
    out = [node for node in going if node not in undecided and node.state == "InService"]
    back = _last(undecided, shy)
    return back + _last(out, short - len(back))


def _last(nodes: list[LiveNode], count: int) -> list[LiveNode]:
    """So many of the nodes, from the end; all where there are fewer, none for 0 and less."""
    return nodes[max(0, len(nodes) - count) :] if count > 0 else []


def remember(view: View, wanted: Surplus) -> list[Step]:
    """Notes what was seen, where nothing is published; [] where nothing is to be noted."""
    extra = 0 if view.taken else find(view, wanted).extra
    if not extra or view.peak is not None or wanted.stable_for == 0:
        return [steps.forget_surplus(view)] if view.sighting else []
    seen = _sighting(view, wanted)
    if seen is None:
        return [steps.note_surplus(view, Sighting(view.at, view.at, extra))]
    count = min(extra, seen.count)
    if count == seen.count and view.at - seen.seen < OFTEN:
        return []
    return [steps.note_surplus(view, Sighting(seen.since, view.at, count))]


def _sighting(view: View, wanted: Surplus) -> Sighting | None:
    """What earlier runs saw; None where the last look is too long ago to say how it was since."""
    seen = view.sighting
    return seen if seen and view.at - seen.seen <= wanted.stable_for else None


def _unsettled(view: View) -> str:
    """What goes on in the fleet, so that nothing can be said of it; "" where nothing does."""
    if view.journal and view.journal.rollout:
        return f"a rollout to version {view.journal.target} is under way"
    if others := [node for node in (*view.leaving, *view.returning) if not (node.mark and node.mark.surplus)]:
        return f"{_named(others)} leaves or comes back, which another run sees to"
    journal = restored(view)
    if held := sorted(GROWTH & view.suspended - (journal.suspended if journal else frozenset())):
        return f"processes of the group are suspended ({', '.join(held)}), so it might not get the nodes back"
    serving = len(view.serving) + len(view.leaving)
    return f"{serving} of {plural(view.desired, 'node')} serve" if serving < view.desired else ""


def _named(nodes: Sequence[LiveNode]) -> str:
    return ", ".join(node.instance_id for node in nodes)


def show(found: Found) -> dict[str, Any]:
    """As the module returns it."""
    return {"count": found.count, "sessions": found.sessions, "nodes_needed": found.needed, "reason": found.why or None}
