# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an instance type runs an image, by what AWS answers of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BOOT_MODES = {"legacy-bios": ("legacy-bios",), "uefi": ("uefi",), "uefi-preferred": ("legacy-bios", "uefi")}
"""By an image's boot mode, those of which its instance type must have one."""


def unfit(image: Mapping[str, Any], machine: Mapping[str, Any]) -> str:
    """Why an instance type cannot run an image; empty where it can, or where AWS does not say what they are."""
    name, kind = image.get("ImageId"), machine.get("InstanceType")
    architecture = image.get("Architecture")
    able = (machine.get("ProcessorInfo") or {}).get("SupportedArchitectures") or ()
    if architecture and able and architecture not in able:
        return f"image {name} is for {architecture}, and instance type {kind} is {' or '.join(able)}"
    mode, modes = image.get("BootMode"), machine.get("SupportedBootModes") or ()
    if mode in BOOT_MODES and modes and not set(BOOT_MODES[mode]) & set(modes):
        return f"image {name} boots by {mode}, and instance type {kind} by {' or '.join(modes)}"
    virtual, kinds = image.get("VirtualizationType"), machine.get("SupportedVirtualizationTypes") or ()
    if virtual and kinds and virtual not in kinds:
        return f"image {name} is for {virtual} virtualization, and instance type {kind} has {' or '.join(kinds)}"
    return ""
