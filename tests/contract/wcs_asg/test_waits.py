"""wcs_asg waits for members that serve, gives up early where they never will, and says why."""

from __future__ import annotations

from typing import Any

import pytest

from lab.machines import Check
from plugins.module_utils._nodes import fetch
from tests.faults.paged import paged
from tests.support.groups import NAME, Stage

pytestmark = pytest.mark.long


@pytest.fixture
def stage(lab: Any, aws: Any) -> Stage:
    return Stage(lab, aws)


def seconds(stage: Stage, run: Any) -> tuple[Any, float]:
    start = stage.lab.clock.now()
    return run(), stage.lab.clock.now() - start


def test_the_wait_is_for_the_group_and_every_balancer(stage: Stage) -> None:
    stage.balancer("other")
    answer = stage.bench.run(**stage.options(min_size=2, load_balancers=["wcs", "other"]))
    for member in answer.returns["group"]["instances"]:
        assert [(one["name"], one["state"]) for one in member["load_balancers"]] == [
            ("other", "InService"),
            ("wcs", "InService"),
        ]
    assert any("1 of 2 in service" in line or "0 of 2 in service" in line for line in stage.bench.lines)


def test_without_wait_nothing_is_waited_for_and_no_health_is_read(stage: Stage) -> None:
    start = stage.bench.mark()
    answer = stage.bench.run(**stage.options(), wait=False)
    assert "elb:DescribeInstanceHealth" not in stage.bench.calls(start)
    assert [one for one in answer.returns["group"]["instances"] if one["lifecycle_state"] == "InService"] == []
    waited = stage.bench.run(**stage.options())
    assert waited.outcome.actions == []
    assert waited.returns["group"]["instances"][0]["load_balancers"][0]["state"] == "InService"


@pytest.mark.parametrize("wait", [True, False])
def test_a_balancer_is_left_only_when_the_members_serve_in_the_one_that_takes_its_place(
    stage: Stage, wait: bool
) -> None:
    stage.balancer("other")
    stage.bench.run(**stage.options(min_size=2))
    start, result = stage.bench.mark(), len(stage.bench.lines)
    answer = stage.bench.exact(**stage.options(min_size=2, load_balancers=["other"]), wait=wait)
    assert answer.outcome.actions == ["autoscaling:AttachLoadBalancers", "autoscaling:DetachLoadBalancers"]
    assert "2 of 2 in service in the group, 0 in balancer other" in stage.bench.lines[result:][0]
    calls = stage.bench.calls(start)
    between = calls[calls.index("autoscaling:AttachLoadBalancers") : calls.index("autoscaling:DetachLoadBalancers")]
    assert between[-1] == "elb:DescribeInstanceHealth"


def test_a_balancer_is_left_at_once_where_none_stays(stage: Stage) -> None:
    stage.bench.run(**stage.options(min_size=2))
    stage.aws("elb").delete_load_balancer(LoadBalancerName="wcs")
    answer = stage.bench.exact(**stage.options(min_size=2, load_balancers=[], health_check_type="EC2"))
    assert answer.outcome.actions == ["autoscaling:UpdateAutoScalingGroup", "autoscaling:DetachLoadBalancers"]


