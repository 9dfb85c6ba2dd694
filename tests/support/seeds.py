"""The seeds of a property: the first of them in `make test`, all in `make long`."""

from __future__ import annotations

from typing import Any

import pytest

FIRST = 60


def seeds(count: int) -> list[Any]:
    """So many seeds; those beyond the first are marked long."""
    return [seed if seed < FIRST else pytest.param(seed, marks=pytest.mark.long) for seed in range(count)]
