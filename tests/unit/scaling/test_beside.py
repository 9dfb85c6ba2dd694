"""What AWS does not take beside a wanted value is taken out, or refused before the first call: cases like W11."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._group import options as group_options
from plugins.module_utils._launch import rules as launch_rules
from plugins.module_utils._launch.value import BlockDevice, Launch, completed
from plugins.module_utils._scaling import alarms, metrics, policies, rules, schedules
from plugins.module_utils._scaling.alarms import Alarm
from plugins.module_utils._scaling.metrics import Metric
from plugins.module_utils._scaling.policies import Policy, StepAdjustment
from plugins.module_utils._scaling.schedules import Schedule

DISK = "/dev/xvda"
LARGE = BlockDevice(DISK, 30, "gp3", 4000, 250, True, delete_on_termination=True)
PLAIN = replace(LARGE, iops=None, throughput=None)


@pytest.mark.parametrize(
    ("there", "want", "found"),
    [
        (LARGE, BlockDevice(DISK, type="gp2"), replace(PLAIN, type="gp2")),
        (LARGE, BlockDevice(DISK, type="st1"), replace(PLAIN, type="st1")),
        (LARGE, BlockDevice(DISK, type="io2"), replace(PLAIN, type="io2", iops=4000)),
        (LARGE, BlockDevice(DISK, type="gp3"), LARGE),
        (LARGE, BlockDevice(DISK, size=40), replace(LARGE, size=40)),
        (LARGE, BlockDevice(DISK, type="io1", iops=500), replace(PLAIN, type="io1", iops=500)),
        (replace(PLAIN, type="io1", iops=200), BlockDevice(DISK, type="gp3"), PLAIN),
        (replace(LARGE, kms_key_id="key"), BlockDevice(DISK, encrypted=False), replace(LARGE, encrypted=False)),
        (replace(LARGE, encrypted=False), BlockDevice(DISK, kms_key_id="key"), replace(LARGE, kms_key_id="key")),
    ],
)
def test_a_volume_of_another_type_or_key(there: BlockDevice, want: BlockDevice, found: BlockDevice) -> None:
    assert completed(Launch(volumes=(there,)), Launch(volumes=(want,))).volumes == (found,)


def test_a_volume_that_lacks_its_iops() -> None:
    goal = completed(Launch(volumes=(PLAIN,)), Launch(volumes=(BlockDevice(DISK, type="io2"),)))
    assert launch_rules.lacking(goal) == f"volume {DISK} of O(launch.volumes) is of type io2 and has no iops"
    assert launch_rules.lacking(Launch(volumes=(LARGE,))) is None


@pytest.mark.parametrize("given", [{"size": 3}, {"encrypted": True}, {"type": "gp3"}, {"delete_on_termination": False}])
@pytest.mark.parametrize("kind", [{"no_device": True}, {"virtual_name": "ephemeral0"}])
def test_a_device_without_a_volume_has_none_of_its_settings(given: dict[str, Any], kind: dict[str, Any]) -> None:
    assert "with that no settings of a volume" in str(
        launch_rules.problem(Launch(volumes=(BlockDevice(DISK, **kind, **given),)))
    )
    assert launch_rules.problem(Launch(volumes=(BlockDevice(DISK, **kind),))) is None


STEP = Policy(
    "out",
    "step",
    adjustment_type="PercentChangeInCapacity",
    min_adjustment_magnitude=2,
    steps=(StepAdjustment(0.0, None, 50),),
)


@pytest.mark.parametrize(("kind", "left"), [("ChangeInCapacity", None), ("PercentChangeInCapacity", 2), (None, 2)])
def test_a_least_adjustment_goes_with_percent_alone(kind: str | None, left: int | None) -> None:
    want = [Policy("out", "step", adjustment_type=kind)]
    goal = policies.complete("wcs", [STEP], {}, want)
    assert [one.min_adjustment_magnitude for one in goal] == [left]
    assert list(rules.clashing(want, goal)) == []


def test_a_least_adjustment_beside_what_is_there() -> None:
    there = replace(STEP, adjustment_type="ChangeInCapacity", min_adjustment_magnitude=None)
    want = [Policy("out", "step", min_adjustment_magnitude=2)]
    (text,) = rules.clashing(want, policies.complete("wcs", [there], {}, want))
    assert text.endswith("has min_adjustment_magnitude, which only goes with PercentChangeInCapacity")


@pytest.mark.parametrize(("namespace", "period"), [("WCS", 10), ("AWS/EC2", 60)])
def test_an_alarm_that_watches_another_metric_has_a_period_of_it(namespace: str, period: int) -> None:
    there = Alarm("wcs:out:out", Metric("WCS", "x"), ">=", 5.0, 10, 2)
    goal = alarms.completed("wcs", there, Alarm(metric=Metric(namespace, "y")), there.name)
    assert goal.period == period


def test_a_short_period_of_a_metric_of_aws_is_refused_also_where_the_metric_is_there() -> None:
    there = Alarm("wcs:out:out", metrics.cpu("wcs"), "GreaterThanThreshold", 70.0, 60, 2)
    want = replace(STEP, alarm=Alarm(period=10))
    goal = policies.complete("wcs", [STEP], {there.name: there}, [want])
    assert list(rules.clashing([want], goal)) == [
        "the alarm of policy 'out' of O(scaling_policies) has period 10, which AWS allows only for custom metrics"
    ]


def test_sizes_of_an_action_are_judged_with_those_that_are_there() -> None:
    there = Schedule("a", "0 8 * * *", min_size=1, desired_capacity=2, max_size=3)
    goal = schedules.complete([there], [Schedule("a", desired_capacity=6)])
    assert "are not 0 <= min_size" in str(schedules.lacking(goal, [there]))
    assert schedules.lacking(schedules.complete([there], [Schedule("a", desired_capacity=3)]), [there]) is None


PAST, TODAY, NEXT = "2026-01-01T08:00:00Z", "2026-06-01T08:00:00Z", "2027-01-01T08:00:00Z"


@pytest.mark.parametrize(
    ("want", "goal"),
    [
        (Schedule("a", start_time=PAST, min_size=1), ()),
        (Schedule("a", start_time=NEXT, min_size=1), (Schedule("a", start_time=NEXT, min_size=1),)),
        (Schedule("a", "0 8 * * *", start_time=PAST, min_size=1), (Schedule("a", "0 8 * * *", min_size=1),)),
    ],
)
def test_what_was_to_begin_in_the_past(want: Schedule, goal: tuple[Schedule, ...]) -> None:
    assert schedules.complete([], [want], TODAY) == goal


def test_no_termination_policies_are_the_default_one() -> None:
    """Without any AWS says `Default`."""
    assert group_options.wanted({"termination_policies": []}).termination_policies == ("Default",)
    assert group_options.wanted({}).termination_policies is None
