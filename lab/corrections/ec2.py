# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2: instances, security groups, key pairs."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import EC2Backend

from .. import state
from ..errors import Refused
from . import correction


def _dates() -> Any:
    from ..world import current

    return current().clock.stamp()


state.use_clock(_dates)


@correction("A Region of this account has no default VPC.", EC2Backend, "create_default_vpc")
def no_default_vpc(create: Any, ec2: EC2Backend) -> Any:
    """None while moto opens the Region; made when asked for afterwards."""
    return create(ec2) if hasattr(ec2, "default_vpc") else None


@correction("What needs a VPC and is given none is refused: VPCIdNotSpecified.", EC2Backend, "create_security_group")
def security_group_without_vpc(
    create: Any, ec2: EC2Backend, name: str, description: str, *rest: Any, **more: Any
) -> Any:
    """The new group."""
    if not (rest[0] if rest else more.get("vpc_id")) and ec2.default_vpc is None:
        raise Refused(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC",
        )
    return create(ec2, name, description, *rest, **more)
