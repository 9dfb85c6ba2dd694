# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the profile of a stack's nodes is: an IAM role with one permission, and the instance profile that has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._core import tags as _tags

ROLE, PROFILE = "role", "instance profile"
NONE_SUCH = ("NoSuchEntity",)
"""Of what was just made, too: IAM knows it everywhere within seconds only."""
POLICY_NAME = "publish"
POLICY: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Publish",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "WCS"}},
        }
    ],
}
"""All that nodes may do: publish metrics of WCS (docs/iam/node.json)."""


@dataclass(frozen=True)
class NodeRole:
    """An IAM role that is there, or foreseen: then its ARN is LATER.

    `trust` and `policy` are documents; `policy` is that of our name, None where there is none. The names of all its
    `inline` policies and the ARNs of those `attached` to it are read before a removal.
    """

    arn: str
    trust: Mapping[str, Any]
    policy: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    inline: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()

    @classmethod
    def from_aws(cls, said: Mapping[str, Any], policy: Mapping[str, Any] | None) -> NodeRole:
        """The role of GetRole."""
        tags = _tags.from_aws(said.get("Tags"))
        return cls(str(said["Arn"]), said.get("AssumeRolePolicyDocument") or {}, policy, tags)


@dataclass(frozen=True)
class InstanceProfile:
    """An instance profile that is there, or foreseen, with the names of its roles: one at most, by AWS's quota."""

    arn: str
    roles: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_aws(cls, said: Mapping[str, Any]) -> InstanceProfile:
        """The profile of GetInstanceProfile."""
        roles = tuple(str(role["RoleName"]) for role in said.get("Roles") or ())
        return cls(str(said["Arn"]), roles, _tags.from_aws(said.get("Tags")))


@dataclass(frozen=True)
class NodeProfile:
    """What is there under one name. `stack` is whose tag both have; `adopt`: without it they may be treated as ours.

    `holders` are other instance profiles that have the role, read before a removal.
    """

    name: str
    stack: str
    region: str
    adopt: bool = False
    role: NodeRole | None = None
    profile: InstanceProfile | None = None
    holders: tuple[str, ...] = ()

    @property
    def own_role(self) -> NodeRole | None:
        """The role, if it is ours."""
        return self.role if self.role and self._is_ours(self.role.tags) else None

    @property
    def own_profile(self) -> InstanceProfile | None:
        """The instance profile, if it is ours."""
        return self.profile if self.profile and self._is_ours(self.profile.tags) else None

    def _is_ours(self, tags: Mapping[str, str]) -> bool:
        return self.adopt or _tags.is_marked(tags, self.stack)


@dataclass(frozen=True)
class WantedNodeProfile:
    """What is wanted of both; tags of None are not managed."""

    tags: Mapping[str, str] | None = None
    purge_tags: bool = True


def name_of(stack: str, region: str) -> str:
    """The name of both. IAM is the same in all Regions, and stacks of one name in two of them share no role."""
    return f"{stack}-node-{region}"


def trust_of(region: str) -> dict[str, Any]:
    """Who may have the role: instances, whose service has a name of its own in China."""
    service = "ec2.amazonaws.com.cn" if region.startswith("cn-") else "ec2.amazonaws.com"
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def says_the_same(one: Any, other: Any) -> bool:
    """Whether two documents mean the same: to IAM a list of one is its element, and lists have no order."""
    return bool(_plain(one) == _plain(other))


def _plain(document: Any) -> Any:
    if isinstance(document, Mapping):
        return {key: _plain(value) for key, value in document.items()}
    if isinstance(document, (list, tuple)):
        parts = sorted(map(_plain, document), key=repr)
        return parts[0] if len(parts) == 1 else parts
    return document


def complete(have: NodeProfile, want: WantedNodeProfile | None) -> WantedNodeProfile | None:  # noqa: ARG001
    """The want, which has no gaps."""
    return want


def tags_aimed(have: NodeProfile, there: Mapping[str, str], want: WantedNodeProfile) -> dict[str, str]:
    """The tags that a thing with these tags should have. To IAM `Team` and `team` are one key: ours is as wanted."""
    aim = _tags.aimed(there, want.tags, want.purge_tags, _tags.marks(have.stack))
    wanted = {key.casefold(): key for key in want.tags or ()}
    return {key: value for key, value in aim.items() if wanted.get(key.casefold(), key) == key}


def show(have: NodeProfile) -> dict[str, Any] | None:
    """The managed fields of what is ours; None where there is nothing."""
    role, profile = have.own_role, have.own_profile
    shown = {
        "role": role and {**_shown(have, role), "trust_policy": role.trust, "policy": role.policy},
        "instance_profile": profile and {**_shown(have, profile), "roles": list(profile.roles)},
    }
    return shown if any(shown.values()) else None


def _shown(have: NodeProfile, one: NodeRole | InstanceProfile) -> dict[str, Any]:
    tags = {key: value for key, value in sorted(one.tags.items()) if not key.startswith((_tags.PREFIX, "aws:"))}
    return {"name": have.name, "arn": one.arn, "stack": one.tags.get(_tags.STACK), "tags": tags}
