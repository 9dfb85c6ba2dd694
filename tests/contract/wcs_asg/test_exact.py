"""wcs_asg foresees exactly what it then does, for generated pairs of a state now and a want."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.converge import course
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.step import Step, Wait, means
from plugins.module_utils._fleet import moves as _fleet
from plugins.module_utils._fleet import options as _fleet_want
from plugins.module_utils._fleet.world import GroupWorld
from tests.support.groups import NAME, Stage, round_trip
from tests.support.harness import LabClock, agrees

ALL = bool(os.environ.get("WCS_TEST_ALL"))
CASES = 500 if ALL else 16
STEPWISE = 60 if ALL else 6

CUSTOM = {"namespace": "WCS", "name": "connections", "statistic": "Maximum", "dimensions": {"Group": NAME}}
MATH: dict[str, Any] = {
    "math": [{"id": "s", "metric": CUSTOM}, {"id": "n", "metric": CUSTOM}, {"id": "e", "expression": "s / n"}]
}
PERCENTILE = {"namespace": "WCS", "name": "latency", "statistic": "p95", "unit": "Milliseconds"}
PROCESSES = ["AZRebalance", "AlarmNotification", "ReplaceUnhealthy", "HealthCheck", "ScheduledActions"]
METRICS = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTotalInstances"]
TAGS: list[dict[str, str]] = [{}, {"Team": "video"}, {"Team": "audio", "Owner": "us"}]
VOLUMES: list[list[dict[str, Any]]] = [
    [],
    [{"device_name": "/dev/xvda", "size": 20, "type": "gp3"}],
    [{"device_name": "/dev/xvda", "size": 30, "encrypted": False}, {"device_name": "/dev/xvdb", "size": 8}],
    [{"device_name": "/dev/xvdb", "virtual_name": "ephemeral0"}],
]
METADATA: list[dict[str, Any]] = [
    {"http_tokens": "optional"},
    {"http_put_response_hop_limit": 2},
    {"http_tokens": "required", "http_put_response_hop_limit": 1},
    {"instance_metadata_tags": "enabled"},
]


class Scene:
    """One lab, and random wishes of one group in it. No alarm of a wish ever rings: nothing scales by itself."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lab = open_lab()
        self.stage = Stage(self.lab, clients(self.lab))
        self.stage.balancer("other")
        self.bench = self.stage.bench

    def some(self, choices: dict[str, Any], share: float) -> dict[str, Any]:
        """A random part of the options."""
        return {key: value for key, value in choices.items() if self.rng.random() < share}

    def launch(self, whole: bool) -> dict[str, Any]:
        """The option `launch`, `whole` enough to make a group."""
        rng = self.rng
        usual = self.stage.launch()
        given = self.some(
            {
                "instance_type": rng.choice(["c5.large", "c5.xlarge"]),
                "key_name": "wcs-lab",
                "user_data": rng.choice(["#!/bin/sh\n", "#!/bin/sh\nexit 0\n"]),
                "detailed_monitoring": True,
                "associate_public_ip": rng.choice([True, False]),
                "ebs_optimized": rng.choice([True, False]),
                "volumes": rng.choice(VOLUMES),
                "metadata": rng.choice(METADATA),
                "volume_tags": rng.choice([{}, {"Team": "video"}]),
                "security_group_ids": rng.choice([[], usual["security_group_ids"]]),
                "kind": rng.choice(["auto", "template", "template", "configuration"]),
                "keep": rng.choice([1, 2, 3]),
                "apply": rng.choice(["now", "now", "rollout"]),
            },
            0.4,
        )
        if given.get("kind") == "configuration":
            given.pop("volume_tags", None)
            given["metadata"] = {k: v for k, v in given.get("metadata", {}).items() if k != "instance_metadata_tags"}
        return usual | given if whole else given

    def alarm(self, out: bool) -> dict[str, Any]:
        """An alarm that never rings."""
        rng = self.rng
        comparison, threshold = ("GreaterThanThreshold", 99) if out else ("LessThanOrEqualToThreshold", -1)
        more = {
            "metric": rng.choice(["cpu", CUSTOM, PERCENTILE]),
            "period": rng.choice([60, 300]),
            "evaluation_periods": rng.choice([2, 3]),
            "datapoints_to_alarm": 2,
            "treat_missing_data": rng.choice(["missing", "notBreaching", "ignore"]),
        }
        return {"comparison": comparison, "threshold": threshold, **self.some(more, 0.4)}

    def policy(self, name: str) -> dict[str, Any]:
        """A policy of any type."""
        rng = self.rng
        kind, out = rng.choice(["target_tracking", "step", "simple"]), rng.random() < 0.6
        sign = 1 if out else -1
        if kind == "target_tracking":
            more = self.some({"disable_scale_in": rng.choice([True, False]), "estimated_instance_warmup": 60}, 0.4)
            metric = rng.choice(["cpu", CUSTOM, {**CUSTOM, "period": 10}, MATH])
            return {"name": name, "type": kind, "metric": metric, "target": 80, **more}
        given: dict[str, Any] = {"name": name, "type": kind}
        if kind == "step":
            bounds = rng.choice([[0.0, None], [0.0, 10.0, None], [0.0, 5.0, 20.0]])
            pairs = pairwise(bounds)
            given["steps"] = [
                {"lower_bound": low, "upper_bound": high, "adjustment": sign * (1 + number)}
                for number, (low, high) in enumerate(pairs)
            ]
            if not out:
                given["steps"] = [{"upper_bound": 0, "adjustment": -1}]
            given |= self.some({"metric_aggregation": "Maximum", "estimated_instance_warmup": 30}, 0.3)
        else:
            given |= {"adjustment": sign, **self.some({"cooldown": rng.choice([0, 60])}, 0.5)}
        given |= self.some({"adjustment_type": rng.choice(["ChangeInCapacity", "PercentChangeInCapacity"])}, 0.4)
        return given if rng.random() < 0.2 else {**given, "alarm": self.alarm(out)}

    def hook(self, name: str) -> dict[str, Any]:
        """A hook that holds nothing up for long."""
        kind = "autoscaling:EC2_INSTANCE_TERMINATING"
        more = {"heartbeat_timeout": 30, "default_result": "CONTINUE", "notification_metadata": "wcs"}
        return {"name": name, "transition": kind, **self.some(more, 0.5)}

    def schedule(self, name: str) -> dict[str, Any]:
        """A schedule of another day."""
        rng = self.rng
        when = rng.choice([{"recurrence": "0 8 * * 1-5"}, {"start_time": "2027-03-01T08:00:00Z"}])
        zone = {"time_zone": "Europe/Berlin"} if "recurrence" in when and rng.random() < 0.3 else {}
        return {"name": name, **when, **zone, "min_size": rng.choice([1, 2]), "max_size": 6}

    def wish(self, whole: bool = False) -> dict[str, Any]:
        """Options, many of them left out; `whole` enough to make a group."""
        rng = self.rng
        subnets = self.lab.account.subnet_ids
        low = rng.randint(0, 2)
        sizes = {"min_size": low, "max_size": rng.randint(max(low, 1), 4)}
        choices: dict[str, Any] = {
            "desired_capacity": rng.randint(low, sizes["max_size"]),
            "load_balancers": rng.choice([[], ["wcs"], ["other"], ["other", "wcs"]]),
            "health_check_type": rng.choice(["EC2", "ELB"]),
            "health_check_grace_period": rng.choice([60, 300]),
            "default_instance_warmup": rng.choice([-1, 30]),
            "default_cooldown": rng.choice([30, 300]),
            "termination_policies": rng.choice([["Default"], ["OldestInstance", "NewestInstance"]]),
            "new_instances_protected_from_scale_in": rng.choice([True, False]),
            "metrics_collection": rng.choice([True, False, METRICS[:1], METRICS]),
            "suspended_processes": rng.sample(PROCESSES, rng.randint(0, 3)),
            "instance_lifecycle_policy": {"on_abandoned_termination": rng.choice(["retain", "terminate"])},
            "tags": rng.choice(TAGS),
            "purge_tags": rng.choice([True, False]),
            "scaling_policies": [self.policy(name) for name in rng.sample("abcd", rng.randint(0, 3))],
            "purge_policies": rng.choice([True, True, False]),
            "lifecycle_hooks": [self.hook(name) for name in rng.sample("xyz", rng.randint(0, 2))],
            "purge_hooks": rng.choice([True, True, False]),
            "scheduled_actions": [self.schedule(name) for name in rng.sample("mn", rng.randint(0, 2))],
            "purge_schedules": rng.choice([True, True, False]),
        }
        needed = {"subnets": rng.choice([subnets, subnets[:2], subnets[1:]]), **sizes}
        given = {"name": NAME, "allow_scale_in": True, "adopt": True, **self.some(choices, 0.4)}
        if whole or rng.random() < 0.7:
            given |= needed if whole else self.some(needed, 0.6) | sizes
        if whole or rng.random() < 0.6:
            given["launch"] = self.launch(whole)
        return given

    def want(self) -> dict[str, Any]:
        """What shall be: a group, enough of it to be made where it is not there; or nothing."""
        if self.rng.random() < 0.12:
            return {"name": NAME, "state": "absent", "adopt": True}
        found = self.stage.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])
        standing = [group for group in found["AutoScalingGroups"] if not group.get("Status")]
        wish = self.wish(whole=not standing or self.rng.random() < 0.3)
        return {**wish, "stack": "live"} if self.rng.random() < 0.3 else wish

    def before(self) -> str:
        """A state to begin with: nothing, ours, half made, being deleted, foreign, or tampered with."""
        kind = self.rng.choice(["nothing", "ours", "ours", "half", "deleting", "foreign", "tampered", "tampered"])
        if kind == "foreign":
            self.foreign()
        elif kind == "half":
            operations = ["CreateAutoScalingGroup", "PutScalingPolicy", "PutMetricAlarm", "EnableMetricsCollection"]
            self.lab.faults.add("error-before", self.rng.choice(operations), code="AccessDenied", status=403)
            self.quietly(self.wish(whole=True))
            self.lab.faults.reset()
        elif kind != "nothing":
            self.quietly(self.wish(whole=True))
            if kind == "deleting":
                self.bench.run(name=NAME, state="absent", adopt=True, wait=False)
            elif kind == "tampered":
                self.tamper()
        return kind

    def refused(self, wish: dict[str, Any]) -> str | None:
        """Why check mode refuses it, or None."""
        try:
            self.bench.check(**wish)
        except Failure as refusal:
            return str(refusal)
        return None

    def quietly(self, wish: dict[str, Any]) -> None:
        """Brings it about as far as it goes."""
        try:
            self.bench.run(**wish, wait=self.rng.random() < 0.5)
        except Failure as failure:
            if failure.call.code != "AccessDenied":
                raise

    def foreign(self) -> None:
        """A group that somebody else made."""
        ec2, autoscaling = self.stage.aws("ec2"), self.stage.aws("autoscaling")
        data = {"ImageId": self.lab.account.wcs_image_id, "InstanceType": "t3.small", "DisableApiTermination": False}
        name = self.rng.choice([NAME, "theirs"])
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=NAME,
            MinSize=1,
            MaxSize=2,
            VPCZoneIdentifier=self.lab.account.subnet_ids[0],
            LaunchTemplate={"LaunchTemplateName": name, "Version": self.rng.choice(["$Latest", "1"])},
            Tags=[{"Key": "Theirs", "Value": "yes", "PropagateAtLaunch": False}],
        )
        self.lab.run(30)

    def tamper(self) -> None:
        """What somebody else may do by hand."""
        autoscaling, cloudwatch = self.stage.aws("autoscaling"), self.stage.aws("cloudwatch")
        named = {"AutoScalingGroupName": NAME}
        changes = [
            lambda: autoscaling.create_or_update_tags(
                Tags=[{"ResourceId": NAME, "ResourceType": "auto-scaling-group", "Key": "Stranger", "Value": "here"}]
            ),
            lambda: autoscaling.update_auto_scaling_group(**named, MinSize=0, DefaultCooldown=11),
            lambda: autoscaling.suspend_processes(**named, ScalingProcesses=["AZRebalance"]),
            lambda: [
                autoscaling.delete_policy(**named, PolicyName=policy) for policy in list(self.stage.policies())[:1]
            ],
            lambda: cloudwatch.delete_alarms(AlarmNames=list(self.stage.alarms())[:1]),
            lambda: autoscaling.put_scaling_policy(
                **named, PolicyName="a", PolicyType="SimpleScaling", AdjustmentType="ExactCapacity", ScalingAdjustment=1
            ),
            lambda: autoscaling.put_lifecycle_hook(
                **named, LifecycleHookName="x", LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING"
            ),
            self.another_version,
        ]
        for change in self.rng.sample(changes, self.rng.randint(1, 4)):
            self.attempted(change)

    def attempted(self, change: Callable[[], Any]) -> None:
        """Does it, unless AWS does not take it: another type of a policy in place, say."""
        try:
            change()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise

    def another_version(self) -> None:
        ec2 = self.stage.aws("ec2")
        for template in ec2.describe_launch_templates()["LaunchTemplates"]:
            name = template["LaunchTemplateName"]
            data = {"ImageId": self.lab.account.wcs_image_id, "InstanceType": "t3.large"}
            made = ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=data)
            number = str(made["LaunchTemplateVersion"]["VersionNumber"])
            ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion=number)


