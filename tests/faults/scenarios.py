"""What the fault cases are about: runs of each module that make, change, keep and remove."""

from __future__ import annotations

from tests.faults.of_balancers import BALANCERS
from tests.faults.of_groups import GROUPS, grouped
from tests.faults.of_images import IMAGES

SCENARIOS = (*GROUPS, *BALANCERS, *IMAGES)

__all__ = ["SCENARIOS", "grouped"]
