"""What client and server say in a WCS session, and how a probe tells of its sessions."""

from __future__ import annotations

import json

import pytest

from plugins.module_utils._probe.messages import PONG, Session, hello, latency, meaning_of, summary


def test_a_client_begins_as_the_vendors_client_does() -> None:
    message = json.loads(hello("myApp"))
    assert message["message"] == "connection"
    assert message["data"][0]["appKey"] == "myApp"
    assert message["data"][0]["mediaProviders"] == ["WebRTC"]
    assert json.loads(PONG) == {"message": "pong", "data": [None]}


@pytest.mark.parametrize(
    ("frame", "meaning"),
    [
        ('{"message":"getUserData","data":[{"authToken":"x"}]}', "established"),
        ('{"message":"ping","data":[]}', "ping"),
        ('{"message":"getVersion","data":["5.2"]}', "other"),
        (b'{"message":"ping"}', "ping"),
    ],
)
def test_what_the_server_means(frame: str | bytes, meaning: str) -> None:
    assert meaning_of(frame) == meaning


@pytest.mark.parametrize("frame", ["", "ping", "[]", '"ping"', "{}", "[" * 9999, b"\xff", "null"])
def test_what_is_no_message(frame: str | bytes) -> None:
    with pytest.raises(ValueError, match="no WCS message"):
        meaning_of(frame)


def test_sessions_are_told_by_what_became_of_them() -> None:
    sessions = [
        Session("10.0.0.1", latency_ms=4.0),
        Session("10.0.0.2", latency_ms=2.0),
        Session("10.0.0.2", latency_ms=3.0, closed_early="cut"),
        Session("10.0.0.2", error="refused"),
        Session(None, error="refused"),
    ]
    assert summary(sessions) == {
        "asked": 5,
        "opened": 3,
        "failed": 2,
        "held": 2,
        "addresses": {"10.0.0.1": 1, "10.0.0.2": 2},
        "errors": [{"error": "refused", "count": 2}, {"error": "cut", "count": 1}],
    }
    assert latency(sessions) == {"min": 2.0, "median": 3.0, "p95": 4.0, "max": 4.0}
    assert latency([]) == {"min": None, "median": None, "p95": None, "max": None}
