# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security groups in EC2: the one place that asks for them, and for those that use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._core.api import describe
from .._core.aws import Aws


def security_groups(aws: Aws, filters: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The groups that pass the filters, as AWS answers."""
    return describe(aws, "security group", _to_aws(filters))


def vpcs(aws: Aws, filters: Mapping[str, Sequence[str]]) -> list[str]:
    """The ids of the VPCs that pass the filters."""
    return [str(vpc["VpcId"]) for vpc in describe(aws, "VPC", _to_aws(filters))]


def _to_aws(filters: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)} for name, values in filters.items()]
