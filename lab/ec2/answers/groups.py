# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's security groups: what a VPC's default one lets in."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from ...core.corrections import correction


@correction("A VPC's default group lets in whoever bears it.", SecurityGroupBackend, "create_security_group")
def create_security_group(create: Any, ec2: Any, *args: Any, **options: Any) -> Any:
    """The group."""
    group = create(ec2, *args, **options)
    if group.is_default:
        itself = {"GroupId": group.id, "OwnerId": ec2.account_id, "UserId": ec2.account_id}
        group.ingress_rules.append(SecurityGroupRule(ec2, "-1", group.id, None, None, None, itself, is_egress=False))
    return group
