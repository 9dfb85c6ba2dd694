# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches a group come into service: group and balancers at every look, more only where something seems wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .._balancer import api as _balancers
from .._balancer.health import Asks, HealthAnswer
from .._core.api import instances_by_id
from .._core.aws import Aws
from .._core.errors import Failure, Refusal
from .._core.step import WaitState
from . import api as _api
from . import readiness as _readiness
from .readiness import Activity, Sick
from .value import Group

UNEASY = 30.0
"""Seconds that members may take to appear, or to pass their first check, before activities are looked into."""

ACTIVITIES_EVERY = 10.0
LATE = 120.0
"""Seconds for which AWS must not show what it has shown before it is taken for gone: AWS may answer from the past."""

PROBED = 8
"""So many sick nodes are asked from here."""


def nobody(_target: str, _hosts: Mapping[str, Sequence[str]]) -> Mapping[str, HealthAnswer]:
    """No answers: nodes are not asked."""
    return {}


class ReadinessWatch:
    """One run's watch over one group. `begun`: the run has written something. `missing`: a balancer not to be seen."""

    def __init__(self, aws: Aws, name: str, asks: Asks = nobody) -> None:
        """Nothing is read before it is needed. `asks`: who asks sick nodes."""
        self.aws, self.name, self.asks = aws, name, asks
        self.begun = False
        self.missing: str | None = None
        self._seen: set[str] = set()
        self._unseen_since: dict[str, float] = {}
        self._since: float | None = None
        self._now: float | None = None
        self._first_look: float | None = None
        self._ill_since: dict[str, float] = {}
        self._passed: set[str] = set()
        self._known: set[str] = set()
        self._activities: tuple[Activity, ...] = ()
        self._looked_into = float("-inf")

    def clock(self, now: float | None) -> None:
        """Notes AWS's time. The first is when this run began: it is taken before anything is written."""
        self._now = now
        self._since = now if self._since is None else self._since

    def state(self, group: Group | None) -> WaitState:
        """Whether the group is complete, or never will be."""
        if group is None and "group" not in self._seen:
            return WaitState(False, f"group '{self.name}': AWS does not show it yet")
        gone = self._gone("group", group is None)
        if group is None or group.deleting:
            deleted = Refusal(
                "complete", "group", self.name, "it was deleted meanwhile", "Run again to create it again"
            )
            return WaitState(False, "the group is gone", deleted if gone or group else None)
        if _readiness.complete(group):
            return WaitState(True)
        if self._uneasy(group):
            self._look_into()
        missing = self.missing if self._gone("balancer", self.missing is not None) else None
        cause = _no_balancer(missing) or _readiness.hopeless(
            group, self._activities, self._since, self._now, self._passed
        )
        refusal = cause and _readiness.refusal(self.name, cause, "")
        return WaitState(
            False,
            f"group '{self.name}': {_readiness.progress(group)}",
            refusal,
            explain=lambda: self._explained(group, cause),
        )

    def _gone(self, what: str, unseen: bool) -> bool:
        """Whether it was never seen, or not for so long that it is no more."""
        now = self.aws.clock.now()
        if not unseen:
            self._seen.add(what)
            self._unseen_since.pop(what, None)
            return False
        return what not in self._seen or now - self._unseen_since.setdefault(what, now) >= LATE

    def _uneasy(self, group: Group) -> bool:
        """Whether activities are worth a call: members missing or ill for long, or lost; at once if all is old."""
        now = self.aws.clock.now()
        self._first_look = now if self._first_look is None else self._first_look
        ill = {one.instance_id for one in _readiness.sick(group)}
        here = {member.instance_id for member in group.members}
        self._passed |= {member.instance_id for member in group.serving()} - ill
        self._ill_since = {one: self._ill_since.get(one, now) for one in ill}
        lost, self._known = bool(self._known - here), here
        if lost or not self.begun:
            return True
        few = len(group.members) < group.desired and now - self._first_look > UNEASY
        return few or any(now - since > UNEASY for since in self._ill_since.values())

    def _look_into(self) -> None:
        now = self.aws.clock.now()
        if now - self._looked_into >= ACTIVITIES_EVERY:
            self._looked_into, self._activities = now, _api.read_activities(self.aws, self.name)

    def _explained(self, group: Group, cause: tuple[str, str] | None) -> WaitState:
        """The state with everything there is to say: failed launches, and what sick nodes answer from here."""
        self._activities = _api.read_activities(self.aws, self.name)
        failed = _readiness.failed_launches(self._activities, self._since if self._since is not None else float("inf"))
        ill = self._asked(_readiness.sick(group))
        more = _readiness.summary(ill, failed)
        text = "; ".join(filter(None, (_readiness.progress(group), more)))
        refusal = cause and _readiness.refusal(self.name, cause, text)
        return WaitState(False, text, refusal, _readiness.details(ill, failed))

    def _asked(self, ill: Sequence[Sick]) -> list[Sick]:
        """The sick with what their balancer's health check answers from here, as far as that can be found out."""
        balancers = {one.place.removeprefix("balancer ") for one in ill if one.place.startswith("balancer ")}
        try:
            targets = {name: _balancers.read_target(self.aws, name) for name in sorted(balancers)}
            found = instances_by_id(self.aws, [one.instance_id for one in ill][:PROBED]) if targets else {}
            hosts = {one: instance.addresses for one, instance in found.items()}
        except Failure:
            return list(ill)
        asked: dict[str, Mapping[str, HealthAnswer]] = {
            name: self._answers(target, hosts) if target else {} for name, target in targets.items()
        }
        return [replace(one, answer=_answer(one, targets, asked)) for one in ill]

    def _answers(self, target: str, hosts: Mapping[str, Sequence[str]]) -> Mapping[str, HealthAnswer]:
        """What nodes answer, or why they cannot be asked: the wait has its own end."""
        try:
            return self.asks(target, hosts)
        except Failure as failure:
            return dict.fromkeys(hosts, HealthAnswer(failure.refusal.reason))


def _answer(one: Sick, targets: Mapping[str, str], asked: Mapping[str, Mapping[str, HealthAnswer]]) -> str:
    balancer = one.place.removeprefix("balancer ")
    answer = asked.get(balancer, {}).get(one.instance_id)
    return f"{targets[balancer]}: {answer.text}" if answer else one.answer


def _no_balancer(name: str | None) -> tuple[str, str] | None:
    reason, way_out = (
        f"balancer {name} does not exist",
        "Create it (wcs_classic_elb), or remove it from O(load_balancers)",
    )
    return (reason, way_out) if name else None
