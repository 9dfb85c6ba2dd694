"""Every way in which wcs_node_profile fails: the sentence, and the `error` fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._node_profile.value import POLICY, trust_of
from plugins.modules import wcs_node_profile
from tests.support.harness import Bench

NAME = "wcs-node-us-east-1"
FIX = "Fix the cause and run again. Completed steps are kept."
ALLOW = "Allow the action iam:{} to these credentials (see the policies in docs/iam)."


@pytest.fixture
def bench(lab: Lab, aws: Callable[..., Any]) -> Bench:
    return Bench(lab, aws, wcs_node_profile.ARGUMENTS, wcs_node_profile.manage)


@pytest.fixture
def iam(aws: Callable[..., Any]) -> Any:
    return aws("iam")


@pytest.mark.parametrize(
    ("operation", "code", "message", "sentence"),
    [
        ("CreateRole", "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", "create role"),
        ("PutRolePolicy", "UnmodifiableEntity", "It cannot be modified", "set policy of role"),
        ("CreateInstanceProfile", "LimitExceeded", "Cannot exceed quota", "create instance profile"),
        ("AddRoleToInstanceProfile", "LimitExceeded", "Cannot exceed quota", "set role of instance profile"),
    ],
)
def test_what_only_aws_can_know(bench: Bench, operation: str, code: str, message: str, sentence: str) -> None:
    bench.lab.faults.add("error-before", f"iam:{operation}", count=None, code=code, status=409, message=message)
    failure = bench.fails(stack="wcs")
    assert str(failure) == f"Cannot {sentence} '{NAME}': {message} ({code}). {FIX}"
    fields = failure.call.fields()
    assert fields.pop("request_id")
    assert fields == {"service": "iam", "operation": operation, "code": code}


CALLS = {
    "GetRole": "call iam:GetRole",
    "CreateRole": f"create role '{NAME}'",
    "TagInstanceProfile": f"change tags of instance profile '{NAME}'",
    "UpdateAssumeRolePolicy": f"change trust policy of role '{NAME}'",
    "AddRoleToInstanceProfile": f"set role of instance profile '{NAME}'",
    "RemoveRoleFromInstanceProfile": f"remove role of instance profile '{NAME}'",
    "DeleteRolePolicy": f"delete policy of role '{NAME}'",
    "DetachRolePolicy": f"detach policy of role '{NAME}'",
    "DeleteRole": f"delete role '{NAME}'",
}


@pytest.mark.parametrize("operation", CALLS)
def test_a_denied_action_is_named(bench: Bench, iam: Any, operation: str) -> None:
    if operation not in ("GetRole", "CreateRole", "AddRoleToInstanceProfile"):
        bench.run(stack="wcs")
        policy = iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(POLICY))
        iam.attach_role_policy(RoleName=NAME, PolicyArn=policy["Policy"]["Arn"])
        iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=json.dumps(trust_of("cn-north-1")))
    bench.lab.faults.add("error-before", f"iam:{operation}", count=None, code="AccessDenied", status=403)
    removal = operation.startswith(("Delete", "Detach", "Remove"))
    failure = bench.fails(stack="wcs", tags={"a": "b"}) if not removal else bench.fails(stack="wcs", state="absent")
    assert str(failure).startswith(f"Cannot {CALLS[operation]}: ")
    assert str(failure).endswith(ALLOW.format(operation))


def test_a_role_that_never_comes_to_be_known_is_told_after_a_minute(bench: Bench) -> None:
    bench.lab.faults.add("error-before", "iam:PutRolePolicy", count=None, code="NoSuchEntity", status=404)
    start = bench.lab.clock.now()
    assert "(NoSuchEntity)" in str(bench.fails(stack="wcs", wait_timeout=600))
    assert 30 < bench.lab.clock.now() - start <= 75


def test_what_somebody_hangs_on_the_role_meanwhile_is_told(bench: Bench, iam: Any) -> None:
    bench.run(stack="wcs")
    bench.lab.faults.add("error-before", "iam:DeleteRole", count=None, code="DeleteConflict", status=409)
    failure = bench.fails(stack="wcs", state="absent")
    assert (failure.call.code, failure.actions[-1]) == ("DeleteConflict", "iam:DeleteRolePolicy")
    bench.lab.faults.reset()
    assert bench.exact(stack="wcs", state="absent").outcome.actions == ["iam:DeleteRole"]
    assert iam.list_roles()["Roles"] == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("thing", ["role", "instance profile"])
def test_what_is_somebody_elses_is_not_touched(bench: Bench, iam: Any, thing: str, check: bool) -> None:
    if thing == "role":
        iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust_of("us-east-1")))
    else:
        iam.create_instance_profile(InstanceProfileName=NAME)
    start = bench.mark()
    assert str(bench.fails(check, stack="wcs")) == (
        f"Cannot change {thing} '{NAME}': it exists and is not tagged webcallserver.aws:stack=wcs, so it is not "
        "managed by this collection. Set adopt: true to have it managed here, or name to another one."
    )
    removed = bench.run(check, stack="wcs", state="absent")
    assert bench.writes(start) == []
    assert removed.outcome.actions == []
    assert removed.warnings == (
        f"{thing.capitalize()} '{NAME}' is left alone: it is not tagged webcallserver.aws:stack=wcs.",
    )


@pytest.mark.parametrize("check", [True, False])
def test_what_others_use_is_not_removed(bench: Bench, iam: Any, check: bool) -> None:
    bench.run(stack="wcs")
    iam.create_instance_profile(InstanceProfileName="shop")
    iam.add_role_to_instance_profile(InstanceProfileName="shop", RoleName=NAME)
    start = bench.mark()
    assert str(bench.fails(check, stack="wcs", state="absent")) == (
        f"Cannot delete role '{NAME}': instance profile 'shop' has it, too. Take it out of that first, or keep it."
    )
    assert bench.writes(start) == []


@pytest.mark.parametrize("check", [True, False])
def test_a_profile_that_has_another_role_is_named(bench: Bench, iam: Any, check: bool) -> None:
    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=json.dumps(trust_of("us-east-1")))
    iam.create_instance_profile(InstanceProfileName=NAME)
    iam.add_role_to_instance_profile(InstanceProfileName=NAME, RoleName="theirs")
    start = bench.mark()
    assert f"instance profile '{NAME}': it has the role 'theirs', and AWS allows one." in str(
        bench.fails(check, stack="wcs", adopt=True)
    )
    assert bench.writes(start) == []
