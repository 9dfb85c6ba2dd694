"""A request beyond a limit of AWS's model, or of its documentation, is refused; a page's token must be AWS's.

AWS documents the limits at each parameter ("You can specify up to 20 instances.", "the maximum value is 100"), in its
model as min, max and enum; ValidationError is among the errors that all its calls have. InvalidNextToken is in the
models of Auto Scaling and CloudWatch and in the list of EC2's error codes.
"""

from __future__ import annotations

import pytest
from botocore import xform_name
from moto.core.utils import get_service_model

from lab.core.corrections import REGISTRY, load
from lab.core.limits import most
from lab.core.operations import operation_of
from lab.open import ANSWERS

OWNERS = {"AutoScalingResponse": "autoscaling", "CloudWatchResponse": "cloudwatch", "ELBResponse": "elb"}
load(ANSWERS)
ENTRIES = [(OWNERS.get(entry.owner.__name__, ""), entry.method) for entry in REGISTRY]
ANSWERED = sorted((service, operation_of(service, method)) for service, method in ENTRIES if service)
"""What the lab answers itself; elsewhere it is LabCannotAnswer."""
LIMITED = [(service, operation, member) for service, operation in ANSWERED for member in most(service, operation)]


def value(shape):
    """Something that fits a shape."""
    if shape.type_name == "structure":
        return {name: value(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [value(shape.member)] * max(1, shape.metadata.get("min", 1))
    if shape.type_name == "timestamp":
        return 0
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
    return {"integer": shape.metadata.get("min", 1), "double": 1.0, "boolean": True}[shape.type_name]


@pytest.mark.parametrize(("service", "operation", "member"), LIMITED)
def test_one_more_than_the_limit_is_refused(aws, refused, service, operation, member):
    client, limit = aws(service), most(service, operation)[member]
    shape = client.meta.service_model.operation_model(operation).input_shape
    given, asked = value(shape), shape.members[member]
    given[member] = limit + 1 if asked.type_name == "integer" else [value(asked.member)] * (limit + 1)
    spelled = member[0].lower() + member[1:]
    with refused("ValidationError", f"at '{spelled}' failed to satisfy constraint: Member must have"):
        getattr(client, xform_name(operation))(**given)


def test_what_our_modules_send_at_once_is_limited():
    wanted = {
        ("autoscaling", "EnterStandby", "InstanceIds"): 20,
        ("autoscaling", "AttachLoadBalancers", "LoadBalancerNames"): 10,
        ("autoscaling", "SetInstanceProtection", "InstanceIds"): 50,
        ("autoscaling", "DescribeAutoScalingGroups", "MaxRecords"): 100,
        ("cloudwatch", "PutMetricAlarm", "AlarmActions"): 5,
        ("cloudwatch", "PutMetricData", "MetricData"): 1000,
        ("elb", "DescribeTags", "LoadBalancerNames"): 20,
    }
    assert {place: most(*place[:2]).get(place[2]) for place in wanted} == wanted


def test_more_groups_are_named_where_a_larger_page_is_asked_for(aws, refused):
    """DescribeAutoScalingGroups: by default up to 50 names; MaxRecords raises that."""
    names_of_60 = [f"g{number}" for number in range(60)]
    asg = aws("autoscaling")
    with refused("ValidationError", "autoScalingGroupNames"):
        asg.describe_auto_scaling_groups(AutoScalingGroupNames=names_of_60)
    assert asg.describe_auto_scaling_groups(AutoScalingGroupNames=names_of_60, MaxRecords=60)["AutoScalingGroups"] == []


@pytest.mark.parametrize(("member", "given"), [("Statistic", "Mean"), ("Unit", "Sessions"), ("AlarmName", "a" * 256)])
def test_words_of_an_alarm_are_those_of_the_model(aws, refused, member, given):
    """PutMetricAlarm: Statistic and Unit are one of a list, a name has at most 255 characters."""
    alarm = {
        "AlarmName": "a",
        "Namespace": "WCS",
        "MetricName": "connections_websocket",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm)
    with refused("ValidationError", "failed to satisfy constraint"):
        cloudwatch.put_metric_alarm(**{**alarm, member: given})


def token_of(service, operation):
    """The name of the token that an operation takes; None where it does not page."""
    shape = get_service_model(service).operation_model(operation).input_shape
    return next((name for name in ("NextToken", "Marker") if shape is not None and name in shape.members), None)


PAGED = [
    (service, operation)
    for service, operation in [*ANSWERED, ("ec2", "DescribeLaunchTemplates"), ("ec2", "DescribeLaunchTemplateVersions")]
    if operation.startswith(("Describe", "List")) and token_of(service, operation)
]


@pytest.mark.parametrize(("service", "operation"), PAGED)
def test_a_token_that_aws_did_not_give_is_refused(aws, fleet, refused, service, operation):
    fleet.group()
    shape = get_service_model(service).operation_model(operation).input_shape
    given = {name: value(shape.members[name]) for name in shape.required_members}
    given |= {name: "wcs" for name in ("AutoScalingGroupName", "LaunchTemplateName") if name in shape.members}
    with refused("ValidationError" if service == "elb" else "InvalidNextToken", "The token"):
        getattr(aws(service), xform_name(operation))(**given, **{token_of(service, operation): "not AWS's"})


def test_some_calls_page():
    assert len(PAGED) >= 16
