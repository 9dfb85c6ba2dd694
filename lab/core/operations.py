# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations that the lab's services have, by botocore's models."""

from __future__ import annotations

import fnmatch
from functools import cache

from botocore import xform_name
from moto.core.utils import get_service_model

SERVICES = ("acm", "autoscaling", "cloudwatch", "ec2", "elb", "iam", "sts")


@cache
def names(service: str) -> tuple[str, ...]:
    """The names of a service's operations."""
    return tuple(get_service_model(service).operation_names)


@cache
def operation_of(service: str, method: str) -> str:
    """The operation that a client's method, or a function of the same name, stands for."""
    return next(name for name in names(service) if xform_name(name) == method)


def match(pattern: str, service: str, operation: str) -> bool:
    """Whether `pattern` (`Operation` or `service:Operation`; * and ? stand for any text) means an operation."""
    return fnmatch.fnmatchcase(f"{service}:{operation}", pattern) or fnmatch.fnmatchcase(operation, pattern)


@cache
def exists(pattern: str) -> bool:
    """Whether there is an operation that `pattern` means."""
    if pattern == "*":
        return True
    named = pattern.partition(":")[0] if ":" in pattern else ""
    among = (named,) if named in SERVICES else SERVICES
    return any(match(pattern, service, name) for service in among for name in names(service))
