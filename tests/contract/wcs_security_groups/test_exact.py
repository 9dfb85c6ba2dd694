"""wcs_security_groups foresees exactly what it then does, for generated pairs of a state now and a want."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import LATER, Ref, Wait
from plugins.module_utils._security_groups import moves as _security_groups
from plugins.module_utils._security_groups.options import wanted
from plugins.module_utils._security_groups.value import stack_of
from plugins.module_utils._security_groups.world import SecurityGroupsWorld
from plugins.modules import wcs_security_groups
from tests.support.harness import Bench, LabClock, agrees

CASES = 300 if os.environ.get("WCS_TEST_ALL") else 12
NAMES = ["wcs-balancer", "wcs-node", "wcs-seed"]
CIDRS = ["0.0.0.0/0", "::/0", "203.0.113.0/24", "2001:db8::/32", "198.51.100.7/24"]
WORDS = ["Media", "WebSocket sessions", "", None]
TAGS: list[dict[str, str]] = [{}, {"Team": "video"}, {"Team": "audio", "Owner": "us"}]


class Scene:
    """One lab with somebody else's group that rules may name."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lab = open_lab()
        self.bench = Bench(self.lab, clients(self.lab), wcs_security_groups.ARGUMENTS, wcs_security_groups.manage)
        self.vpc = self.lab.account.vpc_id
        self.other = self.bench.aws("ec2").create_security_group(GroupName="x", Description="x", VpcId=self.vpc)[
            "GroupId"
        ]

    def rule(self, names: list[str]) -> dict[str, Any]:
        """A rule, of one of its kinds."""
        rng = self.rng
        given: dict[str, Any] = {"proto": rng.choice(["tcp", "tcp", "udp", "all", "icmp", "6"])}
        if given["proto"] in ("tcp", "udp", "6"):
            first = rng.choice([8080, 8443, 31001])
            given |= rng.choice([{"from_port": first}, {"ports": [first, 22]}, {"from_port": first, "to_port": 32000}])
        given |= rng.choice(
            [
                {"cidrs": rng.sample(CIDRS, 2)},
                {"cidrs": [rng.choice(CIDRS)]},
                {"groups": [rng.choice([*names, self.other])]},
                {"prefix_list_ids": ["pl-0123456789abcdef0"]},
            ]
        )
        if "prefix_list_ids" not in given and (words := rng.choice(WORDS)) is not None:
            given["description"] = words
        return given

    def rules(self, names: list[str]) -> list[dict[str, Any]]:
        """Some rules, or none."""
        return [self.rule(names) for _ in range(self.rng.randint(0, 3))]

    def wish(self) -> dict[str, Any]:
        """Options, many of them left out."""
        rng = self.rng
        names = rng.sample(NAMES, rng.randint(1, 3))
        groups = []
        for name in names:
            choices: dict[str, Any] = {
                "rules": self.rules(names),
                "egress": self.rules(names),
                "tags": rng.choice(TAGS),
            }
            groups.append({"name": name, **{key: one for key, one in choices.items() if rng.random() < 0.6}})
        given: dict[str, Any] = {
            "tags": rng.choice(TAGS),
            "purge_tags": rng.choice([True, False]),
            "purge_rules": rng.choice([True, True, False]),
            "vpc_id": self.vpc,
        }
        kept = {key: one for key, one in given.items() if key == "vpc_id" or rng.random() < 0.5}
        return {"groups": groups, "stack": "wcs", **kept}

    def before(self) -> None:
        """A state to begin with: nothing, ours, half made, or foreign and tampered with."""
        kind = self.rng.choice(["nothing", "ours", "ours", "half", "foreign"])
        if kind == "half":
            self.lab.faults.add(
                "error-before", "AuthorizeSecurityGroupIngress", code="UnauthorizedOperation", status=403
            )
            one = {"name": NAMES[1], "rules": [{"from_port": 1, "cidrs": ["0.0.0.0/0"]}]}
            self.bench.fails(groups=[one], vpc_id=self.vpc)
        elif kind == "foreign":
            ec2 = self.bench.aws("ec2")
            there = [
                ec2.create_security_group(GroupName=name, Description="theirs", VpcId=self.vpc)["GroupId"]
                for name in NAMES[:2]
            ]
            pairs = [{"GroupId": group, "Description": "theirs"} for group in (self.other, there[0])]
            opened = [{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": pairs}]
            ec2.authorize_security_group_ingress(GroupId=there[1], IpPermissions=opened)
            ec2.create_tags(Resources=there, Tags=[{"Key": "Stranger", "Value": "here"}])
        elif kind == "ours":
            self.bench.run(**self.wish())

    def wanted(self) -> dict[str, Any]:
        """What shall be: now and then that there be nothing."""
        if self.rng.random() < 0.2:
            groups = [{"name": name} for name in NAMES]
            return {"groups": groups, "stack": "wcs", "state": "absent", "adopt": True, "vpc_id": self.vpc}
        return {**self.wish(), "adopt": True}


@pytest.fixture
def scene(number: int) -> Iterator[Scene]:
    made = Scene(random.Random(number))
    yield made
    assert made.lab.errors == []
    made.lab.close()


@pytest.mark.parametrize("number", range(CASES))
def test_exact(scene: Scene) -> None:
    scene.before()
    given = scene.wanted()
    if given.get("state") == "absent":
        scene.bench.run(groups=[{"name": name} for name in NAMES], stack="wcs", vpc_id=scene.vpc, adopt=True)
    answer = scene.bench.exact(**given)
    if groups := answer.returns["security_groups"]:
        known = wcs_security_groups.ARGUMENTS["groups"]["options"]
        fed = [{key: value for key, value in group.items() if key in known} for group in groups]
        start = scene.bench.mark()
        assert scene.bench.run(groups=fed, stack="wcs", vpc_id=scene.vpc).outcome.actions == []
        assert scene.bench.writes(start) == []


@pytest.mark.parametrize("number", range(1000, 1000 + CASES // 4))
def test_each_step_does_what_is_foreseen(scene: Scene) -> None:
    scene.before()
    params = scene.bench.params(**scene.wanted())
    want = wanted(params) if params["state"] == "present" else None
    aws = Aws(lambda service, region: scene.bench.aws(service, region or scene.lab.region), LabClock(scene.lab))
    stacks = {one["name"]: stack_of(one["name"], "wcs") for one in params["groups"]}
    world = SecurityGroupsWorld(aws, stacks, scene.vpc, want, adopt=True)
    have, known = world.read(), dict[Ref, Any]()
    for move in course(_security_groups, have, _security_groups.complete(have, want))[0]:
        assert not isinstance(move, Wait)
        known |= world.write(move, known)
        have = _security_groups.foresee(have, move)
        agrees(_security_groups.show(have), _security_groups.show(world.read()), str(move))
    assert LATER not in str(_security_groups.show(world.read()))
