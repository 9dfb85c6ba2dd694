# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of a balancer in AWS's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.plain import without
from .value import AccessLog, Attributes

NAMED = {
    "CrossZoneLoadBalancing": (),
    "ConnectionSettings": ("IdleTimeout",),
    "ConnectionDraining": ("Timeout",),
}
LOG = ("S3BucketName", "S3BucketPrefix", "EmitInterval")
"""What of AWS's shape has a name here, `Enabled` besides."""


def attributes_from_aws(raw: Mapping[str, Any]) -> Attributes:
    """The attributes in AWS's shape, as far as it names them."""
    cross, idle = raw.get("CrossZoneLoadBalancing"), raw.get("ConnectionSettings")
    draining, log = raw.get("ConnectionDraining"), raw.get("AccessLog")
    named = {"AccessLog": () if log and not log["Enabled"] else LOG, **NAMED}
    rest = {key: left for key, paths in named.items() if (left := without(raw.get(key) or {}, ("Enabled", *paths)))}
    return Attributes(
        cross["Enabled"] if cross else None,
        int(idle["IdleTimeout"]) if idle else None,
        (int(draining.get("Timeout") or 0) if draining["Enabled"] else 0) if draining else None,
        _log_from_aws(log) if log else None,
        rest or None,
    )


def _log_from_aws(raw: Mapping[str, Any]) -> AccessLog:
    if not raw["Enabled"]:
        return AccessLog(False)
    return AccessLog(True, raw["S3BucketName"], raw.get("S3BucketPrefix") or None, int(raw.get("EmitInterval") or 60))


def attributes_to_aws(there: Attributes, aim: Attributes) -> dict[str, Any]:
    """Those attributes in AWS's shape that should be other than they are, each with all that it has besides."""
    args: dict[str, Any] = {}
    if aim.cross_zone not in (None, there.cross_zone):
        args["CrossZoneLoadBalancing"] = {"Enabled": aim.cross_zone}
    if aim.idle_timeout not in (None, there.idle_timeout):
        args["ConnectionSettings"] = {"IdleTimeout": aim.idle_timeout}
    if aim.connection_draining not in (None, there.connection_draining):
        limit = {"Timeout": aim.connection_draining} if aim.connection_draining else {}
        args["ConnectionDraining"] = {"Enabled": bool(aim.connection_draining), **limit}
    if aim.access_log and aim.access_log != there.access_log:
        args["AccessLog"] = _log_to_aws(aim.access_log)
    rest = {key: without(kept, LOG) for key, kept in (there.rest or {}).items()}
    return {key: {**rest.get(key, {}), **value} for key, value in args.items()}


def _log_to_aws(log: AccessLog) -> dict[str, Any]:
    if not log.enabled:
        return {"Enabled": False}
    prefix = {"S3BucketPrefix": log.prefix} if log.prefix else {}
    return {"Enabled": True, "S3BucketName": log.bucket, "EmitInterval": log.interval, **prefix}
