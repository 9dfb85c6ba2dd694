# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The health check of a Classic Load Balancer, and what the balancer says of an instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .._core.plain import without
from .listeners import PROTOCOLS, WEB

LIMITS = {
    "port": (1, 65535),
    "interval": (5, 300),
    "timeout": (2, 60),
    "healthy_threshold": (2, 10),
    "unhealthy_threshold": (2, 10),
}
"""What AWS takes: seconds for interval and timeout, checks in a row for the thresholds."""

NAMED = ("Target", "Interval", "Timeout", "HealthyThreshold", "UnhealthyThreshold")
"""What of AWS's shape has a name here."""

LONGEST_TARGET = 1024


@dataclass(frozen=True)
class HealthCheck:
    """A health check; in a wish None is what the user left out. Only web checks have a path.

    `rest` is what else AWS's answer says of it, in AWS's shape: it is written back.
    """

    protocol: str | None = None
    port: int | None = None
    path: str | None = None
    interval: int | None = None
    timeout: int | None = None
    healthy_threshold: int | None = None
    unhealthy_threshold: int | None = None
    rest: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def target(self) -> str:
        """`HTTP:8081/?action=stat`: what is asked, as AWS writes it."""
        return f"{(self.protocol or '').upper()}:{self.port}{self.path or ''}"


CREATION = HealthCheck("http", 8081, "/?action=stat", 5, 4, 2, 6)
"""The statistics page of WCS: 5 s x 2 to join; 5 s x 6 to leave, so that a long garbage collection costs no node."""


def at_birth(instance_port: int) -> HealthCheck:
    """What AWS gives a new balancer whose first listener leads to this port."""
    return HealthCheck("tcp", instance_port, None, 30, 5, 10, 2)


def completed(wish: HealthCheck, base: HealthCheck) -> HealthCheck:
    """The wish over what is there."""
    given = {part.name: value for part in fields(wish) if (value := getattr(wish, part.name)) is not None}
    check = replace(base, **given)
    if check.protocol not in WEB:
        return replace(check, path=wish.path)
    return replace(check, path=check.path or CREATION.path)


def problems(check: HealthCheck) -> Iterator[str]:
    """What AWS would refuse in a complete check, in its own terms."""
    if check.protocol not in PROTOCOLS:
        yield f"O(health_check.protocol) '{check.protocol}' is none of {', '.join(PROTOCOLS)}"
    for option, (low, high) in LIMITS.items():
        value = getattr(check, option)
        if not low <= value <= high:
            yield f"O(health_check.{option}) {value} is not between {low} and {high}"
    if (check.timeout or 0) >= (check.interval or 0):
        yield f"O(health_check.timeout) {check.timeout} is not below O(health_check.interval) {check.interval}"
    if check.protocol not in WEB and check.path:
        yield f"O(health_check.path) is for http and https, and O(health_check.protocol) is {check.protocol}"
    if check.path and not check.path.startswith("/"):
        yield f"O(health_check.path) '{check.path}' does not begin with '/'"
    if len(check.target) > LONGEST_TARGET:
        yield f"the health check target has {len(check.target)} characters; AWS allows at most {LONGEST_TARGET}"


@dataclass(frozen=True)
class HealthAnswer:
    """What a health check is answered when it is asked from here, in words, and whether it passes.

    None decides nothing, as silence: a balancer reaches what others do not.
    """

    text: str
    passed: bool | None = None

    @classmethod
    def of_status(cls, status: int, phrase: str = "") -> HealthAnswer:
        """Of HTTP AWS passes 200 and nothing else."""
        return cls(f"HTTP {status} {phrase}".strip(), status == 200)


Asks = Callable[[str, Mapping[str, Sequence[str]]], Mapping[str, HealthAnswer]]
"""What the target of a health check answers, by instance, when their addresses are asked from here."""


def from_aws(said: Mapping[str, Any]) -> HealthCheck:
    """The check in AWS's shape."""
    protocol, place = str(said["Target"]).split(":", 1)
    port, slash, path = place.partition("/")
    return HealthCheck(
        protocol.lower(),
        int(port),
        slash + path or None,
        int(said["Interval"]),
        int(said["Timeout"]),
        int(said["HealthyThreshold"]),
        int(said["UnhealthyThreshold"]),
        without(said, NAMED),
    )


def to_aws(check: HealthCheck) -> dict[str, Any]:
    """AWS's shape of a complete check."""
    return {
        **(check.rest or {}),
        "Target": check.target,
        "Interval": check.interval,
        "Timeout": check.timeout,
        "HealthyThreshold": check.healthy_threshold,
        "UnhealthyThreshold": check.unhealthy_threshold,
    }


def show(check: HealthCheck) -> dict[str, Any]:
    """The options that make this check."""
    return {key: value for key, value in asdict(check).items() if key != "rest"}


# What it says of an instance

NOTHING = ("", "N/A")
"""How AWS writes that there is nothing to tell."""
REGISTERING = "registration is still in progress"


@dataclass(frozen=True)
class InstanceHealth:
    """A line of DescribeInstanceHealth, in AWS's words."""

    state: str
    reason_code: str = "N/A"
    description: str = "N/A"

    @property
    def why(self) -> str:
        """What AWS adds to the state; "" where it adds nothing."""
        return "" if self.description in NOTHING else self.description

    @property
    def in_service(self) -> bool:
        """Whether it gets new connections: a deregistering instance reads InService, too, with a description."""
        return self.state == "InService" and not self.why

    @property
    def registering(self) -> bool:
        """Whether it is on its way into service."""
        return not self.in_service and REGISTERING in self.why

    def __str__(self) -> str:
        """One phrase for the user."""
        return f"{self.state} ({self.why})" if self.why else self.state


WELL = InstanceHealth("InService")
