# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How new sessions are spread over the nodes: the figure, the verdict, and the causes of a skew."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from .._nodes.members import AskedNode, Front
from .._nodes.stats import distribution

Verdict = Literal["spread", "skewed", "unreachable"]

UNLIKELY = 0.01
"""A skew is called only where even spreading would show it less often than this."""

MUCH, LITTLE = 1.5, 0.5
"""And only where a node got more, or less, than so many times the mean."""

TESTABLE = 5
"""Sessions a node from which on the chi-squared approximation holds."""


@dataclass(frozen=True)
class Count:
    """One node's sessions before the probe and while it held its own; None: unknown."""

    member: AskedNode
    before: int | None
    during: int | None
    error: str | None = None

    @property
    def gained(self) -> int | None:
        """New sessions; None where a count is unknown."""
        return None if self.before is None or self.during is None else self.during - self.before

    @property
    def out(self) -> bool:
        """Whether the balancer sends it nothing."""
        return self.member.health not in (None, "InService")

    def show(self) -> dict[str, Any]:
        """The count as the module returns it."""
        member = self.member
        return {
            "host": member.host,
            "instance_id": member.instance_id,
            "zone": member.zone,
            "health": member.health,
            "before": self.before,
            "during": self.during,
            "gained": self.gained,
            "error": self.error,
        }


@dataclass(frozen=True)
class Cause:
    """What explains a skew or lost sessions. `cause` is one word, `subject` what it is about."""

    cause: str
    subject: str
    message: str

    def show(self) -> dict[str, str]:
        """As plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Judgement:
    """What a probe shows. `background`: what the nodes gained beyond the probe's sessions; None where unknown."""

    verdict: Verdict | None
    distribution: dict[str, Any]
    background: int | None
    causes: tuple[Cause, ...]


def judge(counts: Sequence[Count], balancer: Front | None, held: int, failed: int = 0) -> Judgement:
    """The verdict on `held` new sessions: only they count, not what was there before.

    `verdict` is None where sessions were held and no gain is known. A node that is out, or does not answer
    while the others have all sessions, is a skew without any test; otherwise a skew must be large and improbable.
    """
    counts = _completed(counts, held)
    gains = [max(0, count.gained) for count in counts if count.gained is not None]
    figure = distribution(gains) | {"p_value": significance(gains), "sample": sum(gains)}
    verdict = _verdict(counts, gains, figure, held)
    whole = all(count.gained is not None for count in counts) and bool(counts)
    background = sum(count.gained or 0 for count in counts) - held if whole else None
    found = (
        *(_nobody(counts, balancer) if balancer and verdict == "unreachable" else ()),
        *_unhealthy(counts),
        *(_zones(counts, balancer) if balancer and (verdict != "spread" or failed or not balancer.cross_zone) else ()),
        *(_old(counts) if verdict == "spread" else ()),
        *_background(background, held),
    )
    return Judgement(verdict, figure, background, found)


def _completed(counts: Sequence[Count], held: int) -> list[Count]:
    """The counts, with a silent node's gain known to be none where the others have all the sessions."""
    known = sum(count.gained for count in counts if count.gained is not None)
    silent = [count for count in counts if count.gained is None]
    if not held or not silent or len(silent) == len(counts) or known < held:
        return list(counts)
    return [replace(count, before=0, during=0) if count.gained is None else count for count in counts]


def _verdict(counts: Sequence[Count], gains: Sequence[int], figure: dict[str, Any], held: int) -> Verdict | None:
    if not held:
        return "unreachable"
    if not gains or not sum(gains):
        return None
    if any(count.out or (count.error and count.gained == 0) for count in counts):
        return "skewed"
    large = max(gains) > MUCH * figure["mean"] or min(gains) < LITTLE * figure["mean"]
    return "skewed" if large and figure["p_value"] < UNLIKELY else "spread"


