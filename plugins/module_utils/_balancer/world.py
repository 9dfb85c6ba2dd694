# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Classic Load Balancers in AWS: how they are read and looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._core import api as _ec2
from .._core.aws import Aws
from .._core.errors import Refusal
from .._core.step import LATER, Ref, Step, Wait, WaitState
from . import api as _api
from .effects import GONE
from .health import Asks, HealthAnswer, InstanceHealth
from .rules import leaving
from .value import Balancer, Have, Ids, Wanted, complete

LOOKS = 15
"""So often in a row must an instance be seen in a state that does not pass by itself, for AWS may be late to tell.

Then EC2 is asked, too: what runs there may still come into service.
"""

UNREPORTED = "AWS reports no health for it, as for an instance that is in terminated state"
NOT_RUNNING = ("is in stopped state", "is in terminated state")
HOPELESS = {
    "is in stopped state": "Start it, or remove it from O(instance_ids)",
    "is in terminated state": "Remove it from O(instance_ids)",
    "for which LoadBalancer is not configured": (
        "Add a subnet of its zone to O(subnets), or remove it from O(instance_ids)"
    ),
}


class BalancerWorld:
    """The balancer of one name, as far as a want (None: that it be absent) is about it."""

    def __init__(
        self,
        aws: Aws,
        name: str,
        want: Wanted | None,
        adopt: bool,
        members_of: Callable[[Sequence[str]], frozenset[str]] = lambda _: frozenset(),
        asks: Asks = lambda _, __: {},
        stack: str | None = None,
        users_of: Callable[[str, str], Ids] = lambda _, __: (),
    ) -> None:
        """`adopt`: a balancer without our tag may be treated as ours. `members_of`: those that a group has.

        `stack`: whose tag the balancer has, where not its own name. `users_of`: the groups beside the stack's that
        name a balancer. `untried` becomes the instances in service that did not say how the wanted health check would
        end, and why.
        """
        self.aws, self.name, self.want, self.adopt, self.members_of = aws, name, want, adopt, members_of
        self.asks, self.stack, self.users_of = asks, stack, users_of
        self._health: Mapping[str, InstanceHealth] | None = None
        self._interfaces: Ids | None = None
        self._looks = 0
        self._judged = False
        self.untried: Mapping[str, HealthAnswer] = {}

    def read(self) -> Have:
        """What there is; what the last look of a wait saw is not read again."""
        balancer = _api.read(self.aws, self.name)
        have = Have(self.name, self.adopt, balancer, stack=self.stack)
        if balancer is None and self.want is None:
            return replace(have, interfaces=self._seen_interfaces())
        if balancer is None:
            others = sorted(name for name in _api.marked(self.aws, have.owner) if name != self.name)
            return replace(have, others=tuple(others))
        if self.want is None:
            return replace(have, users=self.users_of(self.name, self.stack)) if self.stack else have
        return replace(have, balancer=self._in_question(balancer, self.want))

    def look(self, wait: Wait) -> WaitState:
        """Whether the instances are in service, or the interfaces gone."""
        if wait.subject[0] == GONE:
            self._interfaces = self._read_interfaces()
            count = len(self._interfaces)
            return WaitState(count == 0, f"{wait.what}: {count} left")
        wanted = (self.want.instance_ids if self.want else None) or ()
        self._health = self._read_health(wanted)
        state = wait_state(self._health, wanted)
        self._looks = self._looks + 1 if state.hopeless else 0
        if self._looks < LOOKS:
            return replace(state, hopeless=None)
        self._looks = 0
        found = _ec2.instances_by_id(self.aws, wanted)
        run = [one for one, instance in found.items() if instance.alive]
        return wait_state(self._health, wanted, run)

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        self._health = self._interfaces = None
        return self.aws.write(step, known)

    def _in_question(self, balancer: Balancer, want: Wanted) -> Balancer:
        """The balancer with what only this want makes worth a call."""
        named, registered = set(want.instance_ids or ()), set(balancer.instance_ids)
        surplus = registered - named if want.purge_instance_ids and want.instance_ids is not None else set()
        differ = want.subnets is not None and set(want.subnets) != set(balancer.subnets or ())
        balancer = replace(
            balancer,
            zone_of=self._zones_of({*(balancer.subnets or ()), *(want.subnets or ())}) if differ else {},
            members=self.members_of(sorted(surplus)) if surplus else frozenset(),
            health=self._seen_health(sorted(named & registered)),
        )
        return self._at_stake(balancer, want)

    def _at_stake(self, balancer: Balancer, want: Wanted) -> Balancer:
        """The balancer with what serves now, where the want takes out a zone or asks another question of the nodes.

        It is looked at once, before anything is written.
        """
        judged, self._judged = self._judged, True
        if judged or not balancer.instance_ids:
            return balancer
        check = complete(Have(self.name, self.adopt, balancer), want)
        target = check.health_check.target if check and check.health_check else balancer.health_check.target
        asked = target != balancer.health_check.target and not want.allow_failing_health_check
        if not asked and (want.allow_subnet_removal or not any(leaving(balancer, want))):
            return balancer
        health = _api.read_health(self.aws, self.name) or {}
        serving = _ec2.instances_by_id(self.aws, sorted(one for one, state in health.items() if state.in_service))
        tried = self.asks(target, {one: instance.addresses for one, instance in serving.items()}) if asked else {}
        self.untried = {one: answer for one, answer in sorted(tried.items()) if answer.passed is None}
        zones = {one: instance.zone for one, instance in serving.items()}
        return replace(balancer, serving=zones, tried=tried)

    def _zones_of(self, subnets: Iterable[str]) -> dict[str, str]:
        """Only of subnets that are there."""
        return _ec2.zones(self.aws, sorted(set(subnets) - {LATER}))

    def _seen_health(self, ids: Sequence[str]) -> Mapping[str, InstanceHealth]:
        seen, self._health = self._health, None
        return self._read_health(ids) if seen is None else seen

    def _read_health(self, ids: Sequence[str]) -> Mapping[str, InstanceHealth]:
        return (_api.read_health(self.aws, self.name, ids) if ids else None) or {}

    def _seen_interfaces(self) -> Ids:
        seen, self._interfaces = self._interfaces, None
        return self._read_interfaces() if seen is None else seen

    def _read_interfaces(self) -> Ids:
        return _ec2.interfaces(self.aws, f"ELB {self.name}")


