"""wcs_classic_elb against the lab: the five beats, call budgets, listeners with TLS, instances, adoption, removal."""

from __future__ import annotations

from typing import Any

import pytest

from lab.machines import Check
from plugins.module_utils._balancer_world import UNREPORTED
from plugins.module_utils._plan import LATER
from plugins.modules import wcs_classic_elb
from tests.harness import Bench

READS = ["elb:DescribeLoadBalancers", "elb:DescribeLoadBalancerAttributes", "elb:DescribeTags"]
CREATE = ["elb:CreateLoadBalancer", "elb:ConfigureHealthCheck", "elb:ModifyLoadBalancerAttributes"]
HEALTH = "elb:DescribeInstanceHealth"
REGISTER, DEREGISTER = "elb:RegisterInstancesWithLoadBalancer", "elb:DeregisterInstancesFromLoadBalancer"
TLS12 = "ELBSecurityPolicy-TLS-1-2-2017-01"


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return Bench(lab, aws, wcs_classic_elb.ARGUMENTS, wcs_classic_elb.manage)


@pytest.fixture
def subnets(bench: Bench) -> list[str]:
    return list(bench.lab.account.subnet_ids)


def launched(bench: Bench, count: int = 1, zone: int = 0) -> list[str]:
    ec2, account = bench.aws("ec2"), bench.lab.account
    reply = ec2.run_instances(
        ImageId=account.wcs_image_id,
        InstanceType="t3.small",
        MinCount=count,
        MaxCount=count,
        SubnetId=account.subnet_ids[zone],
    )
    bench.lab.run(30)
    return sorted(instance["InstanceId"] for instance in reply["Instances"])


def certificate(bench: Bench, name: str = "wcs.example.com") -> str:
    return str(bench.aws("acm").request_certificate(DomainName=name)["CertificateArn"])


def of(answer: Any) -> dict[str, Any]:
    return dict(answer.returns["load_balancer"])


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

    assert calls(check=True, **given) == READS[:1]
    assert calls(**given) == [READS[0], *CREATE, *READS]
    assert calls(**given) == READS
    assert calls(check=True, **given) == READS
    assert calls(**given, idle_timeout=60) == [*READS, CREATE[2], *READS]
    instance = launched(bench)
    assert calls(**given, instance_ids=instance) == [*READS, REGISTER, HEALTH, *READS]
    assert calls(**given, instance_ids=instance) == [*READS, HEALTH]
    assert calls(name="wcs", state="absent") == [
        *READS,
        "elb:DeleteLoadBalancer",
        "ec2:DescribeNetworkInterfaces",
        READS[0],
    ]
    assert calls(name="wcs", state="absent") == [READS[0], "ec2:DescribeNetworkInterfaces"]


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
    off = bench.exact(name="wcs", access_log={"enabled": False}, connection_draining=1)
    assert of(off)["access_log"] == {"enabled": False, "bucket": None, "prefix": None, "interval": None}
    assert of(off)["connection_draining"] == 1


def test_what_should_be_said_is_said(bench: Bench, subnets: list[str]) -> None:
    assert bench.run(name="wcs", subnets=subnets).warnings == ()
    answer = bench.run(name="wcs", connection_draining=0, idle_timeout=4000)
    assert [warning.split(",")[0] for warning in answer.warnings] == [
        "Without connection draining",
        "An idle_timeout of 4000 is above the 3600 of AWS's API model; its guide says up to 4000. AWS decides.",
    ]


def test_listeners_with_tls(bench: Bench, subnets: list[str]) -> None:
    old, new = certificate(bench), certificate(bench, "new.example.com")
    tls = {"protocol": "SSL", "load_balancer_port": 8443, "instance_port": 8080, "certificate_arn": old}
    secure = {"protocol": "https", "load_balancer_port": 8445, "instance_port": 8082, "certificate_arn": old}
    plain = {"protocol": "tcp", "load_balancer_port": 8080}
    made = bench.exact(
        name="wcs",
        subnets=subnets,
        listeners=[tls | {"ssl_policy": TLS12}, secure | {"stickiness": {"type": "loadbalancer"}}, plain],
        health_check={"protocol": "HTTPS", "port": 8444},
    )
    assert made.outcome.actions == [
        CREATE[0],
        "elb:CreateLBCookieStickinessPolicy",
        "elb:CreateLoadBalancerPolicy",
        "elb:CreateLoadBalancerPolicy",
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:SetLoadBalancerPoliciesOfListener",
        *CREATE[1:],
    ]
    assert [(one["protocol"], one["ssl_policy"], one["stickiness"]) for one in of(made)["listeners"]] == [
        ("tcp", None, None),
        ("ssl", TLS12, None),
        ("https", "ELBSecurityPolicy-2016-08", {"type": "loadbalancer", "cookie": None, "expiration": None}),
    ]
    swapped = bench.exact(name="wcs", listeners=[tls | {"certificate_arn": new}, secure, plain])
    assert swapped.outcome.actions == ["elb:SetLoadBalancerListenerSSLCertificate"]
    listeners = [plain, tls | {"ssl_policy": "ELBSecurityPolicy-2016-08"}, secure | {"stickiness": {"type": "none"}}]
    policies = bench.exact(name="wcs", listeners=[{**one, "certificate_arn": None} for one in listeners])
    assert policies.outcome.actions == [
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:DeleteLoadBalancerPolicy",
        "elb:DeleteLoadBalancerPolicy",
    ]
    assert [one["certificate_arn"] for one in of(policies)["listeners"]] == [None, new, old]