@pytest.mark.parametrize("seed", range(CASES))
def test_check_mode_foresees_the_run(seed: int) -> None:
    scene = Scene(seed)
    scene.before()
    want = scene.want()
    if refusal := scene.refused(want):
        start = scene.bench.mark()
        assert str(scene.bench.fails(**want)) == refusal
        assert scene.bench.writes(start) == []
        return
    foreseen = scene.bench.check(**want)
    answer = scene.bench.exact(**want)
    assert foreseen.outcome.actions == answer.outcome.actions
    if answer.returns["group"] and answer.returns["launch"] and answer.returns["scaling_policies"] is not None:
        again = scene.bench.run(**round_trip(answer.returns))
        assert again.outcome.actions == [], "what was returned, fed back, changed something"
    scene.lab.close()


def patiently(scene: Scene, world: GroupWorld, step: Step, known: Any) -> Any:
    """What the step learns, once AWS takes it."""
    try:
        return world.write(step, known)
    except Failure as failure:
        if not means(failure, step.not_yet):
            raise
    scene.lab.run(5)
    return patiently(scene, world, step, known)


@pytest.mark.parametrize("seed", range(1000, 1000 + STEPWISE))
def test_each_step_leads_where_it_was_foreseen(seed: int) -> None:
    scene = Scene(seed)
    scene.before()
    params = scene.bench.params(**scene.want())
    want = _fleet_want.wanted(params)
    clock = LabClock(scene.lab)
    aws = Aws(lambda service, other: scene.bench.aws(service, other or scene.lab.region), clock)

    def world() -> GroupWorld:
        return GroupWorld(aws, NAME, want, adopt=True, wait=True, stack=params["stack"])

    acting = world()
    have = acting.read()
    if _fleet.refuse(have, want):
        return
    planned, _ = course(_fleet, have, goal := _fleet.complete(have, want))
    known: dict[Any, Any] = {}
    for move in planned:
        if isinstance(move, Wait):
            have = _fleet.settle(have, move)
            while not acting.look(move).done:
                scene.lab.run(2)
        else:
            have = _fleet.foresee(have, move)
            known |= patiently(scene, acting, move, known)
        agrees(_fleet.show(have), _fleet.show(world().read()), move.what if isinstance(move, Wait) else move.action)
    assert [move for move in course(_fleet, world().read(), goal)[0] if not isinstance(move, Wait)] == []
    scene.lab.close()
