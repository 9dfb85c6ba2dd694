"""wcs_classic_elb foresees exactly what it then does, for generated pairs of a state now and a want."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.module_utils._balancer import moves as _balancer
from plugins.module_utils._balancer.options import wanted
from plugins.module_utils._balancer.world import BalancerWorld
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import Wait
from plugins.modules import wcs_classic_elb
from tests.support.harness import Bench, LabClock, agrees, issued, launched, managed

CASES = 200 if os.environ.get("WCS_TEST_ALL") else 9
PREDEFINED = ["ELBSecurityPolicy-TLS-1-2-2017-01", "ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-2016-08"]
STICKINESS: list[dict[str, Any]] = [
    {"type": "none"},
    {"type": "loadbalancer"},
    {"type": "loadbalancer", "expiration": 60},
    {"type": "application", "cookie": "session"},
]
HEALTH_CHECKS: list[dict[str, Any]] = [
    {"interval": 10},
    {"protocol": "tcp", "port": 8080},
    {"protocol": "https", "port": 8444},
    {"protocol": "http", "port": 8081, "path": "/live", "interval": 30, "timeout": 5},
    {"healthy_threshold": 3, "unhealthy_threshold": 4},
]
LOGS: list[dict[str, Any]] = [
    {"bucket": "logs"},
    {"bucket": "logs", "prefix": "wcs", "interval": 5},
    {"bucket": "logs", "prefix": ""},
    {"enabled": False},
]
TAGS: list[dict[str, str]] = [{}, {"Team": "video"}, {"Team": "audio", "Owner": "us"}]


class Scene:
    """One lab with all that wishes name: subnets (two in the first zone), groups, certificates, instances."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lab = open_lab()
        self.bench = Bench(self.lab, clients(self.lab), wcs_classic_elb.ARGUMENTS, managed(wcs_classic_elb, self.lab))
        account, ec2 = self.lab.account, self.bench.aws("ec2")
        other = ec2.create_subnet(
            VpcId=account.vpc_id, CidrBlock=f"{self.lab.block}.9.0/24", AvailabilityZone=account.zones[0]
        )["Subnet"]["SubnetId"]
        first, *rest = account.subnet_ids
        self.by_zone = [[first, other], *([subnet] for subnet in rest)]
        self.groups = [
            ec2.create_security_group(GroupName=name, Description=name, VpcId=account.vpc_id)["GroupId"]
            for name in "ab"
        ]
        self.certificates = [issued(self.bench.aws, name) for name in ("a.org", "b.org")]
        self.instances = launched(self.lab, 2, first)

    def subnets(self) -> list[str]:
        """One a zone, in two zones or more; that of the instances is one of them, so that they can be in service."""
        zones = [self.by_zone[0], *self.rng.sample(self.by_zone[1:], self.rng.randint(1, 2))]
        return [self.rng.choice(zone) for zone in zones]

    def listener(self, port: int) -> dict[str, Any]:
        """A listener at this port, with some of its options."""
        rng = self.rng
        protocol = rng.choice(["tcp", "ssl", "ssl", "http", "https"])
        given: dict[str, Any] = {"protocol": protocol, "load_balancer_port": port}
        if rng.random() < 0.3:
            given["instance_port"] = rng.choice([8080, 8082])
        if rng.random() < 0.15:
            given["instance_protocol"] = rng.choice(["tcp", "ssl"] if protocol in ("tcp", "ssl") else ["http", "https"])
        if protocol in ("ssl", "https"):
            given["certificate_arn"] = rng.choice(self.certificates)
            if rng.random() < 0.5:
                given["ssl_policy"] = rng.choice(PREDEFINED)
        if protocol in ("http", "https") and rng.random() < 0.6:
            given["stickiness"] = rng.choice(STICKINESS)
        return given

    def wish(self) -> dict[str, Any]:
        """Options, many of them left out."""
        rng = self.rng
        choices: dict[str, Any] = {
            "subnets": self.subnets(),
            "security_group_ids": rng.choice([self.groups, self.groups[:1], self.groups[1:]]),
            "listeners": [self.listener(port) for port in rng.sample([8080, 8082, 8443], rng.randint(1, 3))],
            "health_check": rng.choice(HEALTH_CHECKS),
            "cross_zone": rng.choice([True, False]),
            "idle_timeout": rng.choice([60, 600, 4000]),
            "connection_draining": rng.choice([0, 1, 3600]),
            "access_log": rng.choice(LOGS),
            "instance_ids": rng.sample(self.instances, rng.randint(0, 2)),
            "purge_instance_ids": rng.choice([True, False]),
            "allow_subnet_removal": rng.choice([True, True, False]),
            "tags": rng.choice(TAGS),
            "purge_tags": rng.choice([True, False]),
        }
        return {"name": "wcs", **{key: value for key, value in choices.items() if rng.random() < 0.45}}

    def first(self) -> dict[str, Any]:
        """A wish that makes a balancer; logs that are only changed need some that are there."""
        return {"subnets": self.subnets(), **self.wish()}

    def before(self) -> None:
        """A state to begin with: nothing, ours, half made, gone but for its interfaces, foreign, or tampered with."""
        kind = self.rng.choice(["nothing", "ours", "ours", "half", "gone", "foreign", "tampered"])
        if kind == "foreign":
            listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8082}
            self.bench.aws("elb").create_load_balancer(
                LoadBalancerName="wcs", Listeners=[listener], Subnets=self.subnets()
            )
        elif kind == "half":
            operation = self.rng.choice(["ConfigureHealthCheck", "ModifyLoadBalancerAttributes"])
            self.lab.faults.add("error-before", operation, code="AccessDenied", status=403)
            self.bench.fails(name="wcs", subnets=self.subnets())
        elif kind != "nothing":
            self.bench.run(**self.first(), wait=False)
            if kind == "gone":
                self.bench.run(name="wcs", state="absent", wait=False)
            elif kind == "tampered":
                self.tamper()

    def tamper(self) -> None:
        """What somebody else may do by hand."""
        elb, named = self.bench.aws("elb"), {"LoadBalancerName": "wcs"}
        elb.add_tags(LoadBalancerNames=["wcs"], Tags=[{"Key": "Stranger", "Value": "here"}])
        elb.register_instances_with_load_balancer(**named, Instances=[{"InstanceId": self.instances[0]}])
        mode = [{"Key": "elb.http.desyncmitigationmode", "Value": "strictest"}]
        elb.modify_load_balancer_attributes(**named, LoadBalancerAttributes={"AdditionalAttributes": mode})
        web = {"Protocol": "HTTP", "LoadBalancerPort": 9000, "InstancePort": 9000}
        elb.create_load_balancer_listeners(**named, Listeners=[web])
        elb.create_lb_cookie_stickiness_policy(**named, PolicyName="theirs", CookieExpirationPeriod=60)
        elb.set_load_balancer_policies_of_listener(**named, LoadBalancerPort=9000, PolicyNames=["theirs"])

    def wanted(self) -> dict[str, Any]:
        """What shall be: now and then that there be nothing."""
        if self.rng.random() < 0.12:
            return {"name": "wcs", "state": "absent", "adopt": True}
        exists = bool(self.bench.aws("elb").describe_load_balancers()["LoadBalancerDescriptions"])
        wish = {**(self.wish() if exists else self.first()), "adopt": True}
        return {**wish, "stack": "live"} if self.rng.random() < 0.3 else wish