def test_a_tls_listener_without_a_policy_has_the_one_of_aws(bench: Bench, subnets: list[str]) -> None:
    tls = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": certificate(bench)}
    foreseen = bench.check(name="wcs", subnets=subnets, listeners=[tls])
    assert of(foreseen)["listeners"][0]["ssl_policy"] == LATER
    made = bench.exact(name="wcs", subnets=subnets, listeners=[tls])
    assert of(made)["listeners"][0]["ssl_policy"] == "ELBSecurityPolicy-2016-08"


def test_stickiness_for_hls(bench: Bench, subnets: list[str]) -> None:
    web = {"protocol": "http", "load_balancer_port": 8082}
    bench.exact(
        name="wcs", subnets=subnets, listeners=[web | {"stickiness": {"type": "loadbalancer", "expiration": 60}}]
    )
    assert bench.exact(name="wcs", listeners=[web]).outcome.actions == []
    application = {"type": "application", "cookie": "session"}
    changed = bench.exact(name="wcs", listeners=[web | {"stickiness": application}])
    assert changed.outcome.actions == [
        "elb:CreateAppCookieStickinessPolicy",
        "elb:SetLoadBalancerPoliciesOfListener",
        "elb:DeleteLoadBalancerPolicy",
    ]
    assert of(changed)["listeners"][0]["stickiness"] == application | {"expiration": None}


def test_another_instance_port_is_another_listener(bench: Bench, subnets: list[str]) -> None:
    bench.run(name="wcs", subnets=subnets)
    moved = bench.exact(name="wcs", listeners=[{"protocol": "tcp", "load_balancer_port": 8080, "instance_port": 9090}])
    assert moved.outcome.actions == ["elb:DeleteLoadBalancerListeners", "elb:CreateLoadBalancerListeners"]


def test_a_certificate_that_was_just_made_is_asked_for_again(bench: Bench, subnets: list[str]) -> None:
    acm = bench.aws("acm")
    arn = certificate(bench)
    tls = {"protocol": "ssl", "load_balancer_port": 8443, "certificate_arn": arn}
    bench.lab.faults.add("error-before", "CreateLoadBalancer", count=3, code="CertificateNotFound", status=400)
    bench.exact(name="wcs", subnets=subnets, listeners=[tls])
    bench.lab.faults.add(
        "error-before", "SetLoadBalancerListenerSSLCertificate", count=3, code="CertificateNotFound", status=400
    )
    swapped = bench.exact(name="wcs", listeners=[tls | {"certificate_arn": certificate(bench, "b.example.com")}])
    assert swapped.outcome.actions == ["elb:SetLoadBalancerListenerSSLCertificate"]
    assert acm.list_certificates()["CertificateSummaryList"]


def test_instances_are_in_service_on_return(bench: Bench, subnets: list[str]) -> None:
    ids = launched(bench, 2)
    made = bench.exact(name="wcs", subnets=subnets, instance_ids=ids)
    assert made.outcome.actions == [*CREATE, REGISTER]
    assert [(one["instance_id"], one["state"]) for one in of(made)["instances"]] == [(one, "InService") for one in ids]
    fewer = bench.exact(name="wcs", instance_ids=ids[:1])
    assert (fewer.outcome.actions, of(fewer)["instance_ids"]) == ([], ids)
    purged = bench.exact(name="wcs", instance_ids=ids[:1], purge_instance_ids=True)
    assert (purged.outcome.actions, of(purged)["instance_ids"]) == ([DEREGISTER], ids[:1])
    back = bench.exact(name="wcs", instance_ids=ids)
    assert back.outcome.actions == [REGISTER]
    assert of(bench.exact(name="wcs"))["instances"] is None


