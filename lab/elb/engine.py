# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of Classic Load Balancers: health checks at their interval, draining, and what the data plane forwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..core import backends as state
from ..core.lab import Lab
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
            due = [(balancer, target) for balancer in every_balancer() for target in self._due(balancer, now)]
        for balancer, target in due:
            if self._pool is None:
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
        return [_front(balancer, listener, serving, frozenset(living)) for listener in balancer.listeners.values()]

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


def _front(balancer: Balancer, listener: Listener, serving: tuple[Node, ...], living: frozenset[str]) -> Front:
    return Front(
        address=balancer.dns_name,
        port=listener.port,
        protocol=listener.protocol,
        node_protocol=listener.instance_protocol,
        node_port=listener.instance_port,
        nodes=serving,
        living=living,
        idle_timeout=balancer.idle_timeout,
        cross_zone=balancer.cross_zone,
        certificate=certificates.find(balancer.region, listener.certificate) if listener.certificate else None,
    )