@pytest.fixture
def scene(number: int) -> Iterator[Scene]:
    made = Scene(random.Random(number))
    yield made
    assert made.lab.errors == []
    made.lab.close()


@pytest.mark.parametrize("number", range(CASES))
def test_exact(scene: Scene) -> None:
    scene.before()
    answer = scene.bench.exact(**scene.wanted())
    if balancer := answer.returns["load_balancer"]:
        fed = {key: value for key, value in balancer.items() if key in wcs_classic_elb.ARGUMENTS}
        start = scene.bench.mark()
        assert scene.bench.run(**fed).outcome.actions == []
        assert scene.bench.writes(start) == []


@pytest.mark.parametrize("number", range(1000, 1000 + CASES // 4))
def test_each_step_does_what_is_foreseen(scene: Scene) -> None:
    scene.before()
    params = scene.bench.params(**scene.wanted())
    want = wanted(params) if params["state"] == "present" else None
    aws = Aws(lambda service, region: scene.bench.aws(service, region or scene.lab.region), LabClock(scene.lab))
    world = BalancerWorld(aws, "wcs", want, adopt=True)
    have = world.read()
    for move in course(_balancer, have, _balancer.complete(have, want))[0]:
        if isinstance(move, Wait):
            while not world.look(move).done:
                scene.lab.run(2)
            have = _balancer.settle(have, move)
        else:
            world.write(move, {})
            have = _balancer.foresee(have, move)
        seen = world.read()
        agrees(_balancer.show(have), _balancer.show(seen), str(move))
        assert bool(have.interfaces) == bool(seen.interfaces)
