# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a group launches, and what it terminates: even zones, termination policies, scale-in protection. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True)
class Candidate:
    """A member as the choice of a victim sees it. `launch` orders what it was launched from, oldest first."""

    instance_id: str
    zone: str
    launched_at: float
    launch: tuple[int, str, int] = (0, "", 0)
    from_configuration: bool = False
    protected: bool = False
    healthy: bool = True
    foreign: bool = False  # in a zone that the group has left


def zone_for_launch(zones: Sequence[str], taken: Iterable[str], refused: frozenset[str] = frozenset()) -> str | None:
    """The zone of the next launch: the one with the fewest members, the earlier named first; None when all refused."""
    counts = Counter(taken)
    open_zones = [zone for zone in zones if zone not in refused]
    return min(open_zones, key=lambda zone: counts[zone]) if open_zones else None


def unbalanced(zones: Sequence[str], taken: Iterable[str]) -> tuple[str, str] | None:
    """(the fullest zone, the emptiest one) when moving a member would make the group more even, else None.

    A zone the group no longer names counts as too full with its first member.
    """
    counts = Counter(taken)
    foreign = sorted(zone for zone in counts if zone not in zones)
    if not zones:
        return None
    emptiest = min(zones, key=lambda zone: counts[zone])
    if foreign:
        return foreign[0], emptiest
    fullest = max(zones, key=lambda zone: counts[zone])
    return (fullest, emptiest) if counts[fullest] - counts[emptiest] > 1 else None


def _hour_left(candidate: Candidate, now: float) -> float:
    return HOUR - (now - candidate.launched_at) % HOUR


def _preferences(now: float) -> Mapping[str, Callable[[Candidate], tuple[float | str, ...]]]:
    def launch(candidate: Candidate) -> tuple[float | str, ...]:
        return (not candidate.from_configuration, *candidate.launch)

    return {
        "Default": lambda c: (*launch(c), _hour_left(c, now)),
        "OldestInstance": lambda c: (c.launched_at,),
        "NewestInstance": lambda c: (-c.launched_at,),
        "OldestLaunchConfiguration": launch,
        "OldestLaunchTemplate": launch,
        "ClosestToNextInstanceHour": lambda c: (_hour_left(c, now),),
        "AllocationStrategy": lambda _: (),
    }


def victims(members: Sequence[Candidate], excess: int, policies: Sequence[str], now: float) -> tuple[str, ...]:
    """Ids of up to `excess` members to terminate, in order.

    Unhealthy members first, then those in zones the group has left; then, one by one, out of the zone with most members
    that has an unprotected one, by the group's termination policies (Auto Scaling guide, termination policies).
    Protected members are never chosen.
    """
    preferences = _preferences(now)
    rank = [preferences[name] for name in policies if name in preferences] or [preferences["Default"]]
    chosen: list[str] = []
    left = list(members)
    while len(chosen) < excess:
        pool = _pool(left)
        if not pool:
            break
        victim = min(pool, key=lambda member: (*(order(member) for order in rank), member.launched_at))
        chosen.append(victim.instance_id)
        left.remove(victim)
    return tuple(chosen)


def _pool(left: Sequence[Candidate]) -> list[Candidate]:
    """Those among whom the termination policies choose."""
    unprotected = [member for member in left if not member.protected]
    sick = [member for member in unprotected if not member.healthy]
    foreign = [member for member in unprotected if member.foreign]
    counts = Counter(member.zone for member in left)
    fullest = max((counts[member.zone] for member in unprotected), default=0)
    return sick or foreign or [member for member in unprotected if counts[member.zone] == fullest]
