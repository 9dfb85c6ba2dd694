"""What is forecast is what the lab does: longer loads than tests/contract/wcs_forecast has, and the worst of twelve."""

from __future__ import annotations

import pytest

from plugins.modules.wcs_forecast import look
from tests.support.replayed import compare, long, short


def test_twelve_forecasts_are_what_the_lab_does(capsys: pytest.CaptureFixture[str]) -> None:
    found = {trace.name: compare(trace, look) for trace in (*short(), *long())}
    with capsys.disabled():
        worst = {at: max(found, key=lambda name, at=at: abs(found[name][at])) for at in range(3)}  # type: ignore[misc]
        print(f"\nnodes: at most {found[worst[0]][0]} apart within a period ({worst[0]})")
        print(f"peak: at most {found[worst[1]][1]} apart ({worst[1]})")
        print(f"cost: at most {found[worst[2]][2]:.2%} apart ({worst[2]})")
    assert len(found) == 12
    assert {name: one for name, one in found.items() if one[0] > 1 or one[1] or one[2] > 0.02} == {}
