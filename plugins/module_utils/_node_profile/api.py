# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles and instance profiles in IAM: the one place that asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.aws import Aws
from .value import NONE_SUCH, POLICY_NAME


def describe_role(aws: Aws, name: str) -> dict[str, Any] | None:
    """The role as AWS answers, with its tags; None where there is none."""
    said = aws.read("iam", "GetRole", missing=NONE_SUCH, RoleName=name)
    return None if said is None else dict(said["Role"])


def describe_profile(aws: Aws, name: str) -> dict[str, Any] | None:
    """The instance profile as AWS answers, with its tags and roles; None where there is none."""
    said = aws.read("iam", "GetInstanceProfile", missing=NONE_SUCH, InstanceProfileName=name)
    return None if said is None else dict(said["InstanceProfile"])


def read_policy(aws: Aws, role: str) -> Mapping[str, Any] | None:
    """The document of the role's inline policy that has our name; None where it has none."""
    said = aws.read("iam", "GetRolePolicy", missing=NONE_SUCH, RoleName=role, PolicyName=POLICY_NAME)
    return None if said is None else said["PolicyDocument"]


def inline_policies(aws: Aws, role: str) -> tuple[str, ...]:
    """The names of all inline policies of the role."""
    return tuple(sorted(aws.pages("iam", "ListRolePolicies", "PolicyNames", missing=NONE_SUCH, RoleName=role)))


def attached_policies(aws: Aws, role: str) -> tuple[str, ...]:
    """The ARNs of the policies that are attached to the role."""
    found = aws.pages("iam", "ListAttachedRolePolicies", "AttachedPolicies", missing=NONE_SUCH, RoleName=role)
    return tuple(sorted(str(one["PolicyArn"]) for one in found))


def profiles_with(aws: Aws, role: str) -> tuple[str, ...]:
    """The names of the instance profiles that have the role."""
    found = aws.pages("iam", "ListInstanceProfilesForRole", "InstanceProfiles", missing=NONE_SUCH, RoleName=role)
    return tuple(sorted(str(one["InstanceProfileName"]) for one in found))
