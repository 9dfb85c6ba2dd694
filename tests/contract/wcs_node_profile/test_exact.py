"""wcs_node_profile foresees exactly what it then does, finishes what is half made, and keeps what it does not know."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import Ref, Wait
from plugins.module_utils._node_profile import moves as _node_profile
from plugins.module_utils._node_profile.options import wanted
from plugins.module_utils._node_profile.value import POLICY, trust_of
from plugins.module_utils._node_profile.world import NodeProfileWorld
from plugins.modules import wcs_node_profile
from tests.support.harness import Bench, agrees

CASES = 300 if os.environ.get("WCS_TEST_ALL") else 12
NAME = "wcs-node-us-east-1"
OTHER = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
MAKE = ["iam:CreateRole", "iam:PutRolePolicy", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"]


@pytest.fixture
def bench(lab: Lab, aws: Callable[..., Any]) -> Bench:
    return Bench(lab, aws, wcs_node_profile.ARGUMENTS, wcs_node_profile.manage)


@pytest.fixture
def iam(aws: Callable[..., Any]) -> Any:
    return aws("iam")


def test_a_profile_comes_changes_and_goes(bench: Bench, iam: Any) -> None:
    made = bench.exact(stack="wcs", tags={"Team": "video"})
    assert made.outcome.actions == MAKE
    assert [(one["thing"], one["change"], one["calls"]) for one in made.results()["plan"]["things"]] == [
        ("role", "add", 2),
        ("instance profile", "add", 2),
    ]
    role = iam.get_role(RoleName=NAME)["Role"]
    assert (role["AssumeRolePolicyDocument"], role["Path"]) == (trust_of("us-east-1"), "/")
    assert role["Description"] == "Nodes of WCS stack wcs publish their sessions"
    assert iam.get_role_policy(RoleName=NAME, PolicyName="publish")["PolicyDocument"] == POLICY
    assert made.returns["instance_profile"]["roles"] == [made.returns["role"]["name"]] == [NAME]
    assert bench.exact(stack="wcs").outcome.actions == [], "tags that are left out stay"
    changed = bench.exact(stack="wcs", tags={"Owner": "us"})
    assert changed.outcome.actions == [
        "iam:UntagRole",
        "iam:TagRole",
        "iam:UntagInstanceProfile",
        "iam:TagInstanceProfile",
    ]
    assert {one["change"] for one in changed.results()["plan"]["things"]} == {"change"}
    gone = bench.exact(stack="wcs", state="absent")
    assert (gone.returns, gone.warnings) == ({"role": None, "instance_profile": None}, ())
    assert {one["change"] for one in gone.results()["plan"]["things"]} == {"remove"}
    assert iam.list_roles()["Roles"] == iam.list_instance_profiles()["InstanceProfiles"] == []


def test_its_answer_to_a_validation_says_whether_all_is_done(bench: Bench) -> None:
    assert bench.check(stack="wcs").judged()["done"] is False
    bench.run(stack="wcs")
    judged = bench.check(stack="wcs").judged()
    assert (judged["done"], judged["actions"]) == (True, [])
    assert judged["instance_profile"]["name"] == NAME


def test_the_name_has_the_region_unless_one_is_given(bench: Bench) -> None:
    assert bench.check(stack="live").returns["instance_profile"]["name"] == "live-node-us-east-1"
    assert bench.exact(stack="live", name="of-nodes").returns["instance_profile"]["name"] == "of-nodes"
    assert bench.exact(stack="live", name="of-nodes", state="absent").outcome.changed


def test_what_has_no_option_is_kept(bench: Bench, iam: Any) -> None:
    """An adopted role's path, description, boundary, longest session, further policies; a profile's path."""
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=OTHER)["Policy"]["Arn"]
    iam.create_role(
        RoleName=NAME,
        Path="/nodes/",
        AssumeRolePolicyDocument=json.dumps(trust_of("cn-north-1")),
        Description="theirs",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        Tags=[{"Key": "team", "Value": "theirs"}],
    )
    iam.put_role_policy(RoleName=NAME, PolicyName="debug", PolicyDocument=OTHER)
    iam.attach_role_policy(RoleName=NAME, PolicyArn=boundary)
    iam.create_instance_profile(InstanceProfileName=NAME, Path="/nodes/")
    before = iam.get_role(RoleName=NAME)["Role"]
    bench.exact(stack="wcs", adopt=True)
    after = iam.get_role(RoleName=NAME)["Role"]
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"Tags", "AssumeRolePolicyDocument"}
    assert {one["Key"]: one["Value"] for one in after["Tags"]} == {"team": "theirs", "webcallserver.aws:stack": "wcs"}
    assert sorted(iam.list_role_policies(RoleName=NAME)["PolicyNames"]) == ["debug", "publish"]
    assert len(iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]) == 1
    assert iam.get_instance_profile(InstanceProfileName=NAME)["InstanceProfile"]["Path"] == "/nodes/"
    bench.exact(stack="wcs", state="absent")
    assert iam.get_policy(PolicyArn=boundary)["Policy"]["AttachmentCount"] == 0, "what was attached stays"


@pytest.mark.parametrize("stop", range(1, len(MAKE)))
def test_a_half_made_profile_is_finished_and_goes(bench: Bench, iam: Any, stop: int) -> None:
    bench.lab.faults.add("error-before", MAKE[stop], code="AccessDenied", status=403)
    bench.fails(stack="wcs")
    bench.lab.faults.reset()
    assert bench.exact(stack="wcs").outcome.actions == MAKE[stop:]
    bench.run(stack="wcs", state="absent")
    bench.lab.faults.add("error-before", MAKE[stop], code="AccessDenied", status=403)
    bench.fails(stack="wcs")
    bench.lab.faults.reset()
    assert bench.exact(stack="wcs", state="absent").outcome.changed
    assert iam.list_roles()["Roles"] == iam.list_instance_profiles()["InstanceProfiles"] == []


@pytest.mark.parametrize(
    ("operation", "code", "times"),
    [
        ("PutRolePolicy", "NoSuchEntity", 3),
        ("AddRoleToInstanceProfile", "NoSuchEntity", 5),
        ("CreateRole", "ConcurrentModification", 2),
        ("CreateInstanceProfile", "Throttling", 2),
    ],
)
def test_what_iam_does_not_know_yet_is_waited_for(bench: Bench, operation: str, code: str, times: int) -> None:
    """It is told everywhere within seconds: a role just made may be unknown to the next call."""
    status = 404 if code == "NoSuchEntity" else 409
    bench.lab.faults.add("error-before", f"iam:{operation}", count=times, code=code, status=status)
    assert bench.run(stack="wcs").outcome.actions == MAKE


@pytest.mark.parametrize("operation", ["DeleteInstanceProfile", "DeleteRole"])
def test_what_was_just_taken_away_and_still_counts_is_waited_for(bench: Bench, operation: str) -> None:
    bench.run(stack="wcs")
    bench.lab.faults.add("error-before", f"iam:{operation}", count=3, code="DeleteConflict", status=409)
    actions = bench.run(stack="wcs", state="absent").outcome.actions
    assert actions.count(f"iam:{operation}") == 1


# The kind: whatever there is


class Scene:
    """Random roles and instance profiles under the name, ours or somebody's, whole or not."""

    def __init__(self, bench: Bench, iam: Any, seed: int) -> None:
        self.bench, self.iam, self.rng = bench, iam, random.Random(seed)

    def tags(self) -> list[dict[str, str]]:
        keys = self.rng.sample(["Team", "Cost", "webcallserver.aws:stack"], self.rng.randint(0, 3))
        return [{"Key": key, "Value": self.rng.choice(["wcs", "wcs", "other"])} for key in keys]

    def before(self) -> None:
        role, profile = self.rng.random() < 0.7, self.rng.random() < 0.7
        if role:
            trust = json.dumps(trust_of(self.rng.choice(["us-east-1", "cn-north-1"])))
            self.iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust, Tags=self.tags())
            for policy in self.rng.sample(["publish", "debug", "logs"], self.rng.randint(0, 3)):
                document = self.rng.choice([OTHER, json.dumps(POLICY)])
                self.iam.put_role_policy(RoleName=NAME, PolicyName=policy, PolicyDocument=document)
        if profile:
            self.iam.create_instance_profile(InstanceProfileName=NAME, Tags=self.tags())
        if role and profile and self.rng.random() < 0.7:
            self.iam.add_role_to_instance_profile(InstanceProfileName=NAME, RoleName=NAME)

    def options(self) -> dict[str, Any]:
        if self.rng.random() < 0.3:
            return {"stack": "wcs", "state": "absent", "adopt": True}
        tags = self.rng.choice([None, {}, {"Team": "a"}, {"team": "b", "Owner": ""}])
        given: dict[str, Any] = {"stack": "wcs", "adopt": True, "purge_tags": self.rng.choice([True, False])}
        return given if tags is None else {**given, "tags": tags}


@pytest.mark.parametrize("seed", range(CASES))
def test_exact(bench: Bench, iam: Any, seed: int) -> None:
    scene = Scene(bench, iam, seed)
    scene.before()
    bench.exact(**scene.options())


@pytest.mark.parametrize("seed", range(1000, 1000 + CASES // 2))
def test_each_step_does_what_is_foreseen(bench: Bench, iam: Any, seed: int) -> None:
    scene = Scene(bench, iam, seed)
    scene.before()
    params = bench.params(**scene.options())
    want = wanted(params) if params["state"] == "present" else None
    world = NodeProfileWorld(bench.api(), NAME, "wcs", adopt=True, removal=want is None)
    have, known = world.read(), dict[Ref, Any]()
    for move in course(_node_profile, have, want)[0]:
        assert not isinstance(move, Wait)
        known |= world.write(move, known)
        have = _node_profile.foresee(have, move)
        agrees(_node_profile.show(have), _node_profile.show(world.read()), str(move))
