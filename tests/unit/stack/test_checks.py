"""What does not hold in a stack, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._core.pages import DemoPage
from plugins.module_utils._nodes.members import AskedNode
from plugins.module_utils._probe.spread import Count, Judgement, judge
from plugins.module_utils._stack.checks import (
    DAY,
    CheckedNode,
    Evidence,
    launched_by,
    listening,
    members,
    notes,
    problems,
    shown_demo,
    summary,
    table,
    versions,
)

NOW = 1_800_000_000.0  # 2027-01-15
YEAR = NOW + 365 * DAY


def node(number: int, gained: int | None = 20, **more: Any) -> CheckedNode:
    name = f"i-{number}"
    health = more.pop("health", "InService")
    member = AskedNode(f"198.51.100.{number}", name, "eu-central-1a", health)
    during = None if gained is None else 5 + gained
    count = Count(member, 5, during, None if gained is not None else "connection refused")
    return replace(CheckedNode(name, "eu-central-1a", "InService", "3", count), **more)


def evidence(*nodes: CheckedNode, **more: Any) -> Evidence:
    held = sum(one.count.gained or 0 for one in nodes if one.count)
    judged = judge([one.count for one in nodes if one.count], None, held)
    usual = Evidence(len(nodes), "3", nodes, "ws://wcs.example:8080", "wcs", judged, held, held)
    return replace(usual, **more)


SOUND = evidence(node(1), node(2))


def test_a_sound_stack() -> None:
    assert problems(SOUND, NOW, 14) == []
    assert summary(SOUND) == "40 of 40 sessions through ws://wcs.example:8080 were held, spread over 2 nodes (20, 20)."
    assert table(SOUND) == [
        "node  zone           group      balancer   version  sessions  gained",
        "i-1   eu-central-1a  InService  InService  3        25        20",
        "i-2   eu-central-1a  InService  InService  3        25        20",
    ]


def test_a_dry_run_promises_no_sessions() -> None:
    seen = replace(SOUND, judged=None, asked=0, held=0)
    assert problems(seen, NOW, 14) == []
    assert summary(seen).startswith(
        "Group and load balancer agree on 2 nodes. Sessions through ws://wcs.example:8080 would be opened"
    )


def test_h11_with_one_node_a_spread_cannot_be_proven() -> None:
    assert summary(evidence(node(1))) == (
        "20 of 20 sessions through ws://wcs.example:8080 were held (20). One node in service: spread cannot be proven."
    )


@pytest.mark.parametrize(
    ("seen", "clause"),
    [
        (replace(SOUND, desired=3), "the group wants 3 nodes, and 2 of 2 are InService"),
        (evidence(node(1), node(2, lifecycle="Pending")), "the group wants 2 nodes, and 1 of 2 are InService"),
        (evidence(node(1), node(2, health="OutOfService")), "i-2 is OutOfService in load balancer 'wcs'"),
        (evidence(node(1), node(2, count=None)), "i-2 is not registered with load balancer 'wcs'"),
        (evidence(node(1), node(2, gained=None)), "the statistics page of i-2 is not read (connection refused)"),
        (evidence(node(1, 40), node(2, 0)), "sessions are not spread evenly (new sessions of each node: 40, 0)"),
        (
            evidence(
                node(1),
                judged=Judgement("unreachable", {}, None, ()),
                url="wss://wcs.example:8443",
                asked=60,
                errors=(("its certificate is not accepted: self-signed", 60),),
            ),  # H7
            (
                "no session could be opened through wss://wcs.example:8443 "
                "(60 of 60: its certificate is not accepted: self-signed)"
            ),
        ),
        (
            evidence(node(1), judged=Judgement(None, {}, None, ())),
            "sessions through ws://wcs.example:8080 could not be counted on any node",
        ),
        (evidence(node(1, certificate=NOW - DAY)), "the certificate of i-1 expired on 2027-01-14"),
        (evidence(node(1, certificate=NOW + 13 * DAY)), "the certificate of i-1 expires on 2027-01-28"),
        (replace(SOUND, certificate=NOW + DAY), "the certificate of ws://wcs.example:8080 expires on 2027-01-16"),
        (
            evidence(node(1, certificate="it was not shown within 5 s")),
            "the certificate of i-1 is unknown: it was not shown within 5 s",
        ),
        (
            evidence(node(1), node(2, version="2")),
            (
                "i-2 runs launch template version 2; the group launches launch template version 3. "
                "The playbook update replaces them"
            ),
        ),
    ],
)
def test_each_thing_that_does_not_hold(seen: Evidence, clause: str) -> None:
    assert clause in problems(seen, NOW, 14)


def test_what_is_fine_is_no_problem() -> None:
    other = node(3, lifecycle=None, version=None)  # an instance of the user's own behind the balancer
    seen = evidence(node(1, certificate=YEAR), other, desired=1, certificate=YEAR)
    assert problems(seen, NOW, 14) == []
    assert table(seen)[1].endswith("2028-01-15")


def test_another_version_may_be_no_problem() -> None:
    seen = evidence(node(1), node(2, version="2"))
    assert problems(seen, NOW, 14, outdated=False) == []
    assert versions(seen).startswith("i-2 runs launch template version 2; the group launches")
    assert versions(SOUND) == ""


def test_causes_explain_problems_and_are_none_by_themselves() -> None:
    own = node(2, health="OutOfService", lifecycle=None)
    assert problems(evidence(node(1), own, desired=1), NOW, 14)[-1] == "the balancer reads i-2 as OutOfService"
    (once,) = problems(evidence(node(1), node(2, health="OutOfService"), judged=None), NOW, 14)
    assert once == "i-2 is OutOfService in load balancer 'wcs'"


@pytest.mark.parametrize(
    ("group", "version", "of_member"),
    [
        ({"launch_template": {"version": "7"}}, "7", {"launch_template": {"version": "6"}}),
        ({"launch_configuration_name": "wcs-0a1b"}, "wcs-0a1b", {"launch_configuration_name": "6"}),
    ],
)
def test_what_is_launched(group: dict[str, Any], version: str, of_member: dict[str, Any]) -> None:
    whole = {**group, "instances": [{"instance_id": "i-1", "lifecycle_state": "InService", **of_member}]}
    assert launched_by(whole) == version
    assert members(whole) == {"i-1": ("InService", "6")}


WIDE = [
    {"zone": "ap-northeast-1a", "lifecycle": "Terminating:Retained", "certificate": "it was not shown within 10 s"},
    {"zone": "us-gov-west-1b", "lifecycle": "Pending:Proceed", "certificate": YEAR, "version": "wcs-0123456789ab"},
    {"zone": None, "lifecycle": None, "certificate": None, "version": None},
]


@pytest.mark.parametrize("health", ["InService", "OutOfService", "Unknown"])
@pytest.mark.parametrize("more", WIDE)
def test_the_table_is_at_most_80_wide_and_its_ids_are_whole(more: dict[str, Any], health: str) -> None:
    name = "i-0123456789abcdef0"
    lines = table(evidence(node(1), replace(node(2, health=health), name=name, **more)))
    assert max(map(len, lines)) <= 80
    assert any(line.startswith(f"{name}  ") for line in lines)


@pytest.mark.parametrize("state", ["Terminating:Retained", "Pending:Wait", "SomethingNew"])
def test_a_member_in_any_other_state_is_shown_as_it_is(state: str) -> None:
    assert f"i-2 is {state} in the group" in problems(evidence(node(1), node(2, lifecycle=state)), NOW, 14)


@pytest.mark.parametrize(("protocol", "instead"), [("HTTP", "TCP"), ("HTTPS", "SSL")])
def test_v4_a_listener_that_carries_no_websocket_is_named(protocol: str, instead: str) -> None:
    wrong = f"the {protocol} listener 8080 answers 400 to WebSocket sessions: make it {instead}"
    assert problems(replace(SOUND, listener=(protocol, 8080)), NOW, 14) == [wrong]
    assert problems(replace(SOUND, listener=(instead, 8080)), NOW, 14) == []


def test_the_listener_of_a_port() -> None:
    listener = {"protocol": "TCP", "load_balancer_port": 8080, "instance_port": 8080}
    balancer = {"listener_descriptions": [{"listener": listener, "policy_names": []}]}
    assert listening(balancer, 8080) == ("TCP", 8080)
    assert listening(balancer, 8443) is None


def test_h8_open_work_explains_problems_and_is_none_itself() -> None:
    open_work = "a rollout of group 'wcs' is open"
    assert problems(replace(SOUND, notices=[open_work]), NOW, 14) == []
    assert problems(replace(SOUND, notices=[open_work], desired=3), NOW, 14)[-1] == open_work


def test_w6_a_group_that_can_launch_nothing_is_a_problem() -> None:
    assert problems(replace(SOUND, source_gone="launch template 'wcs' is gone"), NOW, 14)[0].endswith("is gone")


def test_a_member_that_is_kept_after_its_end_is_said_once_and_not_called_outdated() -> None:
    kept = replace(node(3), lifecycle="Terminating:Retained", version="2", count=None)
    seen = evidence(node(1), node(2), kept, desired=2)
    assert seen.outdated == []
    assert problems(seen, NOW, 14) == ["i-3 is Terminating:Retained in the group"]


def test_a_demo_page_that_is_not_right_is_a_problem_and_one_that_opens_is_said() -> None:
    seen = replace(SOUND, demo={"i-1": DemoPage(), "i-2": DemoPage("it answered 404")})
    assert problems(seen, NOW, 14) == ["the demo page of i-2 is not right: it answered 404"]
    assert shown_demo(replace(SOUND, demo={"i-1": DemoPage()})) == "The demo page opens on i-1."
    assert shown_demo(SOUND) == ""


def test_demo_pages_that_were_not_reached_are_named_and_no_problem() -> None:
    """Nobody knows from here whether a security group lets this machine in: all that it shows is silence."""
    late = DemoPage("no connection within 10 s", reached=False)
    seen = replace(SOUND, demo={"i-1": DemoPage(), "load balancer wcs.elb": late, "i-2": late})
    assert problems(seen, NOW, 14) == []
    assert shown_demo(seen) == "The demo page opens on i-1."
    (note,) = notes(seen)
    assert note == (
        "the demo page of load balancer wcs.elb, i-2 is not verified: no connection within 10 s, "
        "as where a security group does not let this machine in"
    )
    assert problems(replace(seen, desired=3), NOW, 14)[-1] == note
    assert notes(replace(seen, notices=["a rollout is open"])) == ["a rollout is open", note]
    assert notes(SOUND) == []
