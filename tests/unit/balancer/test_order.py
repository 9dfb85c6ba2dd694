"""What serves goes on serving: no step has fewer listeners than the smaller of start and end, but one replaced port."""

from __future__ import annotations

import os
import random
from dataclasses import replace

from plugins.module_utils._balancer import listener_moves as _listener_moves
from plugins.module_utils._balancer.listener_moves import ListenerSet, set_of
from plugins.module_utils._balancer.listeners import Listener
from plugins.module_utils._balancer.moves import foresee, moves, refuse
from plugins.module_utils._balancer.value import Have, Wanted
from plugins.module_utils._core.step import Step
from tests.unit.balancer.test_moves import balancer

PAIRS = 2000 if os.environ.get("WCS_TEST_ALL") else 300
PORTS = (80, 443, 8080, 8443)
CERTIFICATES = tuple(f"arn:aws:acm:eu-central-1:123456789012:certificate/{n}" for n in (1, 2))


def listener(rng: random.Random, port: int) -> Listener:
    front, back = rng.choice([("tcp", "tcp"), ("ssl", "tcp"), ("http", "http"), ("https", "http")])
    certificate = rng.choice(CERTIFICATES) if front in ("ssl", "https") else None
    return Listener(front, port, back, rng.choice([8080, 8081]), certificate)


def listeners(rng: random.Random) -> list[Listener]:
    return [listener(rng, port) for port in rng.sample(PORTS, rng.randint(1, len(PORTS)))]


def test_no_step_has_fewer_listeners_than_start_and_end() -> None:
    gaps = 0
    for seed in range(PAIRS):
        rng = random.Random(seed)
        have: ListenerSet = set_of(listeners(rng), {}, {}, ())
        want = listeners(rng)
        start = {one.load_balancer_port: one.route for one in have.listeners}
        end = {one.load_balancer_port: one.route for one in want}
        replaced = {port for port in start if port in end and start[port] != end[port]}
        kept = {port for port in start if port in end} - replaced
        while steps := _listener_moves.moves("wcs", have, want):
            for step in steps:
                have = _listener_moves.foresee(have, step)
                ports = {one.load_balancer_port for one in have.listeners}
                gap = replaced - ports
                gaps += bool(gap)
                assert len(gap) <= 1, f"{seed}: {step.operation} leaves {gap} closed at once"
                assert kept <= ports, f"{seed}: {step.operation} closes a port that stays"
                assert len(ports) + len(gap) >= min(len(start), len(end)), f"{seed}: {step.operation}"
        assert {one.load_balancer_port: one.route for one in have.listeners} == end
    print(f"{PAIRS} pairs, {gaps} gaps of one replaced port")
    assert gaps > 10


def test_h1_the_new_port_is_opened_before_the_old_one_goes() -> None:
    have = set_of([Listener("tcp", 8080, "tcp", 8080)], {}, {}, ())
    (step,) = _listener_moves.moves("wcs", have, [Listener("ssl", 8443, "tcp", 8080, CERTIFICATES[0])])
    assert step.operation == "CreateLoadBalancerListeners"
    assert (step.soon, step.not_yet) == (("CertificateNotFound",), ())


def one_a_zone(rng: random.Random) -> tuple[str, ...]:
    zones = rng.sample("abc", rng.randint(1, 3))
    return tuple(sorted(f"subnet-{zone}{rng.randint(1, 2)}" for zone in zones))


def test_no_step_has_fewer_zones_than_start_and_end_but_the_one_exchanged() -> None:
    zone_of = {f"subnet-{zone}{n}": zone for zone in "abc" for n in (1, 2)}
    exchanged = 0
    for seed in range(PAIRS):
        rng = random.Random(seed)
        start, end = one_a_zone(rng), one_a_zone(rng)
        zones = tuple(zone_of[one] for one in start)
        have = Have("wcs", balancer=replace(balancer(), subnets=start, zones=zones, zone_of=zone_of))
        want = Wanted("wcs", subnets=end)
        if refuse(have, want):
            continue
        for _ in range(20):
            if not (batch := moves(have, want)):
                break
            for step in batch:
                assert isinstance(step, Step)
                have = foresee(have, step)
                there = (have.balancer and have.balancer.subnets) or ()
                assert len({zone_of[one] for one in there}) == len(there), f"{seed}: two subnets in one zone"
                gap = int(len(there) < min(len(start), len(end)))
                exchanged += gap
                assert there, f"{seed}: no zone is left"
                assert len(there) + gap >= min(len(start), len(end)), f"{seed}: {start} to {end}: {there}"
        assert have.balancer is not None
        assert have.balancer.subnets == end, f"{seed}: {start} to {end}"
    print(f"{PAIRS} pairs, {exchanged} times one zone exchanges its subnet")
    assert exchanged > 10


def test_no_step_has_fewer_zones_or_instances_than_start_and_end() -> None:
    changed = 0
    for seed in range(PAIRS):
        rng = random.Random(seed)

        def some(names: str, rng: random.Random = rng) -> tuple[str, ...]:
            return tuple(sorted(rng.sample(names, rng.randint(1, len(names)))))

        there = balancer(subnets=None, zones=some("abcd"), instance_ids=some("1234"))
        have = Have("wcs", balancer=there)
        want = Wanted("wcs", zones=some("abcd"), instance_ids=some("1234"), purge_instance_ids=True)
        assert there.zones
        assert want.zones
        assert want.instance_ids
        zones = min(len(there.zones), len(want.zones))
        instances = min(len(there.instance_ids), len(want.instance_ids))
        while steps := [move for move in moves(have, want) if isinstance(move, Step)]:
            for step in steps:
                have = foresee(have, step)
                assert have.balancer is not None
                assert len(have.balancer.zones or ()) >= zones, f"{seed}: {step.operation}"
                assert len(have.balancer.instance_ids) >= instances, f"{seed}: {step.operation}"
                changed += 1
        assert have.balancer is not None
        assert (have.balancer.zones, have.balancer.instance_ids) == (want.zones, want.instance_ids)
    print(f"{PAIRS} pairs, {changed} calls")
    assert changed > PAIRS
