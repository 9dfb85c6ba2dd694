# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of Classic Load Balancers: health checks at their interval, draining, and what the data plane forwards."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from typing import Any

from ..core import backends as state
from ..core.lab import Lab
from ..ec2 import firewall
from ..machines import Check
from . import certificates, health
from .balancers import Balancer, Listener, Target, every_balancer
from .dataplane import DataPlane, Front, Node

CHECKS_AT_ONCE = 64
LEAST_TIMEOUT = 1.0  # real seconds: a lab's speed must not fail a machine that answers


def standing(balancer: Balancer, instance_id: str, machine: str, zone: str, now: float) -> health.State:
    """How the balancer sees an instance whose EC2 state is `machine`."""
    target = balancer.targets.get(instance_id)
    if target is None:
        return health.leaving(instance_id in balancer.leaving and balancer.leaving[instance_id] > now)
    return health.registered(target.verdict, machine, zone in balancer.subnets)


def in_service(balancer: Balancer, instance: Any, now: float) -> bool:
    """Whether new connections go to the instance."""
    zone = instance.placement.zone
    return standing(balancer, instance.id, instance.state, zone, now).in_service


class BalancingEngine:
    """Checks what is due and lets what is drained go. Sockets and threads only where the lab is live."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._pool = ThreadPoolExecutor(CHECKS_AT_ONCE, "health-check") if lab.live else None
        self._plane = DataPlane() if lab.live else None

    def tick(self, now: float) -> None:
        """Makes the checks that are due; a live lab makes them in threads, so that a slow node delays no other."""
        with self.lab.lock:
            due = [
                (balancer, target, self._reaches(balancer, target, balancer.check.port))
                for balancer in every_balancer()
                for target in self._due(balancer, now)
            ]
        for balancer, target, open_ in due:
            if not open_:
                self._unanswered(balancer, target)
            elif self._pool is None:
                self._check(balancer, target)
            else:
                self._pool.submit(self._check, balancer, target)
        with self.lab.lock:  # nobody is told of a verdict before connections follow it
            for balancer in every_balancer():
                with self.lab.guarded(f"balancer {balancer.name}"):
                    self._let_go(balancer, now)
                    for target in balancer.targets.values():
                        target.verdict = target.seen
            if self._plane is not None:
                self._plane.follow(self._fronts(now))

    def _due(self, balancer: Balancer, now: float) -> list[Target]:
        """The targets to check now; terminated instances are no longer targets."""
        due = [target for target in balancer.targets.values() if target.check_at <= now and not target.checking]
        if not due:
            return []
        known = state.instances(balancer.region)
        chosen = []
        for target in due:
            target.check_at = max(target.check_at + balancer.check.interval, now)
            machine = known[target.instance_id].state if target.instance_id in known else "terminated"
            if machine == "terminated":
                balancer.deregister(target.instance_id, now)
            elif machine != "pending":
                target.checking = True
                chosen.append(target)
        return chosen

    def _reaches(self, balancer: Balancer, target: Target, port: int) -> bool:
        """Whether the security groups of both let the balancer connect to the target; True for what is gone."""
        instance = state.instances(balancer.region).get(target.instance_id)
        return instance is None or not self.lab.firewalls or reaches(balancer, instance, port)

    def _unanswered(self, balancer: Balancer, target: Target) -> None:
        """A check whose packets are dropped: it has failed when its time is over."""
        check = balancer.check

        def over() -> None:
            with self.lab.lock:
                target.checking = False
                target.seen = health.observe(target.seen, False, check)

        self.lab.later(check.timeout, over)

    def _check(self, balancer: Balancer, target: Target) -> None:
        check = balancer.check
        timeout = check.timeout / getattr(self.lab.clock, "speed", 1.0)
        try:
            with self.lab.guarded(f"health check of {target.instance_id} by {balancer.name}"):
                answer: Check = self.lab.machines.check(
                    target.instance_id, check.protocol.lower(), check.port, check.path, max(LEAST_TIMEOUT, timeout)
                )
                with self.lab.lock:
                    target.seen = health.observe(target.seen, answer.ok, check)
        finally:
            target.checking = False

    def _let_go(self, balancer: Balancer, now: float) -> None:
        if self._plane is not None:
            balancer.connections = self._plane.connections(balancer.dns_name)
        drained = [
            instance_id
            for instance_id, until in balancer.leaving.items()
            if until <= now or not balancer.connections.get(instance_id)
        ]
        for instance_id in drained:
            del balancer.leaving[instance_id]

    def _fronts(self, now: float) -> tuple[Front, ...]:
        fronts: list[Front] = []
        for balancer in every_balancer():
            with self.lab.guarded(f"listeners of {balancer.name}"):
                fronts += self._fronts_of(balancer, state.instances(balancer.region), now)
        return tuple(fronts)

    def _fronts_of(self, balancer: Balancer, known: dict[str, Any], now: float) -> list[Front]:
        registered = [known[instance_id] for instance_id in balancer.targets if instance_id in known]
        serving = tuple(
            Node(instance.id, str(instance.private_ip_address), instance.placement.zone)
            for instance in registered
            if in_service(balancer, instance, now)
        )
        living = {node.instance_id for node in serving} | set(balancer.leaving)
        if balancer.draining_timeout is not None:
            living |= {instance.id for instance in registered if instance.state == "running"}
        fronts = []
        for listener in balancer.listeners.values():
            closed = {i.id for i in registered if not reaches(balancer, i, listener.instance_port)}
            networks = open_to(balancer, listener.port, known.values())
            fronts.append(_front(balancer, listener, serving, frozenset(living), frozenset(closed), networks))
        return fronts

    def reset(self) -> None:
        """Closes every listener; the balancers themselves go with moto's state."""
        if self._plane is not None:
            self._plane.follow(())

    def close(self) -> None:
        """Ends the threads and closes the sockets."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._plane is not None:
            self._plane.close()


def _groups(balancer: Balancer) -> list[Any]:
    ec2 = state.backend("ec2", balancer.region)
    found = [ec2.get_security_group_from_id(group_id) for group_id in balancer.security_groups]
    return [group for group in found if group is not None]


def reaches(balancer: Balancer, instance: Any, port: int) -> bool:
    """Whether the security groups of both let the balancer connect to a port of the instance."""
    enis, groups = state.backend("ec2", balancer.region).enis, _groups(balancer)
    addresses = [enis[i].private_ip_address for i in balancer.interfaces.values() if i in enis]
    mine = firewall.Peer(frozenset([balancer.dns_name, *addresses]), frozenset(balancer.security_groups))
    return firewall.egress(groups, port).admits(firewall.peer(instance)) and firewall.ingress(
        firewall.groups_of(instance), port
    ).admits(mine)


def open_to(balancer: Balancer, port: int, instances: Iterable[Any]) -> tuple[IPv4Network, ...]:
    """Who may connect to a port of the balancer: networks, and the addresses of members of a named group."""
    opening = firewall.ingress(_groups(balancer), port)
    named = [firewall.peer(instance) for instance in instances] if opening.groups else []
    members = {address for peer in named if peer.groups & opening.groups for address in peer.addresses}
    return (*opening.networks, *(IPv4Network(address) for address in sorted(members)))


def _front(
    balancer: Balancer,
    listener: Listener,
    serving: tuple[Node, ...],
    living: frozenset[str],
    closed: frozenset[str],
    networks: tuple[IPv4Network, ...],
) -> Front:
    return Front(
        address=balancer.dns_name,
        port=listener.port,
        protocol=listener.protocol,
        node_protocol=listener.instance_protocol,
        node_port=listener.instance_port,
        nodes=serving,
        closed=closed,
        open_to=networks,
        living=living,
        idle_timeout=balancer.idle_timeout,
        cross_zone=balancer.cross_zone,
        certificate=certificates.find(balancer.region, listener.certificate) if listener.certificate else None,
    )
