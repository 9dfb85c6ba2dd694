"""The history of a group, as wcs_stack_info reads it from CloudWatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.cloudwatch.alarms import metric_key, metrics
from lab.core.lab import Lab
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run
from plugins.module_utils._forecast.alarms import single
from plugins.module_utils._forecast.load import of_history
from plugins.modules import wcs_asg, wcs_stack_info
from tests.support.harness import Bench, LabClock

GROUP = [{"Name": "AutoScalingGroupName", "Value": "wcs"}]


class Group:
    """A group of two nodes that publish their sessions."""

    def __init__(self, lab: Lab, aws: Callable[..., Any]) -> None:
        self.lab, self.aws = lab, aws
        self.bench = Bench(lab, aws, wcs_asg.ARGUMENTS, wcs_asg.manage)
        launch = {"image_id": lab.account.wcs_image_id, "instance_type": "c5.large"}
        self.bench.run(name="wcs", min_size=2, max_size=4, subnets=lab.account.subnet_ids, launch=launch)
        (group,) = aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        self.nodes = sorted(one["InstanceId"] for one in group["Instances"])

    def publish(self, minutes: int, **sessions: float) -> None:
        """Each of the nodes so many sessions, once a minute."""
        for _ in range(minutes):
            for node, many in sessions.items():
                dimensions = [*GROUP, {"Name": "InstanceId", "Value": node.replace("_", "-")}]
                datum = {"MetricName": "connections_websocket", "Dimensions": dimensions, "Value": many}
                self.aws("cloudwatch").put_metric_data(Namespace="WCS", MetricData=[datum])
            self.lab.run(60)

    def history(self, **given: Any) -> Any:
        run = Run(self.bench.api(), LabClock(self.lab))
        return wcs_stack_info.look({"name": "wcs", "image_regions": [], **given}, run)["history"]


@pytest.fixture
def group(lab: Lab, aws: Callable[..., Any]) -> Group:
    return Group(lab, aws)


def calls(lab: Lab) -> list[str]:
    return [call.operation for call in lab.calls if call.service in ("cloudwatch", "monitoring")]


def test_it_is_not_read_unless_asked_for(group: Group) -> None:
    before = calls(group.lab).count("GetMetricData")
    assert group.history() is None
    assert calls(group.lab).count("GetMetricData") == before
    run = Run(group.bench.api(), LabClock(group.lab))
    assert wcs_stack_info.look({"name": "other", "image_regions": [], "history": 1}, run)["history"] is None


def test_what_the_nodes_published_and_nodes_that_are_gone(group: Group) -> None:
    first, second = group.nodes
    group.publish(3, **{first: 5, second: 2, "i-gone": 1})
    group.publish(6, **{first: 6, second: 3})
    history = group.history(history=1)
    assert history["period"] == 60
    assert len(history["points"]) == 60
    known = [(one["nodes"], one["sessions"]) for one in history["points"] if one["sessions"] is not None]
    assert known[:3] == [(3, 8)] * 3
    assert set(known[3:]) == {(2, 9)}
    assert {name: [row["sessions"] for row in rows][:3] for name, rows in history["by_node"].items()} == {
        first: [5, 5, 5],
        second: [2, 2, 2],
        "i-gone": [1, 1, 1],
    }
    assert calls(group.lab).count("GetMetricData") == 1
    assert [point.sessions for point in of_history(history).points][:4] == [8, 8, 8, 9]


def test_a_node_that_does_not_publish_is_no_node_without_sessions(group: Group) -> None:
    group.publish(6, **{group.nodes[0]: 5})
    assert {one["sessions"] for one in group.history(history=1)["points"][-3:]} == {None}


def test_nodes_in_service_as_the_group_counts_them(group: Group) -> None:
    began = group.lab.clock.now() // 60 * 60
    group.publish(6, **dict.fromkeys(group.nodes, 4))
    with group.lab.lock:
        for minute in range(6):
            key = metric_key("AWS/AutoScaling", "GroupInServiceInstances", GROUP)
            metrics(group.lab.region).add(key, single(began + minute * 60, 3 if minute < 2 else 2))
    points = group.history(history=1)["points"][-4:]
    assert [(one["nodes"], one["sessions"]) for one in points] == [(3, None), (3, None), (2, 8), (2, 8)]


def test_more_than_is_kept_is_refused_before_a_call(group: Group) -> None:
    before = len(group.lab.calls)
    with pytest.raises(Failure, match="361 is not between 0 and 360"):
        group.history(history=361)
    assert len(group.lab.calls) == before


@pytest.mark.parametrize("action", ["ListMetrics", "GetMetricData"])
def test_a_denied_action_is_named(action: str, group: Group) -> None:
    denial = {"code": "AccessDenied", "message": "no", "status": 403}
    group.lab.faults.add("error-before", f"cloudwatch:{action}", count=None, **denial)
    with pytest.raises(Failure, match=f"Allow the action cloudwatch:{action} to these credentials"):
        group.history(history=1)
