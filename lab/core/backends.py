# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to what moto holds: the only place that knows how it keeps its accounts and Regions."""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from moto.acm.models import acm_backends
from moto.autoscaling.models import autoscaling_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.utils import utcnow as moto_utcnow
from moto.ec2.models import ec2_backends
from moto.elb.models import elb_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

ACCOUNT_ID = "123456789012"
BACKENDS: dict[str, Any] = {
    "ec2": ec2_backends,
    "elb": elb_backends,
    "autoscaling": autoscaling_backends,
    "cloudwatch": cloudwatch_backends,
    "acm": acm_backends,
    "iam": iam_backends,  # its one "Region" is the partition, "aws"
}


def backend(service: str, region: str) -> Any:
    """Moto's state of a service in a Region of the lab's account; made when it is not there."""
    return BACKENDS[service][ACCOUNT_ID][region]


def is_region(name: str) -> bool:
    """Whether AWS has a Region of that name."""
    return name in ec2_backends[ACCOUNT_ID].regions


def existing(service: str) -> Iterator[Any]:
    """Moto's state of a service, once for each Region that was used so far."""
    for account in list(dict.values(BACKENDS[service])):
        yield from list(dict.values(account))


def instances(region: str) -> dict[str, Any]:
    """EC2's instances of a Region by id."""
    return {i.id: i for r in backend("ec2", region).reservations.values() for i in r.instances}


def reset(seed: int | None) -> None:
    """Empties every account. With a seed, the ids that follow are the same each time."""
    for backends in list(BackendDict._instances):
        backends.clear()
    BackendDict._instances.clear()
    reset_model_data()
    mock_random.seed(seed)


def use_clock(now: Callable[[], datetime]) -> None:
    """Makes every date that moto writes from now on come from `now` (moto's dates are naive UTC)."""

    def utcnow() -> datetime:
        return now().replace(tzinfo=None)

    for name, module in list(sys.modules.items()):
        if name.startswith("moto.") and getattr(module, "utcnow", None) is moto_utcnow:
            module.utcnow = utcnow  # type: ignore[attr-defined]


Snapshot = dict[str, dict[str, Any]]


def snapshot() -> Snapshot:
    """A copy of what moto holds, to be looked at later with `as_of`."""
    return copy.deepcopy({service: dict(dict.items(backends)) for service, backends in BACKENDS.items()})


@contextlib.contextmanager
def as_of(before: Snapshot) -> Iterator[None]:
    """Within it, moto holds what it held when the snapshot was taken."""
    now = {service: dict(dict.items(backends)) for service, backends in BACKENDS.items()}
    try:
        _put(before)
        yield
    finally:
        _put(now)


def _put(held: Snapshot) -> None:
    for service, backends in BACKENDS.items():
        backends.clear()
        dict.update(backends, held[service])
