"""What other collections' modules make on the lab, they find again: make, again, change, again, remove, again.

amazon.aws and community.aws were written for AWS. On imaginary machines and a default VPC their modules find nothing to
do the second time, as they do there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.core.lab import Lab
from lab.open import open_lab
from tests.contract.lab.others.modules import Modules

Options = Mapping[str, Any]


@dataclass
class Account:
    """What the stories find ready: in a lab with a default VPC an instance, a template and groups of it."""

    lab: Lab

    def __post_init__(self) -> None:
        ec2, asg = clients(self.lab)("ec2"), clients(self.lab)("autoscaling")
        given = self.lab.account
        self.image, self.vpc, self.subnets, self.key = (
            given.wcs_image_id,
            given.vpc_id,
            given.subnet_ids,
            given.key_name,
        )
        made = ec2.run_instances(
            ImageId=self.image, InstanceType="t3.small", MinCount=1, MaxCount=1, SubnetId=self.subnets[0]
        )
        self.instance = made["Instances"][0]["InstanceId"]
        data = {"ImageId": self.image, "InstanceType": "t3.small"}
        ec2.create_launch_template(LaunchTemplateName="ready", LaunchTemplateData=data)
        asg.create_auto_scaling_group(
            AutoScalingGroupName="ready",
            MinSize=0,
            MaxSize=3,
            VPCZoneIdentifier=",".join(self.subnets),
            LaunchTemplate={"LaunchTemplateName": "ready", "Version": "$Default"},
        )
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
        clients(self.lab)("elb").create_load_balancer(
            LoadBalancerName="ready", Listeners=[listener], Subnets=list(self.subnets)
        )
        self.lab.run(15)


@dataclass(frozen=True)
class Story:
    """One thing: the module, what names it, and what it is at first and then; `gone` are the options that remove it."""

    module: str
    named: Callable[[Account], Options]
    first: Callable[[Account], Options]
    then: Callable[[Account], Options]
    gone: Options | None = field(default_factory=lambda: {"state": "absent"})
    known_by: str | None = None  # the id in the answer by which the module finds it again


def rule(ports: list[Any], cidr: str = "10.0.0.0/8", **more: Any) -> dict[str, Any]:
    return {"proto": "tcp", "ports": ports, "cidr_ip": cidr, **more}


def listener(port: int, protocol: str = "http", **more: Any) -> dict[str, Any]:
    return {"protocol": protocol, "load_balancer_port": port, "instance_port": port, **more}


CHECK = {"ping_protocol": "http", "ping_path": "/", "ping_port": 80, "interval": 30, "timeout": 5}
CHECK |= {"unhealthy_threshold": 2, "healthy_threshold": 10}
PING_TCP = {"ping_protocol": "tcp", "ping_port": 80, "interval": 10, "timeout": 5}
PING_TCP |= {"unhealthy_threshold": 2, "healthy_threshold": 2}


def named(**options: Any) -> Callable[[Account], Options]:
    return lambda _account: options


def balancer(first: Options, then: Options) -> Story:
    base = {"listeners": [listener(80)], "wait": True}
    return Story(
        "elb_classic_lb",
        named(name="lb", wait=True, state="present"),
        lambda a: {**base, **({} if "zones" in first else {"subnets": a.subnets[:2]}), **first},
        lambda a: {**base, **({} if "zones" in then else {"subnets": a.subnets[:2]}), **then},
    )


def group(first: Options, then: Options) -> Story:
    def whole(extra: Options) -> Callable[[Account], Options]:
        return lambda a: {
            "launch_template": {"launch_template_name": "ready"},
            "vpc_zone_identifier": a.subnets,
            "min_size": 1,
            "max_size": 2,
            "desired_capacity": 1,
            "wait_for_instances": True,
            **extra,
        }

    return Story("autoscaling_group", named(name="nodes"), whole(first), whole(then))


def policy(first: Options, then: Options) -> Story:
    return Story("autoscaling_policy", named(name="out", asg_name="ready"), lambda _: first, lambda _: then)


def alarm(first: Options, then: Options) -> Story:
    whole = {
        "metric_name": "CPUUtilization",
        "namespace": "AWS/EC2",
        "statistic": "Average",
        "period": 300,
        "comparison": "GreaterThanThreshold",
        "threshold": 80,
        "evaluation_periods": 2,
    }
    return Story(
        "cloudwatch_metric_alarm", named(name="busy"), lambda _: {**whole, **first}, lambda _: {**whole, **then}
    )


def template(first: Options, then: Options) -> Story:
    def whole(extra: Options) -> Callable[[Account], Options]:
        return lambda a: {"image_id": a.image, "instance_type": "t3.small", "default_version": "latest", **extra}

    return Story("ec2_launch_template", named(template_name="tmpl"), whole(first), whole(then))


def instance(first: Options, then: Options) -> Story:
    return Story(
        "ec2_instance",
        lambda a: {"name": "one", "vpc_subnet_id": a.subnets[0], "image_id": a.image, "wait": True},
        lambda a: {"instance_type": "t3.small", "state": "running", "key_name": a.key, **first},
        lambda _: {"instance_type": "t3.small", **then},
    )


def security_group(first: Options, then: Options, **more: Any) -> Story:
    return Story(
        "ec2_security_group",
        lambda a: {"name": "web", **({} if more else {"vpc_id": a.vpc})},
        lambda _: {"description": "web", **first},
        lambda _: {"description": "web", **then},
    )


def image(first: Options, then: Options, gone: Options) -> Story:
    return Story(
        "ec2_ami",
        named(wait=True),
        lambda a: {"name": "golden", "instance_id": a.instance, **first},
        lambda _: then,
        {"state": "absent", **gone},
        known_by="image_id",
    )


PING = {"proto": "icmp", "from_port": -1, "to_port": -1, "cidr_ip": "0.0.0.0/0"}
GRE = {"proto": 47, "from_port": 0, "to_port": 0, "cidr_ip": "0.0.0.0/0"}
TRACKING = {"policy_type": "TargetTrackingScaling"}
STEPS = {
    "policy_type": "StepScaling",
    "adjustment_type": "PercentChangeInCapacity",
    "step_adjustments": [{"lower_bound": 0, "scaling_adjustment": 10}],
}


def tracked(value: float, kind: str = "ASGAverageCPUUtilization") -> Options:
    spec = {"predefined_metric_spec": {"predefined_metric_type": kind}, "target_value": value}
    return {**TRACKING, "target_tracking_config": spec}


STORIES = {
    "image, tags": image({"tags": {"a": "b"}, "description": "d"}, {"tags": {"a": "c"}}, {}),
    "image, permissions": image({}, {"launch_permissions": {"user_ids": ["210987654321"]}}, {"delete_snapshot": True}),
    "image, description": image({"no_reboot": True}, {"description": "other"}, {"delete_snapshot": True}),
    "image, copied": Story(
        "ec2_ami_copy",
        lambda a: {"source_region": "us-east-1", "source_image_id": a.image, "name": "copy", "tag_equality": True},
        named(wait=True, tags={"Name": "copy", "a": "b"}),
        named(wait=True, tags={"Name": "copy", "a": "b"}),
        None,
    ),
    "balancer, listeners": balancer({}, {"listeners": [listener(80), listener(8080, "tcp")]}),
    "balancer, health": balancer({"health_check": PING_TCP}, {"health_check": {**PING_TCP, "ping_port": 8080}}),
    "balancer, http health": balancer({"health_check": CHECK}, {"health_check": {**CHECK, "ping_path": "/ok"}}),
    "balancer, cookie": balancer(
        {"stickiness": {"enabled": True, "type": "loadbalancer", "expiration": 300}},
        {"stickiness": {"enabled": True, "type": "application", "cookie": "SESSION"}},
    ),
    "balancer, attributes": balancer(
        {"idle_timeout": 100, "cross_az_load_balancing": True},
        {"idle_timeout": 200, "cross_az_load_balancing": False, "connection_draining_timeout": 60},
    ),
    "balancer, tags": balancer({"tags": {"a": "b", "c": "d"}}, {"tags": {"a": "c"}}),
    "balancer, zones": balancer({"zones": ["us-east-1a"]}, {"zones": ["us-east-1a", "us-east-1b"]}),
    "balancer, subnets": Story(
        "elb_classic_lb",
        named(name="lb", wait=True, state="present"),
        lambda a: {"listeners": [listener(80)], "subnets": a.subnets[:2]},
        lambda a: {"listeners": [listener(80)], "subnets": a.subnets[1:], "purge_subnets": True},
    ),
    "balancer, instances": Story(
        "elb_instance",
        lambda a: {"instance_id": a.instance, "ec2_elbs": ["ready"], "wait": True, "wait_timeout": 120},
        named(state="present"),
        named(state="present"),
    ),
    "group, sizes": group({}, {"max_size": 3, "desired_capacity": 2}),
    "group, tags": group(
        {"tags": [{"a": "b", "propagate_at_launch": True}]}, {"tags": [{"a": "c", "propagate_at_launch": False}]}
    ),
    "group, balancer": group({"load_balancers": ["ready"]}, {"load_balancers": ["ready"], "health_check_type": "ELB"}),
    "group, settings": group(
        {"default_cooldown": 120, "termination_policies": ["OldestInstance"]},
        {"default_cooldown": 60, "termination_policies": ["Default"], "max_instance_lifetime": 604800},
    ),
    "policy, simple": policy(
        {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": 1, "cooldown": 60},
        {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": 2, "cooldown": 60},
    ),
    "policy, steps": policy(STEPS, {**STEPS, "metric_aggregation": "Maximum", "estimated_instance_warmup": 60}),
    "policy, tracking": policy(tracked(50.0), tracked(70.0)),
    "policy, network": policy(tracked(1e6, "ASGAverageNetworkIn"), tracked(2e6, "ASGAverageNetworkIn")),
    "hook": Story(
        "autoscaling_lifecycle_hook",
        named(
            autoscaling_group_name="ready", lifecycle_hook_name="h", transition="autoscaling:EC2_INSTANCE_TERMINATING"
        ),
        named(heartbeat_timeout=60, default_result="CONTINUE"),
        named(heartbeat_timeout=90, default_result="ABANDON"),
    ),
    "schedule": Story(
        "autoscaling_scheduled_action",
        named(autoscaling_group_name="ready", scheduled_action_name="morning"),
        named(recurrence="0 8 * * *", min_size=0, max_size=2, desired_capacity=1),
        named(recurrence="0 9 * * *", min_size=0, max_size=2, desired_capacity=2),
    ),
    "alarm, one group": alarm({"dimensions": {"AutoScalingGroupName": "ready"}}, {"threshold": 90}),
    "alarm, missing data": alarm({"treat_missing_data": "breaching"}, {"treat_missing_data": "ignore"}),
    "template, type": template({"tags": {"a": "b"}}, {"instance_type": "t3.large"}),
    "template, volumes": template(
        {"block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"volume_size": 20, "volume_type": "gp3"}}]},
        {"block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"volume_size": 30, "volume_type": "gp3"}}]},
    ),
    "template, settings": template(
        {"metadata_options": {"http_tokens": "required"}},
        {"metadata_options": {"http_tokens": "required"}, "monitoring": {"enabled": True}, "ebs_optimized": True},
    ),
    "instance, tags": instance({"tags": {"a": "b"}}, {"tags": {"a": "c"}, "state": "present"}),
    "instance, stopped": instance({}, {"state": "stopped"}),
    "instance, attributes": instance(
        {"termination_protection": True, "metadata_options": {"http_tokens": "required"}},
        {"state": "present", "termination_protection": False},
    ),
    "security group, rules": security_group(
        {
            "rules": [
                rule([80, "8080-8090"], rule_desc="x"),
                PING,
            ]
        },
        {"rules": [rule([80], rule_desc="y"), GRE]},
    ),
    "security group, leaving": security_group(
        {"rules_egress": [rule([443], "0.0.0.0/0")], "tags": {"a": "b"}},
        {"rules_egress": [{"proto": "all", "cidr_ipv6": "64:ff9b::/96"}], "tags": {"a": "c"}},
    ),
    "security group, default VPC": security_group(
        {"rules": [{"proto": "tcp", "ports": [22], "group_name": "web"}]}, {"rules": []}, default=True
    ),
}


@pytest.fixture
def account() -> Iterator[Account]:
    lab, before = open_lab(default_vpc=True), len(Lab.unasked)
    yield Account(lab)
    wrong = [*lab.errors, *Lab.unasked[before:]]
    lab.close()
    assert wrong == []


@pytest.mark.long
@pytest.mark.parametrize("name", STORIES)
def test_what_others_make_they_find_again(account: Account, name: str) -> None:
    story, modules = STORIES[name], Modules(account.lab)
    known = dict(story.named(account))

    def changed(**options: Any) -> bool:
        answer = modules.run(story.module, **{**known, **options})
        if story.known_by and answer.get(story.known_by):
            known[story.known_by] = answer[story.known_by]
        return bool(answer["changed"])

    first, then = dict(story.first(account)), dict(story.then(account))
    found = [changed(**first)]
    found.append(changed(**({} if story.known_by else first)))
    found += [changed(**then), changed(**then)]
    if story.gone is not None:
        found += [changed(**story.gone), changed(**story.gone)]
    want = [True, False, first != then, False, True, False]
    assert found == want[: len(found)]
