"""Which nodes are loaded, and that the load is ended on them whatever ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.errors import Failure, Interrupted
from plugins.module_utils._load.mixers import Mixers, running
from plugins.module_utils._load.value import Load
from plugins.module_utils._load.world import LoadWorld
from plugins.module_utils._nodes.fetch import Request
from plugins.module_utils._nodes.members import AskedNode, Page
from tests.contract.wcs_load.test_denied import wcs_params
from tests.support.harness import LabClock
from tests.support.standin import StandIn, machines
from tests.support.steering import Steered

LOAD = Load(0, 2, 2, 60)


def test_nodes_in_service_alone_are_loaded(lab: Lab, aws: Callable[..., Any]) -> None:
    """One on standby, and one that the balancer gives no sessions, as while it is drained, are left in peace."""
    fleet = Steered(lab, aws, 4)
    resting, drained, *rest = fleet.ids()
    aws("autoscaling").enter_standby(
        AutoScalingGroupName="wcs", InstanceIds=[resting], ShouldDecrementDesiredCapacity=True
    )
    aws("elb").deregister_instances_from_load_balancer(LoadBalancerName="wcs", Instances=[{"InstanceId": drained}])
    world = LoadWorld(fleet.drains.api(), wcs_params(group_name="wcs"), LabClock(lab), lambda _: None)
    found = world.read()
    assert sorted(node.instance_id or "" for node in found.nodes.members) == rest
    assert found.ids == {resting, drained, *rest}


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[StandIn]:
    with machines(tmp_path) as install:
        yield install().start()


def pushes(standin: StandIn) -> int:
    """How many streams the server pushes."""
    return int(standin.statistics()["streams_stats"]["streams_rtmp_out"])


def mixing(standin: StandIn, **more: Any) -> Any:
    """What runs the load on the server."""
    mixers = Mixers(Page(), Request(timeout=5.0), 5.0, **more)
    return running(mixers, [AskedNode(standin.private_ip, "i-1", health="InService")], LOAD)


@pytest.mark.parametrize("ends", [None, Failure.__new__(Failure), Interrupted("SIGINT")])
def test_mixers_end_whatever_ends_the_load(standin: StandIn, ends: BaseException | None) -> None:
    seen: list[int] = []
    with pytest.raises(type(ends)) if ends else nullcontext() as raised, mixing(standin):
        seen.append(pushes(standin))
        end_by(ends)
    assert ends is None or raised.value is ends
    assert (seen, pushes(standin)) == ([4], 0)


def end_by(error: BaseException | None) -> None:
    if error:
        raise error


def test_a_node_without_a_stream_to_push_is_named_and_nothing_is_left(standin: StandIn) -> None:
    with pytest.raises(Failure) as refused, mixing(standin, feed="camera"):
        pass
    assert "Cannot start mixers on node 'i-1': it answered 404 to POST /rest-api/push/startup" in str(refused.value)
    assert "Publish a stream on the node and name it in feed" in str(refused.value)
    assert pushes(standin) == 0


def stop_and_interrupt(standin: StandIn) -> None:
    standin.verb("stop")
    raise Interrupted("SIGTERM")


def test_a_node_where_they_do_not_end_is_named(standin: StandIn) -> None:
    with pytest.raises(Failure) as left, mixing(standin):
        standin.verb("stop")
    assert "Cannot end the mixers on node 'i-1': connection refused" in str(left.value)
    assert "Run it again with a short duration, which ends them, or restart WCS there" in str(left.value)
    standin.start()
    with pytest.raises(Failure) as left, mixing(standin):
        stop_and_interrupt(standin)
    assert "(the load itself had ended: " in str(left.value)
    assert "it was interrupted (SIGTERM)" in str(left.value)
