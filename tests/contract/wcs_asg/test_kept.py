"""Nothing is lost: what botocore's model knows of a thing that is written anew as a whole is written back.

Each optional member of the call's input shape is put into what AWS answers, one at a time and in pairs; then one option
of ours changes. The planned call is judged by botocore's own validation, and must say all that was there.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.module_utils._core.errors import Failure
from tests.support import shapes
from tests.support.groups import CPU, NAME, OUT, Stage, round_trip
from tests.support.overlay import Overlay
from tests.support.shapes import EACH, Path

ALL = bool(os.environ.get("WCS_TEST_ALL"))
PAIRS = 60 if ALL else 4
SHOWN = 1 if ALL else 7
"""Every so many of the draws are also shown and given back."""
Raw = dict[str, Any]

HOOK = {"name": "hold", "transition": "autoscaling:EC2_INSTANCE_TERMINATING", "heartbeat_timeout": 300}
DAILY = {"name": "daily", "recurrence": "0 8 * * *", "max_size": 4}
VOLUME = {"device_name": "/dev/xvda", "size": 20, "type": "gp3"}
LINES = [
    {
        "Id": "s",
        "MetricStat": {"Metric": {"Namespace": "WCS", "MetricName": "sessions"}, "Stat": "Sum", "Period": 60},
        "ReturnData": False,
    },
    {"Id": "e", "Expression": "s / 2", "ReturnData": True},
]
CUSTOM = {"MetricName": "sessions", "Namespace": "WCS", "Statistic": "Average", "Period": 10}
FLAT = ("Namespace", "MetricName", "Statistic", "Dimensions", "Period", "Unit")

KEEP = {
    "purge_policies": False,
    "purge_hooks": False,
    "purge_schedules": False,
    "scaling_policies": [],
    "lifecycle_hooks": [],
    "scheduled_actions": [],
    "launch": {},
}
"""Options by which all is read and nothing changed."""


@dataclass(frozen=True)
class Case:
    """A thing, the call that writes it anew, the call that reads it, and options of ours that change it.

    `things` finds it in the answer; `base` makes of what the lab has what AWS might; `root` is where in the call it
    stands; `changes` are options with the member that they change; `ours` is what we may say beside.
    """

    call: str
    answer: str
    things: Callable[[Raw], list[Raw]]
    changes: tuple[tuple[Path, dict[str, Any]], ...]
    root: Path = ()
    base: Callable[[Raw], Raw] = lambda raw: raw
    ours: tuple[str, ...] = ()
    launch_kind: str = "template"

    @property
    def service(self) -> str:
        return self.call.split(":")[0]

    @property
    def operation(self) -> str:
        return self.call.split(":")[1]

    @property
    def whole(self) -> Any:
        return shapes.input_shape(self.service, self.operation)

    @property
    def shape(self) -> Any:
        return shapes.within(self.whole, self.root)


def named(key: str, field: str, name: str) -> Callable[[Raw], list[Raw]]:
    return lambda answer: [one for one in answer[key] if one[field] == name]


def policy(name: str) -> Callable[[Raw], list[Raw]]:
    return named("ScalingPolicies", "PolicyName", name)


def tracking(spec: Raw) -> Callable[[Raw], Raw]:
    def base(raw: Raw) -> Raw:
        kept = {k: v for k, v in raw["TargetTrackingConfiguration"].items() if not k.endswith("Specification")}
        return {**raw, "TargetTrackingConfiguration": {**kept, "CustomizedMetricSpecification": deepcopy(spec)}}

    return base


def math_alarm(raw: Raw) -> Raw:
    return {**{key: value for key, value in raw.items() if key not in FLAT}, "Metrics": deepcopy(LINES)}


def policies(**option: Any) -> dict[str, Any]:
    return {"scaling_policies": [option], "purge_policies": False}


TRACKED = (
    (("TargetTrackingConfiguration", "TargetValue"), policies(name="cpu", type="target_tracking", target=61)),
    (("Enabled",), policies(name="cpu", type="target_tracking", enabled=False)),
)
ALARMS = tuple(
    ((member,), policies(name="cpu-out", type="step", alarm=option))
    for member, option in (("Threshold", {"threshold": 71}), ("EvaluationPeriods", {"evaluation_periods": 3}))
)
PUT_POLICY, PUT_ALARM = "autoscaling:PutScalingPolicy", "cloudwatch:PutMetricAlarm"
OUT_ALARM = named("MetricAlarms", "AlarmName", "wcs:cpu-out:out")
CASES = {
    "predefined metric": Case(PUT_POLICY, "DescribePolicies", policy("cpu"), TRACKED),
    "metric": Case(PUT_POLICY, "DescribePolicies", policy("cpu"), TRACKED, base=tracking(CUSTOM)),
    "metric math": Case(PUT_POLICY, "DescribePolicies", policy("cpu"), TRACKED, base=tracking({"Metrics": LINES})),
    "step policy": Case(
        PUT_POLICY,
        "DescribePolicies",
        policy("cpu-out"),
        (
            (("EstimatedInstanceWarmup",), policies(name="cpu-out", type="step", estimated_instance_warmup=77)),
            (("MetricAggregationType",), policies(name="cpu-out", type="step", metric_aggregation="Minimum")),
        ),
    ),
    "simple policy": Case(
        PUT_POLICY,
        "DescribePolicies",
        policy("more"),
        (
            (("Cooldown",), policies(name="more", type="simple", cooldown=61)),
            (("ScalingAdjustment",), policies(name="more", type="simple", adjustment=3)),
        ),
    ),
    "alarm": Case(PUT_ALARM, "DescribeAlarms", OUT_ALARM, ALARMS),
    "alarm of metric math": Case(PUT_ALARM, "DescribeAlarms", OUT_ALARM, ALARMS, base=math_alarm),
    "hook": Case(
        "autoscaling:PutLifecycleHook",
        "DescribeLifecycleHooks",
        named("LifecycleHooks", "LifecycleHookName", "hold"),
        tuple(
            ((member,), {"lifecycle_hooks": [{"name": "hold", "transition": HOOK["transition"], **option}]})
            for member, option in (
                ("HeartbeatTimeout", {"heartbeat_timeout": 31}),
                ("DefaultResult", {"default_result": "CONTINUE"}),
            )
        ),
    ),
    "scheduled action": Case(
        "autoscaling:PutScheduledUpdateGroupAction",
        "DescribeScheduledActions",
        named("ScheduledUpdateGroupActions", "ScheduledActionName", "daily"),
        tuple(
            ((member,), {"scheduled_actions": [{"name": "daily", **option}]})
            for member, option in (("MinSize", {"min_size": 0}), ("TimeZone", {"time_zone": "Europe/Berlin"}))
        ),
    ),
    "template": Case(
        "ec2:CreateLaunchTemplateVersion",
        "DescribeLaunchTemplateVersions",
        lambda answer: [version["LaunchTemplateData"] for version in answer["LaunchTemplateVersions"]],
        (
            (("EbsOptimized",), {"launch": {"ebs_optimized": True}}),
            (("KeyName",), {"launch": {"key_name": "wcs-lab"}}),
        ),
        root=("LaunchTemplateData",),
    ),
    "configuration": Case(
        "autoscaling:CreateLaunchConfiguration",
        "DescribeLaunchConfigurations",
        lambda answer: list(answer["LaunchConfigurations"]),
        (
            (("InstanceType",), {"launch": {"instance_type": "c5.2xlarge"}}),
            (("KeyName",), {"launch": {"key_name": "wcs-lab"}}),
        ),
        launch_kind="configuration",
    ),
}

EXCEPTIONS = {
    (PUT_POLICY, ("PolicyType",)): "which type it is: another type is another policy",
    ("autoscaling:PutLifecycleHook", ("LifecycleTransition",)): "an option that is always given",
    (PUT_ALARM, ("Tags",)): "no answer has it, and a put of an alarm that is there leaves its tags as they are",
    ("autoscaling:PutScheduledUpdateGroupAction", ("Time",)): "the former name of StartTime, told beside it",
    ("autoscaling:CreateLaunchConfiguration", ("InstanceId",)): "an instance to copy at creation; no answer has it",
}


def excepted(case: Case, path: Path) -> bool:
    return any(case.call == call and path[: len(start)] == start for call, start in EXCEPTIONS)


class Account:
    """A lab with a fleet that has one of each thing, and answers that can be changed."""

    def __init__(self, launch_kind: str) -> None:
        self.lab = open_lab()
        self.overlay = Overlay(clients(self.lab))
        self.stage = Stage(self.lab, self.overlay)
        image = self.lab.account.wcs_image_id
        known = {"ImageId": [image], "KeyName": ["wcs-lab"], "Groups": [self.stage.group_id]}
        shapes.KNOWN.update(known, SecurityGroupIds=known["Groups"], SecurityGroups=known["Groups"])
        more = {"name": "more", "type": "simple", "adjustment": 1}
        self.stage.bench.run(
            **self.stage.options(
                launch=self.stage.launch(kind=launch_kind, volumes=[VOLUME]),
                scaling_policies=[CPU, OUT, more],
                lifecycle_hooks=[HOOK],
                scheduled_actions=[DAILY],
            )
        )

    def seen(self, case: Case, change: Callable[[Raw], Raw]) -> Raw:
        """The thing as it is answered from now on."""
        found: list[Raw] = []

        def changed(answer: Raw) -> None:
            for thing in case.things(answer):
                whole = change(case.base(deepcopy(thing)))
                thing.clear()
                thing.update(whole)
                found.append(whole)

        self.overlay.changes.clear()
        self.overlay.changes[case.answer] = changed
        client = self.overlay(case.service if case.service != "ec2" else "ec2")
        given = {"AutoScalingGroupName": NAME} if case.service == "autoscaling" and "Launch" not in case.answer else {}
        client._make_api_call(case.answer, {"LaunchTemplateName": NAME} if case.service == "ec2" else given)
        return found[-1]


@pytest.fixture(scope="module")
def accounts() -> Iterator[Callable[[str], Account]]:
    made: dict[str, Account] = {}

    def account(kind: str) -> Account:
        if kind not in made:
            for other in list(made):  # one lab at a time in a process
                made.pop(other).lab.close()
            made[kind] = Account(kind)
        made[kind].overlay.changes.clear()
        return made[kind]

    yield account
    for one in made.values():
        one.lab.close()


def normal(value: Any) -> Any:
    """What is to be compared: no order, no empty parts, dates as text."""
    if isinstance(value, Mapping):
        items = {key: normal(item) for key, item in value.items()}
        empty = (None, [], {}, "")
        return {key: item for key, item in items.items() if item not in empty or key == "NoDevice"}
    if isinstance(value, (list, tuple)):
        return sorted((normal(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True, default=str))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def sayable(shape: Any, value: Any) -> Any:
    """What of an answer the call can say."""
    if shape.type_name == "structure":
        return {key: sayable(shape.members[key], item) for key, item in value.items() if key in shape.members}
    return [sayable(shape.member, item) for item in value] if shape.type_name == "list" else value


def lost(expected: Any, args: Any, path: str = "") -> list[str]:
    """Where the arguments do not say what is expected."""
    if isinstance(expected, Mapping) and isinstance(args, Mapping):
        return [at for key, item in expected.items() for at in lost(item, args.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(args, list) and len(expected) == len(args):
        return [at for one, other in zip(expected, args, strict=True) for at in lost(one, other, f"{path}[]")]
    return [] if expected == args else [f"{path}: {expected!r} became {args!r}"]


def change_of(case: Case, paths: tuple[Path, ...]) -> tuple[Path, dict[str, Any]]:
    """An option that changes nothing of what is looked at."""
    return next(
        (member, options) for member, options in case.changes if not any(shapes.overlap(member, path) for path in paths)
    )


def conflicting(case: Case, one: Path, other: Path) -> bool:
    return shapes.overlap(one, other) or shapes.exclusive(case.shape, one, other)


def draws(case: Case, rng: random.Random) -> list[tuple[Path, ...]]:
    paths = [path for path in shapes.optional(case.shape) if not excepted(case, path)]
    pairs = [tuple(rng.sample(paths, 2)) for _ in range(PAIRS)]
    free = [pair for pair in pairs if any(not any(shapes.overlap(m, p) for p in pair) for m, _ in case.changes)]
    return [*((path,) for path in paths), *(pair for pair in free if not conflicting(case, *pair))]


def planting(case: Case, paths: tuple[Path, ...], seed: int) -> Callable[[Raw], Raw]:
    def plant(raw: Raw) -> Raw:
        rng = random.Random(seed)
        for path in paths:
            value = shapes.valid(shapes.within(case.shape, path), next(p for p in reversed(path) if p != EACH), rng)
            raw = shapes.planted(raw, case.shape, path, value, rng)
        return raw

    return plant


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_what_botocore_knows_of_a_thing_is_written_back(name: str, accounts: Callable[[str], Account]) -> None:
    case = CASES[name]
    account, rng = accounts(case.launch_kind), random.Random(name)
    wrong, refused, members = [], [], 0
    for seed, paths in enumerate(draws(case, rng)):
        member, options = change_of(case, paths)
        there = account.seen(case, planting(case, paths, seed))
        members += len(paths) == 1
        try:
            steps = account.stage.bench.check(name=NAME, **options).outcome.steps
        except Failure as failure:
            (wrong if failure.call.operation else refused).append(f"{paths}: {failure}")
            continue
        puts = [step for step in steps if step.operation == case.operation]
        assert len(puts) == 1, f"{paths}: {[step.action for step in steps]}"
        args = dict(puts[0].args)
        wrong += [f"{paths}: {text}" for text in [shapes.complaint(case.whole, args)] if text]
        for part in case.root:
            args = args[part]
        kept = {key: value for key, value in sayable(case.shape, there).items() if key not in NAMES}
        kept.pop(member[0], None) if len(member) == 1 else kept.get(member[0], {}).pop(member[1], None)
        wrong += [f"{paths}: {text}" for text in lost(normal(kept), normal(decoded(args)))]
        added = {key for key in args if key not in kept} - NAMES - {member[0], *DEFAULTS}
        wrong += [f"{paths}: {key} is new" for key in added]
    print(f"{name}: {members} members of {case.call}, one at a time and in pairs; refused: {len(refused)}")
    assert wrong == []
    assert refused == [], "\n".join(refused)
    assert members > 4


@pytest.mark.parametrize("name", CASES)
def test_what_only_an_answer_has_is_not_sent(name: str, accounts: Callable[[str], Account]) -> None:
    """And nothing fails, JSON comes out, and what is shown can be given back and changes nothing.

    The ARN of a policy is no member of that kind: it is what its alarm calls.
    """
    case = CASES[name]
    account, bench = accounts(case.launch_kind), accounts(case.launch_kind).stage.bench
    output = answered(case)
    paths = [path for path in shapes.optional(output) if not shapes.has(case.shape, path) and path != ("PolicyARN",)]
    for seed, path in enumerate(paths):
        rng = random.Random(seed)
        value = shapes.valid(shapes.within(output, path), next(p for p in reversed(path) if p != EACH), rng)
        there = account.seen(case, lambda raw, p=path, v=value, r=rng: shapes.planted(raw, output, p, v, r))
        steps = bench.check(name=NAME, **change_of(case, (path,))[1]).outcome.steps
        args = next(dict(step.args) for step in steps if step.operation == case.operation)
        assert shapes.complaint(case.whole, args) == "", f"{path}: {there}"
        returns = bench.check(name=NAME, **KEEP).returns
        json.dumps(returns)
        assert bench.check(**round_trip(returns)).outcome.actions == [], path
    print(f"{name}: {len(paths)} members of {case.answer} alone")


def answered(case: Case) -> Any:
    """The shape of the thing in the answer."""
    output = shapes.output_shape(case.service, case.answer)
    key = next(name for name, member in output.members.items() if member.type_name == "list")
    return shapes.within(output, (key, EACH, *case.root))


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown_can_be_given_back(name: str, accounts: Callable[[str], Account]) -> None:
    case = CASES[name]
    account, rng = accounts(case.launch_kind), random.Random(name)
    wrong, refused = [], 0
    shown = draws(case, rng)[::SHOWN]
    for seed, paths in enumerate(shown):
        account.seen(case, planting(case, paths, seed))
        returns = account.stage.bench.check(name=NAME, **KEEP).returns
        json.dumps(returns)
        try:
            actions = account.stage.bench.check(**round_trip(returns)).outcome.actions
        except Failure as failure:  # a value that AWS would not have taken: an adjustment of 9,000 %, say
            actions, refused = [], refused + 1
            wrong += [f"{paths}: {failure}"] if failure.call.operation else []
        wrong += [f"{paths}: {actions}"] if actions else []
    print(f"{name}: {len(shown)} states given back as shown, {refused} refused before the first call")
    assert wrong == [], "\n".join(wrong)


GROUP = "DescribeAutoScalingGroups"


def test_a_group_is_adopted_in_silence(accounts: Callable[[str], Account]) -> None:
    """`adopt` and nothing else plans our mark alone, whatever AWS tells of the group; all of it is JSON."""
    account = accounts("template")
    shape = shapes.within(shapes.output_shape("autoscaling", GROUP), ("AutoScalingGroups", EACH))
    paths = [path for path in shapes.optional(shape) if path != ("Status",)]
    for seed, path in enumerate(paths):
        rng = random.Random(seed)
        value = shapes.valid(shapes.within(shape, path), next(p for p in reversed(path) if p != EACH), rng)

        def changed(answer: Raw, path: Path = path, value: Any = value, rng: random.Random = rng) -> None:
            group = shapes.planted({**answer["AutoScalingGroups"][0], "Tags": []}, shape, path, value, rng)
            answer["AutoScalingGroups"] = [group]

        account.overlay.changes = {GROUP: changed}
        answer = account.stage.bench.check(name=NAME, adopt=True)
        assert answer.outcome.actions == ["autoscaling:CreateOrUpdateTags"], path
        json.dumps(answer.returns)
    print(f"{len(paths)} members of a group")


NAMES = {"AutoScalingGroupName", "PolicyName", "PolicyType", "AlarmName", "LaunchConfigurationName"}
DEFAULTS = {"Enabled", "TreatMissingData"}
"""What we say where nothing is said: AWS's own default."""


def decoded(args: Mapping[str, Any]) -> dict[str, Any]:
    """A launch configuration's user data is text in a call, and base64 in an answer."""
    text = args.get("UserData")
    plain = text is not None and "ImageId" in args and "SecurityGroups" in args and "\n" in str(text)
    return {**args, "UserData": shapes.KNOWN["UserData"][0]} if plain else dict(args)
