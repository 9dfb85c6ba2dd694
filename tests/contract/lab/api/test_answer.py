"""What is answered to a request that no answer is there for."""

from __future__ import annotations

import json

import pytest
from moto.core.request import Request

from lab.api.answer import answer
from lab.core.errors import Refused, error_code, refusal
from lab.core.wire import Question

SIGNED = {
    "ec2": "ec2",
    "elasticloadbalancing": "elb",
    "autoscaling": "autoscaling",
    "monitoring": "cloudwatch",
    "iam": "iam",
}


def ask(lab, signed, body):
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=LAB/20260101/us-east-1/{signed}/aws4_request, More=x",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return answer(lab, Request.from_primitives("POST", "https://aws/", headers, body))


@pytest.mark.parametrize("signed", SIGNED)
def test_g10_an_operation_that_there_is_not_is_an_invalid_action(lab, signed):
    reply = ask(lab, signed, b"Action=DescribeNonsense&Version=2012-06-01")
    assert (reply.status, error_code(reply.body)) == (400, "InvalidAction")
    assert b"The action DescribeNonsense is not valid for this web service." in reply.body


def test_g10_elastic_load_balancing_v2_is_another_service(lab):
    reply = ask(lab, "elasticloadbalancing", b"Action=DescribeLoadBalancers&Version=2015-12-01")
    assert (reply.status, error_code(reply.body)) == (400, "LabCannotAnswer")


@pytest.mark.parametrize(
    ("service", "read"), [("elbv2", "describe_target_groups"), ("s3", "list_buckets"), ("kms", "list_keys")]
)
def test_g10_what_the_lab_has_not_it_says_by_a_name_of_its_own(aws, refused, service, read):
    with refused("LabCannotAnswer"):
        getattr(aws(service), read)()


def test_g10_what_aws_can_and_the_lab_cannot_do_is_no_invalid_action(aws, refused):
    with refused("LabCannotAnswer", "The lab cannot do DescribeByoipCidrs. AWS can."):
        aws("ec2").describe_byoip_cidrs(MaxResults=5)


def test_an_error_in_json_is_json_whatever_it_says():
    said = 'quoted "so", {braces} and \\ back'
    body = refusal(Question("acm", "ListCertificates", "us-east-1"), Refused("Trouble", said)).body
    assert json.loads(body) == {"__type": "Trouble", "message": said}


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [("ec2", "CreateLaunchTemplate", "MissingParameter"), ("autoscaling", "PutScalingPolicy", "ValidationError")],
)
def test_a_request_without_a_parameter_it_needs_is_refused(lab, service, operation, code):
    reply = ask(lab, service, f"Action={operation}&Version=2016-11-15".encode())
    assert (reply.status, error_code(reply.body)) == (400, code)