def test_a_run_that_does_not_wait_leaves_the_waiting_to_the_next(bench: Bench, subnets: list[str]) -> None:
    ids = launched(bench)
    quick = bench.run(name="wcs", subnets=subnets, instance_ids=ids, wait=False)
    assert of(quick)["instances"][0]["description"] == "Instance registration is still in progress."
    patient = bench.run(name="wcs", instance_ids=ids)
    assert patient.outcome.actions == []
    assert of(patient)["instances"][0]["state"] == "InService"


def test_a_sick_instance_fails_the_wait_by_name(bench: Bench, subnets: list[str]) -> None:
    ids = launched(bench, 2)
    bench.lab.machines[ids[0]].health = Check(False, 503, "503")
    failure = bench.fails(name="wcs", subnets=subnets, instance_ids=ids, wait_timeout=120)
    assert str(failure).startswith(
        "Cannot finish waiting for the health of load balancer 'wcs': it was not InService on every one of "
        "instance_ids (health check HTTP:8081/?action=stat) within wait_timeout (120 s); last seen: 1 of 2 InService; "
        f"{ids[0]} OutOfService ("
    )
    assert failure.actions == [*CREATE, REGISTER]
    assert failure.details
    assert [one["state"] for one in failure.details["instances"]] == ["OutOfService", "InService"]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("stop_instances", "Instance is in stopped state. Start it, or take it out of instance_ids."),
        ("terminate_instances", f"{UNREPORTED}. Take it out of instance_ids."),
    ],
)
def test_a_hopeless_wait_ends_early(bench: Bench, subnets: list[str], end: str, reason: str) -> None:
    (instance,) = launched(bench)
    bench.run(name="wcs", subnets=subnets, instance_ids=[instance])
    getattr(bench.aws("ec2"), end)(InstanceIds=[instance])
    bench.lab.run(60)
    begun = bench.lab.clock.now()
    failure = bench.fails(name="wcs", instance_ids=[instance])
    assert str(failure) == f"Cannot bring into service instance '{instance}': {reason}"
    assert bench.lab.clock.now() - begun < 60


def test_an_instance_in_a_zone_without_a_subnet_is_hopeless(bench: Bench, subnets: list[str]) -> None:
    (instance,) = launched(bench, zone=2)
    failure = bench.fails(name="wcs", subnets=subnets[:1], instance_ids=[instance])
    assert "for which LoadBalancer is not configured to route traffic to" in str(failure)
    assert str(failure).endswith("Add a subnet of its zone to subnets, or take it out of instance_ids.")


def test_adoption(bench: Bench, subnets: list[str]) -> None:
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    elb = bench.aws("elb")
    elb.create_load_balancer(LoadBalancerName="wcs", Listeners=[listener], Subnets=subnets[:1])
    for state in ("present", "absent"):
        start = bench.mark()
        failure = bench.fails(name="wcs", state=state, idle_timeout=600)
        assert "does not bear our mark (the tag webcallserver.aws:stack=wcs). Set adopt: true" in str(failure)
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


@pytest.mark.parametrize("calls", [1, 2])
def test_an_interrupted_creation_is_finished(bench: Bench, subnets: list[str], calls: int) -> None:
    stopped = CREATE[calls].removeprefix("elb:")
    bench.lab.faults.add("error-before", stopped, code="AccessDenied", status=403)
    failure = bench.fails(name="wcs", subnets=subnets)
    assert failure.actions == CREATE[:calls]
    finished = bench.exact(name="wcs", subnets=subnets)
    assert finished.outcome.actions == CREATE[calls:]
    assert (of(finished)["idle_timeout"], of(finished)["health_check"]["port"]) == (3600, 8081)


@pytest.mark.parametrize("kind", ["cut-reply", "error-after", "error-before"])
@pytest.mark.parametrize("number", range(4))
def test_a_lost_reply_makes_nothing_twice(bench: Bench, subnets: list[str], number: int, kind: str) -> None:
    ids = launched(bench)
    operation = [*CREATE, REGISTER][number].removeprefix("elb:")
    bench.lab.faults.add(kind, operation)
    answer = bench.run(name="wcs", subnets=subnets, instance_ids=ids)
    assert answer.outcome.actions == [*CREATE, REGISTER]
    assert len(bench.aws("elb").describe_load_balancers()["LoadBalancerDescriptions"]) == 1
    assert bench.run(name="wcs", subnets=subnets, instance_ids=ids).outcome.actions == []


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
        instance_ids=launched(bench),
        tags={"Team": "video"},
    )
    fed = {key: value for key, value in of(made).items() if key in wcs_classic_elb.ARGUMENTS}
    assert len(fed) == 12
    assert bench.exact(**fed).outcome.actions == []


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