def significance(gains: Sequence[int]) -> float | None:
    """How often even spreading at random would be as uneven as this, or more; None without a sample.

    Twice the lesser of two bounds: for the most extreme node the binomial tail times the number of nodes, which holds
    for any sample; for all of them together chi-squared, where each node can expect enough.
    """
    total, nodes = sum(gains), len(gains)
    if not total:
        return None
    if nodes == 1:
        return 1.0
    tails = (_at_least(max(gains), total, 1 / nodes), _at_most(min(gains), total, 1 / nodes))
    bounds = [2 * nodes * min(tails)]
    if total >= TESTABLE * nodes:
        mean = total / nodes
        bounds.append(_chi_squared(sum((gain - mean) ** 2 for gain in gains) / mean, nodes - 1))
    return round(min(1.0, 2 * min(bounds)), 6)


def _at_most(count: int, total: int, chance: float) -> float:
    return math.fsum(_exactly(some, total, chance) for some in range(count + 1))


def _at_least(count: int, total: int, chance: float) -> float:
    return math.fsum(_exactly(some, total, chance) for some in range(count, total + 1))


def _exactly(count: int, total: int, chance: float) -> float:
    """The binomial probability of exactly `count` successes."""
    ways = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    return math.exp(ways + count * math.log(chance) + (total - count) * math.log1p(-chance))


def _chi_squared(value: float, freedom: int) -> float:
    """The upper tail, by the approximation of Wilson and Hilferty."""
    spread = 2 / (9 * freedom)
    return 0.5 * math.erfc(((value / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(2 * spread))


def _unhealthy(counts: Sequence[Count]) -> list[Cause]:
    found = []
    for count in counts:
        name = count.member.name
        if count.out:
            why = f" ({count.member.why})" if count.member.why else ""
            found.append(Cause("unhealthy_node", name, f"the balancer reads {name} as {count.member.health}{why}"))
        elif count.error:
            found.append(Cause("silent_node", name, f"the statistics page of {name} was not read: {count.error}"))
    return found


def _zones(counts: Sequence[Count], balancer: Front) -> list[Cause]:
    nodes = Counter(count.member.zone for count in counts if not count.out)
    off = "with cross-zone balancing off, clients that are led to it reach nobody"
    empty = [zone for zone in balancer.zones if not nodes[zone]]
    found = [
        Cause(
            "zone_without_node", zone, f"the balancer serves {zone}, where no node is in service" + _also(balancer, off)
        )
        for zone in empty
    ]
    sizes = {zone: nodes[zone] for zone in balancer.zones if nodes[zone]}
    if not balancer.cross_zone and len(set(sizes.values())) > 1:
        shares = ", ".join(f"{zone} has {size}" for zone, size in sizes.items())
        message = f"cross-zone balancing is off, so each zone gets the same share, however many nodes it has: {shares}"
        found.append(Cause("cross_zone_off", balancer.name, message))
    return found


def _also(balancer: Front, consequence: str) -> str:
    return "" if balancer.cross_zone else f": {consequence}"


def _old(counts: Sequence[Count]) -> list[Cause]:
    """New sessions are spread, and yet all sessions together are not: the old ones are where they were."""
    standing = [count.during for count in counts if count.during is not None]
    ratio = distribution(standing)["max_over_mean"]
    if ratio is None or ratio <= MUCH:
        return []
    most = max((count for count in counts if count.during is not None), key=lambda count: count.before or 0)
    message = (
        f"new sessions are spread, all sessions together are not ({ratio} times the mean on one node): sessions stay "
        f"where they were opened, and {most.member.name} alone had {most.before} from before"
    )
    return [Cause("old_sessions", most.member.name, message)]


def _background(background: int | None, held: int) -> list[Cause]:
    if not background or not held:
        return []
    others = f"{abs(background)} {'more' if background > 0 else 'fewer'}"
    message = f"the nodes gained {others} sessions than this probe held: others came or went meanwhile"
    return [Cause("background", "others", message)]


def _nobody(counts: Sequence[Count], balancer: Front) -> list[Cause]:
    if not all(count.out for count in counts):
        return []
    message = f"none of the {len(counts)} nodes of {balancer.name} is in service"
    return [Cause("no_node", balancer.name, message)]
