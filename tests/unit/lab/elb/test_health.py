"""What a Classic Load Balancer concludes from its health checks."""

from __future__ import annotations

import pytest

from lab.elb.health import (
    DEREGISTERING,
    FAILED,
    NOT_REGISTERED,
    NOT_YET,
    REGISTERING,
    WRONG_ZONE,
    HealthCheck,
    State,
    Verdict,
    leaving,
    observe,
    registered,
)

CHECK = HealthCheck(interval=5, timeout=4, healthy_threshold=2, unhealthy_threshold=3)


def after(answers: str) -> Verdict:
    verdict = Verdict()
    for answer in answers:
        verdict = observe(verdict, answer == "+", CHECK)
    return verdict


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        ("", "new"),
        ("+", "healthy"),  # a new node joins on its first success
        ("--+", "healthy"),
        ("---", "unhealthy"),
        ("---+", "unhealthy"),
        ("---+-+", "unhealthy"),  # the healthy threshold counts consecutive successes on the way back
        ("---++", "healthy"),
        ("+--+--+", "healthy"),
        ("+---", "unhealthy"),
    ],
)
def test_standing(answers: str, standing: str) -> None:
    assert after(answers).standing == standing


@pytest.mark.parametrize(
    ("answers", "machine", "served", "state"),
    [
        ("", "running", True, State("OutOfService", "ELB", REGISTERING)),
        ("+", "running", True, State("InService", "N/A", "N/A")),
        ("---", "running", True, State("OutOfService", "Instance", FAILED)),
        ("---+", "running", True, State("OutOfService", "Instance", NOT_YET)),
        ("+", "stopped", True, State("OutOfService", "Instance", "Instance is in stopped state.")),
        ("+", "running", False, State("OutOfService", "ELB", WRONG_ZONE)),
    ],
)
def test_description(answers: str, machine: str, served: bool, state: State) -> None:
    assert registered(after(answers), machine, served) == state


def test_deregistering_reads_in_service_with_a_description_and_takes_nothing() -> None:
    assert leaving(True) == State("InService", "N/A", DEREGISTERING)
    assert not leaving(True).in_service
    assert leaving(False) == State("OutOfService", "Instance", NOT_REGISTERED)


def test_aws_defaults() -> None:
    check = HealthCheck()
    assert (check.interval, check.timeout, check.unhealthy_threshold, check.healthy_threshold) == (30, 5, 2, 10)
    assert HealthCheck("HTTP", 8081, "/?action=stat").target == "HTTP:8081/?action=stat"
