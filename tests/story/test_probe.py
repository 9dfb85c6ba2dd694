"""The probe's verdicts and causes on a running lab: real sessions through its balancer to its nodes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from websockets.sync.client import connect

from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.clock import SystemClock
from plugins.module_utils._core.module import Run
from plugins.module_utils._probe.messages import hello
from plugins.modules import wcs_asg, wcs_classic_elb, wcs_stat_info, wcs_verify, wcs_websocket_probe
from tests.support.playbooks import Stage, stage
from tests.support.waiting import until

GROUP = "wcs"
KEPT = ("HealthCheck", "ReplaceUnhealthy", "AZRebalance")


class Fleet:
    """A balancer over two zones and a group of real machines behind it."""

    def __init__(self, lab: Stage) -> None:
        self.lab, self.about = lab, lab.about()
        self.zones = dict(list(self.about["subnets"].items())[:2])
        self.security_groups = [self.opened()]
        self.balanced()
        self.autoscaling, self.elb = lab.client("autoscaling"), lab.client("elb")

    def run(self, module: Any, call: str, **given: Any) -> dict[str, Any]:
        """What the module answers, run in this process."""
        checked = ArgumentSpecValidator(module.ARGUMENTS).validate(given)
        assert not checked.error_messages, checked.error_messages
        clock = SystemClock()
        api = Aws(lambda service, _: self.lab.client(service), clock, print, self.lab.env["AWS_REGION"])
        answer = getattr(module, call)(checked.validated_parameters, Run(api, clock, False, print))
        return dict(answer if isinstance(answer, Mapping) else answer.returns)

    def opened(self) -> str:
        """A security group that lets everybody in: balancers obey them."""
        ec2 = self.lab.client("ec2")
        group = ec2.create_security_group(GroupName="open", Description="open", VpcId=self.about["vpc_id"])["GroupId"]
        everybody = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65535, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everybody])
        return str(group)

    def balanced(self, cross_zone: bool = True) -> None:
        check = {"protocol": "http", "port": 8081, "path": "/?action=stat"}
        subnets = list(self.zones.values())
        self.run(
            wcs_classic_elb,
            "manage",
            name=GROUP,
            subnets=subnets,
            security_group_ids=self.security_groups,
            cross_zone=cross_zone,
            health_check=check,
            wait=False,
        )

    def grouped(self, size: int, zones: int = 2, instance_type: str = "c5.large") -> None:
        launch = {
            "image_id": self.about["wcs_image_id"],
            "instance_type": instance_type,
            "security_group_ids": self.security_groups,
        }
        self.run(
            wcs_asg,
            "manage",
            name=GROUP,
            min_size=0,
            max_size=8,
            desired_capacity=size,
            subnets=list(self.zones.values())[:zones],
            load_balancers=[GROUP],
            launch=launch,
            suspended_processes=list(KEPT),
            new_instances_protected_from_scale_in=False,
            allow_scale_in=True,
        )

    def health(self) -> dict[str, str]:
        states = self.elb.describe_instance_health(LoadBalancerName=GROUP)["InstanceStates"]
        return {one["InstanceId"]: one["State"] for one in states}

    def stop(self, instance_id: str) -> None:
        """Ends WCS on the machine, as its operator would."""
        (home,) = (self.lab.folder / "machines" / instance_id).rglob("bin/webcallserver")
        done = subprocess.run([str(home), "stop"], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (instance_id, done.stdout, done.stderr)

    def sessions(self) -> int:
        """How many sessions the nodes that answer have together."""
        result = self.run(wcs_stat_info, "look", group_name=GROUP, timeout=5)
        return int(result["totals"]["connections_websocket"] or 0)

    def probe(self, others: int = 0, **given: Any) -> dict[str, Any]:
        """The probe's answer, once the nodes have seen the last one's sessions go; `others` are there for longer."""
        until(lambda: self.sessions() == others)
        options = {"group_name": GROUP, "rate": 500, "hold": 0.05, "timeout": 5} | given
        return self.run(wcs_websocket_probe, "look", **options)

    def verify(self, **given: Any) -> dict[str, Any]:
        return self.run(wcs_verify, "look", **{"name": GROUP, "rate": 500, "hold": 0.05, "timeout": 5} | given)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with stage(tmp_path_factory.mktemp("lab")) as lab:
        yield Fleet(lab)


def settled(look: Callable[[], dict[str, Any]], wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The answer once it is as wanted, else the last one: connections follow a change a moment later."""
    deadline = time.monotonic() + 30
    while not wanted(answer := look()) and time.monotonic() < deadline:
        pass
    return answer


def causes(answer: Mapping[str, Any]) -> list[str]:
    return [cause["cause"] for cause in answer["causes"]]


def gained(answer: Mapping[str, Any], left_out: str = "") -> list[int]:
    return sorted(node["gained"] for node in answer["nodes"] if node["instance_id"] != left_out)


