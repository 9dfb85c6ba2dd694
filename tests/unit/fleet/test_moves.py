"""A fleet as a whole: the order of its changes, sources, client tokens, stories folded without any AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import LATER, Ref, Step, Wait
from plugins.module_utils._fleet import moves as _fleet
from plugins.module_utils._fleet import options as _fleet_want
from plugins.module_utils._fleet.value import Fleet, FleetWant

OPTIONS: dict[str, Any] = {
    "name": "wcs",
    "min_size": 2,
    "max_size": 4,
    "subnets": ["subnet-1"],
    "load_balancers": ["wcs"],
    "launch": {"image_id": "ami-1", "instance_type": "c5.large", "keep": 2},
}
OUT = {
    "name": "out",
    "type": "step",
    "steps": [{"lower_bound": 0, "upper_bound": None, "adjustment": 1}],
    "alarm": {"comparison": ">", "threshold": 70.0},
}
EMPTY = Fleet("wcs")


def want(**more: Any) -> FleetWant:
    found = _fleet_want.wanted({**OPTIONS, **more})
    assert found is not None
    return found


def walk(have: Fleet, wanted: FleetWant | None) -> tuple[list[str], Fleet, list[Step]]:
    """The operations, where they lead, and the steps. At the end nothing is left to do."""
    goal = _fleet.complete(have, wanted)
    moves, end = course(_fleet, have, goal)
    assert course(_fleet, end, _fleet.complete(end, wanted))[0] == ()
    names = [move.operation if isinstance(move, Step) else f"wait: {move.subject[0]}" for move in moves]
    return names, end, [move for move in moves if isinstance(move, Step)]


def numbered(have: Fleet) -> Fleet:
    """The fleet as AWS would tell it: with ids and numbers in place of LATER."""
    template, group = have.template, have.group
    assert template is not None
    assert group is not None
    versions, last = [], 0
    for version in template.versions:
        last = last + 1 if version.number == LATER else int(version.number)
        versions.append(replace(version, number=str(last)))
    source = group.source
    if source and source.version == LATER:
        source = replace(source, version=str(last))
    group = replace(group, source=source, arn="arn")
    return replace(have, template=replace(template, template_id="lt-1", versions=tuple(versions)), group=group)


def test_a_fleet_is_made_in_order_and_waited_for_last() -> None:
    names, end, _ = walk(EMPTY, want(scaling_policies=[OUT], suspended_processes=["AZRebalance"]))
    assert names == [
        "CreateLaunchTemplate",
        "CreateAutoScalingGroup",
        "SuspendProcesses",
        "PutScalingPolicy",
        "PutMetricAlarm",
        "wait: complete",
    ]
    assert end.group is not None
    assert [member.state for member in end.group.members] == ["InService"] * 2


def test_equal_wants_make_equal_steps() -> None:
    first = walk(EMPTY, want(subnets=["subnet-2", "subnet-1"], tags={"b": "1", "a": "2"}))[2]
    second = walk(EMPTY, want(subnets=["subnet-1", "subnet-2"], tags={"a": "2", "b": "1"}))[2]
    assert first == second


def test_the_group_names_the_number_that_the_run_learns() -> None:
    _, made, _ = walk(EMPTY, want())
    launch = {**OPTIONS["launch"], "instance_type": "c5.xlarge"}
    names, end, steps = walk(numbered(made), want(launch=launch))
    assert names == ["CreateLaunchTemplateVersion", "UpdateAutoScalingGroup", "ModifyLaunchTemplate"]
    number = Ref("launch template", "wcs", "version")
    assert steps[0].learns == {number: "LaunchTemplateVersion.VersionNumber"}
    assert steps[1].args["LaunchTemplate"] == {"LaunchTemplateName": "wcs", "Version": number}
    assert steps[2].args["DefaultVersion"] == number
    assert end.group is not None
    assert end.group.source is not None
    assert end.group.source.version == LATER


def test_a_to_b_to_a_never_has_the_same_token_twice() -> None:
    have, tokens = numbered(walk(EMPTY, want())[1]), []
    for kind in ("c5.xlarge", "c5.2xlarge", "c5.4xlarge", "c5.xlarge"):
        _, end, steps = walk(have, want(launch={**OPTIONS["launch"], "instance_type": kind}))
        tokens.append(steps[0].args["ClientToken"])
        have = numbered(end)
    assert len(set(tokens)) == 4
    assert have.template is not None
    assert [version.number for version in have.template.versions] == ["1", "4", "5"], "1 is a member's, 2 was retired"


def test_a_version_that_an_interrupted_run_made_is_used() -> None:
    have = numbered(walk(EMPTY, want())[1])
    other = want(launch={**OPTIONS["launch"], "instance_type": "c5.xlarge"})
    first = _fleet.moves(have, _fleet.complete(have, other))[0]
    assert isinstance(first, Step)
    cut = numbered(_fleet.foresee(have, first))
    names, _, steps = walk(cut, other)
    assert names == ["UpdateAutoScalingGroup", "ModifyLaunchTemplate"]
    assert steps[0].args["LaunchTemplate"]["Version"] == "2"


@pytest.mark.parametrize("cut_after", range(5))
def test_an_interrupted_creation_is_finished(cut_after: int) -> None:
    wanted = want(scaling_policies=[OUT])
    _, end, steps = walk(EMPTY, wanted)
    have = EMPTY
    for step in steps[:cut_after]:
        have = _fleet.foresee(have, step)
    names, again, rest = walk(have, wanted)
    assert [step.operation for step in steps[cut_after:]] == [step.operation for step in rest]
    assert _fleet.show(again) == _fleet.show(end)
    assert names[-1] == "wait: complete"


def test_what_goes_goes_in_order_and_configurations_after_the_wait() -> None:
    _, template, _ = walk(EMPTY, want(scaling_policies=[OUT]))
    names, end, _ = walk(template, None)
    assert names == [
        "DeletePolicy",
        "DeleteAlarms",
        "DeleteAutoScalingGroup",
        "DeleteLaunchTemplate",
        "wait: gone",
    ]
    assert _fleet.show(end) is None
    _, configured, _ = walk(EMPTY, want(launch={**OPTIONS["launch"], "kind": "configuration"}))
    assert walk(configured, None)[0] == ["DeleteAutoScalingGroup", "wait: gone", "DeleteLaunchConfiguration"]


def test_absent_of_nothing_is_nothing() -> None:
    assert walk(EMPTY, None)[0] == []


def test_a_group_being_deleted_is_waited_for_before_it_is_made_anew() -> None:
    made = walk(EMPTY, want())[1]
    assert made.group is not None
    deleting = replace(made, group=replace(made.group, deleting=True))
    names = walk(deleting, want())[0]
    assert names == ["wait: gone", "CreateAutoScalingGroup", "wait: complete"]


def test_of_a_group_being_deleted_nothing_is_taken_over() -> None:
    made = walk(EMPTY, want(health_check_grace_period=77, launch={**OPTIONS["launch"], "key_name": "ops"}))[1]
    assert made.group is not None
    deleting = replace(made, template=None, group=replace(made.group, deleting=True))
    goal = _fleet.complete(deleting, want())
    assert goal is not None
    assert goal.launch is not None
    assert (goal.settings.health_check_grace_period, goal.launch.content.key_name) == (300, None)


def test_with_nothing_given_but_the_name_nothing_changes() -> None:
    made = walk(EMPTY, want(scaling_policies=[OUT], tags={"a": "b"}))[1]
    bare = _fleet_want.wanted({"name": "wcs"})
    assert walk(made, bare)[0] == []


def test_a_wait_tells_what_it_is_for() -> None:
    moves, _ = course(_fleet, EMPTY, _fleet.complete(EMPTY, want()))
    assert moves[-1] == Wait(
        "group 'wcs'", "complete (2 in service in the group and balancer wcs)", ("complete", "wcs")
    )
