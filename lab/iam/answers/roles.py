# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and instance profiles: their names, tags and trust policies are those that IAM takes.

Rules: IAM API reference (CreateRole, TagRole, RemoveRoleFromInstanceProfile), IAM user guide, "IAM and STS quotas" and
"Tags for IAM resources".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from moto.iam.models import IAMBackend
from moto.iam.policy_validation import IAMTrustPolicyDocumentValidator

from ...core.corrections import correction
from ...core.errors import Refused

NAME = re.compile(r"^[\w+=,.@-]+$", re.ASCII)
MARKS = "_.:/=+-@"
Tags = Sequence[Mapping[str, str]]


@correction(
    "A role has a name of 1 to 64 letters, digits and _+=,.@- that no other has in any case, and a trust policy.",
    IAMBackend,
    "create_role",
)
def create_role(
    create: Any, iam: Any, role_name: str, assume_role_policy_document: str, *given: Any, **options: Any
) -> Any:
    """The role."""
    _check_name("roleName", role_name, 64, (role.name for role in iam.roles.values()), "Role with name")
    IAMTrustPolicyDocumentValidator(assume_role_policy_document).validate()
    _check_tags(options.get("tags") or (given[3] if len(given) > 3 else ()))
    return create(iam, role_name, assume_role_policy_document, *given, **options)


@correction(
    "An instance profile has a name of 1 to 128 letters, digits and _+=,.@- that no other has in any case.",
    IAMBackend,
    "create_instance_profile",
)
def create_instance_profile(
    create: Any, iam: Any, name: str, path: str, role_names: Any, tags: Tags | None = None
) -> Any:
    """The instance profile."""
    _check_name("instanceProfileName", name, 128, iam.instance_profiles, "Instance Profile")
    iam._tag_verification(tags or [])
    _check_tags(tags or ())
    return create(iam, name, path, role_names, tags)


def _check_name(member: str, name: str, most: int, others: Iterable[str], thing: str) -> None:
    if not (len(name) <= most and NAME.match(name)):
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must have "
            rf"length less than or equal to {most} and satisfy regular expression pattern: [\w+=,.@-]+",
        )
    if name.casefold() in {other.casefold() for other in others}:
        raise Refused("EntityAlreadyExists", f"{thing} {name} already exists.", 409)


def _check_tags(tags: Tags) -> None:
    for text in (tag["Key"] + tag["Value"] for tag in tags):
        if not all(char in MARKS or unicodedata.category(char)[0] in "LNZ" for char in text):
            raise Refused(
                "ValidationError",
                "1 validation error detected: a tag failed to satisfy constraint: Member must satisfy regular "
                r"expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*",
            )


def _without(tags: Tags, keys: Iterable[str]) -> list[Mapping[str, str]]:
    gone = {key.casefold() for key in keys}
    return [tag for tag in tags if tag["Key"].casefold() not in gone]


@correction("Tag keys of a role that differ in case are one.", IAMBackend, "tag_role")
def tag_role(tag: Any, iam: Any, role_name: str, tags: Tags) -> None:
    """Sets them."""
    _check_tags(tags)
    role = iam.get_role(role_name)
    role.tags = _without(role.tags, (one["Key"] for one in tags))
    tag(iam, role_name, tags)


@correction("A role loses the tags of these keys, in any case.", IAMBackend, "untag_role")
def untag_role(_untag: Any, iam: Any, role_name: str, tag_keys: Sequence[str]) -> None:
    """Takes them away."""
    role = iam.get_role(role_name)
    role.tags = _without(role.tags, tag_keys)


@correction("Tag keys of an instance profile that differ in case are one.", IAMBackend, "tag_instance_profile")
def tag_instance_profile(tag: Any, iam: Any, instance_profile_name: str, tags: Tags) -> None:
    """Sets them."""
    iam._tag_verification(tags)
    _check_tags(tags)
    profile = iam.get_instance_profile(instance_profile_name)
    profile.tags = _without(profile.tags, (one["Key"] for one in tags))
    tag(iam, instance_profile_name, tags)


@correction("An instance profile loses the tags of these keys, in any case.", IAMBackend, "untag_instance_profile")
def untag_instance_profile(_untag: Any, iam: Any, instance_profile_name: str, **given: Sequence[str]) -> None:
    """Takes them away."""
    profile = iam.get_instance_profile(instance_profile_name)
    profile.tags = _without(profile.tags, given["tagKeys"])


@correction(
    "A role that the instance profile does not have cannot be taken out of it: NoSuchEntity.",
    IAMBackend,
    "remove_role_from_instance_profile",
)
def remove_role(remove: Any, iam: Any, profile_name: str, role_name: str) -> None:
    """Takes it out."""
    if iam.get_role(role_name) not in iam.get_instance_profile(profile_name).roles:
        raise Refused("NoSuchEntity", f"The role with name {role_name} cannot be found.", 404)
    remove(iam, profile_name, role_name)
