# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads that things on every floor need, as AWS answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .aws import Aws

Instances = dict[str, Mapping[str, Any]]
"""EC2's instances by id."""


def instances(aws: Aws, filters: Sequence[Mapping[str, Any]], *, region: str | None = None) -> Instances:
    """The instances that pass the filters, those that ended a while ago among them."""
    return _by_id(aws.pages("ec2", "DescribeInstances", "Reservations", region=region, Filters=list(filters)))


def instances_by_id(aws: Aws, ids: Sequence[str], *, region: str | None = None) -> Instances:
    """Those of the instances that are there; without ids nobody is asked."""
    by = "instance-id"
    return _by_id(aws.filtered("DescribeInstances", "Reservations", by, ids, region=region)) if ids else {}


def _by_id(reservations: Sequence[Mapping[str, Any]]) -> Instances:
    return {one["InstanceId"]: one for reservation in reservations for one in reservation["Instances"]}