def wait_state(health: Mapping[str, InstanceHealth], ids: Sequence[str], run: Sequence[str] = ()) -> WaitState:
    """What the health of these instances says about the wait for all of them. `run`: those that run, as EC2 says."""
    ill = {one: health.get(one) for one in ids if one not in health or not health[one].in_service}
    lines = [f"{one} {state or 'not known yet'}" for one, state in ill.items()]
    text = f"{len(ids) - len(ill)} of {len(ids)} InService" + "".join(f"; {line}" for line in lines[:5])
    hopeless = next((refusal for one, state in ill.items() if (refusal := _hopeless(one, state, one in run))), None)
    return WaitState(not ill, text, hopeless, {"instances": shown(health, ids)})


def _hopeless(instance_id: str, health: InstanceHealth | None, runs: bool) -> Refusal | None:
    said = health.description if health else UNREPORTED
    if runs and any(text in said for text in NOT_RUNNING):
        return None
    way_out = next((way_out for text, way_out in HOPELESS.items() if text in said), None)
    return Refusal("bring into service", "instance", instance_id, said, way_out) if way_out else None


def shown(health: Mapping[str, InstanceHealth], ids: Iterable[str]) -> list[dict[str, str]]:
    """The health of instances for the user; LATER where it was not seen."""
    unknown = InstanceHealth(LATER, LATER, LATER)
    return [{"instance_id": one, **vars(health.get(one, unknown))} for one in sorted(ids)]
