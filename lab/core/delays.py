# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long AWS takes, in AWS seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Delays:
    """Typical times on a quiet day; a test may ask for others with dataclasses.replace."""

    instance_pending: float = 10
    instance_stopping: float = 10
    instance_shutting_down: float = 10
    instance_reboot: float = 10
    image_pending: float = 30
    image_copy: float = 30
    elb_registration: float = 10
    elb_interfaces_attach: float = 5
    elb_interfaces_linger: float = 60
    group_health_check: float = 10
