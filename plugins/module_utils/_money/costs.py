# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a stack costs an hour now, after a run and at its largest, what licences cost, and what the run itself costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.plain import plural
from .prices import HOURS, Prices

TRANSFER = "transfer"
SNAPSHOTS = "snapshots"
SCHEDULED = "scheduled actions"
HOURS_OF_RUN = 1.0
"""So long each additional server of a run is counted: AWS bills by the second, and sessions decide how long it runs."""


@dataclass(frozen=True)
class Machine:
    """What a machine costs by. None: not known. `volumes`: type and GiB of each; `market`: spot, say."""

    kind: str | None = None
    monitored: bool | None = None
    public: bool | None = None
    volumes: tuple[tuple[str | None, int | None], ...] | None = None
    market: str | None = None


@dataclass(frozen=True)
class Many:
    """So many machines of one sort; `thing` and `more` are what they are called: `node`, `of surge`."""

    server: Machine
    count: int
    thing: str = "node"
    more: str = ""

    def __str__(self) -> str:
        """As a sentence names them."""
        return f"{plural(self.count, self.thing)} {self.more}".strip()


@dataclass(frozen=True)
class StackFacts:
    """What is paid for: machines `now`, `after` the run and at the group's maximum (`most`), the balancer likewise.

    `run`: those that only the run has, for a while. `peak`: servers at a time at most, by which licences are billed;
    None where nothing bounds it. `free`: the licence is in the price of AWS Marketplace. `unread`: scheduled actions
    may allow more, and were not read.
    """

    now: Sequence[Many] = ()
    after: Sequence[Many] = ()
    most: Sequence[Many] = ()
    balancer_now: bool = False
    balancer_after: bool = False
    run: Sequence[Many] = ()
    peak: int | None = None
    free: bool = False
    images: bool = False
    unread: bool = False

    @property
    def servers(self) -> Sequence[Machine]:
        """The sorts of machines."""
        return [one.server for many in (self.now, self.after, self.most, self.run) for one in many if one.count]

    @property
    def anything(self) -> bool:
        """Whether there is, or will be, anything to pay for."""
        return bool(self.servers) or self.balancer_now or self.balancer_after


@dataclass
class _Sum:
    """A sum that knows what it lacks: `total` is None while nothing of what there is has a price.

    `lacking`: it lacks a machine or the balancer, and so most of it.
    """

    total: float | None = 0.0
    left_out: dict[str, None] = field(default_factory=dict)
    empty: bool = True
    lacking: bool = False

    def add(self, price: float | None, times: float, otherwise: str, main: bool) -> None:
        """Adds what has a price, and keeps what has none."""
        if price is None:
            self.left_out[otherwise] = None
            self.lacking = self.lacking or main
            self.total = None if self.empty else self.total
        else:
            self.total = price * times + (self.total or 0.0)
            self.empty = False


def costs(facts: StackFacts, prices: Prices) -> dict[str, Any]:
    """The costs in USD as data. What has no price is in `left_out`, and in no sum; a sum without any price is null."""
    now = _hour(facts.now, facts.balancer_now, prices)
    after = _hour(facts.after, facts.balancer_after, prices)
    most = _hour(facts.most, facts.balancer_after, prices)
    run = _hour(facts.run, False, prices)
    sums = {"hour_now": now, "hour_after": after, "hour_at_maximum": most, "this_run": run}
    left_out = {**now.left_out, **after.left_out, **most.left_out, **run.left_out}
    left_out |= {SNAPSHOTS: None} if facts.images else {}
    left_out |= {SCHEDULED: None} if facts.unread else {}
    left_out |= {"the software's price in AWS Marketplace": None} if facts.free else {}
    month = prices.one("licence_month")
    licences = 0 if facts.free else facts.peak
    return {
        "currency": "USD",
        "region": prices.region,
        "hour_now": _rounded(now.total),
        "hour_after": _rounded(after.total),
        "hour_at_maximum": _rounded(most.total),
        "nodes_at_maximum": sum(one.count for one in facts.most),
        "licences_peak": licences,
        "month_licences_peak": None if licences is None or month is None else _rounded(licences * month),
        "this_run": None if run.total is None else _rounded(run.total * HOURS_OF_RUN),
        "incomplete": [name for name, one in sums.items() if one.lacking],
        "this_run_servers": [str(one) for one in facts.run if one.count],
        "left_out": [*left_out, TRANSFER],
        "source": prices.source,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _hour(servers: Sequence[Many], balancer: bool, prices: Prices) -> _Sum:
    """What an hour costs of these."""
    found = _Sum()
    for many in servers:
        if many.count:
            for at, (price, otherwise) in enumerate(_of_server(many, prices)):
                found.add(price, many.count, otherwise, at == 0)
    if balancer:
        found.add(prices.one("load_balancer_hour"), 1, f"the load balancer (no price in {_region(prices)})", True)
    return found


def _region(prices: Prices) -> str:
    return prices.region or "an unknown Region"


def _of_server(many: Many, prices: Prices) -> Iterator[tuple[float | None, str]]:
    """The prices of an hour of one machine, its own first, and what to say of each where there is none."""
    server, things = many.server, plural(2, many.thing)[2:]
    if server.kind is None:
        yield None, f"{things} of unknown type"
    elif server.market:
        yield None, f"{things} of another price than on demand ({server.market})"
    else:
        yield prices.hour(server.kind), f"{things} (no price of {server.kind} in {_region(prices)})"
    if server.monitored is not False:
        month = prices.one("monitoring_month") if server.monitored else None
        yield None if month is None else month / HOURS, "detailed monitoring"
    if server.public is not False:
        yield prices.one("public_address_hour") if server.public else None, "public addresses"
    for kind, size in server.volumes or ((None, None),):
        month = None if kind is None or size is None else prices.volume_month(kind)
        otherwise = "volumes of the image's size" if size is None else f"volumes of type {kind or 'unknown'}"
        yield None if month is None else month * (size or 0) / HOURS, otherwise
