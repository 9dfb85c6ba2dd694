"""Whether nodes publish their sessions, as wcs_verify asks CloudWatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._stack.published_world import read_published, until_published
from tests.support.harness import LabClock

NODES = ["i-1", "i-2"]


@pytest.fixture
def api(lab: Lab, aws: Callable[..., Any]) -> Aws:
    return Aws(lambda service, region: aws(service, region or lab.region), LabClock(lab), region=lab.region)


def publish(aws: Callable[..., Any], node: str, sessions: float = 3, group: str = "wcs") -> None:
    dimensions = [{"Name": "AutoScalingGroupName", "Value": group}, {"Name": "InstanceId", "Value": node}]
    datum = {"MetricName": "connections_websocket", "Dimensions": dimensions, "Value": sessions}
    aws("cloudwatch").put_metric_data(Namespace="WCS", MetricData=[datum])


def test_who_published_when(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    publish(aws, "i-1")
    publish(aws, "i-2", group="other")
    lab.run(90)
    seen = read_published(api, "wcs", NODES, 60, lab.clock.now())
    assert set(seen.last) == {"i-1"}
    assert 30 <= (seen.age("i-1") or 0) <= 150
    assert [seen.late(node) for node in NODES] == [False, True]
    lab.run(3600)
    assert read_published(api, "wcs", NODES, 60, lab.clock.now()).last == {}


def test_many_nodes_are_asked_in_few_calls(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    nodes = [f"i-{number}" for number in range(1001)]
    for node in nodes[::100]:
        publish(aws, node)
    before = len(lab.calls)
    assert set(read_published(api, "wcs", nodes, 60, lab.clock.now() + 1).last) == set(nodes[::100])
    assert [call.operation for call in list(lab.calls)[before:]] == ["GetMetricData"] * 3


def test_one_that_has_just_begun_is_waited_for(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    publish(aws, "i-1")
    lab.later(119, lambda: publish(aws, "i-2"))
    lines: list[str] = []
    began = lab.clock.now()
    seen = until_published(api, "wcs", NODES, 60, lines.append, wait=True)
    assert not any(seen.late(node) for node in NODES)
    assert 119 <= lab.clock.now() - began <= 140
    assert lines[0].startswith("waiting for i-2 to publish their sessions, 300 s more")


def test_one_that_never_does_is_not_waited_for_without_end(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    lab.later(200, lambda: publish(aws, "i-1"))
    began = lab.clock.now()
    seen = until_published(api, "wcs", NODES, 60, lambda _: None, wait=True)
    assert [seen.late(node) for node in NODES] == [False, True]
    assert lab.clock.now() - began == 300
    dry = lab.clock.now()
    until_published(api, "wcs", NODES, 60, lambda _: None, wait=False)
    assert lab.clock.now() == dry


def test_a_denied_action_is_named(lab: Lab, api: Aws) -> None:
    denial = {"code": "AccessDenied", "message": "no", "status": 403}
    lab.faults.add("error-before", "cloudwatch:GetMetricData", count=None, **denial)
    with pytest.raises(Failure, match="Allow the action cloudwatch:GetMetricData to these credentials"):
        read_published(api, "wcs", NODES, 60, lab.clock.now())
