"""`wcs-metrics`: what it publishes and what it leaves out, when, and what it says of it. No process, no socket."""

from __future__ import annotations

import ast
import json
import random
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from itertools import count, pairwise

import pytest

from plugins.module_utils._core.points import ON_THE_WAY
from plugins.module_utils._nodes import stats
from plugins.module_utils._stack.published import patience
from tests.support.scripts import FILES, script

METRICS = script("wcs-metrics")
NODE = METRICS.Node("i-1", "eu-west-1", "10.0.0.4", "wcs", "wcs-node", ("AKIA", "secret", "token"))


def test_it_is_for_python_3_9() -> None:
    for text in (
        (FILES / "wcs-metrics").read_text(),
        (FILES.parents[2] / "plugins/module_utils/_nodes/stats.py").read_text(),
    ):
        ast.parse(text, feature_version=(3, 9))


# What is published


def text_page(**counters: object) -> bytes:
    return ("-----Connection info-----\n" + "".join(f"{name}={value}\n" for name, value in counters.items())).encode()


PAGES: Mapping[str, tuple[bytes, dict[str, float]]] = {
    "all of it": (
        text_page(
            connections_websocket=7,
            streams_webrtc_in=2,
            streams_rtmp_in=1,
            streams_webrtc_out=30,
            streams_viewers=29,
            degraded_streams_percent=2.5,
            system_java_cpu_usage=41.5,
        ),
        {
            "connections_websocket": 7,
            "streams_in": 3,
            "streams_out": 30,
            "degraded_streams_percent": 2.5,
            "system_java_cpu_usage": 41.5,
        },
    ),
    "zero sessions are a figure": (text_page(connections_websocket=0), {"connections_websocket": 0}),
    "the other spelling": (text_page(connection_websocket=4), {"connections_websocket": 4}),
    "json": (
        json.dumps(
            {"connections_stats": {"connections_websocket": "5"}, "streams_stats": {"streams_rtsp_in": 1}}
        ).encode(),
        {"connections_websocket": 5, "streams_in": 1},
    ),
    "a counter that is no number is left out": (
        text_page(connections_websocket=1, degraded_streams_percent="n/a", system_java_cpu_usage="NaN"),
        {"connections_websocket": 1},
    ),
    "a share above the whole is left out": (
        text_page(connections_websocket=1, degraded_streams_percent=130),
        {"connections_websocket": 1},
    ),
    "a load below nothing is left out": (
        text_page(connections_websocket=1, system_java_cpu_usage=-1),
        {"connections_websocket": 1},
    ),
    "a sum of which one part is unknown is unknown": (
        text_page(connections_websocket=1, streams_webrtc_in=3, streams_rtmp_in="?", streams_webrtc_out=2),
        {"connections_websocket": 1, "streams_out": 2},
    ),
}


@pytest.mark.parametrize(("body", "values"), PAGES.values(), ids=PAGES)
def test_what_a_page_says_is_published_and_nothing_else(body: bytes, values: dict[str, float]) -> None:
    assert METRICS.readings(stats, body) == values


