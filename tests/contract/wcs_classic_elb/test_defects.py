"""Defects of the modules that are in use elsewhere, by their number, and what wcs_classic_elb does instead."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.wcs_classic_elb.conftest import balancer_bench, certificate
from tests.support.harness import Bench, launched


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return balancer_bench(lab, aws)


@pytest.fixture
def balancer(bench: Bench) -> dict[str, Any]:
    subnets = bench.lab.account.subnet_ids
    return dict(bench.run(name="wcs", subnets=subnets, listeners=[tls(bench)]).returns["load_balancer"])


def tls(bench: Bench) -> dict[str, Any]:
    return {"protocol": "ssl", "load_balancer_port": 8443, "instance_port": 8080, "certificate_arn": certificate(bench)}


def member(bench: Bench) -> str:
    """An instance of an Auto Scaling group that is registered with the balancer."""
    account = bench.lab.account
    bench.aws("ec2").create_launch_template(
        LaunchTemplateName="wcs", LaunchTemplateData={"ImageId": account.wcs_image_id, "InstanceType": "t3.small"}
    )
    autoscaling = bench.aws("autoscaling")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="wcs",
        LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "1"},
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=account.subnet_ids[0],
    )
    bench.lab.run(60)
    (instance,) = autoscaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    ids = [{"InstanceId": instance["InstanceId"]}]
    bench.aws("elb").register_instances_with_load_balancer(LoadBalancerName="wcs", Instances=ids)
    bench.lab.run(30)
    return str(instance["InstanceId"])


@pytest.mark.usefixtures("balancer")
def test_d9_before_and_after_of_a_change_differ(bench: Bench) -> None:
    for answer in (bench.check(name="wcs", idle_timeout=60), bench.run(name="wcs", idle_timeout=60)):
        assert answer.outcome.before is not None
        assert answer.outcome.after is not None
        assert (answer.outcome.before["idle_timeout"], answer.outcome.after["idle_timeout"]) == (3600, 60)


@pytest.mark.usefixtures("balancer")
def test_d12_another_certificate_never_closes_the_port(bench: Bench) -> None:
    swapped = bench.exact(name="wcs", listeners=[tls(bench)])
    assert swapped.outcome.actions == ["elb:SetLoadBalancerListenerSSLCertificate"]


def test_d13_another_scheme_is_refused_and_its_price_told(bench: Bench, balancer: dict[str, Any]) -> None:
    ids = launched(bench.lab, 2)
    bench.run(name="wcs", instance_ids=ids)
    start = bench.mark()
    for check in (True, False):
        assert str(bench.fails(check, name="wcs", scheme="internal")) == (
            "Cannot change load balancer 'wcs': it is internet-facing, and AWS cannot change "
            "that. Replacing it would cut "
            "every connection, change its DNS name, and lose its 2 registered instances and Auto Scaling groups. Leave "
            "scheme out, or make one of another stack."
        )
    assert bench.writes(start) == []
    assert bench.run(name="wcs").returns["load_balancer"]["dns_name"] == balancer["dns_name"]


@pytest.mark.usefixtures("balancer")
def test_d14_purging_instances_spares_the_members_of_a_group(bench: Bench) -> None:
    of_group, (ours, other) = member(bench), launched(bench.lab, 2)
    bench.run(name="wcs", instance_ids=[ours, other])
    start = bench.mark()
    purged = bench.exact(name="wcs", instance_ids=[ours], purge_instance_ids=True)
    assert purged.outcome.actions == ["elb:DeregisterInstancesFromLoadBalancer"]
    assert purged.returns["load_balancer"]["instance_ids"] == sorted([ours, of_group])
    assert "autoscaling:DescribeAutoScalingInstances" in bench.calls(start)
    start = bench.mark()
    bench.run(name="wcs", instance_ids=[ours])
    assert "autoscaling:DescribeAutoScalingInstances" not in bench.calls(start), "nothing was to be purged"


@pytest.mark.long
@pytest.mark.usefixtures("balancer")
def test_d14_many_instances_are_told_from_members_in_one_call(bench: Bench) -> None:
    of_group, ids = member(bench), launched(bench.lab, 60)
    bench.run(name="wcs", instance_ids=ids)
    start = bench.mark()
    purged = bench.exact(name="wcs", instance_ids=[], purge_instance_ids=True)
    assert purged.returns["load_balancer"]["instance_ids"] == [of_group]
    reads = [call.operation for call in list(bench.lab.calls)[start:] if call.service == "autoscaling"]
    assert reads == ["DescribeAutoScalingGroups"] * 2 + ["DescribeAutoScalingInstances"] * 2


@pytest.mark.usefixtures("balancer")
def test_d15_everything_is_read_once(bench: Bench) -> None:
    start = bench.mark()
    bench.run(name="wcs", idle_timeout=3600)
    assert [call for call in bench.calls(start) if call.startswith("elb:Describe")] == [
        "elb:DescribeLoadBalancers",
        "elb:DescribeLoadBalancerAttributes",
        "elb:DescribeTags",
    ]


@pytest.mark.usefixtures("balancer")
def test_d19_health_is_asked_for_once_and_only_where_it_is_managed(bench: Bench) -> None:
    ids = launched(bench.lab, 2)
    bench.run(name="wcs", instance_ids=ids)
    for given, count in (({"instance_ids": ids}, 1), ({}, 0)):
        start = bench.mark()
        bench.run(name="wcs", **given)
        asked = [call for call in list(bench.lab.calls)[start:] if call.operation == "DescribeInstanceHealth"]
        assert len(asked) == count