def test_a_zone_without_node_is_named(fleet: Fleet) -> None:
    fleet.grouped(1, zones=1)
    fleet.balanced(cross_zone=False)
    answer = fleet.probe(sessions=20)
    assert (answer["verdict"], causes(answer)) == ("spread", ["zone_without_node"])
    assert answer["causes"][0]["subject"] == list(fleet.zones)[1]
    assert "with cross-zone balancing off, clients that are led to it reach nobody" in answer["causes"][0]["message"]


def test_zones_of_unequal_size_without_cross_zone_balancing_are_a_skew(fleet: Fleet) -> None:
    fleet.grouped(6)
    zone = next(iter(fleet.zones))
    nodes = [node["instance_id"] for node in fleet.probe(sessions=20)["nodes"] if node["zone"] == zone]
    out = [{"InstanceId": instance_id} for instance_id in nodes[1:]]
    fleet.elb.deregister_instances_from_load_balancer(LoadBalancerName=GROUP, Instances=out)
    answer = settled(
        lambda: fleet.probe(load_balancer_name=GROUP, group_name=None, sessions=120),
        lambda seen: gained(seen) == [20, 20, 20, 60],
    )
    assert (answer["verdict"], causes(answer)) == ("skewed", ["cross_zone_off"])
    assert gained(answer) == [20, 20, 20, 60]
    fleet.elb.register_instances_with_load_balancer(LoadBalancerName=GROUP, Instances=out)
    until(lambda: list(fleet.health().values()) == ["InService"] * 6)


def test_spread_and_the_counts_agree_exactly(fleet: Fleet) -> None:
    fleet.balanced()
    answer = settled(lambda: fleet.probe(sessions=120), lambda seen: gained(seen) == [20] * 6)
    assert (answer["verdict"], causes(answer), gained(answer)) == ("spread", [], [20] * 6)
    assert (answer["sessions"]["held"], answer["sessions"]["background"], answer["closed_early"]) == (120, 0, 0)
    until(lambda: fleet.sessions() == 0)
    seen = fleet.verify(sessions=60)
    assert (seen["sound"], seen["problems"], seen["verdict"]) == (True, [], "spread")
    assert seen["summary"].endswith("were held, spread over 6 nodes (10, 10, 10, 10, 10, 10).")
    assert len(seen["table"]) == 7
    assert max(map(len, seen["table"])) <= 80


def test_what_of_a_stack_does_not_hold(fleet: Fleet) -> None:
    fleet.grouped(6, instance_type="c5.xlarge")
    (victim, *_) = fleet.health()
    fleet.elb.deregister_instances_from_load_balancer(LoadBalancerName=GROUP, Instances=[{"InstanceId": victim}])
    seen = fleet.verify(sessions=50, stat_port=9999)
    assert seen["problems"][0] == f"{victim} is not registered with load balancer '{GROUP}'"
    assert "is not read (connection refused" in seen["problems"][1]
    assert seen["problems"][2].endswith("could not be counted on any node")
    assert seen["problems"][3].endswith(
        "; the group launches launch template version 2. The playbook update replaces them"
    )
    fleet.elb.register_instances_with_load_balancer(LoadBalancerName=GROUP, Instances=[{"InstanceId": victim}])
    until(lambda: fleet.health().get(victim) == "InService")
    seen = fleet.verify(sessions=60, outdated="warn")
    assert (seen["sound"], "The playbook update replaces them." in seen["summary"]) == (True, True)


def test_after_scale_out_new_sessions_reach_the_new_nodes_and_old_ones_stay(fleet: Fleet) -> None:
    node = fleet.probe()["nodes"][0]["host"]
    with ExitStack() as old:
        for _ in range(60):
            session = old.enter_context(connect(f"ws://{node}:8080/", proxy=None))
            session.send(hello("defaultApp"))
            session.recv(timeout=5)
        fleet.grouped(8)
        answer = fleet.probe(60, sessions=80)
    assert (answer["verdict"], causes(answer), gained(answer)) == ("spread", ["old_sessions"], [10] * 8)


def test_one_node_out(fleet: Fleet) -> None:
    victim = min(fleet.health())
    fleet.stop(victim)
    until(lambda: fleet.health()[victim] == "OutOfService")
    answer = fleet.probe(sessions=70)
    assert answer["verdict"] == "skewed"
    assert ("unhealthy_node", victim) in [(cause["cause"], cause["subject"]) for cause in answer["causes"]]
    assert gained(answer, victim) == [10] * 7


def test_everything_down(fleet: Fleet) -> None:
    for instance_id, state in fleet.health().items():
        if state == "InService":
            fleet.stop(instance_id)
    until(lambda: set(fleet.health().values()) == {"OutOfService"})
    answer = fleet.probe(sessions=5, timeout=2)
    assert answer["verdict"] == "unreachable"
    assert causes(answer)[0] == "no_node"
    assert answer["sessions"]["held"] == 0
