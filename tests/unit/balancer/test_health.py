"""How a health check is read, completed, written and held to AWS's limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugins.module_utils._balancer.health import CREATION, HealthCheck, completed, from_aws, problems, to_aws
from plugins.module_utils._core.errors import named

FULL = HealthCheck("http", 8081, "/?action=stat", 5, 4, 2, 6)
PLAIN = HealthCheck("tcp", 8081, None, 30, 5, 10, 2)


@pytest.mark.parametrize(
    ("target", "protocol", "port", "path"),
    [
        ("HTTP:8081/?action=stat", "http", 8081, "/?action=stat"),
        ("HTTPS:8444/", "https", 8444, "/"),
        ("HTTP:80/a:b/c", "http", 80, "/a:b/c"),
        ("TCP:8080", "tcp", 8080, None),
        ("SSL:443", "ssl", 443, None),
    ],
)
def test_a_target_is_read_and_written(target: str, protocol: str, port: int, path: str | None) -> None:
    said = {"Target": target, "Interval": 5, "Timeout": 4, "HealthyThreshold": 2, "UnhealthyThreshold": 6}
    check = from_aws(said)
    assert (check.protocol, check.port, check.path) == (protocol, port, path)
    assert to_aws(check) == said


@pytest.mark.parametrize(
    ("wish", "base", "aim"),
    [
        (HealthCheck(), CREATION, CREATION),
        (HealthCheck(interval=10), FULL, replace(FULL, interval=10)),
        (HealthCheck("https", 8444), FULL, replace(FULL, protocol="https", port=8444)),
        (HealthCheck("tcp", 8080), FULL, replace(FULL, protocol="tcp", port=8080, path=None)),
        (HealthCheck("http"), PLAIN, replace(PLAIN, protocol="http", path="/?action=stat")),
        (HealthCheck(path="/live"), FULL, replace(FULL, path="/live")),
    ],
)
def test_what_is_left_out_stays(wish: HealthCheck, base: HealthCheck, aim: HealthCheck) -> None:
    assert completed(wish, base) == aim
    assert completed(aim, base) == aim


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"interval": 5, "timeout": 5}, "health_check.timeout 5 is not below health_check.interval 5"),
        ({"interval": 4, "timeout": 2}, "health_check.interval 4 is not between 5 and 300"),
        ({"interval": 301}, "health_check.interval 301 is not between 5 and 300"),
        ({"timeout": 1}, "health_check.timeout 1 is not between 2 and 60"),
        ({"timeout": 61, "interval": 300}, "health_check.timeout 61 is not between 2 and 60"),
        ({"interval": 300, "timeout": 60}, None),
        ({"healthy_threshold": 1}, "health_check.healthy_threshold 1 is not between 2 and 10"),
        ({"unhealthy_threshold": 11}, "health_check.unhealthy_threshold 11 is not between 2 and 10"),
        ({"port": 0}, "health_check.port 0 is not between 1 and 65535"),
        ({"port": 65536}, "health_check.port 65536 is not between 1 and 65535"),
        ({"protocol": "udp", "path": None}, "health_check.protocol 'udp' is none of http, https, ssl, tcp"),
        ({"protocol": "tcp"}, "health_check.path is for http and https, and health_check.protocol is tcp"),
        ({"path": "?action=stat"}, "health_check.path '?action=stat' does not begin with '/'"),
        ({"path": "/" + "x" * 1014}, None),
        ({"path": "/" + "x" * 1015}, "the health check target has 1025 characters; AWS allows at most 1024"),
    ],
)
def test_limits(change: dict[str, object], words: str | None) -> None:
    assert [named(one, {}) for one in problems(replace(FULL, **change))] == ([words] if words else [])  # type: ignore[arg-type]