def test_failing_launches_end_the_wait_early(stage: Stage) -> None:
    ec2, autoscaling = stage.aws("ec2"), stage.aws("autoscaling")
    stage.bench.run(**stage.options())
    seed = stage.group()["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=seed, Name="soon-gone")["ImageId"]
    stage.lab.run(120)
    stage.bench.run(**stage.options(launch=stage.launch(image_id=image)))
    ec2.deregister_image(ImageId=image)
    failure, took = seconds(stage, lambda: stage.bench.fails(**stage.options(min_size=2, launch=None)))
    assert took < 120
    assert str(failure) == (
        "Cannot complete group 'wcs': 3 launches failed since this run began. 1 of 2 in service in the group, 1 in "
        f"balancer wcs; a launch failed: The AMI ID {image} does not exist. Launching EC2 instance "
        "failed. Correct what AWS names "
        "(launch, quota, subnets, permissions) and run again."
    )
    assert failure.actions == ["autoscaling:UpdateAutoScalingGroup"]
    assert len((failure.details or {})["failed_activities"]) == 3
    assert autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["DesiredCapacity"] == 2


def test_failed_launches_are_found_on_whatever_page_they_are(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.lab.launch_failures += ["no capacity"] * 5
    stage.bench.aws = paged(stage.bench.aws, seed=3, most=1)
    failure = stage.bench.fails(**stage.options(min_size=2))
    assert str(failure).startswith("Cannot complete group 'wcs': 3 launches failed since this run began.")
    assert len((failure.details or {})["failed_activities"]) == 3


def test_failures_from_before_this_run_do_not_end_it(stage: Stage) -> None:
    ec2, autoscaling = stage.aws("ec2"), stage.aws("autoscaling")
    stage.bench.run(**stage.options())
    seed = stage.group()["Instances"][0]["InstanceId"]
    image = ec2.create_image(InstanceId=seed, Name="soon-gone")["ImageId"]
    stage.lab.run(120)
    stage.bench.run(**stage.options(launch=stage.launch(image_id=image)))
    ec2.deregister_image(ImageId=image)
    autoscaling.update_auto_scaling_group(AutoScalingGroupName=NAME, MinSize=2)
    stage.lab.run(150)
    failed = [one for one in autoscaling.describe_scaling_activities()["Activities"] if one["StatusCode"] == "Failed"]
    assert len(failed) >= 3
    answer = stage.bench.run(**stage.options(min_size=2))
    assert len(answer.returns["group"]["instances"]) == 2


def test_nodes_that_never_pass_end_the_wait_when_their_grace_is_well_over(stage: Stage) -> None:
    stage.lab.machines.fresh_health = Check(False, 404)
    wanted = stage.options(health_check_grace_period=60)
    failure, took = seconds(stage, lambda: stage.bench.fails(**wanted))
    assert 120 < took < 240
    result = str(failure)
    assert result.startswith(
        "Cannot complete group 'wcs': a node well past its grace period never passed a check, and AWS does not replace "
        "it. 1 of 1 in service in the group, 0 in balancer wcs; i-"
    )
    assert "is OutOfService in balancer wcs (" in result
    assert "its health check, asked from here: HTTP:8081/?action=stat: connection refused on port 8081" in result
    assert result.endswith("that the security groups let the load balancer in.")
    (sick,) = (failure.details or {})["sick_instances"]
    assert (sick["where"], sick["state"]) == ("balancer wcs", "OutOfService")


def test_a_rerun_gives_such_nodes_up_at_once(stage: Stage) -> None:
    stage.lab.machines.fresh_health = Check(False, 404)
    wanted = stage.options(health_check_grace_period=60)
    stage.bench.fails(**wanted)
    _, took = seconds(stage, lambda: stage.bench.fails(**wanted))
    assert took < 5


def test_nodes_replaced_again_and_again_end_the_wait(stage: Stage) -> None:
    stage.bench.run(**stage.options(min_size=2, health_check_grace_period=0))
    stage.lab.machines.fresh_health = Check(False, 500)
    for machine in stage.lab.machines.machines.values():
        machine.health = Check(False, 500)
    stage.lab.run(45)
    failure, took = seconds(stage, lambda: stage.bench.fails(**stage.options(min_size=2), wait_timeout=3600))
    assert took < 900
    assert "nodes failed their health check and were replaced since this run began" in str(failure)


def test_a_wait_that_is_too_long_says_what_was_last_seen(stage: Stage) -> None:
    stage.lab.machines.fresh_health = Check(False, 404)
    failure = stage.bench.fails(**stage.options(), wait_timeout=30)
    result = str(failure)
    assert result.startswith(
        "Cannot finish waiting for group 'wcs': it was not complete (1 in service in the group and balancer wcs) "
        "within wait_timeout (30 s); last seen: 1 of 1 in service in the group, 0 in balancer wcs; i-"
    )
    assert "asked from here: HTTP:8081/?action=stat: connection refused" in result


def test_without_the_library_that_asks_nodes_it_is_said_that_they_were_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MISSING", "the Python library requests>=2.32.3 is not installed for python")
    stage.lab.machines.fresh_health = Check(False, 404)
    result = str(stage.bench.fails(**stage.options(), wait_timeout=30))
    assert result.startswith("Cannot finish waiting for group 'wcs'")
    assert "?action=stat: the Python library requests>=2.32.3 is not installed for python" in result


def test_a_suspended_process_that_the_wait_needs_ends_it_at_once(stage: Stage) -> None:
    stage.bench.run(**stage.options(suspended_processes=["Launch", "AZRebalance"]), wait=False)
    failure, took = seconds(stage, lambda: stage.bench.fails(**stage.options(min_size=2)))
    assert took < 5
    assert str(failure).startswith("Cannot complete group 'wcs': the process Launch is suspended. ")
    assert str(failure).endswith("Resume it (suspended_processes without Launch).")


def test_a_balancer_that_is_gone_ends_the_wait_at_once(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.aws("elb").delete_load_balancer(LoadBalancerName="wcs")
    failure, took = seconds(stage, lambda: stage.bench.fails(name=NAME, min_size=2))
    assert took < 5
    assert str(failure).startswith("Cannot complete group 'wcs': balancer wcs does not exist. ")
    assert str(failure).endswith("Create it (wcs_classic_elb), or remove it from load_balancers.")


def test_a_group_that_is_being_deleted_is_waited_for_and_made_anew(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.bench.run(name=NAME, state="absent", wait=False)
    assert stage.group()["Status"] == "Delete in progress"
    answer = stage.bench.exact(**stage.options())
    assert answer.outcome.actions == ["ec2:CreateLaunchTemplate", "autoscaling:CreateAutoScalingGroup"]


@pytest.mark.long
def test_five_hundred_nodes_cost_no_more_calls(stage: Stage) -> None:
    options = stage.options(min_size=500, max_size=500)
    stage.bench.run(**options)
    start = stage.bench.mark()
    answer = stage.bench.run(**options)
    assert stage.bench.calls(start) == [
        "autoscaling:DescribeAutoScalingGroups",
        "elb:DescribeInstanceHealth",
        "ec2:DescribeLaunchTemplateVersions",
    ]
    assert len(answer.returns["group"]["instances"]) == 500
