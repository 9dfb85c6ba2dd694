"""What the fault cases are about: runs of each module that make, change, keep and remove."""

from __future__ import annotations

from tests.faults.of_balancers import BALANCERS
from tests.faults.of_groups import GROUPS, grouped
from tests.faults.of_images import IMAGES
from tests.faults.of_profiles import PROFILES
from tests.faults.of_security_groups import SECURITY_GROUPS
from tests.faults.of_seeds import SEEDS

SCENARIOS = (*GROUPS, *BALANCERS, *IMAGES, *SECURITY_GROUPS, *PROFILES, *SEEDS)

__all__ = ["SCENARIOS", "grouped"]
