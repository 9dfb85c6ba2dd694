"""`site` and `teardown` cut off in the middle, really: the same playbook run again goes on, and nothing is there twice.

One lab; the stories are told in order.
"""

from __future__ import annotations

import json
import signal

import pytest

from tests.faults.chosen import ALL
from tests.support.cut_off import answered, cut_off
from tests.support.playbooks import Stage

BUILDING = ("ec2:RunInstances", "ec2:CreateImage", "elb:CreateLoadBalancer", "ec2:CreateLaunchTemplate")
REMOVING = ("autoscaling:DeleteAutoScalingGroup", "elb:DeleteLoadBalancer", "ec2:DeregisterImage")
VARIABLES = {"wcs_autoscaling_min_size": 1, "wcs_verify_hold": 1, "wcs_verify_rate": 100}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    return site_stage


def things(lab: Stage) -> dict[str, int]:
    """How many of each kind there are; kinds of which there are none are left out."""
    shown = json.loads(lab.lab("status", "--json"))
    living = [one for one in shown["instances"] if one["state"] not in ("terminated", "shutting-down")]
    kinds = {kind: len(shown[kind]) for kind in ("balancers", "groups", "images", "alarms")}
    return {kind: count for kind, count in {**kinds, "instances": len(living)}.items() if count}


@pytest.mark.parametrize("call", BUILDING if ALL else BUILDING[1:2])
def test_site_is_killed(lab, call):
    cut_off(lab, "site", call, signal.SIGKILL, **VARIABLES)
    assert things(lab).get("instances", 0) <= 1, "the seed of the first run is taken up"


def test_site_is_interrupted_while_it_waits_for_the_group(lab):
    answer = cut_off(lab, "site", "autoscaling:CreateAutoScalingGroup", signal.SIGINT, **VARIABLES)
    assert "User interrupted execution" in answer
    assert "Traceback" not in answer


def test_run_again_it_ends_as_if_nothing_had_been(lab):
    whole = lab.play("site", **VARIABLES)
    assert whole.code == 0, whole.failure or whole.text
    found = things(lab)
    assert (found["images"], found["balancers"], found["groups"], found["instances"]) == (1, 1, 1, 1)
    assert answered(lab, "ec2:CreateLaunchTemplateVersion") == 0


@pytest.mark.parametrize("call", REMOVING if ALL else REMOVING[:1])
def test_teardown_is_killed(lab, call):
    cut_off(lab, "teardown", call, signal.SIGKILL, **VARIABLES, wcs_teardown_cut_sessions=True)


def test_run_again_it_leaves_nothing(lab):
    whole = lab.play("teardown", **VARIABLES, wcs_teardown_cut_sessions=True)
    assert whole.code == 0, whole.failure or whole.text
    assert things(lab) == {}
