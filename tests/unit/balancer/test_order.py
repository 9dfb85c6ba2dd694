"""What serves goes on serving: no step has fewer listeners than the smaller of start and end, but one replaced port."""

from __future__ import annotations

import os
import random

from plugins.module_utils._balancer import listener_moves as _listening
from plugins.module_utils._balancer.listener_moves import Listening, listening_of
from plugins.module_utils._balancer.listeners import Listener

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
        have: Listening = listening_of(listeners(rng), {}, {}, ())
        want = listeners(rng)
        start = {one.load_balancer_port: one.route for one in have.listeners}
        end = {one.load_balancer_port: one.route for one in want}
        replaced = {port for port in start if port in end and start[port] != end[port]}
        kept = {port for port in start if port in end} - replaced
        while steps := _listening.moves("wcs", have, want):
            for step in steps:
                have = _listening.foresee(have, step)
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
    have = listening_of([Listener("tcp", 8080, "tcp", 8080)], {}, {}, ())
    (step,) = _listening.moves("wcs", have, [Listener("ssl", 8443, "tcp", 8080, CERTIFICATES[0])])
    assert step.operation == "CreateLoadBalancerListeners"
    assert (step.soon, step.not_yet) == (("CertificateNotFound",), ())
