"""An instance has its profile's credentials, which may do what the role's policies allow, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from lab.api.inprocess import send
from lab.iam import principals
from plugins.module_utils._node_profile.value import trust_of

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "WCS"}},
        }
    ],
}


@pytest.fixture
def profiled(lab, aws, run) -> Any:
    """An instance with the profile of a role that may publish."""
    iam = aws("iam")
    iam.create_role(RoleName="node", AssumeRolePolicyDocument=json.dumps(trust_of("us-east-1")))
    iam.put_role_policy(RoleName="node", PolicyName="publish", PolicyDocument=json.dumps(POLICY))
    iam.create_instance_profile(InstanceProfileName="nodes")
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="node")
    return run(IamInstanceProfile={"Name": "nodes"})


def client(found: Any, service: str = "cloudwatch") -> Any:
    session = botocore.session.Session()
    session.set_credentials(found.access_key, found.secret_key, found.token)
    made = session.create_client(service, region_name="us-east-1")
    made.meta.events.register("before-send", send)
    return made


def publish(found: Any, namespace: str = "WCS") -> None:
    client(found).put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", "Value": 1}])


def refused(call: Any, *given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_an_instance_without_a_profile_has_none(lab, run):
    assert principals.credentials(lab, run()) is None


def test_what_the_policy_allows_is_done_and_nothing_else(lab, profiled):
    found = principals.credentials(lab, profiled)
    assert (found.role, found.profile_arn.rpartition("/")[2]) == ("node", "nodes")
    publish(found)
    code, message = refused(publish, found, "Other")
    assert code == "AccessDenied"
    assert f"assumed-role/node/{profiled} is not authorized to perform: cloudwatch:PutMetricData" in message
    assert refused(client(found, "autoscaling").describe_auto_scaling_groups)[0] == "AccessDenied"


def test_they_are_the_same_for_a_while_and_then_new_and_end(lab, profiled):
    first = principals.credentials(lab, profiled)
    assert principals.credentials(lab, profiled) == first
    lab.clock.advance(4 * 3600)
    second = principals.credentials(lab, profiled)
    assert second.access_key != first.access_key
    publish(first)
    lab.clock.advance(3 * 3600)
    assert refused(publish, first)[0] == "ExpiredToken"
    publish(second)


def test_without_its_policy_or_role_it_may_nothing(lab, aws, profiled):
    found, iam = principals.credentials(lab, profiled), aws("iam")
    iam.delete_role_policy(RoleName="node", PolicyName="publish")
    assert refused(publish, found)[0] == "AccessDenied"
    iam.remove_role_from_instance_profile(InstanceProfileName="nodes", RoleName="node")
    assert principals.credentials(lab, profiled) is None
    iam.delete_role(RoleName="node")
    assert refused(publish, found)[0] == "InvalidClientTokenId"
