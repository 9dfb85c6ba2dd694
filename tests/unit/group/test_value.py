"""A group as a plain value: sizes, changes, tags, hooks, schedules, and what would cut sessions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._balancer.health import InstanceHealth
from plugins.module_utils._core.errors import named
from plugins.module_utils._core.step import LATER
from plugins.module_utils._fleet import options as _fleet_want
from plugins.module_utils._fleet import rules as _fleet_rules
from plugins.module_utils._fleet import show as _fleet_show
from plugins.module_utils._fleet.value import Fleet, FleetWant
from plugins.module_utils._group import calls as _group_calls
from plugins.module_utils._group import value as _group
from plugins.module_utils._group.journal import ROLLOUT
from plugins.module_utils._group.value import Group, Member, Settings, Tag
from plugins.module_utils._scaling import hooks as _hooks
from plugins.module_utils._scaling import options as _scaling_options
from plugins.module_utils._scaling import schedules as _schedules
from plugins.module_utils._scaling.hooks import Hook
from plugins.module_utils._scaling.schedules import Schedule

SETTINGS = replace(
    _group.FROM_AWS, min_size=1, max_size=4, desired_capacity=2, subnets=("subnet-1", "subnet-2"), load_balancers=("a",)
)
MARK = {"webcallserver.aws:stack": Tag("wcs")}
GROUP = Group("wcs", "arn", SETTINGS, tags=MARK, health={})


@pytest.mark.parametrize(
    ("have", "low", "high", "asked", "after"),
    [
        (2, 1, 4, None, 2),
        (2, 3, 4, None, 3),
        (3, 1, 2, None, 2),
        (3, 1, 4, 1, 1),
        (0, 0, 0, None, 0),
    ],
)
def test_new_bounds_move_the_desired_capacity(have: int, low: int, high: int, asked: int | None, after: int) -> None:
    settings = Settings(desired_capacity=have)
    assert _group.desired_after(settings, Settings(low, high, asked)) == after


def test_a_desired_capacity_left_out_is_never_written() -> None:
    goal = _group.complete(GROUP, Settings(max_size=5))
    assert goal.desired_capacity is None
    assert _group.changes(GROUP, goal) == {"MaxSize": 5}
    assert "DesiredCapacity" not in _group_calls.create("wcs", _group.complete(None, Settings(1, 2)), {}, {}, []).args


def test_a_desired_capacity_that_this_run_wrote_is_not_written_again() -> None:
    goal = Settings(desired_capacity=2)
    scaled = replace(GROUP, settings=replace(SETTINGS, desired_capacity=3))
    assert _group.changes(scaled, goal) == {"DesiredCapacity": 2}
    assert _group.changes(replace(scaled, asked=2), goal) == {}


def test_only_differences_are_written() -> None:
    goal = replace(
        SETTINGS, subnets=("subnet-1",), default_instance_warmup=-1, termination_policies=("OldestInstance",)
    )
    assert _group.changes(GROUP, goal) == {
        "VPCZoneIdentifier": "subnet-1",
        "TerminationPolicies": ["OldestInstance"],
    }
    warm = replace(GROUP, settings=replace(SETTINGS, default_instance_warmup=30))
    assert _group.changes(warm, Settings(default_instance_warmup=-1)) == {"DefaultInstanceWarmup": -1}


def test_creation_defaults_are_for_creation_only() -> None:
    assert _group.complete(None, Settings()) == _group.DEFAULTS
    assert _group.complete(GROUP, Settings()).health_check_type == "EC2"


def test_a_tag_that_is_there_keeps_whether_members_get_it() -> None:
    group = replace(GROUP, tags={**MARK, "a": Tag("1", False), "aws:x": Tag("1"), "b": Tag("2")})
    (put, gone) = _group_calls.tagging(group, {"a": "2", "c": "3"}, True, {"webcallserver.aws:stack": "wcs"})
    flags = {tag["Key"]: tag["PropagateAtLaunch"] for tag in put.args["Tags"]}
    assert flags == {"a": False, "c": True}
    assert [tag["Key"] for tag in gone.args["Tags"]] == ["b"]
    assert _group_calls.tagging(group, None, True, {"webcallserver.aws:stack": "wcs"}) == []


def test_balancers_are_joined_and_left_ten_a_call() -> None:
    goal = Settings(load_balancers=tuple(f"b{n:02}" for n in range(12)))
    steps = _group_calls.joining(GROUP, goal) + _group_calls.leaving(GROUP, goal)
    counts = [(step.operation, len(step.args["LoadBalancerNames"])) for step in steps]
    assert counts == [("AttachLoadBalancers", 10), ("AttachLoadBalancers", 2), ("DetachLoadBalancers", 1)]


def test_in_service_is_what_group_and_balancer_say() -> None:
    members = (*map(Member, "abc"), Member("d", state="Standby"), Member("e", health="Unhealthy"))
    draining = InstanceHealth("InService", description="Instance deregistration currently in progress.")
    answer = {"a": InstanceHealth("InService", description="N/A"), "b": draining, "d": InstanceHealth("InService")}
    group = replace(GROUP, members=members, health={"lb": answer})
    assert [one.instance_id for one in group.serving()] == ["a", "b", "c"]
    assert [one.instance_id for one in group.serving("lb")] == ["a"]


@pytest.mark.parametrize(
    ("want", "refused"),
    [
        (Settings(desired_capacity=1), "desired_capacity would lower the desired capacity from 2 to 1"),
        (Settings(max_size=1), "max_size 1 would lower the desired capacity from 2 to 1"),
        (Settings(subnets=("subnet-1",)), "subnets leaves out subnet-2, where nodes are"),
        (Settings(subnets=(LATER,)), None),
        (Settings(subnets=("subnet-2",)), None),
        (Settings(max_size=2, min_size=2), None),
        (Settings(desired_capacity=3), None),
    ],
)
def test_what_would_cut_sessions(want: Settings, refused: str | None) -> None:
    have = Fleet("wcs", group=replace(GROUP, members=(Member("a", subnet="subnet-2"),)))
    refusal = _fleet_rules.refuse(have, FleetWant(want))
    assert (named(refusal.reason, {}) if refusal else None) == (refused and f"{refused}{_rest(refused)}")
    assert _fleet_rules.refuse(have, FleetWant(want, allow_scale_in=True)) is None


def _rest(reason: str) -> str:
    subnets = reason.startswith("subnets")
    return ", and AWS would terminate them" if subnets else ", and AWS would choose whose sessions are cut"


ROLLING = "started=2026-11-23T10:00:00Z suspended=AZRebalance from=3 to=4 desired=2 max=4 surge=1"


def under_way(text: str) -> Group:
    settings = replace(SETTINGS, max_size=5, desired_capacity=3, suspended_processes=("AZRebalance", "HealthCheck"))
    return replace(GROUP, settings=settings, tags={**MARK, ROLLOUT: Tag(text, False)})


def test_while_a_rollout_is_under_way_sizes_and_its_processes_are_left_to_it() -> None:
    group, want = under_way(ROLLING), Settings(max_size=4, desired_capacity=2, min_size=1, suspended_processes=())
    goal = _group.complete(group, want)
    assert _group.changes(group, goal) == {}
    (resumed,) = _group_calls.switching(group, goal)
    assert resumed.args["ScalingProcesses"] == ["HealthCheck"]
    have = Fleet("wcs", group=group)
    assert _fleet_rules.refuse(have, FleetWant(want)) is None
    (warning,) = _fleet_show.warnings(have, FleetWant(want))
    assert named(warning, {}).startswith(
        "max_size and desired_capacity of group 'wcs' left alone: a rollout is under way"
    )


@pytest.mark.parametrize("text", ["started=2026-11-23T10:00:00Z suspended=AZRebalance", "by hand"])
def test_without_a_rollout_sizes_are_the_users(text: str) -> None:
    group = under_way(text)
    goal = _group.complete(group, Settings(max_size=6))
    assert _group.changes(group, goal) == {"MaxSize": 6}
    assert _fleet_show.warnings(Fleet("wcs", group=group), FleetWant(Settings(max_size=6))) == []


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, None),
        (True, tuple(sorted(_group.METRICS))),
        ("yes", tuple(sorted(_group.METRICS))),
        (False, ()),
        ([], ()),
        (["b", "a"], ("a", "b")),
    ],
)
def test_metrics_are_all_none_or_a_list(given: Any, found: tuple[str, ...] | None) -> None:
    want = _fleet_want.wanted({"name": "wcs", "metrics_collection": given})
    assert want is not None
    assert want.settings.metrics_collection == found


def test_absent_is_a_want_of_nothing() -> None:
    assert _fleet_want.wanted({"name": "wcs", "state": "absent", "min_size": 3}) is None


def test_hooks_that_share_their_target_go_into_the_create_call() -> None:
    hooks = [
        Hook("a", "t", 60, "ABANDON", "sns", "role"),
        Hook("b", "t", 60, "ABANDON"),
        Hook("c", "t", 60, "X", "sns", "role"),
    ]
    assert [one["LifecycleHookName"] for one in _hooks.at_creation(hooks)] == ["a", "c"]


def test_a_hook_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    have = [Hook("a", "t", 60, "CONTINUE", notification_metadata="m"), Hook("b", "t")]
    goal = _hooks.complete(have, [Hook("a", "t", role_arn="r", notification_target_arn="s")])
    assert goal == (Hook("a", "t", 60, "CONTINUE", "s", "r", "m"),)
    assert [step.operation for step in _hooks.moves("wcs", have, goal, True)] == [
        "PutLifecycleHook",
        "DeleteLifecycleHook",
    ]
    assert [step.operation for step in _hooks.moves("wcs", have, goal, False)] == ["PutLifecycleHook"]


@pytest.mark.parametrize(
    ("have", "want", "puts"),
    [
        (Schedule("a", "0 8 * * *", start_time="2026-01-02T08:00:00Z", min_size=1), {"recurrence": "0 8 * * *"}, 0),
        (
            Schedule("a", "0 8 * * *", start_time="2026-01-02T08:00:00Z", min_size=1),
            {"recurrence": "0 8 * * *", "start_time": "2026-01-01T00:00:00Z"},
            0,
        ),
        (
            Schedule("a", "0 8 * * *", start_time="2026-01-02T08:00:00Z", min_size=1),
            {"recurrence": "0 8 * * *", "start_time": "2026-02-01T00:00:00Z"},
            1,
        ),
        (Schedule("a", start_time="2026-01-02T08:00:00Z"), {"start_time": "2026-01-02T09:00:00+01:00"}, 0),
        (Schedule("a", start_time="2026-01-02T08:00:00Z"), {"start_time": "2026-01-02T09:00"}, 1),
        (Schedule("a", start_time="2026-01-02T08:00:00Z", min_size=1), {"min_size": 2}, 1),
    ],
)
def test_a_start_that_aws_moved_on_is_no_difference(have: Schedule, want: dict[str, Any], puts: int) -> None:
    goal = _schedules.complete([have], _scaling_options.schedules([{"name": "a", **want}]))
    assert len(_schedules.moves("wcs", [have], goal, True)) == puts
