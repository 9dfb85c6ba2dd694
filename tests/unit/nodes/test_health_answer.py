"""What a health check is answered from here, and what of it decides."""

from __future__ import annotations

import pytest

from plugins.module_utils._balancer.health import HealthAnswer
from plugins.module_utils._nodes.health_answer import NO_ANSWER, answers
from tests.support.hostile import Case, cuts, hangs, reply, sends, served
from tests.support.standin import free_address

PAGES = [Case("hangs", hangs, ""), Case("cuts", cuts, ""), Case("moved", sends(reply(b"", status=b"302 Found")), "")]


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("HTTP:8081/", HealthAnswer("HTTP 200 OK", True)),
        ("HTTP:8081/moved", HealthAnswer("HTTP 302 Found", False)),
        ("TCP:8081", HealthAnswer("port 8081 accepts connections", True)),
        ("HTTP:8082/", HealthAnswer("connection refused on port 8082", False)),
        ("TCP:8082", HealthAnswer("connection refused on port 8082", False)),
        ("HTTP:8081/hangs", NO_ANSWER),
        ("HTTP:8081/cuts", HealthAnswer("no usable answer on port 8081 (Connection reset by peer)")),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_answer_and_what_it_decides(target: str, answer: HealthAnswer) -> None:
    with served(PAGES) as authority:
        found = answers(target, {"one": [authority.partition(":")[0]]}, 1.0)["one"]
    assert found.passed is answer.passed
    assert found.text.partition(" (")[0] == answer.text.partition(" (")[0]


@pytest.mark.parametrize(("status", "passed"), [(200, True), (201, False), (204, False), (301, False), (404, False)])
def test_of_http_only_200_passes(status: int, passed: bool) -> None:
    assert HealthAnswer.of_status(status, "Phrase") == HealthAnswer(f"HTTP {status} Phrase", passed)
    assert HealthAnswer.of_status(status).text == f"HTTP {status}"


def test_the_first_address_that_says_anything_counts() -> None:
    with served(PAGES) as authority:
        host = authority.partition(":")[0]
        found = answers("HTTP:8081/", {"one": [free_address(), host], "two": [host]}, 1.0)
    assert [found[one].text for one in ("one", "two")] == ["connection refused on port 8081", "HTTP 200 OK"]
    assert answers("HTTP:8081/", {}) == {}
