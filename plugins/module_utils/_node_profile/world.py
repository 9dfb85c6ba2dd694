# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The profile of nodes in AWS: how it is read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._core.aws import Aws
from .._core.step import Ref, Step, Wait, WaitState
from . import api as _api
from .value import InstanceProfile, NodeProfile, NodeRole


class NodeProfileWorld:
    """Role and instance profile of one name. Who uses them is asked only for a `removal`."""

    def __init__(self, aws: Aws, name: str, stack: str, *, adopt: bool, removal: bool) -> None:
        """`stack`: whose tag they have; `adopt`: they may be treated as ours without it."""
        self.aws, self.removal = aws, removal
        self.nothing = NodeProfile(name, stack, aws.region, adopt)

    def read(self) -> NodeProfile:
        """What there is."""
        name = self.nothing.name
        role, profile = _api.describe_role(self.aws, name), _api.describe_profile(self.aws, name)
        have = replace(
            self.nothing,
            role=NodeRole.from_aws(role, _api.read_policy(self.aws, name)) if role else None,
            profile=InstanceProfile.from_aws(profile) if profile else None,
        )
        return self._with_users(have) if self.removal and have.own_role else have

    def _with_users(self, have: NodeProfile) -> NodeProfile:
        """With what hangs on the role, and who else has it."""
        inline, attached = _api.inline_policies(self.aws, have.name), _api.attached_policies(self.aws, have.name)
        somebodys = have.profile is not None and have.own_profile is None
        holders = [one for one in _api.profiles_with(self.aws, have.name) if one != have.name or somebodys]
        role = have.role and replace(have.role, inline=inline, attached=attached)
        return replace(have, role=role, holders=tuple(holders))

    def look(self, wait: Wait) -> WaitState:  # noqa: ARG002 - there is nothing to wait for
        """That it is over."""
        return WaitState(True)

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        return self.aws.write(step, known)
