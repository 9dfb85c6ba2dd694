# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write calls for a role and its instance profile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.step import Step
from .value import NONE_SUCH, POLICY, POLICY_NAME, PROFILE, ROLE, NodeProfile, trust_of

THERE = ("EntityAlreadyExists",)
CONFLICT = ("DeleteConflict",)
"""What was just taken away may still count."""


def _step(have: NodeProfile, operation: str, thing: str, args: Mapping[str, Any], **answers: Any) -> Step:
    """A call about `thing` of that name. Those that name a role or a profile alone are repeated when no reply comes."""
    named = {"RoleName": have.name} if thing.endswith(ROLE) else {"InstanceProfileName": have.name}
    return Step("iam", operation, (thing, have.name), {**named, **args}, **{"lost": "repeat", **answers})


def create_role(have: NodeProfile, tags: Mapping[str, str]) -> Step:
    """The call that makes the role, for instances."""
    args = {
        "AssumeRolePolicyDocument": json.dumps(trust_of(have.region)),
        "Description": f"Nodes of WCS stack {have.stack} publish their sessions",
        "Tags": _tags.to_aws(tags),
    }
    return _step(have, "CreateRole", ROLE, args, lost="adopt", exists=THERE)


def trust(have: NodeProfile) -> Step:
    """The call that lets instances have the role, and nobody else."""
    args = {"PolicyDocument": json.dumps(trust_of(have.region))}
    return _step(have, "UpdateAssumeRolePolicy", f"trust policy of {ROLE}", args, soon=NONE_SUCH)


def allow(have: NodeProfile) -> Step:
    """The call that lets the role publish."""
    args = {"PolicyName": POLICY_NAME, "PolicyDocument": json.dumps(POLICY)}
    return _step(have, "PutRolePolicy", f"policy of {ROLE}", args, soon=NONE_SUCH)


def create_profile(have: NodeProfile, tags: Mapping[str, str]) -> Step:
    """The call that makes the instance profile."""
    return _step(have, "CreateInstanceProfile", PROFILE, {"Tags": _tags.to_aws(tags)}, lost="adopt", exists=THERE)


def hand_over(have: NodeProfile) -> Step:
    """The call that gives the role to the instance profile. One more than AWS's quota allows is the role itself."""
    exists = (*THERE, "LimitExceeded~InstanceSessionsPerInstanceProfile")
    args = {"RoleName": have.name}
    return _step(
        have, "AddRoleToInstanceProfile", f"role of {PROFILE}", args, lost="adopt", exists=exists, soon=NONE_SUCH
    )


def take_back(have: NodeProfile, role: str) -> Step:
    """The call that takes a role out of the instance profile."""
    args = {"RoleName": role}
    return _step(have, "RemoveRoleFromInstanceProfile", f"role of {PROFILE}", args, gone=NONE_SUCH)


def delete_profile(have: NodeProfile) -> Step:
    """The call that removes the instance profile."""
    return _step(have, "DeleteInstanceProfile", PROFILE, {}, gone=NONE_SUCH, soon=CONFLICT)


def forbid(have: NodeProfile, policy: str) -> Step:
    """The call that removes an inline policy of the role."""
    return _step(have, "DeleteRolePolicy", f"policy of {ROLE}", {"PolicyName": policy}, gone=NONE_SUCH)


def detach(have: NodeProfile, policy: str) -> Step:
    """The call that takes an attached policy, which stays, from the role."""
    return _step(have, "DetachRolePolicy", f"policy of {ROLE}", {"PolicyArn": policy}, gone=NONE_SUCH)


def delete_role(have: NodeProfile) -> Step:
    """The call that removes the role."""
    return _step(have, "DeleteRole", ROLE, {}, gone=NONE_SUCH, soon=CONFLICT)


def tag(have: NodeProfile, thing: str, tags: Mapping[str, str]) -> Step:
    """The call that sets tags of the role or the instance profile."""
    return _step(have, OF[thing][0], f"tags of {thing}", {"Tags": _tags.to_aws(tags)}, soon=NONE_SUCH)


def untag(have: NodeProfile, thing: str, keys: Sequence[str]) -> Step:
    """The call that takes tags away."""
    return _step(have, OF[thing][1], f"tags of {thing}", {"TagKeys": list(keys)}, soon=NONE_SUCH)


OF = {ROLE: ("TagRole", "UntagRole"), PROFILE: ("TagInstanceProfile", "UntagInstanceProfile")}
