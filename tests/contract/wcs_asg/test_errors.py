"""Every way in which wcs_asg fails: the whole sentence, and the `error` fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import LATER
from tests.support.groups import CPU, IN, NAME, OUT, POLICIES, Stage

NO_CALL = {"service": None, "operation": None, "code": None, "request_id": None}
FIX = "Fix the cause and run again. Completed steps are kept."
UNREADABLE = "the answer could not be read (it is not what this API answers)"
METRIC = (
    "In scaling_policies set metric to cpu or sessions, to a dictionary of namespace, name and optionally statistic, "
    "dimensions, unit and period, or to one of "
    "math, whose lines have an id and a metric or an expression."
)
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
DAILY = {"name": "a", "recurrence": "0 8 * * *"}


@pytest.fixture
def stage(lab: Any, aws: Any) -> Stage:
    return Stage(lab, aws)


def options(stage: Stage, given: dict[str, Any]) -> dict[str, Any]:
    """A usual fleet with these options; `launch` is added to the usual one, and what is None left out."""
    given = json.loads(json.dumps(given))
    if given.get("launch") is not None:
        given["launch"] = {k: v for k, v in stage.launch(**given["launch"]).items() if v is not None}
    return {key: value for key, value in stage.options(**given).items() if value is not None}


def alarm(**more: Any) -> dict[str, Any]:
    return {"scaling_policies": [{**OUT, "alarm": {**OUT["alarm"], **more}}]}


def steps(*given: dict[str, Any]) -> dict[str, Any]:
    return {"scaling_policies": [{**OUT, "steps": list(given)}]}


def cpu(**more: Any) -> dict[str, Any]:
    return {"scaling_policies": [{**CPU, **more}]}


def volume(**more: Any) -> dict[str, Any]:
    return {"launch": {"volumes": [{"device_name": "/dev/xvda", **more}]}}


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"min_size": -1}, "min_size is -1; AWS allows 0 and more."),
    ({"default_cooldown": -1}, "default_cooldown is -1; AWS allows 0 and more."),
    (
        {"default_instance_warmup": -2},
        "default_instance_warmup is -2; AWS allows 0 and more, and -1 to remove it.",
    ),
    ({"subnets": []}, "subnets is empty, and a group needs at least one."),
    ({"subnets": ["net"]}, "subnets needs IDs (subnet-…), not names."),
    (
        {"load_balancers": [f"b{n}" for n in range(51)]},
        "load_balancers has 51 names; AWS allows at most 50 per group.",
    ),
    (
        {"health_check_type": "ELF"},
        "health_check_type 'ELF' is invalid: use EC2, ELB, EBS, VPC_LATTICE, separated by commas.",
    ),
    (
        {"termination_policies": ["Oldest"]},
        (
            "termination_policies has 'Oldest', which is none of Default, AllocationStrategy, "
            "ClosestToNextInstanceHour, NewestInstance, OldestInstance, OldestLaunchConfiguration, "
            "OldestLaunchTemplate."
        ),
    ),
    (
        {"suspended_processes": ["Everything"]},
        (
            "suspended_processes has 'Everything', which is none of Launch, Terminate, AddToLoadBalancer, "
            "AlarmNotification, AZRebalance, HealthCheck, InstanceRefresh, ReplaceUnhealthy, ScheduledActions."
        ),
    ),
    (
        {"metrics_collection": ["Group"]},
        "metrics_collection has 'Group', which is not a metric of a group, such as GroupDesiredCapacity.",
    ),
    (
        {"tags": {"aws:x": "1"}},
        "the tag key 'aws:x' in tags begins with a reserved prefix ('webcallserver.aws:' or 'aws:').",
    ),
    (
        {"tags": {f"k{n}": "v" for n in range(48)}},
        "tags has 48 tags, and there is room for 47 beside those of this collection.",
    ),
    ({"launch": {"image_id": "debian"}}, "launch.image_id 'debian' is not an image ID."),
    ({"launch": {"instance_type": "huge"}}, "launch.instance_type 'huge' is not an instance type."),
    ({"launch": {"security_group_ids": ["n"]}}, "launch.security_group_ids needs IDs (sg-…), not names."),
    (
        {"launch": {"user_data": "x" * 16385}},
        "launch.user_data has 16385 bytes; AWS allows at most 16384.",
    ),
    (
        {"launch": {"metadata": {"http_put_response_hop_limit": 65}}},
        "launch.metadata.http_put_response_hop_limit is 65; AWS allows 1 to 64.",
    ),
    ({"launch": {"keep": 0}}, "launch.keep is 0, and at least 1 version is kept."),
    (volume(size=0), "volume /dev/xvda of launch.volumes has size 0, not 1 to 65536 GiB."),
    (
        volume(iops=1),
        "volume /dev/xvda of launch.volumes has iops, which only gp3, io1 and io2 have (set its type, too).",
    ),
    (
        volume(throughput=300, type="gp2"),
        "volume /dev/xvda of launch.volumes has throughput, which only gp3 has (set its type, too).",
    ),
    (
        volume(kms_key_id="k", encrypted=False),
        "volume /dev/xvda of launch.volumes has a kms_key_id and encrypted: false.",
    ),
    ({"launch": {"volumes": [{"device_name": "/dev/a"}] * 2}}, "launch.volumes names a device twice."),
    ({"scaling_policies": [CPU, CPU]}, "scaling_policies names a policy twice."),
    (
        {"scaling_policies": [{**CPU, "name": f"p{n}"} for n in range(51)]},
        "scaling_policies has 51 policies; AWS allows at most 50 per group.",
    ),
    (
        {"scaling_policies": [{**OUT, "name": "a:b"}]},
        "policy 'a:b' of scaling_policies needs a name of 1 to 200 characters, without a colon.",
    ),
    (cpu(name="a" * 256), f"policy '{'a' * 256}' of scaling_policies needs a name of 1 to 255 characters."),
    (cpu(target=0), "policy 'cpu' of scaling_policies has target 0; AWS allows more than 0."),
    (cpu(cooldown=5), "policy 'cpu' of scaling_policies is of type target_tracking, which has no cooldown."),
    (cpu(alarm=OUT["alarm"]), "policy 'cpu' of scaling_policies is of type target_tracking, whose alarms AWS manages."),
    (steps(), "policy 'cpu-out' of scaling_policies has 0 steps; AWS allows 1 to 20."),
    (
        steps({"adjustment": 1}),
        (
            "policy 'cpu-out' of scaling_policies has a step without bounds; give lower_bound: "
            "0 for 'from the threshold up', "
            "upper_bound: 0 for down."
        ),
    ),
    (
        steps({"lower_bound": 5, "upper_bound": 5, "adjustment": 1}),
        "policy 'cpu-out' of scaling_policies has a step whose lower_bound 5 is not below its upper_bound 5.",
    ),
    (
        steps({"lower_bound": 0, "upper_bound": 10, "adjustment": 1}, {"lower_bound": 5, "adjustment": 2}),
        "policy 'cpu-out' of scaling_policies has steps that overlap.",
    ),
    (
        steps({"lower_bound": 0, "upper_bound": 10, "adjustment": 1}, {"lower_bound": 15, "adjustment": 2}),
        "policy 'cpu-out' of scaling_policies has a gap between its steps, from 10 to 15.",
    ),
    (
        {"scaling_policies": [{**OUT, "min_adjustment_magnitude": 2, "adjustment_type": "ExactCapacity"}]},
        (
            "policy 'cpu-out' of scaling_policies has min_adjustment_magnitude, which only "
            "goes with PercentChangeInCapacity."
        ),
    ),
    (
        alarm(period=45),
        "the alarm of policy 'cpu-out' of scaling_policies has period 45; AWS allows 10, 20, 30 and multiples of 60.",
    ),
    (
        alarm(period=10),
        "the alarm of policy 'cpu-out' of scaling_policies has period 10, which AWS allows only for custom metrics.",
    ),
    (
        alarm(evaluation_periods=0),
        "the alarm of policy 'cpu-out' of scaling_policies has evaluation_periods 0; AWS allows 1 and more.",
    ),
    (
        alarm(evaluation_periods=2, datapoints_to_alarm=3),
        (
            "the alarm of policy 'cpu-out' of scaling_policies has datapoints_to_alarm 3, "
            "which is not between 1 and its "
            "evaluation_periods."
        ),
    ),
    (
        {"lifecycle_hooks": [{"name": "a", "transition": LAUNCHING, "heartbeat_timeout": 10}]},
        "heartbeat_timeout of hook 'a' in lifecycle_hooks is 10 s; AWS allows 30 to 7200.",
    ),
    (
        {"lifecycle_hooks": [{"name": "a", "transition": LAUNCHING}] * 2},
        "lifecycle_hooks lists the same hook twice.",
    ),
    (
        {"scheduled_actions": [{**DAILY, "recurrence": "0 8", "min_size": 1}]},
        "recurrence '0 8' of action 'a' in scheduled_actions is not a five-field cron expression.",
    ),
    (
        {"scheduled_actions": [{"name": "a", "start_time": "soon", "min_size": 1}]},
        "start_time of action 'a' in scheduled_actions is not a time like 2026-01-31T08:00:00Z.",
    ),
    (
        {"scheduled_actions": [{**DAILY, "min_size": 3, "max_size": 1}]},
        "sizes of action 'a' in scheduled_actions are not 0 <= min_size <= desired_capacity <= max_size.",
    ),
    (
        {"scheduled_actions": [{**DAILY, "min_size": 1}] * 2},
        "scheduled_actions names an action twice.",
    ),
]


@pytest.mark.parametrize(("given", "reason"), UNUSABLE)
def test_unusable_options_are_refused_before_the_first_call(stage: Stage, given: dict[str, Any], reason: str) -> None:
    start = stage.bench.mark()
    for check in (True, False):
        failure = stage.bench.fails(check, **options(stage, given))
        assert str(failure) == f"Cannot use the options of group 'wcs': {reason} Correct the option and run again."
        assert failure.call.fields() == NO_CALL
    assert stage.bench.calls(start) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"name": "a b"},
            ("Cannot use the options of group 'a b': a group's name has 1 to 255 printable ASCII characters without "
            "space and colon. Choose another name."),
        ),
        (
            {"name": "ab", "launch": {"kind": "template"}},
            ("Cannot use the options of group 'ab': its launch template has the same name, which takes 3 to 128 "
            "letters, digits and -()./_. Choose another name."),
        ),
        (
            {"min_size": 5},
            "Cannot use the options of group 'wcs': min_size 5 is above max_size 4. Lower min_size, or raise max_size.",
        ),
        (
            {"desired_capacity": 9},
            ("Cannot use the options of group 'wcs': desired_capacity 9 is above max_size 4. Choose "
                "one between min_size and max_size."),
        ),
        (
            {"subnets": [LATER]},
            ("Cannot use option 'subnets[0]': '(known after apply)' is known only in check mode. Give the real "
                "value, which an earlier task returns."),
        ),
        (cpu(metric="memory"), f"Cannot use scaling policy 'cpu': its metric is 'memory'. {METRIC}"),
        (
            cpu(metric={"namespace": "A"}),
            f"Cannot use scaling policy 'cpu': its metric needs both namespace and name. {METRIC}",
        ),
        (
            cpu(metric={"namespace": "A", "name": "b", "dims": 1}),
            f"Cannot use scaling policy 'cpu': its metric has 'dims'. {METRIC}",
        ),
        (
            cpu(metric={"namespace": "A", "name": "b", "dimensions": [1]}),
            f"Cannot use scaling policy 'cpu': the dimensions of its metric are not a dictionary. {METRIC}",
        ),
        (
            alarm(metric={"predefined": "x"}),
            f"Cannot use scaling policy 'cpu-out': its metric needs both namespace and name. {METRIC}",
        ),
    ],
)  # fmt: skip
def test_what_else_is_refused_before_the_first_call(stage: Stage, given: dict[str, Any], sentence: str) -> None:
    start = stage.bench.mark()
    failure = stage.bench.fails(**options(stage, given))
    assert (str(failure), failure.call.fields()) == (sentence, NO_CALL)
    assert stage.bench.calls(start) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"min_size": None}, "it does not exist yet, and min_size is missing. Set what is missing."),
        (
            {"launch": None},
            "it does not exist yet, and launch.image_id, launch.instance_type are missing. Set what is missing.",
        ),
        (
            {"launch": {"instance_type": None}, "subnets": None},
            "it does not exist yet, and subnets, launch.instance_type are missing. Set what is missing.",
        ),
        (
            {"scaling_policies": [{"name": "x", "type": "target_tracking", "metric": "cpu"}]},
            (
                "policy 'x' of scaling_policies is of type target_tracking and has no target. "
                "Correct the option and run again."
            ),
        ),
        (
            {"scaling_policies": [{"name": "x", "type": "step"}]},
            "policy 'x' of scaling_policies is of type step and has no steps. Correct the option and run again.",
        ),
        (
            {"scaling_policies": [{"name": "x", "type": "simple"}]},
            "policy 'x' of scaling_policies is of type simple and has no adjustment. Correct the option and run again.",
        ),
        (
            {"scaling_policies": [{**OUT, "alarm": {"comparison": ">"}}]},
            "the alarm of policy 'cpu-out' of scaling_policies has no threshold. Correct the option and run again.",
        ),
        (
            alarm(datapoints_to_alarm=3),
            (
                "the alarm of policy 'cpu-out' of scaling_policies has more datapoints_to_alarm "
                "than evaluation_periods. "
                "Correct the option and run again."
            ),
        ),
        (
            alarm(period=3600, evaluation_periods=200),
            (
                "the alarm of policy 'cpu-out' of scaling_policies looks back 720000 s, and AWS "
                "allows at most a day (a week with a period "
                "of 3600 and more). Correct the option and run again."
            ),
        ),
        (
            {"scaling_policies": [OUT], "launch": {"detailed_monitoring": False}},
            (
                "the alarm of policy 'cpu-out' has a period of 60 s, and without detailed monitoring EC2 reports every "
                "300 s. Set its period to 300, or launch.detailed_monitoring: true."
            ),
        ),
        (
            {"lifecycle_hooks": [{"name": "a", "transition": LAUNCHING, "role_arn": "x"}]},
            (
                "hook 'a' in lifecycle_hooks needs both notification_target_arn and role_arn, or neither. "
                "Correct the option and run again."
            ),
        ),
        (
            {"scheduled_actions": [DAILY]},
            (
                "action 'a' in scheduled_actions sets none of min_size, max_size, desired_capacity. "
                "Correct the option and run again."
            ),
        ),
        (
            {"scheduled_actions": [{"name": "a", "min_size": 1}]},
            "action 'a' in scheduled_actions has neither recurrence nor start_time. Correct the option and run again.",
        ),
    ],
)
def test_what_a_new_group_lacks_is_refused_before_the_first_write(
    stage: Stage, given: dict[str, Any], reason: str
) -> None:
    start = stage.bench.mark()
    for check in (True, False):
        failure = stage.bench.fails(check, **options(stage, given))
        assert str(failure) == f"Cannot create group 'wcs': {reason}"
        assert failure.call.fields() == NO_CALL
    assert stage.bench.writes(start) == []


DRAIN = (
    "Drain nodes first (wcs_drain waits for their sessions), or set allow_scale_in: true."
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"desired_capacity": 1},
            ("desired_capacity would lower the desired capacity from 2 to 1"
            ", and AWS would choose whose sessions are cut"),
        ),
        (
            {"max_size": 1},
            "max_size 1 would lower the desired capacity from 2 to 1, and AWS would choose whose sessions are cut",
        ),
        (
            {"min_size": 3},
            None,
        ),
    ],
)  # fmt: skip
def test_what_would_cut_sessions_is_refused_unless_allowed(
    stage: Stage, given: dict[str, Any], reason: str | None
) -> None:
    stage.bench.run(**stage.options(desired_capacity=2, new_instances_protected_from_scale_in=False))
    wanted = {"name": NAME, **given}
    if reason is not None:
        for check in (True, False):
            failure = stage.bench.fails(check, **wanted)
            assert (str(failure), failure.call.fields()) == (f"Cannot change group 'wcs': {reason}. {DRAIN}", NO_CALL)
        wanted["allow_scale_in"] = True
    answer = stage.bench.exact(**wanted)
    assert answer.outcome.actions == ["autoscaling:UpdateAutoScalingGroup"]


def test_a_subnet_in_which_members_are_is_not_left_out_unless_allowed(stage: Stage) -> None:
    first, second, third = sorted(stage.lab.account.subnet_ids)
    members = stage.bench.run(**stage.options(min_size=2, subnets=[first, second])).returns["group"]["instances"]
    assert len({member["availability_zone"] for member in members}) == 2
    start = stage.bench.mark()
    failure = stage.bench.fails(name=NAME, subnets=[first, third])
    assert str(failure) == (
        f"Cannot change group 'wcs': subnets leaves out {second}, where nodes are, and AWS would terminate them. "
        + DRAIN
    )
    assert "ec2:DescribeInstances" in stage.bench.calls(start)
    stage.bench.exact(name=NAME, subnets=[first, second, third])
    stage.bench.run(name=NAME, subnets=[first, third], allow_scale_in=True)


def test_deletion_protection_is_respected(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.aws("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=NAME, DeletionProtection="prevent-all-deletion"
    )
    assert str(stage.bench.fails(name=NAME, state="absent")) == (
        "Cannot remove group 'wcs': its deletion protection is prevent-all-deletion. Turn the protection "
        "off first, if it may be removed."
    )


@pytest.mark.parametrize(
    ("given", "thing", "reason", "operation", "code"),
    [
        (
            {"load_balancers": ["nowhere"]},
            "create group 'wcs'",
            "Provided Load Balancers may not be valid. Please ensure they exist and try again. (ValidationError).",
            "CreateAutoScalingGroup",
            "ValidationError",
        ),
        (
            {"launch": {"image_id": "ami-00000000"}},
            "create group 'wcs'",
            (
                "You must use a valid fully-formed launch template. The image id '[ami-00000000]' does not exist "
                "(ValidationError)."
            ),
            "CreateAutoScalingGroup",
            "ValidationError",
        ),
    ],
)
def test_what_only_aws_can_know(
    stage: Stage, given: dict[str, Any], thing: str, reason: str, operation: str, code: str
) -> None:
    failure = stage.bench.fails(**options(stage, given))
    assert str(failure) == f"Cannot {thing}: {reason} {FIX}"
    fields = failure.call.fields()
    assert (fields["service"], fields["operation"], fields["code"]) == ("autoscaling", operation, code)
    assert fields["request_id"]
    assert list(failure.actions) == ["ec2:CreateLaunchTemplate"]


OPERATIONS = [
    "ec2:CreateLaunchTemplate",
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:PutScalingPolicy",
    "cloudwatch:PutMetricAlarm",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeLaunchTemplateVersions",
    "autoscaling:DescribePolicies",
    "cloudwatch:DescribeAlarms",
    "elb:DescribeInstanceHealth",
]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_not_allowed_is_named(stage: Stage, name: str) -> None:
    service, operation = name.split(":")
    stage.lab.faults.add("error-before", operation, code="AccessDenied", status=403)
    failure = stage.bench.fails(**stage.options(scaling_policies=POLICIES))
    action = name.replace("elb:", "elasticloadbalancing:")
    assert str(failure).endswith(
        f"(AccessDenied). Allow the action {action} to these credentials (see the policies in docs/iam)."
    )
    fields = failure.call.fields()
    assert (fields["service"], fields["operation"], fields["code"]) == (service, operation, "AccessDenied")
    again = stage.bench.run(**stage.options(scaling_policies=POLICIES))
    assert len(again.returns["scaling_policies"]) == 3, "an interrupted run is finished by running again"


@pytest.mark.long
@pytest.mark.parametrize("kind", ["throttle", "cut-reply", "html"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_one_bad_answer_is_got_over(stage: Stage, name: str, kind: str) -> None:
    stage.lab.faults.add("error-after" if kind == "html" else kind, name.split(":")[1], code="")
    answer = stage.bench.run(**stage.options(scaling_policies=POLICIES))
    assert [one["name"] for one in answer.returns["scaling_policies"]] == ["cpu", "cpu-in", "cpu-out"]
    assert len(stage.versions()) == 1
    assert len(stage.group()["Instances"]) == 1
    assert stage.bench.run(**stage.options(scaling_policies=POLICIES)).outcome.actions == []


@pytest.mark.parametrize(("code", "reason"), [("", UNREADABLE), ("-", UNREADABLE)])
@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_but_bad_answers_end_in_a_sentence(stage: Stage, name: str, code: str, reason: str) -> None:
    service, operation = name.split(":")
    stage.lab.faults.add("error-before", operation, code=code, count=None)
    failure = stage.bench.fails(**stage.options(scaling_policies=POLICIES))
    assert isinstance(failure, Failure)
    fields = failure.call.fields()
    assert (fields["service"], fields["operation"]) == (service, operation)
    assert str(failure).startswith("Cannot ")


@pytest.mark.long
@pytest.mark.parametrize("name", [one for one in OPERATIONS if ":Describe" in one])
def test_answers_that_are_late_are_waited_out(stage: Stage, name: str) -> None:
    stage.lab.faults.add("stale", name.split(":")[1], count=3, skip=1)
    options = stage.options(scaling_policies=POLICIES)
    answer = stage.bench.run(**options)
    assert len(answer.returns["scaling_policies"]) == 3
    stage.lab.faults.add("stale", name.split(":")[1], count=3, skip=1)
    changed = stage.options(scaling_policies=[IN], min_size=2, launch=stage.launch(instance_type="c5.xlarge"))
    stage.bench.run(**changed)
    stage.lab.faults.reset()
    assert stage.bench.run(**changed).outcome.actions == []
    assert len(stage.versions()) == 2


def test_a_version_is_made_once_however_often_its_reply_is_lost(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    stage.lab.faults.add("cut-reply", "CreateLaunchTemplateVersion", count=3)
    stage.bench.run(**stage.options(launch=stage.launch(instance_type="c5.xlarge")))
    assert len(stage.versions()) == 2
    assert stage.bench.run(**stage.options(launch=stage.launch(instance_type="c5.xlarge"))).outcome.actions == []


@pytest.mark.long
@pytest.mark.parametrize("name", ["UpdateAutoScalingGroup", "ModifyLaunchTemplate", "DeletePolicy", "DeleteAlarms"])
@pytest.mark.parametrize("kind", ["error-after", "cut-reply"])
def test_a_lost_reply_to_a_change_is_got_over(stage: Stage, name: str, kind: str) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    stage.lab.faults.add(kind, name)
    changed = stage.options(scaling_policies=[IN], desired_capacity=2, launch=stage.launch(instance_type="c5.xlarge"))
    stage.bench.run(**changed)
    assert stage.bench.run(**changed).outcome.actions == []
    assert (len(stage.versions()), sorted(stage.policies())) == (2, ["cpu-in"])


@pytest.mark.long
@pytest.mark.parametrize("name", ["DeleteAutoScalingGroup", "DeleteLaunchTemplate", "DeletePolicy", "DeleteAlarms"])
@pytest.mark.parametrize("kind", ["throttle", "error-after", "cut-reply"])
def test_a_lost_reply_to_a_removal_is_got_over(stage: Stage, name: str, kind: str) -> None:
    stage.bench.run(**stage.options(scaling_policies=POLICIES))
    stage.lab.faults.add(kind, name)
    assert stage.bench.run(name=NAME, state="absent").returns["group"] is None
    assert stage.bench.run(name=NAME, state="absent").outcome.actions == []
    assert stage.alarms() == {}
