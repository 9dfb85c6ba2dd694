"""The lab as a whole: its account, its time, its life."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from lab.api.inprocess import clients
from lab.core.agenda import Agenda
from lab.core.clock import ScaledClock
from lab.core.errors import LabCannot
from lab.core.lab import current
from lab.open import open_lab


def test_a_new_account_has_a_network_a_key_and_two_images_of_the_vendor(lab, aws):
    ec2 = aws("ec2")
    assert [v["CidrBlock"] for v in ec2.describe_vpcs()["Vpcs"]] == ["127.77.0.0/16"]
    subnets = ec2.describe_subnets()["Subnets"]
    assert {s["AvailabilityZone"]: s["SubnetId"] for s in subnets} == lab.account.subnets
    assert {s["MapPublicIpOnLaunch"] for s in subnets} == {True}
    assert [k["KeyName"] for k in ec2.describe_key_pairs()["KeyPairs"]] == [lab.account.key_name]
    images = ec2.describe_images(Owners=[lab.account.vendor_id])["Images"]
    assert {i["ImageId"] for i in images} == {lab.account.wcs_image_id, lab.account.bare_image_id}
    assert {i["Public"] for i in images} == {True}
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert aws("sts").get_caller_identity()["Account"] == lab.account.account_id


def test_ids_are_the_same_each_time_and_a_reset_brings_back_the_beginning(lab, aws, run):
    first, account = run(), lab.account
    lab.faults.add("throttle")
    lab.reset()
    assert lab.machines.machines == {}
    assert (run(), lab.account) == (first, account)
    assert len(aws("ec2").describe_instances()["Reservations"]) == 1


def test_a_new_lab_takes_over_and_the_old_ones_clients_say_so(lab, aws):
    aws("ec2").describe_vpcs()
    other = open_lab()
    assert current() is other
    with pytest.raises(RuntimeError, match="another one has taken over"):
        aws("ec2")
    assert clients(other)("ec2").describe_vpcs()["Vpcs"]


def test_dates_are_those_of_the_labs_clock(lab, aws, run, instance):
    lab.clock.advance(3600)
    launched = instance(run())["LaunchTime"]
    assert launched == datetime(2026, 1, 1, 1, tzinfo=timezone.utc)


def test_only_a_manual_clock_is_told_to_let_time_pass(lab):
    lab.clock = ScaledClock(10)
    with pytest.raises(TypeError):
        lab.run(1)


def test_a_scaled_clock_runs_faster_than_its_dates():
    clock = ScaledClock(100)
    start, date = clock.now(), clock.stamp()
    while clock.now() < start + 5:
        pass
    assert clock.stamp() - date < timedelta(seconds=1)
    assert clock.stamp(start + 100) - clock.stamp(start) == timedelta(seconds=1)


def test_the_agenda_runs_what_is_due_and_ready_in_order():
    done, ready, agenda = [], [], Agenda(lambda _: nullcontext())
    agenda.add(2, lambda: done.append("second"))
    agenda.add(1, lambda: done.append("first"))
    agenda.add(1, lambda: done.append("late"), ready=lambda: bool(ready))
    agenda.add(9, lambda: done.append("never"))
    agenda.tick(2)
    assert done == ["first", "second"]
    ready.append(True)
    agenda.tick(3)
    assert done == ["first", "second", "late"]
    agenda.reset()
    agenda.tick(10)
    assert len(done) == 3


def test_a_defect_of_the_lab_is_answered_as_aws_would_and_not_hidden(lab, aws, monkeypatch, capsys):
    monkeypatch.setattr("moto.ec2.responses.EC2Response.describe_vpcs", lambda _: 1 / 0)
    with pytest.raises(ClientError, match="InternalError"):
        aws("ec2").describe_vpcs()
    assert "ZeroDivisionError" in lab.errors.pop()
    assert lab.unasked.pop() == "ec2:DescribeVpcs answered 500"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_the_lab_cannot_do_has_a_name_of_its_own(lab, aws, monkeypatch, refused):
    def cannot(_response):
        raise LabCannot("Filter", "filter VPCs by their shape")

    monkeypatch.setattr("moto.ec2.responses.EC2Response.describe_vpcs", cannot)
    with refused("LabCannotFilter", "The lab cannot filter VPCs by their shape."):
        aws("ec2").describe_vpcs()
    assert [(call.status, call.error_code) for call in lab.calls] == [(400, "LabCannotFilter")]


def test_calls_are_recorded_with_what_came_of_them(lab, aws, refused):
    with refused("InvalidAMIID.NotFound"):
        aws("ec2").describe_images(ImageIds=["ami-0123456789abcdef0"])
    aws("elb", "eu-west-1").describe_load_balancers()
    aws("cloudwatch").put_metric_data(Namespace="wcs", MetricData=[{"MetricName": "m", "Value": 1}])
    shown = [(c.name, c.region, c.status, c.error_code, c.write) for c in lab.calls]
    assert shown == [
        ("ec2:DescribeImages", "us-east-1", 400, "InvalidAMIID.NotFound", False),
        ("elb:DescribeLoadBalancers", "eu-west-1", 200, None, False),
        ("cloudwatch:PutMetricData", "us-east-1", 200, None, True),
    ]
    assert lab.calls.writes() == ["cloudwatch:PutMetricData"]
    assert [call.number for call in lab.calls.since(1)] == [2, 3]


@pytest.mark.parametrize("service", ["ec2", "elb", "autoscaling", "cloudwatch", "acm"])
def test_g24_a_region_that_there_is_not_is_said_to_be_none(lab, aws, refused, service):
    client = aws(service, "mars-north-1")
    reads = {"elb": "describe_load_balancers", "autoscaling": "describe_auto_scaling_groups", "ec2": "describe_vpcs"}
    read = reads.get(service, "list_certificates" if service == "acm" else "describe_alarms")
    with refused("LabCannotReachRegion", "There is no Region 'mars-north-1'"):
        getattr(client, read)()
    assert [call.status for call in lab.calls] == [400]
