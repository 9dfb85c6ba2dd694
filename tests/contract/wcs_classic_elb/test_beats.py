"""wcs_classic_elb against the lab: the five beats, call budgets, places, attributes, adoption, tags, removal."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import named
from plugins.module_utils._core.step import LATER
from plugins.modules import wcs_classic_elb
from tests.contract.wcs_classic_elb.conftest import (
    CREATE,
    HEALTH,
    READS,
    REGISTER,
    balancer_bench,
    certificate,
    of,
)
from tests.support.harness import Bench, launched


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


@pytest.fixture
def subnets(bench: Bench) -> list[str]:
    return list(bench.lab.account.subnet_ids)


def test_the_five_beats(bench: Bench, subnets: list[str]) -> None:
    made = bench.exact(name="wcs", subnets=subnets[:2], tags={"Team": "video"})
    assert made.outcome.actions == CREATE
    balancer = of(made)
    assert (balancer["stack"], balancer["tags"]) == ("wcs", {"Team": "video"})
    assert (balancer["idle_timeout"], balancer["connection_draining"], balancer["cross_zone"]) == (3600, 3600, True)
    assert balancer["health_check"]["path"] == "/?action=stat"
    changed = bench.exact(name="wcs", idle_timeout=600, health_check={"interval": 10}, tags={"Team": "audio"})
    assert changed.outcome.actions == ["elb:AddTags", *CREATE[1:]]
    assert of(changed)["dns_name"] == balancer["dns_name"]
    assert (of(changed)["idle_timeout"], of(changed)["health_check"]["interval"]) == (600, 10)
    gone = bench.exact(name="wcs", state="absent")
    assert gone.outcome.actions == ["elb:DeleteLoadBalancer"]
    assert gone.returns == {"load_balancer": None}
    assert bench.exact(name="wcs", state="absent").outcome.actions == []


def test_calls(bench: Bench, subnets: list[str]) -> None:
    given: dict[str, Any] = {"name": "wcs", "subnets": subnets}

    def calls(check: bool = False, **options: Any) -> list[str]:
        start = bench.mark()
        bench.run(check, **options)
        return bench.calls(start)

    assert calls(check=True, **given) == [READS[0], "ec2:DescribeSubnets"]
    assert calls(**given) == [READS[0], *CREATE, *READS]
    assert calls(**given) == READS
    assert calls(check=True, **given) == READS
    assert calls(**given, idle_timeout=60) == [*READS, CREATE[2], *READS]
    instance = launched(bench.lab)
    assert calls(**given, instance_ids=instance) == [*READS, "ec2:DescribeInstances", REGISTER, HEALTH, *READS]
    assert calls(**given, instance_ids=instance) == [*READS, HEALTH]
    assert calls(name="wcs", state="absent") == [
        *READS,
        "elb:DeleteLoadBalancer",
        "ec2:DescribeNetworkInterfaces",
        READS[0],
    ]
    assert calls(name="wcs", state="absent") == [READS[0], "ec2:DescribeNetworkInterfaces"]


@pytest.mark.long
def test_calls_with_500_instances(bench: Bench, subnets: list[str]) -> None:
    ids = [
        one
        for zone, count in enumerate((200, 200, 100))
        for one in launched(bench.lab, count, bench.lab.account.subnet_ids[zone])
    ]
    given: dict[str, Any] = {"name": "wcs", "subnets": subnets, "instance_ids": ids}
    start = bench.mark()
    bench.run(**given)
    assert bench.calls(start) == [READS[0], *CREATE, REGISTER, HEALTH, *READS]
    for purge in (False, True):
        start = bench.mark()
        bench.run(**given, purge_instance_ids=purge)
        assert bench.calls(start) == [*READS, HEALTH]


def test_check_mode_before_anything_exists(bench: Bench) -> None:
    start = bench.mark()
    answer = bench.check(name="wcs", subnets=[LATER], security_group_ids=[LATER], instance_ids=[LATER])
    assert answer.outcome.actions == [*CREATE, REGISTER]
    assert bench.writes(start) == []
    balancer = of(answer)
    assert (balancer["dns_name"], balancer["instance_ids"]) == (LATER, [LATER])


def test_absent_waits_until_the_interfaces_are_gone(bench: Bench, subnets: list[str]) -> None:
    ec2 = bench.aws("ec2")
    described: dict[str, Any] = {"Filters": [{"Name": "description", "Values": ["ELB wcs"]}]}
    bench.run(name="wcs", subnets=subnets)
    bench.run(name="wcs", state="absent", wait=False)
    assert len(ec2.describe_network_interfaces(**described)["NetworkInterfaces"]) == 3
    before = bench.lab.clock.now()
    bench.run(name="wcs", state="absent")
    assert ec2.describe_network_interfaces(**described)["NetworkInterfaces"] == []
    assert bench.lab.clock.now() > before


def test_a_name_is_free_again_only_for_its_own_interfaces(bench: Bench, subnets: list[str]) -> None:
    bench.run(name="wcs", subnets=subnets)
    bench.run(name="wcs-2", subnets=subnets)
    bench.run(name="wcs", state="absent")
    assert of(bench.run(name="wcs-2"))["name"] == "wcs-2"


def test_subnets_and_security_groups(bench: Bench, subnets: list[str]) -> None:
    ec2, account = bench.aws("ec2"), bench.lab.account
    groups = sorted(
        ec2.create_security_group(GroupName=name, Description=name, VpcId=account.vpc_id)["GroupId"]
        for name in ("one", "two")
    )
    bench.exact(name="wcs", subnets=subnets[:1], security_group_ids=groups[:1])
    grown = bench.exact(name="wcs", subnets=subnets[::-1], security_group_ids=groups[::-1])
    assert grown.outcome.actions == ["elb:AttachLoadBalancerToSubnets", "elb:ApplySecurityGroupsToLoadBalancer"]
    assert of(grown)["availability_zones"] == account.zones
    moved = bench.exact(name="wcs", subnets=subnets[1:2])
    assert moved.outcome.actions == ["elb:DetachLoadBalancerFromSubnets"]
    assert of(moved)["security_group_ids"] == groups


def test_a_subnet_is_exchanged_for_one_of_the_same_zone(bench: Bench, subnets: list[str]) -> None:
    account = bench.lab.account
    other = bench.aws("ec2").create_subnet(
        VpcId=account.vpc_id, CidrBlock=f"{bench.lab.block}.9.0/24", AvailabilityZone=account.zones[0]
    )["Subnet"]["SubnetId"]
    bench.run(name="wcs", subnets=subnets[:2])
    answer = bench.exact(name="wcs", subnets=[other, subnets[1]])
    assert answer.outcome.actions == ["elb:DetachLoadBalancerFromSubnets", "elb:AttachLoadBalancerToSubnets"]
    bench.run(name="wcs", subnets=subnets[:1])
    start = bench.mark()
    assert "are in one zone" in str(bench.fails(name="wcs", subnets=[other]))
    assert bench.writes(start) == []


def test_attributes(bench: Bench, subnets: list[str]) -> None:
    log = {"bucket": "logs", "prefix": "wcs", "interval": 5}
    bench.exact(name="wcs", subnets=subnets, cross_zone=False, connection_draining=0, access_log=log)
    changed = bench.exact(name="wcs", cross_zone=True, access_log={"interval": 60})
    assert of(changed)["access_log"] == {"enabled": True, "bucket": "logs", "prefix": "wcs", "interval": 60}
    assert of(changed)["connection_draining"] == 0
    plain = bench.exact(name="wcs", access_log={"prefix": ""})
    assert of(plain)["access_log"] == {"enabled": True, "bucket": "logs", "prefix": None, "interval": 60}
    off = bench.exact(name="wcs", access_log={"enabled": False}, connection_draining=1)
    assert of(off)["access_log"] == {"enabled": False, "bucket": None, "prefix": None, "interval": None}
    assert of(off)["connection_draining"] == 1


def test_what_should_be_said_is_said(bench: Bench, subnets: list[str]) -> None:
    assert bench.run(name="wcs", subnets=subnets).warnings == ()
    answer = bench.run(name="wcs", connection_draining=0, idle_timeout=4000)
    assert [named(warning, {}).split(",")[0] for warning in answer.warnings] == [
        "With connection_draining 0",
        "idle_timeout 4000 is above the 3600 of AWS's API model; AWS's guide says up to 4000. AWS decides.",
    ]


def test_adoption(bench: Bench, subnets: list[str]) -> None:
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    elb = bench.aws("elb")
    elb.create_load_balancer(LoadBalancerName="wcs", Listeners=[listener], Subnets=subnets[:1])
    for state in ("present", "absent"):
        start = bench.mark()
        failure = bench.fails(name="wcs", state=state, idle_timeout=600)
        assert (
            "is not tagged webcallserver.aws:stack=wcs, so it is not managed by this collection. Set adopt: true"
            in str(failure)
        )
        assert bench.writes(start) == []
    adopted = bench.exact(name="wcs", adopt=True)
    assert adopted.outcome.actions == ["elb:AddTags"]
    assert (of(adopted)["stack"], of(adopted)["idle_timeout"]) == ("wcs", 60)
    assert bench.exact(name="wcs").outcome.actions == []
    assert bench.exact(name="wcs", state="absent").outcome.actions == ["elb:DeleteLoadBalancer"]


def test_tags(bench: Bench, subnets: list[str]) -> None:
    nine = {f"key-{number}": "value" for number in range(9)}
    bench.exact(name="wcs", subnets=subnets, tags=nine)
    bench.exact(name="wcs", tags={"other": "value"})
    kept = bench.exact(name="wcs", tags={"more": "value"}, purge_tags=False)
    assert of(kept)["tags"] == {"more": "value", "other": "value"}
    bench.aws("elb").add_tags(LoadBalancerNames=["wcs"], Tags=[{"Key": "stranger", "Value": ""}])
    assert bench.exact(name="wcs").outcome.actions == []
    assert of(bench.exact(name="wcs", tags={}))["tags"] == {}


def test_what_is_returned_fed_back_changes_nothing(bench: Bench, subnets: list[str]) -> None:
    arn = certificate(bench)
    made = bench.run(
        name="wcs",
        subnets=subnets[:2],
        listeners=[
            {
                "protocol": "https",
                "load_balancer_port": 443,
                "certificate_arn": arn,
                "stickiness": {"type": "loadbalancer"},
            },
            {"protocol": "tcp", "load_balancer_port": 8080},
        ],
        access_log={"bucket": "logs"},
        instance_ids=launched(bench.lab),
        tags={"Team": "video"},
    )
    fed = {key: value for key, value in of(made).items() if key in wcs_classic_elb.ARGUMENTS}
    assert len(fed) == 13
    assert bench.exact(**fed).outcome.actions == []


@pytest.mark.long
def test_decoys_survive(bench: Bench, subnets: list[str]) -> None:
    elb = bench.aws("elb")
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    for number in range(100):
        elb.create_load_balancer(LoadBalancerName=f"wcs-{number}", Listeners=[listener], Subnets=subnets[:1])

    def others() -> list[Any]:
        return [
            one for one in elb.describe_load_balancers()["LoadBalancerDescriptions"] if one["LoadBalancerName"] != "wcs"
        ]

    before = others()
    bench.run(name="wcs", subnets=subnets)
    bench.run(name="wcs", subnets=subnets, idle_timeout=60, tags={})
    bench.run(name="wcs", state="absent")
    assert others() == before
