# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM's policies that AWS manages: in every account, and people name them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any

from moto.iam.models import AWSManagedPolicy, IAMBackend, aws_managed_policies_data

from ...core.corrections import correction

NAMED = (  # how the names begin of those that are there: all of them would cost every lab a tenth of a second
    *("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "ViewOnlyAccess", "SecurityAudit", "IAM"),
    *("AmazonEC2", "AmazonSSM", "AmazonS3", "AmazonVPC", "AmazonRoute53", "AmazonECS", "AmazonEKS"),
    *("AutoScaling", "ElasticLoadBalancing", "CloudWatch", "AWSLambda", "AWSCertificateManager"),
)


@cache
def _known() -> Mapping[str, Any]:
    """The policies, by name, as moto has them from AWS."""
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {name: policy for name, policy in found.items() if name.startswith(NAMED)}


@cache
def _of(account: str, region: str) -> list[AWSManagedPolicy]:
    """The policies of an account as nobody has attached them yet."""
    return [AWSManagedPolicy.from_data(name, account, region, policy) for name, policy in _known().items()]


@correction("Every account has the policies that AWS manages.", IAMBackend, "_init_aws_policies")
def aws_policies(_none: Any, iam: Any) -> list[Any]:
    """The policies that people name most; how often each is attached is every lab's own."""
    return [copy(policy) for policy in _of(iam.account_id, iam.region_name)]
