"""What is forecast is what the lab does: ten loads, the same policies on both."""

from __future__ import annotations

import pytest

from plugins.modules.wcs_forecast import look
from tests.support.replayed import Trace, compare, short


@pytest.mark.parametrize("trace", short(), ids=lambda trace: trace.name)
def test_a_forecast_is_what_the_lab_does(trace: Trace) -> None:
    nodes, peak, cost = compare(trace, look)
    assert nodes <= 1
    assert peak == 0
    assert cost <= 0.02