UNKNOWN = {
    "no counter": b"-----Core\ncore_threads=4\n",
    "no page": b"",
    "another server": b"<html>It works</html>",
    "a count below nothing": text_page(connections_websocket=-1),
    "half a session": text_page(connections_websocket=1.5),
    "no number": text_page(connections_websocket="many"),
    "twice, and not the same": text_page(connections_websocket=1, connection_websocket=2),
    "cut off": b"-----Connection\nconnections_webs",
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("body", UNKNOWN.values(), ids=UNKNOWN)
def test_sessions_that_are_unknown_are_not_published_as_none(body: bytes) -> None:
    with pytest.raises(METRICS.Hindrance) as why:
        METRICS.readings(stats, body)
    assert why.value.state.kind == "page"
    assert not why.value.state.published


def test_sessions_are_counted_as_wcs_stat_info_counts_them() -> None:
    """The kind: pages that are damaged at random."""
    pages = [body for body, _ in PAGES.values()] + list(UNKNOWN.values())
    for seed in range(500):
        chance = random.Random(seed)
        body = bytearray(chance.choice(pages))
        for _ in range(chance.randint(0, 3)):
            if body:
                body[chance.randrange(len(body))] = chance.randrange(256)
        node = stats.with_page(stats.Node("10.0.0.1"), bytes(body), 1.0)
        try:
            found = METRICS.readings(stats, bytes(body))["connections_websocket"]
        except METRICS.Hindrance:
            found = None
        assert found == (node.connections_websocket if node.ok else None), seed


@pytest.mark.parametrize(("period", "resolution"), [(10, 1), (30, 1), (60, 60)])
def test_one_call_says_it_of_the_group_and_the_sessions_of_the_node(period: int, resolution: int) -> None:
    values = METRICS.readings(stats, PAGES["all of it"][0])
    data = METRICS.metric_data(NODE, values, period)
    of = [(one["MetricName"], {d["Name"]: d["Value"] for d in one["Dimensions"]}, one["Value"]) for one in data]
    group, node = {"AutoScalingGroupName": "wcs"}, {"AutoScalingGroupName": "wcs", "InstanceId": "i-1"}
    assert of == [*((name, group, value) for name, value in values.items()), ("connections_websocket", node, 7)]
    assert {one["StorageResolution"] for one in data} == {resolution}
    assert all("Timestamp" not in one for one in data), "the clock of a host may be wrong"


# Who publishes


class Metadata:
    """What a metadata service has."""

    def __init__(self, **items: str) -> None:
        self.items = items

    def get(self, item: str) -> str | None:
        return self.items.get(item)

    def need(self, item: str) -> str:
        return self.items[item]


KEYS = json.dumps({"Code": "Success", "AccessKeyId": "AKIA", "SecretAccessKey": "secret", "Token": "token"})
MEMBER = {
    "autoscaling/target-lifecycle-state": "InService",
    "tags/instance/aws:autoscaling:groupName": "wcs",
    "iam/security-credentials/": "wcs-node",
    "iam/security-credentials/wcs-node": KEYS,
    "instance-id": "i-1",
    "placement/region": "eu-west-1",
    "local-ipv4": "10.0.0.4",
}
NOT_TO_PUBLISH = {
    "a seed is no member": ({"autoscaling/target-lifecycle-state": None}, "member"),
    "a node that is ended": ({"autoscaling/target-lifecycle-state": "Terminated"}, "member"),
    "a node on standby": ({"autoscaling/target-lifecycle-state": "Standby"}, "member"),
    "tags are not allowed": ({"tags/instance/aws:autoscaling:groupName": None}, "group"),
    "no profile": ({"iam/security-credentials/": None}, "profile"),
    "a profile without a role": ({"iam/security-credentials/": ""}, "profile"),
    "credentials that failed": (
        {"iam/security-credentials/wcs-node": '{"Code": "AssumeRoleUnauthorizedAccess"}'},
        "profile",
    ),
    "credentials that are no JSON": ({"iam/security-credentials/wcs-node": "<html>"}, "profile"),
}


def metadata(**changes: str | None) -> Metadata:
    return Metadata(**{key: value for key, value in {**MEMBER, **changes}.items() if value is not None})


def test_a_member_in_service_publishes_for_its_group() -> None:
    assert METRICS.look(metadata(), METRICS.Settings()) == NODE


@pytest.mark.parametrize(("changes", "kind"), NOT_TO_PUBLISH.values(), ids=NOT_TO_PUBLISH)
def test_others_do_not(changes: dict[str, str | None], kind: str) -> None:
    with pytest.raises(METRICS.Hindrance) as why:
        METRICS.look(metadata(**changes), METRICS.Settings())
    assert why.value.state.kind == kind


def test_the_group_that_was_set_counts_where_the_metadata_have_none() -> None:
    untold = metadata(**{"tags/instance/aws:autoscaling:groupName": None})
    assert METRICS.look(untold, METRICS.Settings(group="given")).group == "given"
    assert METRICS.look(metadata(), METRICS.Settings(group="given")).group == "wcs"


@pytest.mark.parametrize("text", ['{"period": 20}', '{"period": "60"}', "[]", "{", '{"period": 0}'])
def test_settings_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        METRICS.settings(text)


# When


@pytest.mark.parametrize("period", [10, 30, 60])
def test_there_is_never_more_than_one_call_a_period_and_never_less_than_one_in_five_minutes(period: int) -> None:
    for failures in range(40):
        pauses = {METRICS.pause(period, failures, chance / 100) for chance in range(100)}
        assert min(pauses) == 1
        assert max(pauses) * period <= 300
        assert max(pauses) == max(1, min(2**failures, 300 // period)) if failures else pauses == {1}


@pytest.mark.parametrize(
    ("now", "periods", "due"),
    [
        (100.2, 1, 160.0),  # the rhythm stays that of the first time
        (159.9, 1, 160.0),
        (160.0, 1, 160.0),
        (161.0, 1, 220.0),  # it took longer than a period: one is left out
        (3700.5, 1, 3760.0),  # the host slept for an hour: that is not made up for
        (100.2, 4, 340.0),
        (700.0, 4, 700.0),
    ],
)
def test_the_rhythm(now: float, periods: int, due: float) -> None:
    assert METRICS.next_due(100.0, now, 60, periods) == due


@pytest.mark.parametrize("chance", [0.0, 0.999])
def test_a_process_that_was_started_anew_calls_a_period_after_the_one_before_at_the_earliest(chance: float) -> None:
    """Each of them ends right after its call: killed, crashed, restarted by a role."""
    period, calls = 0.02, []

    def one_period() -> object:
        calls.append(time.monotonic())
        raise Ended

    for _ in range(5):
        with pytest.raises(Ended):
            METRICS.run(one_period, period, print, (chance for _ in count()))
    assert min(after - before for before, after in pairwise(calls)) >= period


@pytest.mark.parametrize("period", [10, 30, 60])
def test_the_first_call_is_spread_over_a_period_and_verify_waits_for_it(period: int) -> None:
    """Nodes that booted together do not call together."""
    firsts = [METRICS.first_pause(period, chance / 100) for chance in range(100)]
    assert min(firsts) == period
    assert period * 1.9 < max(firsts) < 2 * period
    assert patience(period) >= max(firsts) + period + ON_THE_WAY


# What is said

REFUSALS = [
    ("Throttling", 400, None, "throttled", "less often"),
    ("ThrottlingException", 400, None, "throttled", "less often"),
    ("SlowDown", 503, None, "throttled", "less often"),
    ("SignatureDoesNotMatch", 403, 3600.0, "clock", "3600 s ahead of"),
    ("SignatureDoesNotMatch", 403, -3600.4, "clock", "3600 s behind"),
    ("RequestExpired", 400, 3600.0, "clock", "set by NTP"),
    ("SignatureDoesNotMatch", 403, 1.0, "refused", "SignatureDoesNotMatch"),
    ("SignatureDoesNotMatch", 403, None, "refused", "SignatureDoesNotMatch"),
    (
        "AccessDenied",
        403,
        0.0,
        "denied",
        "'wcs-node' may not publish: allow it cloudwatch:PutMetricData in namespace WCS",
    ),
    ("AccessDenied", 403, 3600.0, "denied", "may not publish"),
    ("InternalFailure", 500, None, "unreachable", "500"),
    ("InvalidParameterValue", 400, None, "refused", "InvalidParameterValue"),
]


@pytest.mark.parametrize(("code", "status", "skew", "kind", "words"), REFUSALS)
def test_a_refusal_is_named(code: str, status: int, skew: float | None, kind: str, words: str) -> None:
    state = METRICS.hindrance(NODE, code, "no", status, skew).state
    assert (state.kind, state.published, state.retry_later) == (kind, False, True)
    assert words in state.text
    assert "\n" not in state.text


def test_the_clock_is_compared_with_that_of_the_answer() -> None:
    when = datetime(2026, 11, 28, 17, tzinfo=timezone.utc).timestamp()
    assert METRICS.ahead("Sat, 28 Nov 2026 17:00:00 GMT", when + 3600) == 3600
    assert METRICS.ahead("Sat, 28 Nov 2026 17:00:00 GMT", when - 3600) == -3600


@pytest.mark.parametrize("date", ["", None, "today"])
def test_an_answer_without_a_date_says_nothing_of_the_clock(date: str | None) -> None:
    assert METRICS.ahead(date, 0.0) is None


class Ended(BaseException):
    """The process is."""


def lines(states: list[object]) -> list[str]:
    """What is said of periods that went so."""
    said: list[str] = []
    left = iter(states)

    def one_period() -> object:
        state = next(left, None)
        if state is None:
            raise Ended
        return state

    with pytest.raises(Ended):
        METRICS.run(one_period, 0.001, said.append, (0.0 for _ in count()))
    return said


def test_one_line_a_change() -> None:
    fine, stopped = METRICS.State("publishing", "fine", published=True), METRICS.State("page", "refused")
    hangs = METRICS.State("page", "no answer")
    assert lines([fine, fine, stopped, hangs, stopped, fine, fine]) == ["fine", "refused", "fine"]
    assert lines([stopped] * 50) == ["refused"]
