from __future__ import annotations

import itertools

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError


def group(lab, ec2, name="g"):
    return ec2.create_security_group(GroupName=name, Description="-", VpcId=lab.account.vpc_id)["GroupId"]


def names(ec2):
    return {g["GroupName"] for g in ec2.describe_security_groups()["SecurityGroups"]}


def test_throttling_strikes_as_often_as_asked_and_nothing_happens(lab, aws, ec2, refused):
    lab.faults.add("throttle", "CreateSecurityGroup", count=2)
    lab.faults.add("throttle", "elb:*")
    for _ in range(2):
        with refused("RequestLimitExceeded"):
            group(lab, ec2)
    assert names(ec2) == {"default"}
    group(lab, ec2)
    with refused("Throttling", "Rate exceeded"):
        aws("elb").describe_load_balancers()
    assert [(c.operation, c.status, c.error_code) for c in lab.calls if c.write] == [
        ("CreateSecurityGroup", 503, "RequestLimitExceeded"),
        ("CreateSecurityGroup", 503, "RequestLimitExceeded"),
        ("CreateSecurityGroup", 200, None),
    ]


@pytest.mark.parametrize(("kind", "happened"), [("error-before", False), ("error-after", True), ("cut-reply", True)])
def test_what_is_lost_and_what_has_happened(lab, ec2, kind, happened):
    lab.faults.add(kind, "ec2:CreateSecurityGroup")
    with pytest.raises((ClientError, ConnectionClosedError)):
        group(lab, ec2)
    assert ("g" in names(ec2)) is happened


@pytest.mark.parametrize("code", ["", "-"])
def test_an_error_may_be_a_page_or_nothing(lab, aws, code):
    lab.faults.add("error-before", "*", count=None, code=code)
    with pytest.raises((ClientError, ResponseParserError)):
        aws("elb").describe_load_balancers()
    with pytest.raises((ClientError, ResponseParserError)):
        aws("ec2").describe_images()


def test_an_answer_that_is_late_is_to_a_call_that_had_its_effect(lab, ec2):
    seen = []
    lab.faults.add("latency", "CreateVpc", seconds=7)
    lab.later(3, lambda: seen.extend(vpc["CidrBlock"] for vpc in ec2.describe_vpcs()["Vpcs"]))
    ec2.create_vpc(CidrBlock="10.77.0.0/16")
    assert "10.77.0.0/16" in seen


def test_latency_lets_time_pass(lab, ec2):
    before = lab.clock.now()
    lab.faults.add("latency", "DescribeVpcs", seconds=7)
    ec2.describe_vpcs()
    assert lab.clock.now() - before == 7


def test_stale_reads_do_not_know_the_last_write_yet(lab, aws, ec2, run, refused):
    i = run()
    lab.faults.add("stale", "DescribeImages", count=2)
    made = ec2.create_image(InstanceId=i, Name="wcs-0001")["ImageId"]
    with refused("InvalidAMIID.NotFound", f"The image id '[{made}]' does not exist"):
        ec2.describe_images(ImageIds=[made])
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert ec2.describe_images(ImageIds=[made])["Images"][0]["State"] == "pending"
    lab.run(30)
    assert ec2.describe_images(ImageIds=[made])["Images"][0]["State"] == "available"


def test_late_reads_show_what_was_within_so_many_seconds(lab, ec2):
    old = group(lab, ec2, "old")
    lab.faults.add("late", "DescribeSecurityGroups", count=None, seconds=60, seed=3)
    group(lab, ec2, "new")
    ec2.delete_security_group(GroupId=old)
    assert all({"default", "old"} == names(ec2) for _ in range(20)), "all that is younger than the reads"
    lab.run(30)
    seen = [names(ec2) for _ in range(40)]
    assert {"default", "new"} in seen
    assert {"default", "old"} in seen
    assert len([1 for one, other in itertools.pairwise(seen) if one != other]) > 5, "not one change for good"
    lab.run(31)
    assert all({"default", "new"} == names(ec2) for _ in range(20))


def test_stale_reads_with_a_whole_stack(lab, aws):
    elb, scaling = aws("elb"), aws("autoscaling")
    listener = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstancePort": 8080}
    elb.create_load_balancer(LoadBalancerName="wcs", Listeners=[listener], Subnets=lab.account.subnet_ids)
    aws("ec2").create_launch_template(
        LaunchTemplateName="wcs", LaunchTemplateData={"ImageId": lab.account.wcs_image_id}
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="wcs",
        MinSize=1,
        MaxSize=2,
        VPCZoneIdentifier=",".join(lab.account.subnet_ids),
        LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "1"},
        LoadBalancerNames=["wcs"],
    )
    lab.run(60)
    lab.faults.add("stale", "DescribeAutoScalingGroups")
    scaling.update_auto_scaling_group(AutoScalingGroupName="wcs", MaxSize=3)
    shown = lambda: scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["MaxSize"]  # noqa: E731
    assert [shown(), shown()] == [2, 3]
    lab.run(60)


def test_probability_is_drawn_from_the_seed(lab, ec2):
    def struck():
        lab.faults.reset()
        lab.faults.add("error-before", "DescribeVpcs", count=None, probability=0.5, seed=3)
        return [fails(ec2) for _ in range(20)]

    first = struck()
    assert 3 < sum(first) < 17
    assert struck() == first


def fails(ec2):
    try:
        ec2.describe_vpcs()
    except ClientError:
        return True
    return False


def test_some_calls_may_be_spared_first(lab, ec2):
    lab.faults.add("error-before", "DescribeVpcs", skip=2)
    assert [fails(ec2) for _ in range(4)] == [False, False, True, False]


@pytest.mark.parametrize("rule", [{"kind": "flood"}, {"kind": "stale", "probability": 0}])
def test_a_fault_that_there_is_not_is_refused(lab, rule):
    with pytest.raises(ValueError, match=r"flood|probability"):
        lab.faults.add(**rule)


@pytest.mark.parametrize(
    "pattern", ["*", "CreateVpc", "ec2:CreateVpc", "ec2:*", "elb:Describe*", "*:Put*Alarm", "?etMetricData"]
)
def test_a_fault_names_operations(lab, pattern):
    assert lab.faults.add("throttle", pattern).operation == pattern


@pytest.mark.parametrize("pattern", ["CreateVpcs", "elb:CreateVpc", "elbv2:*", "create_vpc", "Describe", ""])
def test_g26_a_fault_for_what_there_is_not_is_refused(lab, pattern):
    with pytest.raises(ValueError, match="no operation of acm, autoscaling"):
        lab.faults.add("throttle", pattern)
    assert lab.faults.rules == []
