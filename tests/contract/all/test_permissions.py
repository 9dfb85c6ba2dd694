"""The policies in docs/iam allow what is called; a denied action is named, and a rerun finishes what was begun."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._node_profile.value import POLICY
from tests.faults.chosen import chosen
from tests.faults.of_steering import RUNS, TIMER, asked_by_timer, assert_ended_well, fleet
from tests.faults.scenarios import SCENARIOS
from tests.faults.sites import Scenario, made_whole, portrait, prepared
from tests.support import permissions
from tests.support.permissions import action

RECORDED = permissions.read()
BY_SCENARIO: Mapping[str, list[str]] = {
    scenario.name: [
        call
        for part in ("present", "absent", "node_profile")
        for call, first in RECORDED[part].items()
        if first == scenario.name and call.partition("@")[2] == ""
    ]
    for scenario in SCENARIOS
}


def test_the_files_are_those_of_the_recorded_calls() -> None:
    written = permissions.written(RECORDED)
    assert sorted(path.name for path in permissions.POLICIES.glob("*.json")) == sorted(path.name for path in written)
    for path, text in written.items():
        assert path.read_text() == text, f"{path.name}: run python -m tests.support.permissions"


@pytest.mark.long
def test_the_modules_call_what_was_recorded() -> None:
    """No action more than is called is asked for, and none less."""
    now = permissions.of_modules()
    for part, calls in now.items():
        assert set(map(action, calls)) == set(map(action, RECORDED[part])), (
            "run python -m tests.support.permissions record"
        )


def test_every_call_that_the_source_names_is_allowed() -> None:
    session = botocore.session.get_session()
    known = {
        f"{service}:{operation}"
        for service in ("autoscaling", "cloudwatch", "ec2", "elb", "iam")
        for operation in session.get_service_model(service).operation_names
    }
    words = {
        node.value
        for path in (permissions.ROOT / "plugins").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    allowed = {one.partition(":")[2] for job in permissions.JOBS for one in permissions.actions(RECORDED, job)}
    assert {call.partition(":")[2] for call in known} & words <= allowed


def test_who_only_looks_may_only_look() -> None:
    for statement in json.loads((permissions.POLICIES / "verify.json").read_text())["Statement"]:
        assert statement["Sid"] == "Read"
        assert all(one.partition(":")[2].startswith(permissions.READS) for one in statement["Action"])


def test_the_steward_may_do_what_its_runs_ask_and_nothing_more() -> None:
    asked = {action(call) for name in TIMER for call in asked_by_timer(name)}
    allowed = permissions.actions(RECORDED, "steward")
    assert sorted(allowed ^ asked) == []
    assert sorted(asked - permissions.actions(RECORDED, "day-two")) == [], "the same, by hand"


DENIED = chosen("an action denied, then a plain run", [one for one in SCENARIOS if BY_SCENARIO[one.name]], 4)


@pytest.mark.parametrize("scenario", DENIED, ids=lambda one: one.name)
def test_a_denied_action_is_named_exactly_and_what_was_begun_is_finished(scenario: Scenario) -> None:
    with prepared(scenario) as (world, _, options):
        world.bench(scenario.module).run(**options)
        clean = portrait(world)
    for call in BY_SCENARIO[scenario.name]:
        with prepared(scenario) as (world, names, options):
            world.lab.faults.add("error-before", call, count=None, status=403, **denial(call))
            with pytest.raises(Failure) as denied:
                world.bench(scenario.module).run(**options)
            assert f"Allow the action {action(call)} to these credentials" in str(denied.value)
            assert denied.value.call.operation == call.partition(":")[2]
            made_whole(scenario, world, names, options, clean)


OF_A_PROFILE = [call for call in RECORDED["node_profile"] if ":Get" in call or ":List" in call]
READS = RECORDED["check"] | dict.fromkeys(OF_A_PROFILE, "node profile removed")  # which is there to be read
LOOKED = [(one, call) for one in SCENARIOS for call, name in READS.items() if name == one.name]


@pytest.mark.parametrize(("scenario", "call"), chosen("an action of a dry run denied", LOOKED, 4))
def test_a_denied_action_of_a_dry_run_is_named(scenario: Scenario, call: str) -> None:
    with prepared(scenario) as (world, _, options):
        world.lab.faults.add("error-before", call.partition("@")[0], count=None, status=403, **denial(call))
        with pytest.raises(Failure) as denied:
            world.bench(scenario.module).check(**options)
        assert f"Allow the action {action(call)} to these credentials" in str(denied.value)


STEERED = [(name, call) for call, name in RECORDED["steering"].items()]


@pytest.mark.parametrize(("name", "call"), chosen("an action of a drain or rollout denied", STEERED, 4))
def test_a_denied_action_stops_a_drain_or_rollout_which_then_goes_on(name: str, call: str) -> None:
    module, given = RUNS[name]
    with fleet() as (world, steered):
        world.lab.faults.add("error-before", call, count=None, status=403, **denial(call))
        with pytest.raises(Failure) as denied:
            world.bench(module).run(**given)
        assert f"Allow the action {action(call)} to these credentials" in str(denied.value)
        world.lab.faults.reset()
        world.bench(module).run(**given)
        assert_ended_well(name, world, steered)


def denial(call: str) -> dict[str, Any]:
    """How the service says no."""
    code = "UnauthorizedOperation" if call.startswith("ec2:") else "AccessDenied"
    return {"code": code, "message": "You are not authorized to perform this operation."}


def test_the_role_of_the_nodes_may_do_what_the_policy_of_nodes_says() -> None:
    assert json.loads((permissions.POLICIES / "node.json").read_text()) == POLICY == permissions.policy_of_nodes()
