"""Defects of the modules that are in use elsewhere, by their number, and what wcs_asg does instead."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.groups import CPU, NAME, OUT, POLICIES, Stage


@pytest.fixture
def stage(lab: Any, aws: Any) -> Stage:
    return Stage(lab, aws)


def test_d1_check_mode_compares_and_refuses_what_cannot_be(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    assert not stage.bench.check(**stage.options(scaling_policies=POLICIES)).outcome.changed
    changed = stage.bench.check(**stage.options(scaling_policies=POLICIES, max_size=5)).outcome
    assert changed.actions == ["autoscaling:UpdateAutoScalingGroup"]
    for check in (True, False):
        assert str(stage.bench.fails(check, **stage.options(min_size=9, max_size=6))) == (
            "Cannot use the options of group 'wcs': min_size 9 is above max_size 6. Lower min_size, or raise max_size."
        )
        assert str(stage.bench.fails(check, name=NAME, min_size=9)) == (
            "Cannot change group 'wcs': min_size 9 is above max_size 4. Lower min_size, or raise max_size."
        )


def test_d2_nothing_is_written_where_nothing_differs_and_scaling_is_not_undone(stage: Stage) -> None:
    stage.bench.run(**stage.options(desired_capacity=1, scaling_policies=POLICIES, metrics_collection=True))
    stage.aws("autoscaling").set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=3)
    stage.lab.run(60)
    start = stage.bench.mark()
    assert stage.bench.run(**stage.options(scaling_policies=POLICIES)).outcome.actions == []
    stage.bench.exact(**stage.options(max_size=5))
    assert stage.group()["DesiredCapacity"] == 3
    assert stage.bench.writes(start) == ["autoscaling:UpdateAutoScalingGroup"]


def test_d2_a_scale_out_between_write_and_last_read_is_not_undone(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    scaled = []

    def scale_out(line: str) -> None:
        if not scaled:
            scaled.append(line)
            stage.aws("autoscaling").set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=3)

    stage.bench.lines = _Listener(scale_out)
    answer = stage.bench.run(**stage.options(desired_capacity=2))
    assert scaled, "nothing scaled out while the run waited"
    assert answer.outcome.actions == ["autoscaling:UpdateAutoScalingGroup"]
    assert stage.group()["DesiredCapacity"] == 3


class _Listener(list[str]):
    def __init__(self, heard: Any) -> None:
        super().__init__()
        self.append = heard  # type: ignore[method-assign]


def test_d3_what_is_left_out_is_not_reset(stage: Stage) -> None:
    given = {
        "health_check_type": "ELB",
        "health_check_grace_period": 77,
        "default_cooldown": 33,
        "default_instance_warmup": 44,
        "termination_policies": ["OldestInstance"],
        "new_instances_protected_from_scale_in": False,
        "suspended_processes": ["AZRebalance"],
        "metrics_collection": ["GroupDesiredCapacity"],
        "tags": {"Team": "video"},
        "scaling_policies": [CPU],
    }
    before = stage.bench.exact(**stage.options(**given)).returns["group"]
    assert {key: before[key] for key in given if key in before} == {k: v for k, v in given.items() if k in before}
    after = stage.bench.exact(name=NAME, max_size=5).returns["group"]
    assert after == {**before, "max_size": 5}
    assert sorted(stage.policies()) == ["cpu"]


def test_d6_another_content_is_another_configuration_and_the_answer_is_what_is_stored(stage: Stage) -> None:
    wanted = stage.options(launch=stage.launch(kind="configuration"))
    first = stage.bench.run(**wanted).returns["launch"]
    wanted["launch"]["instance_type"] = "c5.xlarge"
    second = stage.bench.exact(**wanted).returns["launch"]
    assert (first["instance_type"], second["instance_type"]) == ("c5.large", "c5.xlarge")
    assert first["name"] != second["name"]
    named = stage.group()["LaunchConfigurationName"]
    (stored,) = stage.aws("autoscaling").describe_launch_configurations(LaunchConfigurationNames=[named])[
        "LaunchConfigurations"
    ]
    assert (named, stored["InstanceType"]) == (second["name"], "c5.xlarge")


def test_d7_a_bound_of_nought_is_a_bound(stage: Stage) -> None:
    up = {**OUT, "steps": [{"lower_bound": 0, "adjustment": 1}]}
    answer = stage.bench.exact(**stage.options(scaling_policies=[up]))
    assert stage.policies()["cpu-out"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1},
    ]
    assert answer.returns["scaling_policies"][0]["steps"] == [
        {"lower_bound": 0.0, "upper_bound": None, "adjustment": 1}
    ]


def test_d8_only_the_policy_of_this_group_goes(stage: Stage) -> None:
    for name in (NAME, "other"):
        stage.bench.run(**stage.options(name=name, load_balancers=[], scaling_policies=[OUT]))
    stage.bench.exact(**stage.options(load_balancers=[], scaling_policies=[]))
    assert sorted(stage.policies()) == []
    assert sorted(stage.policies("other")) == ["cpu-out"]
    assert sorted(stage.alarms()) == ["other:cpu-out:out"]
    stage.bench.exact(name=NAME, state="absent")
    assert sorted(stage.policies("other")) == ["cpu-out"]


def test_d9_before_and_after_of_a_change_differ(stage: Stage) -> None:
    stage.bench.run(**stage.options(scaling_policies=[CPU]))
    outcome = stage.bench.check(**stage.options(scaling_policies=[{**CPU, "target": 60}])).outcome
    assert [shown["scaling_policies"][0]["target"] for shown in (outcome.before, outcome.after) if shown] == [50, 60]


def test_d11_a_hook_gets_a_field_that_it_lacked(stage: Stage) -> None:
    hook = {"name": "drain", "transition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    stage.bench.exact(**stage.options(lifecycle_hooks=[hook]))
    more = {**hook, "notification_metadata": "wcs", "heartbeat_timeout": 60}
    changed = stage.bench.exact(**stage.options(lifecycle_hooks=[more]))
    assert changed.outcome.actions == ["autoscaling:PutLifecycleHook"]
    (shown,) = changed.returns["group"]["lifecycle_hooks"]
    assert (shown["notification_metadata"], shown["heartbeat_timeout"]) == ("wcs", 60)
    assert stage.bench.run(**stage.options(lifecycle_hooks=[hook])).outcome.actions == []


def test_a_hook_keeps_its_role_beside_another_target(stage: Stage) -> None:
    hook = {"name": "drain", "transition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    arns = {
        "notification_target_arn": "arn:aws:sns:us-east-1:123456789012:a",
        "role_arn": "arn:aws:iam::123456789012:role/r",
    }
    stage.bench.exact(**stage.options(lifecycle_hooks=[{**hook, **arns}]))
    other = {"notification_target_arn": "arn:aws:sns:us-east-1:123456789012:b"}
    (shown,) = stage.bench.exact(**stage.options(lifecycle_hooks=[{**hook, **other}])).returns["group"][
        "lifecycle_hooks"
    ]
    assert (shown["notification_target_arn"], shown["role_arn"]) == (*other.values(), arns["role_arn"])


def test_d16_members_of_an_older_version_are_told_from_others(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    answer = stage.bench.run(**stage.options(min_size=2, launch=stage.launch(instance_type="c5.xlarge")))
    members = answer.returns["group"]["instances"]
    assert sorted(member["version"] for member in members) == ["1", "2"]


def test_d17_no_size_is_lent_to_a_change_of_what_is_launched(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    sizes = ("MinSize", "MaxSize", "DesiredCapacity")
    before = {key: stage.group()[key] for key in sizes}
    stage.lab.faults.add("error-before", "ModifyLaunchTemplate", code="AccessDenied", status=403)
    stage.bench.fails(**stage.options(launch=stage.launch(instance_type="c5.xlarge")))
    assert {key: stage.group()[key] for key in sizes} == before
    finished = stage.bench.exact(**stage.options(launch=stage.launch(instance_type="c5.xlarge")))
    assert finished.outcome.actions == ["ec2:ModifyLaunchTemplate"]
