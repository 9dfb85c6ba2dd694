"""What fault cases of role and instance profile of nodes are about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plugins.module_utils._node_profile.value import trust_of
from plugins.modules import wcs_node_profile
from tests.faults.sites import Scenario, World

NAME = "wcs-node-us-east-1"
WANTED: dict[str, Any] = {"stack": "wcs", "tags": {"Team": "video"}, "adopt": True}
ABSENT: dict[str, Any] = {"stack": "wcs", "state": "absent"}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


def nothing(_world: World) -> dict[str, str]:
    return {}


def of_somebody(world: World) -> dict[str, str]:
    """Role and instance profile that are not ours, apart, and for other things."""
    iam, tags = world.aws("iam"), [{"Key": "team", "Value": "audio"}]
    iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust_of("cn-north-1")), Tags=tags)
    iam.put_role_policy(RoleName=NAME, PolicyName="publish", PolicyDocument=DOCUMENT)
    iam.create_instance_profile(InstanceProfileName=NAME, Tags=tags)
    return {}


def laden(world: World) -> dict[str, str]:
    """The stack's, on whose role others have hung policies."""
    world.bench(wcs_node_profile).run(**WANTED)
    iam = world.aws("iam")
    iam.put_role_policy(RoleName=NAME, PolicyName="debug", PolicyDocument=DOCUMENT)
    policy = iam.create_policy(PolicyName="shared", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=NAME, PolicyArn=policy)
    return {}


def without_profile(world: World, _names: Mapping[str, str]) -> None:
    """Removes them; nothing of them may be left."""
    for _ in range(2):
        world.bench(wcs_node_profile).run(**ABSENT)
    iam = world.aws("iam")
    assert iam.list_roles()["Roles"] == iam.list_instance_profiles()["InstanceProfiles"] == []


PROFILES = (
    Scenario("node profile made", wcs_node_profile, WANTED, nothing, without_profile),
    Scenario("node profile changed", wcs_node_profile, WANTED, of_somebody, without_profile),
    Scenario("node profile removed", wcs_node_profile, ABSENT, laden, without_profile),
)
