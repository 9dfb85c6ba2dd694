"""What planned calls name."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.references import Reference, There, absent, references
from plugins.module_utils._core.step import LATER, Ref, Step

DATA: dict[str, Any] = {
    "ImageId": "ami-1",
    "InstanceType": "c5.large",
    "KeyName": "operations",
    "NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1", LATER]}],
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "ImageId", "Value": "x"}]}],
}


def step(operation: str, region: str | None = None, **args: Any) -> Step:
    return Step("ec2", operation, ("thing", "wcs"), args, region)


@pytest.mark.parametrize(
    ("planned", "names"),
    [
        (
            step("CreateLaunchTemplate", LaunchTemplateData=DATA),
            {("image", "ami-1"), ("instance type", "c5.large"), ("key pair", "operations"), ("security group", "sg-1")},
        ),
        (
            step("CreateLaunchConfiguration", SecurityGroups=["sg-1"], ImageId="ami-1"),
            {("image", "ami-1"), ("security group", "sg-1")},
        ),
        (
            step("CreateLoadBalancer", Subnets=["subnet-1"], SecurityGroups=["sg-1"]),
            {("subnet", "subnet-1"), ("security group", "sg-1")},
        ),
        (step("UpdateAutoScalingGroup", VPCZoneIdentifier=f"subnet-1,{LATER}"), {("subnet", "subnet-1")}),
        (step("RegisterInstancesWithLoadBalancer", Instances=[{"InstanceId": "i-1"}]), {("instance", "i-1")}),
        (
            step(
                "CreateLoadBalancerPolicy",
                PolicyAttributes=[{"AttributeName": "Reference-Security-Policy", "AttributeValue": "TLS-x"}],
            ),
            {("security policy", "TLS-x")},
        ),
        (step("CreateImage", InstanceId=LATER), set()),
        (step("CreateLaunchTemplateVersion", LaunchTemplateData={"ImageId": "resolve:ssm:/wcs"}), set()),
        (step("CreateLaunchTemplateVersion", LaunchTemplateData={"ImageId": Ref("image", "wcs", "id")}), set()),
        (step("DeregisterInstancesFromLoadBalancer", Instances=[{"InstanceId": "i-1"}]), set()),
        (step("DeleteTags", Resources=["i-1"]), set()),
    ],
)
def test_what_a_call_names(planned: Step, names: set[tuple[str, str]]) -> None:
    assert {(one.kind, one.name) for one in references(planned)} == names


def test_what_is_not_there_is_refused_with_the_first_call_that_names_it() -> None:
    calls = [step("CreateImage", InstanceId="i-1"), step("CreateImage", "eu-west-1", InstanceId="i-2")]
    assert [one for call in calls for one in references(call)] == [
        Reference("instance", "i-1"),
        Reference("instance", "i-2", "eu-west-1"),
    ]
    there: There = {("instance", None): {"i-1": {}}, ("instance", "eu-west-1"): {"i-1": {}}}
    refusal = absent(calls, there, "us-east-1")
    assert refusal is not None
    assert str(Failure(refusal)) == (
        "Cannot plan thing 'wcs': there is no instance 'i-2' in eu-west-1. Fix the option, or create it first."
    )
    assert absent(calls[:1], there, "us-east-1") is None
