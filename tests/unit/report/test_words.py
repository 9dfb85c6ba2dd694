"""What a report says: of a node's state, of what wants attention, of policies, alarms, figures and times."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from plugins.module_utils._core.plain import listed
from plugins.module_utils._report.facts import gather
from plugins.module_utils._report.findings import findings
from plugins.module_utils._report.words import condition, figure, plural, rule, when
from tests.support.report_facts import everything, member, page, probe, stack


@pytest.mark.parametrize(
    ("member_has", "balancer_has", "state", "result"),
    [
        ({}, {}, "serving", "InService"),
        ({}, {"state": "OutOfService", "description": "It failed"}, "out", "OutOfService"),
        ({"health_status": "Unhealthy"}, {}, "out", "Unhealthy"),
        ({"lifecycle_state": "Pending:Wait"}, {}, "moving", "Pending:Wait"),
        ({"lifecycle_state": "Terminating:Retained"}, {}, "out", "Terminating:Retained"),
        ({"lifecycle_state": "Standby"}, None, "moving", "Standby"),
        ({}, {"description": "Instance deregistration currently in progress."}, "moving", "leaving"),
        (
            {},
            {"state": "OutOfService", "description": "Instance registration is still in progress."},
            "moving",
            "joining",
        ),
        ({}, {"state": "Unknown"}, "unknown", "unknown"),
        ({}, None, "serving", "InService"),
        (None, {}, "serving", "InService"),
    ],
)
def test_the_state_of_a_node(
    member_has: dict[str, Any] | None, balancer_has: dict[str, Any] | None, state: str, result: str
) -> None:
    answer = stack(member(1, **(member_has or {})))
    states = answer["stack"]["load_balancer"]["instance_states"]
    if member_has is None:
        answer["stack"]["group"]["instances"] = []
    if balancer_has is None:
        states.clear()
    else:
        states[0].update(balancer_has)
    (node,) = gather(answer).nodes
    assert (node.state, node.label) == (state, result)


def result(answer: dict[str, Any], *more: Any, **facts: Any) -> list[str]:
    return findings(gather(answer, *more, **facts))


def changed(**group: Any) -> dict[str, Any]:
    answer = stack(member(1), member(2, "b"))
    answer["stack"]["group"].update(group)
    return answer


RINGING = {"alarm_name": "wcs:burst:out", "state_value": "ALARM"}


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (result(changed()), None),
        (result(changed(desired_capacity=3)), "The group wants 3 nodes, and 2 of 2 serve."),
        (
            result(changed(), {"nodes": [page(1, None)]}),
            "The sessions of i-1 are unknown: connection refused while connecting.",
        ),
        (result(changed(), None, probe((1, 0, 9), (2, 0, 0), verdict="skewed")), "New sessions are not spread evenly."),
        (result(changed(), None, probe((1, 0, 9), verdict="unreachable")), "No session could be held."),
        (result(changed(), None, probe((1, 0, 9), verdict=None)), "Where new sessions went is not known."),
        (result(stack(member(1), member(2))), "The balancer serves eu-west-1b, where there is no node."),
        (result(stack(member(1))), None),
        (result(changed(max_size=2)), None),
        (result(changed(), licence_limit=10), None),
        (result(changed(), licence_limit=9), "At its peak the stack has 10 servers, and the licence covers 9."),
        (result(changed(suspended_processes=[{"process_name": "Launch"}])), "Suspended processes: Launch."),
        (
            result(stack(member(1), member(2, "b", launch_template={"version": "2"}))),
            "The nodes are of 2 launch versions: 1, 2.",
        ),
        (result(stack()), "The group is set to hold no node."),
        (result(stack(group=None)), "There is no group of the stack wcs."),
        (result(stack(group=None, load_balancer=None)), "There is neither a group nor a balancer of the stack wcs."),
    ],
)
def test_what_wants_attention(found: list[str], sentence: str | None) -> None:
    assert found == ([sentence] if sentence else [])


def test_a_node_that_is_out() -> None:
    found = result(stack(member(1, health_status="Unhealthy")))
    assert found == ["The group wants 1 node, and 0 of 1 serve.", "i-1 is Unhealthy."]


def test_a_group_at_its_maximum_and_an_alarm_that_asks_for_more() -> None:
    answer = changed(max_size=2)
    answer["stack"]["alarms"] = [RINGING]
    assert result(answer) == ["An alarm asks for more nodes, and the group is at its maximum of 2."]
    answer["stack"]["alarms"] = [RINGING | {"alarm_name": "wcs:calm:in"}]
    assert result(answer) == []


def test_many_silent_nodes_are_told_in_a_few_lines() -> None:
    members = [member(number, "ab"[number % 2]) for number in range(100)]
    found = result(stack(*members), {"nodes": [page(number, None) for number in range(100)]})
    assert len(found) == 6
    assert found[-1] == "The sessions of 95 more nodes are unknown."


def test_all_of_it_in_the_order_of_its_gravity() -> None:
    assert [sentence[:24] for sentence in result(*everything())] == [
        "The group wants 3 nodes,",
        "i-3 is OutOfService: It ",
        "The sessions of i-3 are ",
        "New sessions are not spr",
        "Cross-zone balancing is ",
        "1 of the last 1 scaling ",
        "Suspended processes: AZR",
        "The nodes are of 2 launc",
        "1 orphaned resource.",
    ]


def test_nothing_is_changed_by_looking() -> None:
    answers = everything()
    before = copy.deepcopy(answers)
    findings(gather(*answers))
    assert answers == before


TRACKING = {
    "predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"},
    "target_value": 60.0,
}
CHANGE = "ChangeInCapacity"


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"target_tracking_configuration": TRACKING}, "keeps average CPU at 60\u00a0%"),
        (
            {"target_tracking_configuration": TRACKING | {"disable_scale_in": True}},
            "keeps average CPU at 60\u00a0%; never scales in",
        ),
        (
            {
                "adjustment_type": CHANGE,
                "step_adjustments": [
                    {"metric_interval_lower_bound": 0.0, "metric_interval_upper_bound": 15.0, "scaling_adjustment": 1},
                    {"metric_interval_lower_bound": 15.0, "scaling_adjustment": 2},
                ],
            },
            "from the threshold up to 15 above it: +1 node; from 15 above it: +2 nodes",
        ),
        (
            {
                "adjustment_type": "PercentChangeInCapacity",
                "step_adjustments": [{"metric_interval_upper_bound": -5, "scaling_adjustment": -10}],
            },
            "up to 5 below it: -10 %",
        ),
        (
            {"adjustment_type": "ExactCapacity", "scaling_adjustment": 3, "cooldown": 60},
            "sets 3 nodes, then waits 60\u00a0s",
        ),
        ({}, "unknown"),
    ],
)
def test_a_policy_in_words(policy: dict[str, Any], says: str) -> None:
    assert rule(policy) == says


def test_an_alarm_in_words() -> None:
    alarm = everything()[0]["stack"]["alarms"][0]
    assert condition(alarm) == "CPUUtilization (Average) > 70, 2 of 2 × 60\u00a0s"
    assert condition({}) == "a metric expression against unknown, unknown of unknown × unknown"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0, "0"),
        (1234, "1\u202f234"),
        (1.5, "1.5"),
        (20.0, "20"),
        (None, "unknown"),
        ("7", "unknown"),
        (True, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_a_figure(value: Any, says: str) -> None:
    assert figure(value) == says


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("2026-01-02T03:04:05.000Z", "2026-01-02 03:04:05"),
        ("2026-01-02T03:04:05.123456+02:00", "2026-01-02 01:04:05"),
        ("yesterday", "yesterday"),
        (None, "unknown"),
    ],
)
def test_a_time(value: Any, says: str) -> None:
    assert when(value) == says


def test_counted_things() -> None:
    assert [plural(many, "activity") for many in (0, 1, None)] == ["0 activities", "1 activity", "unknown activities"]
    assert listed(list("abcdefg"), 2) == "a, b and 5 more"
