# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write calls to Classic Elastic Load Balancing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from .._core.step import Step

THING = "load balancer"


def call(
    operation: str,
    name: str,
    args: Mapping[str, Any] | None = None,
    *,
    of: str = "",
    lost: Literal["repeat", "adopt"] = "repeat",
    exists: tuple[str, ...] = (),
    gone: tuple[str, ...] = (),
    not_yet: tuple[str, ...] = (),
    soon: tuple[str, ...] = (),
) -> Step:
    """One write call for the balancer. `of` names the part of it that an error names.

    Unlike most of AWS, nearly all of these calls set a state and may be repeated after a lost reply.
    """
    subject = (f"{of} of {THING}" if of else THING, name)
    arguments = {"LoadBalancerName": name, **(args or {})}
    return Step("elb", operation, subject, arguments, lost=lost, exists=exists, gone=gone, not_yet=not_yet, soon=soon)


def tagging(operation: str, name: str, tags: list[dict[str, str]]) -> Step:
    """A call for the balancer's tags, which takes several balancers at once."""
    return Step("elb", operation, (THING, name), {"LoadBalancerNames": [name], "Tags": tags}, lost="repeat")
