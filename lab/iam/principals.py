# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who asks: the temporary credentials that instances have from their profiles, and what those may do.

Everybody else is believed, as the lab's own credentials are.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core import backends as state
from ..core.errors import Refused
from ..core.lab import Lab
from ..machines import Credentials
from .judging import allows

PARTITION = "aws"
LIFETIME = 6 * 3600.0  # AWS seconds
TEMPORARY = "ASIA"
OF_KEYS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class Issued:
    """Credentials of an instance, and until when they are good, in AWS seconds."""

    credentials: Credentials
    instance_id: str
    until: float


def _issued() -> dict[str, Issued]:
    """What was handed out, by access key; goes with IAM's state."""
    known: dict[str, Issued] = state.backend("iam", PARTITION).__dict__.setdefault("lab_issued", {})
    return known


def _role_of(instance_id: str) -> tuple[str, str] | None:
    """The profile's ARN and the role's name of an instance; None where it has no profile, or that no role."""
    for ec2 in state.existing("ec2"):
        association = ec2.iam_instance_profile_associations.get(instance_id)
        if association is not None:
            profile = association.iam_instance_profile
            there = state.backend("iam", PARTITION).instance_profiles.get(profile.name)
            roles = there.roles if there is not None else []
            return (profile.arn, roles[0].name) if roles else None
    return None


def credentials(lab: Lab, instance_id: str) -> Credentials | None:
    """What the instance's metadata service hands out; None where it has no profile with a role."""
    with lab.lock:
        found, now = _role_of(instance_id), lab.clock.now()
        if found is None:
            return None
        for one in _issued().values():
            if one.instance_id == instance_id and one.credentials.role == found[1] and one.until - now > LIFETIME / 2:
                return one.credentials
        key = TEMPORARY + "".join(secrets.choice(OF_KEYS) for _ in range(16))
        until = now + LIFETIME
        stamp = lab.clock.stamp(until).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = Credentials(*found, key, secrets.token_urlsafe(30), secrets.token_urlsafe(60), stamp)
        _issued()[key] = Issued(made, instance_id, until)
        return made


def refused(lab: Lab, key: str, action: str, context: Mapping[str, str]) -> Refused | None:
    """AWS's refusal of an action that is asked with this access key; None where it is allowed."""
    if not key.startswith(TEMPORARY):
        return None
    issued = _issued().get(key)
    roles = {role.name: role for role in state.backend("iam", PARTITION).roles.values()}
    if issued is None or issued.credentials.role not in roles:
        return Refused("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    if lab.clock.now() > issued.until:
        return Refused("ExpiredToken", "The security token included in the request is expired", 403)
    if allows(_policies(roles[issued.credentials.role]), action, context):
        return None
    who = f"arn:aws:sts::{state.ACCOUNT_ID}:assumed-role/{issued.credentials.role}/{issued.instance_id}"
    why = f"because no identity-based policy allows the {action} action"
    return Refused("AccessDenied", f"User: {who} is not authorized to perform: {action} {why}", 403)


def _policies(role: Any) -> list[Mapping[str, Any]]:
    texts = [*role.policies.values(), *(policy.document for policy in role.managed_policies.values())]
    return [json.loads(text) for text in texts]
