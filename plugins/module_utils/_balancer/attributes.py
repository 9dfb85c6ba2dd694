# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of a balancer in AWS's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .value import AccessLog, Attributes


def attributes_from_aws(raw: Mapping[str, Any]) -> Attributes:
    """The attributes in AWS's shape, as far as it names them."""
    cross, idle = raw.get("CrossZoneLoadBalancing"), raw.get("ConnectionSettings")
    draining, log = raw.get("ConnectionDraining"), raw.get("AccessLog")
    return Attributes(
        cross["Enabled"] if cross else None,
        int(idle["IdleTimeout"]) if idle else None,
        (int(draining.get("Timeout") or 0) if draining["Enabled"] else 0) if draining else None,
        _log_from_aws(log) if log else None,
    )


def _log_from_aws(raw: Mapping[str, Any]) -> AccessLog:
    if not raw["Enabled"]:
        return AccessLog(False)
    return AccessLog(True, raw["S3BucketName"], raw.get("S3BucketPrefix") or None, int(raw.get("EmitInterval") or 60))
