# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block devices: what an image's mappings and a request's overrides make together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import Refused

PERFORMANCE = {"Iops": "iops", "Throughput": "throughput"}


def merged_devices(ec2: Any, image: Any, overrides: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The mappings to launch with: the image's, changed, extended and thinned out by `overrides`, by device name."""
    devices = {d["DeviceName"]: {"DeviceName": d["DeviceName"], "Ebs": dict(d["Ebs"])} for d in image.devices}
    for override in overrides:
        name = override.get("DeviceName", image.root_device_name)
        if override.get("NoDevice") is not None:
            devices.pop(name, None)
        elif override.get("Ebs") is not None:
            devices[name] = {"DeviceName": name, "Ebs": _overridden(devices.get(name), override["Ebs"], name)}
    for device in devices.values():
        ebs = device["Ebs"]
        ebs["DeleteOnTermination"] = ebs.get("DeleteOnTermination") is not False
        if ebs.get("SnapshotId") not in ec2.snapshots:  # of an image that somebody else owns
            ebs.pop("SnapshotId", None)
    return list(devices.values())


def _overridden(present: Mapping[str, Any] | None, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    base = dict(present["Ebs"]) if present else {}
    snapshot, size = base.get("SnapshotId"), base.get("VolumeSize")
    if snapshot and given.get("VolumeSize") is not None and int(given["VolumeSize"]) < int(size or 0):
        raise Refused(
            "InvalidBlockDeviceMapping",
            f"Volume of size {given['VolumeSize']}GB is smaller than snapshot '{snapshot}', expect size >= {size}GB",
        )
    if not snapshot and given.get("VolumeSize") is None and not given.get("SnapshotId") and not base:
        raise Refused("MissingParameter", "The request must contain the parameter size or snapshotId")
    if given.get("VolumeType") not in (None, base.get("VolumeType")):
        for key in PERFORMANCE:
            base.pop(key, None)
    if given.get("Encrypted") is False and base.get("Encrypted"):
        raise Refused(
            "InvalidBlockDeviceMapping",
            f"the encrypted flag cannot be removed from device {name}: its snapshot is encrypted",
        )
    return {"VolumeType": "gp3", **base, **{k: v for k, v in given.items() if v is not None}}


def keep_performance(ec2: Any, instance: Any, devices: Sequence[Mapping[str, Any]]) -> None:
    """Gives the instance's volumes the IOPS and throughput they were asked for, which moto's launch leaves out."""
    asked = {device["DeviceName"]: device["Ebs"] for device in devices}
    for name, block in instance.block_device_mapping.items():
        volume = ec2.volumes.get(block.volume_id)
        for key, attribute in PERFORMANCE.items():
            if volume is not None and asked.get(name, {}).get(key):
                setattr(volume, attribute, int(asked[name][key]))
