"""What wcs_load may not read is named before any load is put on, also in a dry run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run
from plugins.module_utils._load.mixers import Mixers
from plugins.module_utils._load.world import LoadWorld
from plugins.modules import wcs_load
from tests.contract.all.test_permissions import RECORDED, denial
from tests.support.harness import LabClock
from tests.support.permissions import action, actions
from tests.support.steering import Steered


@pytest.fixture
def fleet(lab: Lab, aws: Callable[..., Any]) -> Steered:
    return Steered(lab, aws, 2)


@pytest.mark.parametrize("check", [True, False], ids=["dry run", "run"])
@pytest.mark.parametrize("call", RECORDED["load"])
def test_a_denied_action_is_named_before_anything_is_started(
    fleet: Steered, monkeypatch: pytest.MonkeyPatch, call: str, check: bool
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(LoadWorld, "hold", lambda *_: begun.append("sessions"))
    monkeypatch.setattr(Mixers, "start", lambda *_: begun.append("mixers"))
    fleet.lab.faults.add("error-before", call, count=None, status=403, **denial(call))
    run = Run(fleet.drains.api(), LabClock(fleet.lab), check)
    given = wcs_params(group_name="wcs", confirm=True, sessions=1, mixers=1, licence_limit=9)
    with pytest.raises(Failure) as denied:
        wcs_load.look(given, run)
    assert f"Allow the action {action(call)} to these credentials" in str(denied.value)
    assert begun == []


@pytest.mark.parametrize("given", [{}, {"licence_limit": 9}], ids=["no limit", "a limit of licences"])
def test_what_is_asked_before_the_start_is_in_the_policy(fleet: Steered, given: dict[str, Any]) -> None:
    start = fleet.drains.mark()
    wcs_load.look(
        wcs_params(group_name="wcs", confirm=True, **given), Run(fleet.drains.api(), LabClock(fleet.lab), True)
    )
    assert {action(call) for call in fleet.drains.calls(start)} <= actions(RECORDED, "load")


def wcs_params(**given: Any) -> dict[str, Any]:
    """The options with the module's defaults."""
    return {name: option.get("default") for name, option in wcs_load.ARGUMENTS.items()} | given
