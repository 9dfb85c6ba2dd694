"""Roles and instance profiles: names, tags and trust policies that IAM does not take are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


@pytest.fixture
def iam(aws: Callable[[str], Any]) -> Any:
    return aws("iam")


def role(iam: Any, name: str = "node", **given: Any) -> Any:
    return iam.create_role(**{"RoleName": name, "AssumeRolePolicyDocument": TRUST, **given})["Role"]


def profile(iam: Any, name: str = "nodes", **given: Any) -> Any:
    return iam.create_instance_profile(InstanceProfileName=name, **given)["InstanceProfile"]


@pytest.mark.parametrize(("make", "most"), [(role, 64), (profile, 128)])
def test_a_name_is_of_its_characters_and_unique_in_any_case(iam: Any, refused: Any, make: Any, most: int) -> None:
    """CreateRole, CreateInstanceProfile: names are not distinguished by case."""
    make(iam, "x" * most)
    for name in ("x" * (most + 1), "a b", "ä"):
        with refused("ValidationError", "pattern"):
            make(iam, name)
    with refused("EntityAlreadyExists", "already exists"):
        make(iam, "X" * most)


def test_a_trust_policy_is_one(iam: Any, refused: Any) -> None:
    """CreateRole: MalformedPolicyDocument."""
    with refused("MalformedPolicyDocument"):
        role(iam, AssumeRolePolicyDocument="{}")


@pytest.mark.parametrize("make", [role, profile])
def test_a_tag_has_letters_digits_spaces_and_some_marks(iam: Any, refused: Any, make: Any) -> None:
    """TagRole: pattern of a tag's key and value."""
    for tag in ({"Key": "a,b", "Value": "x"}, {"Key": "a", "Value": "R&D"}):
        with refused("ValidationError"):
            make(iam, Tags=[tag])
    made = make(iam, Tags=[{"Key": "Größe", "Value": "a b/c:d=e+f-g@h.i_j"}])
    assert [one["Key"] for one in made["Tags"]] == ["Größe"]


@pytest.mark.parametrize(
    ("make", "names", "of"),
    [(role, {"RoleName": "node"}, "role"), (profile, {"InstanceProfileName": "nodes"}, "instance_profile")],
)
def test_keys_of_another_case_are_the_same_key(iam: Any, refused: Any, make: Any, names: Any, of: str) -> None:
    """IAM user guide: tag keys are case-insensitive; a new one takes the old one's place, and two are refused."""

    def tags() -> list[tuple[str, str]]:
        (whole,) = (value for key, value in getattr(iam, f"get_{of}")(**names).items() if key != "ResponseMetadata")
        return [(tag["Key"], tag["Value"]) for tag in whole["Tags"]]

    with refused("InvalidInput", "Duplicate tag keys"):
        make(iam, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    make(iam, Tags=[{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": "7"}])
    getattr(iam, f"tag_{of}")(**names, Tags=[{"Key": "Team", "Value": "b"}])
    assert sorted(tags()) == [("Team", "b"), ("cost", "7")]
    getattr(iam, f"untag_{of}")(**names, TagKeys=["TEAM"])
    assert tags() == [("cost", "7")]


def test_a_role_that_a_profile_has_not_cannot_be_taken_out(iam: Any, refused: Any) -> None:
    """RemoveRoleFromInstanceProfile: NoSuchEntity."""
    role(iam)
    profile(iam)
    with refused("NoSuchEntity", "role with name node"):
        iam.remove_role_from_instance_profile(InstanceProfileName="nodes", RoleName="node")
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="node")
    iam.remove_role_from_instance_profile(InstanceProfileName="nodes", RoleName="node")


def test_nothing_goes_that_something_hangs_on(iam: Any, refused: Any) -> None:
    """DeleteRole, DeleteInstanceProfile: DeleteConflict."""
    role(iam)
    profile(iam)
    iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="node")
    for call, given in (
        ("delete_role", {"RoleName": "node"}),
        ("delete_instance_profile", {"InstanceProfileName": "nodes"}),
    ):
        with refused("DeleteConflict", "must remove roles from instance profile first"):
            getattr(iam, call)(**given)
    with refused("LimitExceeded", "InstanceSessionsPerInstanceProfile"):
        iam.add_role_to_instance_profile(InstanceProfileName="nodes", RoleName="node")
