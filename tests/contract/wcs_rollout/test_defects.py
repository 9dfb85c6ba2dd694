"""Defects of the modules that are in use elsewhere, by their number, and what wcs_rollout and wcs_drain do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.steering import Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")

USUAL = {"group_name": "wcs", "probe": False}


@pytest.fixture
def fleet(lab: Any, aws: Callable[..., Any]) -> Steered:
    return Steered(lab, aws, 6)


@pytest.mark.long
def test_d10_a_rollout_tells_that_it_changed_and_a_finished_one_is_no_hindrance(fleet: Steered) -> None:
    for number, instance_type in ((2, "c5.xlarge"), (3, "c5.2xlarge")):
        fleet.version(instance_type=instance_type)
        foreseen = fleet.rollouts.check(**USUAL)
        assert (foreseen.outcome.changed, foreseen.returns["rollout"]["to_version"]) == (True, str(number))
        assert fleet.rollouts.run(**USUAL).outcome.changed
        for check in (True, False):
            again = fleet.rollouts.run(check, **USUAL)
            assert (again.outcome.changed, again.outcome.actions) == (False, [])


def test_d18_nodes_leave_side_by_side(fleet: Steered) -> None:
    for instance_id in fleet.ids():
        fleet.hold(instance_id, 1)
        fleet.when(200, lambda one=instance_id: fleet.hold(one, 0))
    start, began = fleet.drains.mark(), fleet.lab.clock.now()
    done = fleet.drains.run(group_name="wcs", count=4)
    assert [one["outcome"] for one in done.returns["victims"]] == ["drained"] * 4
    assert fleet.lab.clock.now() - began < 300, "four times two hundred seconds, one after the other"
    assert fleet.drains.writes(start).count("elb:DeregisterInstancesFromLoadBalancer") == 1
    assert len(fleet.ids()) == 2
