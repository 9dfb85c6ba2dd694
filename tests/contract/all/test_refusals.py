"""Each refusal in the catalogue of errors that `site` can meet: with that one thing wrong on a live stack, no write.

The catalogue is docs/docsite/rst/guide_errors.rst, which test_docs.py holds against the code. A row is an option that
is wrong among those by which `site` validates its stack: the roles' own, as Ansible works them out of the variables. It
runs in process, through the function that decides for `site` before its first write; then through the module of that
part, which refuses by itself, too. tests/long/test_judged.py plays a few of them whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from lab.api.inprocess import clients
from lab.core import backends as state
from lab.core.lab import Lab
from lab.ec2.account import Offer, offer
from lab.ec2.images import find
from lab.open import open_lab
from plugins.module_utils._balancer.health import HealthAnswer
from plugins.module_utils._core import tags as _tags
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run, checked
from plugins.module_utils._core.options import VARIABLES
from plugins.module_utils._core.step import LATER
from plugins.module_utils._group import journal as _journal
from plugins.module_utils._group.journal import Journal
from plugins.module_utils._parts.known import Known
from plugins.module_utils._parts.validate import Validation, validate
from plugins.modules import wcs_ami, wcs_asg, wcs_classic_elb, wcs_node_profile, wcs_security_groups, wcs_seed
from tests.contract.wcs_ami import test_beats as of_images
from tests.contract.wcs_asg import test_errors as of_groups
from tests.support.groups import OUT, Stage
from tests.support.harness import Bench, LabClock, launched
from tests.support.site_options import options_of_site
from tests.support.stack_seeds import launched as seed_like
from tests.unit.security_groups import test_moves as of_security_groups

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "guide_errors.rst"
PARTS = {
    "wcs_security_groups": "security_groups",
    "wcs_seed_image": "seed_image",
    "wcs_seed": "seed",
    "wcs_ami": "image",
    "wcs_classic_elb": "load_balancer",
    "wcs_node_profile": "node_profile",
    "wcs_asg": "group",
}
Given = Mapping[str, Any]


# What is `LATER` is for dry runs alone, and what site judges is one.
def rows_of(test: Callable[..., None]) -> list[dict[str, Any]]:
    """What a table of another test gives."""
    (mark,) = [one for one in test.pytestmark if one.name == "parametrize"]  # type: ignore[attr-defined]
    return [dict(row[0]) for row in mark.args[1]]


def listener(**more: Any) -> Given:
    return {"listeners": [{"protocol": "tcp", "load_balancer_port": 9000, **more}]}


def check(**more: Any) -> Given:
    return {"health_check": {"protocol": "http", "port": 8081, "path": "/?action=stat", **more}}


def volume(**more: Any) -> Given:
    return {"launch": {"volumes": [{"device_name": "/dev/sdf", "size": 10, **more}]}}


def policy(**more: Any) -> Given:
    usual = {"name": "p", "type": "target_tracking", "metric": "cpu", "target": 50}
    return {"scaling_policies": [usual | more]}


def math(*lines: Any) -> Given:
    return policy(metric={"math": list(lines)})


ARN = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
ID = "00000000000000000"
FIVE = dict.fromkeys("abcde", "v")
METRIC = {"namespace": "N", "name": "n"}
BALANCERS: list[Given] = [
    listener(protocol="ssl", certificate_arn="@certificate"),
    {"name": "wcs_1"},
    {"name": "other"},
    {"scheme": "internal"},
    {"zones": ["us-east-1a"]},
    {"subnets": []},
    {"subnets": ["net"]},
    {"subnets": [f"subnet-{ID}"]},
    {"idle_timeout": 0},
    {"connection_draining": 3601},
    {"access_log": {"enabled": True}},
    {"access_log": {"enabled": True, "bucket": "b", "interval": 7}},
    {"tags": {f"k{number}": "v" for number in range(10)}},
    {"listeners": []},
    {"listeners": [{"protocol": "tcp", "load_balancer_port": 1}, {"protocol": "tcp", "load_balancer_port": 1}]},
    listener(protocol="udp"),
    listener(load_balancer_port=70000),
    listener(instance_protocol="http"),
    listener(protocol="ssl"),
    listener(protocol="ssl", certificate_arn="mine"),
    listener(protocol="ssl", certificate_arn=ARN.replace("us-east-1", "eu-west-1")),
    listener(protocol="ssl", certificate_arn=ARN),
    listener(certificate_arn=ARN),
    listener(stickiness={"type": "loadbalancer"}),
    listener(protocol="http", stickiness={"type": "loadbalancer", "cookie": "c"}),
    listener(protocol="http", stickiness={"type": "loadbalancer", "expiration": 0}),
    listener(protocol="http", stickiness={"type": "any"}),
    check(protocol="udp"),
    check(interval=1),
    check(timeout=5, interval=5),
    check(protocol="tcp", path="/x"),
    check(path="x"),
    check(path="/" + "x" * 1100),
    check(path="/nothing"),
    {"tags": {f"k{number}": "v" for number in range(6)}, "purge_tags": False},
    {"name": "fresh", "subnets": None},
    {"name": "second", "stack": "wcs"},
    {"name": "single", "subnets": ["@twin"]},
    {"subnets": ["@0", "@twin"]},
]
SECURITY_GROUPS: list[Given] = [
    {"groups": []},
    {"groups": [{"name": "wcs-node"}, {"name": "wcs-node"}]},
    {"groups": [{"name": "sg-1"}]},
    {"groups": [{"name": "wcs-node", "description": "it's"}]},
    {"groups": [{"name": "other-node"}], "vpc_id": f"vpc-{ID}"},
    {"groups": [{"name": "wcs-node", "rules": [{"ports": [80], "groups": [f"sg-{ID}"]}]}]},
    {"groups": [{"name": "shop-node"}]},
    {"groups": [{"name": "twice-node"}], "vpc_id": None},
    {"groups": [{"name": "wcs-node"}], "vpc_id": "@vpc"},
    {"groups": [{"name": "new-node"}], "vpc_id": None},
    *(
        {"groups": [{"name": "wcs-node", "rules": [row]}]}
        for row in rows_of(of_security_groups.test_wrong_rules_are_refused)
    ),
]
GROUPS: list[Given] = [
    *(given for given, _ in of_groups.UNUSABLE),
    *(one for one in rows_of(of_groups.test_what_else_is_refused_before_the_first_call) if LATER not in str(one)),
    *(
        {"name": "fresh", **given}
        for given in rows_of(of_groups.test_what_a_new_group_lacks_is_refused_before_the_first_write)
    ),
    {"max_size": 1, "min_size": 0},
    {"licence_limit": -1},
    {"licence_limit": 3},
    {"name": "shop"},
]
GROUPS += [
    {"licence_limit": 4, "licence_seed": "kept"},
    {"desired_capacity": 0},
    {"desired_capacity": 1},
    {"tags": {"Cost Center": "7"}, "launch": {"metadata": {"instance_metadata_tags": "enabled"}}},
    {"subnets": ["@0"]},
    {"load_balancers": ["nobody"]},
    {"name": "of-other"},
    {"name": "template-of-others"},
    {"name": "second", "stack": "wcs"},
    {"name": "mixed", "adopt": True, "launch": {"instance_type": "c5.xlarge"}},
    {"name": "gone", "adopt": True, "launch": {"image_id": None}},
    {"name": "rolling", "adopt": True, "max_size": 3},
    {
        "name": "fresh",
        "launch": {"kind": "configuration", "metadata": {"http_tokens": "required"}, "volume_tags": {"a": "b"}},
    },
    {"lifecycle_hooks": [{"name": f"h{n}", "transition": of_groups.LAUNCHING} for n in range(51)]},
    {"scheduled_actions": [{**of_groups.DAILY, "name": f"a{n}", "min_size": 1} for n in range(126)]},
    policy(type="predictive", metric=None, target=None),
    policy(metric={"namespace": "N", "name": "n", "period": 20}),
    policy(metric={"namespace": "N", "name": "n", "period": "x"}),
    policy(metric={"math": 1}),
    policy(metric={"math": [], "namespace": "N"}),
    math("x"),
    math({"id": "a", "x": 1}),
    math({"id": "a"}),
    math({"id": "a", "metric": "m"}),
    math({"id": "a", "metric": {"namespace": "N"}}),
    math({"id": "A", "metric": METRIC}),
    math({"id": "a", "metric": METRIC}, {"id": "a", "expression": "a"}),
    math({"id": "a", "metric": METRIC, "return_data": True}, {"id": "b", "expression": "a", "return_data": True}),
    of_groups.alarm(metric={**METRIC, "period": 60}),
    of_groups.alarm(metric={"math": [{"id": "a", "metric": METRIC}]}, period=60),
    {"scaling_policies": [{**OUT, "alarm": {"metric": "cpu", "threshold": 1}}]},
    {"name": "lonely", "adopt": True, "load_balancers": ["going"]},
    {"scheduled_actions": [{**of_groups.DAILY, "name": "a", "min_size": 1, "recurrence": "0 25 * * *"}]},
    volume(type="io1"),
    volume(no_device=True),
]
IMAGES: list[Given] = [
    *(one for one in rows_of(of_images.test_refused_before_anything_is_touched) if LATER not in str(one)),
    {"name": "foreign"},
    {"name": "of-other"},
    {"name": "made", "instance_id": "@other"},
    {"name": "made", "volumes": [{"device_name": "/dev/xvda", "size": 999}]},
    {"instance_id": "@ended"},
    {"copies": [{"region": "eu-west-1", "name": "x"}]},
    {"name": "disabled"},
    {
        "launch_permissions": {
            "organization_arns": ["arn:aws:organizations::123456789012:ou/o-0a1b2c3d4e/ou-0a1b-0a1b2c3d"]
        }
    },
    {"volumes": [{"device_name": "/dev/xvda", "type": "gp2", "iops": 3000}]},
    {"volumes": [{"device_name": "/dev/xvda", "type": "gp2", "throughput": 200}]},
]
SEED_IMAGES: list[Given] = [
    {"image_id": None, "name": None, "owner": None},
    {"image_id": None, "name": "nobody*", "owner": "self"},
    {"image_id": f"ami-{ID}"},
    {"image_id": "@pending"},
    {"image_id": None, "name": "FlashphonerWebCallServer-*", "owner": "@vendor"},
    {"instance_type": "c5.gigantic"},
    {"instance_type": "c6g.large"},
    {"image_id": "@arm64"},
    {"image_id": "@uefi", "instance_type": "t2.micro"},
    {"image_id": "@paravirtual"},
    {"image_id": "@paid"},
]
NODE_PROFILES: list[Given] = [
    {"stack": "wcs", "name": "my node"},
    {"stack": "wcs", "name": "of-others"},
    {"stack": "wcs", "name": "lent", "adopt": True},
    {"tags": {"Team": "a", "team": "b"}},
    {"tags": {"Team": "R&D"}},
]
SEEDS: list[Given] = [
    {"instance_id": "@other"},
    {"tags": {"Name": "mine"}},
    {"tags": {"aws:x": "1"}},
    {"key_name": "nobody"},
    {"subnet_id": f"subnet-{ID}"},
    {"security_group_ids": [f"sg-{ID}"]},
    {"stack": "several", "tags": {}},
    {"stack": "older", "tags": {}},
    {"stack": "hidden", "tags": {}},
]
MATRIX = {
    "wcs_seed_image": SEED_IMAGES,
    "wcs_seed": SEEDS,
    "wcs_ami": IMAGES,
    "wcs_classic_elb": BALANCERS,
    "wcs_security_groups": SECURITY_GROUPS,
    "wcs_node_profile": NODE_PROFILES,
    "wcs_asg": GROUPS,
}
REMOVAL, WAITING = "only a removal says it, and site removes none", "it ends a wait, after the writes"
EXCEPTIONS: dict[str, str] = {
    "<id> has deregistration protection": REMOVAL,
    "launch template '<name>' names <id>": REMOVAL,
    "AWS says <state>": WAITING,
    "Cannot use seed '<id>': it is <terminated>": WAITING,
    "Cannot delete security group": REMOVAL,
    "Cannot delete role": REMOVAL,
    "Cannot bring into service instance": WAITING,
    "Auto Scaling group '<name>' names it": REMOVAL,
    "zones leaves out": "site gives subnets; zones are for a default VPC",
    "subnets and zones exclude each other": "the argument specification has it, and Ansible says it",
    "has stickiness.type '<type>'": "the argument specification has the types, and Ansible says it",
    "it is not tagged webcallserver.aws:stack": REMOVAL,
    "it is tagged webcallserver.aws:stack=<stack>, so": REMOVAL,
    "its deletion protection is": REMOVAL,
    "Auto Scaling group '<name>' launches from": REMOVAL,
    "<n> launches failed since": WAITING,
    "<n> nodes failed their health check": WAITING,
    "a node well past its grace period": WAITING,
    "the process <process> is suspended": WAITING,
    "balancer <name> does not exist": WAITING,
    "it was deleted meanwhile": WAITING,
    "scaling policy '<policy>' exists with type predictive": "the lab makes no such policy",
}
"""By the beginning of an entry, why no row provokes it."""


# The catalogue


@cache
def catalogue(section: str) -> list[str]:
    """The sentences of a section: its terms and its list items, those that are more than a name."""
    text = GUIDE.read_text(encoding="utf-8")
    body = re.split(r"\n\S+\n-{5,}\n", text.partition(f"\n{section}\n---")[2])[0]
    body = re.split(r"\n[^\n]+\n-{5,}\n", body)[0]
    heads = re.findall(r"^(?:\* )?``.*?(?=^    \S|^\* |^\S|\Z)", body, re.M | re.S)
    found = [" ".join(one.split()) for head in heads for one in re.findall(r"``(.+?)``", head, re.S)]
    return [one for one in dict.fromkeys(found) if one.count(" ") >= 2]


def meant(entry: str) -> re.Pattern[str]:
    """What a message of that entry looks like."""
    return re.compile(
        re.sub(r"<[^>]*>|…", ".{0,400}?", re.escape(entry).replace(r"\ ", " ")).replace(" is ", " (?:is|are) "), re.S
    )


# A live stack


def answers(target: str, hosts: Mapping[str, Any]) -> dict[str, HealthAnswer]:
    """What nodes answer to a health check that is asked from here."""
    return dict.fromkeys(hosts, HealthAnswer.of_status(404 if target.endswith("/nothing") else 200))


class LiveStack:
    """All that site makes, of a group of two nodes at most four; and what is somebody else's."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.aws = lab, clients(lab)
        self.groups = Stage(lab, self.aws)
        self.seed, self.ids = launched(lab)[0], self._network()
        self.site = options_of_site(
            {
                "wcs_subnets": lab.account.subnet_ids,
                "wcs_vpc_id": lab.account.vpc_id,
                "wcs_controller_cidrs": ["203.0.113.7/32"],
                "wcs_seed_image_id": lab.account.wcs_image_id,
                "wcs_image_fingerprint": "0123456789ab",
                "__wcs_site_metrics": True,
            }
        )
        for part in PARTS.values():  # the catalogue has the options, not the variables that roles take them from
            del self.site[part]["variables"]
        self.benches = {
            "wcs_asg": self._bench(wcs_asg, wcs_asg.manage),
            "wcs_classic_elb": self._bench(wcs_classic_elb, partial(wcs_classic_elb.manage, asks=answers)),
            "wcs_security_groups": self._bench(wcs_security_groups, wcs_security_groups.manage),
            "wcs_seed": self._bench(wcs_seed, wcs_seed.manage),
            "wcs_ami": self._bench(wcs_ami, wcs_ami.manage),
            "wcs_node_profile": self._bench(wcs_node_profile, wcs_node_profile.manage),
        }
        self._make()
        self._of_others()

    def _bench(self, module: Any, manage: Any) -> Bench:
        return Bench(self.lab, self.aws, {**module.ARGUMENTS, **VARIABLES}, manage)

    def _make(self) -> None:
        """Makes what site would, in its order."""
        self._run("wcs_security_groups")
        self._run("wcs_ami", instance_id=self.seed)
        self._run("wcs_classic_elb", adopt=True, tags={**FIVE, **self.site["load_balancer"]["tags"]})
        self._run("wcs_classic_elb", name="single", stack="single", subnets=[self.ids["@0"]])
        self._run("wcs_node_profile")
        self._run("wcs_asg", desired_capacity=2)
        self.lab.run(70)

    def _run(self, module: str, **more: Any) -> None:
        """Runs the module with site's options, and with IDs in place of the names that stand for them."""
        bench, part = self.benches[module], PARTS[module]
        params = self.known().filled(part, bench.params(**{**self.site[part], **more}))
        bench.manage(checked(params, bench.arguments, False), Run(bench.api(), LabClock(self.lab)))

    def known(self) -> Known:
        """What there is of the stack."""
        image, names = self.site["image"]["name"], [one["name"] for one in self.site["security_groups"]["groups"]]
        groups = self.aws("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": names}])
        images = self.aws("ec2").describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [image]}])
        ids = {one["GroupName"]: one["GroupId"] for one in groups["SecurityGroups"]}
        there = next((one["ImageId"] for one in images["Images"]), None)
        return Known(image, there, ids, frozenset(names), instance_profile=f"wcs-node-{self.lab.region}")

    def _of_others(self) -> None:
        ec2, vpc = self.aws("ec2"), self.lab.account.vpc_id
        ec2.create_security_group(GroupName="shop-node", Description="shop", VpcId=vpc)
        other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.ids["@vpc"] = other
        for place in (vpc, other):
            ec2.create_security_group(GroupName="twice-node", Description="twice", VpcId=place)
        self.groups.balancer("other")
        scaling, subnets = self.aws("autoscaling"), self.lab.account.subnet_ids
        own = {"LaunchTemplateName": self.groups.versions()[0]["LaunchTemplateName"], "Version": "1"}
        data = {"ImageId": self.lab.account.wcs_image_id, "InstanceType": "c5.large"}
        for name in ("template-of-others", "short-lived"):
            ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        short = {"LaunchTemplateName": "short-lived", "Version": "1"}
        mixed = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": own}}}
        launches = {"mixed": mixed, "gone": {"LaunchTemplate": short}}
        for name in ("shop", "of-other", "mixed", "gone", "rolling"):
            given = launches.get(name, {"LaunchTemplate": own})
            scaling.create_auto_scaling_group(
                AutoScalingGroupName=name, MinSize=0, MaxSize=0, VPCZoneIdentifier=subnets[0], **given
            )
        ec2.delete_launch_template(LaunchTemplateName="short-lived")
        self.groups.balancer("going")
        scaling.create_auto_scaling_group(
            AutoScalingGroupName="lonely",
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=subnets[0],
            LoadBalancerNames=["going"],
            LaunchTemplate=own,
        )
        self.aws("elb").delete_load_balancer(LoadBalancerName="going")
        rollout = Journal(1.0, source="1", target="2", desired=1, surge=1)
        for name, key, value in (("of-other", _tags.STACK, "other"), ("rolling", _journal.ROLLOUT, rollout.text())):
            tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": key, "Value": value}
            scaling.create_or_update_tags(Tags=[tag | {"PropagateAtLaunch": False}])
        iam = self.aws("iam")
        for name in ("of-others", "lent"):
            iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName="lent", RoleName=f"wcs-node-{self.lab.region}")
        self._images()
        self._base_images()
        self._seeds()

    def _seeds(self) -> None:
        """Seeds that cannot be taken up: two of a stack, one of another image, one without a public address."""
        for stack, count, image, public in (
            ("several", 2, self.lab.account.wcs_image_id, True),
            ("older", 1, offer(self.lab, Offer("FlashphonerWebCallServer-older")), True),
            ("hidden", 1, self.lab.account.wcs_image_id, False),
        ):
            tags = {"Name": f"{stack}-seed", _tags.STACK: stack}
            seed_like(self.aws("ec2"), image, self.ids["@0"], tags, count, public)
        self.lab.run(60)

    def _images(self) -> None:
        ec2 = self.aws("ec2")
        self.ids |= {"@other": launched(self.lab)[0], "@ended": launched(self.lab)[0]}
        self.benches["wcs_ami"].run(name="made", instance_id=self.seed)
        disabled = self.benches["wcs_ami"].run(name="disabled", instance_id=self.seed).returns["image"]["image_id"]
        ec2.disable_image(ImageId=disabled)
        for name in ("foreign", "of-other"):
            image = ec2.create_image(InstanceId=self.seed, Name=name)["ImageId"]
            if name == "of-other":
                ec2.create_tags(Resources=[image], Tags=[{"Key": _tags.STACK, "Value": "other"}])
        ec2.terminate_instances(InstanceIds=[self.ids["@ended"]])
        self.lab.run(120)

    def _base_images(self) -> None:
        """Images that no seed can be launched from."""
        kinds: dict[str, dict[str, Any]] = {
            "arm64": {"architecture": "arm64"},
            "uefi": {"boot_mode": "uefi"},
            "paravirtual": {"virtualization_type": "paravirtual"},
            "pending": {"state": "pending"},
        }
        for name, values in kinds.items():
            self.ids[f"@{name}"] = offer(self.lab, Offer(f"FlashphonerWebCallServer-{name}"))
            image = find(state.backend("ec2", self.lab.region), self.ids[f"@{name}"])
            for key, value in values.items():
                setattr(image, key, value)
        self.ids["@paid"] = offer(self.lab, Offer("paid", product="8esk90vx7v713sa0muq2skw3j"))
        self.ids["@vendor"] = self.lab.account.vendor_id

    def _network(self) -> dict[str, str]:
        """A subnet, and another one of its zone."""
        ec2, vpc = self.aws("ec2"), self.lab.account.vpc_id
        first = sorted(self.lab.account.subnet_ids)[0]
        (shown,) = ec2.describe_subnets(SubnetIds=[first])["Subnets"]
        (whole,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        *_, free = map(str, ip_network(whole["CidrBlock"]).subnets(new_prefix=28))
        twin = ec2.create_subnet(VpcId=vpc, CidrBlock=free, AvailabilityZone=shown["AvailabilityZone"])
        return {"@0": first, "@twin": twin["Subnet"]["SubnetId"]}

    def placed(self, value: Any) -> Any:
        """The value with the ids that are known only here."""
        if isinstance(value, dict):
            return {key: self.placed(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.placed(one) for one in value]
        return self.ids.get(value, value) if isinstance(value, str) else value

    def options(self, module: str, given: Given) -> dict[str, Any]:
        """Site's options of the module with these: `launch` is added to, None leaves an option out.

        What has another name is of another stack, unless it says of which.
        """
        usual, given = self.site[PARTS[module]], self.placed(dict(given))
        if module == "wcs_ami":  # of which an image is still to be made, and of a family that the rows give
            usual = {**usual, "name": of_images.NAME, "instance_id": self.seed, "family": None}
        if {"name", "groups"} & set(given):
            usual = {key: value for key, value in usual.items() if key != "stack"}
        if launch := given.get("launch"):
            given["launch"] = {key: value for key, value in {**usual["launch"], **launch}.items() if value is not None}
        return {key: value for key, value in {**usual, **given}.items() if value is not None}

    def validated(self, **parts: Given) -> Validation:
        """What site finds before its first write, with other options for these parts."""
        run = Run(self.groups.bench.api(), LabClock(self.lab), check=True)
        return validate({**self.site, **parts}, run, asks=answers)

    def judged(self, module: str, given: Given) -> Validation:
        """The same with one option wrong. The base image is judged where there is no image yet."""
        parts: dict[str, Given] = {PARTS[module]: self.options(module, given)}
        if module in ("wcs_seed_image", "wcs_seed"):
            parts["image"] = self.options("wcs_ami", {"instance_id": LATER})
        if "image" in parts:
            parts["group"] = self.options("wcs_asg", {"launch": {"image_id": parts["image"]["name"]}})
        return self.validated(**parts)

    def refused_by_itself(self, module: str, given: Given) -> bool:
        """Whether the module refuses it, too, outside of a dry run, or Ansible for it."""
        if module == "wcs_seed_image":
            return True  # which only looks
        bench, options = self.benches[module], self.options(module, given)
        known = ArgumentSpecValidator(dict(bench.arguments)).validate(options)
        if known.error_messages:
            return True
        try:
            params = self.known().filled(PARTS[module], known.validated_parameters)
            bench.manage(checked(params, bench.arguments, False), Run(bench.api(), LabClock(self.lab)))
        except Failure:
            return True
        return False


@pytest.fixture(scope="module")
def stack() -> LiveStack:
    return LiveStack(open_lab())


def test_of_a_stack_that_is_made_nothing_is_refused_and_nothing_is_left_to_do(stack: LiveStack) -> None:
    found = stack.validated()
    assert found.refused == []
    assert found.known.image_id
    assert {part: result["done"] for part, result in found.results.items()} == {
        "security_groups": True,
        "image": True,
        "load_balancer": True,
        "node_profile": True,
        "group": True,
    }


def test_of_the_group_alone_the_profile_is_known_by_its_name(stack: LiveStack) -> None:
    """`--tags wcs_autoscaling`: nobody asks IAM, and the nodes keep their profile."""
    start = stack.groups.bench.mark()
    found = stack.validated(run_tags=["wcs_autoscaling"])  # type: ignore[arg-type]
    assert (found.refused, list(found.results), found.results["group"]["done"]) == ([], ["group"], True)
    assert not [call for call in stack.groups.bench.calls(start) if call.startswith("iam:")]


def test_a_profile_that_may_not_be_asked_for_is_one_of_the_reasons(stack: LiveStack) -> None:
    stack.lab.faults.add("error-before", "iam:GetRole", count=None, code="AccessDenied", status=403)
    wrong = stack.options("wcs_classic_elb", {"idle_timeout": 0})
    found = stack.validated(load_balancer=wrong)
    stack.lab.faults.reset()
    balancer, profile = found.refused
    assert "idle_timeout" in balancer
    assert "Allow the action iam:GetRole to these credentials" in profile
    assert found.results["group"]["done"], "which is judged nevertheless"


def refusal(stack: LiveStack, module: str, given: Given) -> str:
    """Why site refuses it; "" where it would go on to the first write."""
    if "@certificate" in str(given):
        asked = stack.aws("acm").request_certificate(DomainName="wcs.example.com")
        stack.ids["@certificate"] = asked["CertificateArn"]
    return "\n".join(stack.judged(module, given).refused)


@pytest.mark.parametrize("module", MATRIX)
def test_with_one_thing_wrong_nothing_is_written_and_every_refusal_has_its_row(stack: LiveStack, module: str) -> None:
    rows, bench = MATRIX[module], stack.groups.bench
    start = bench.mark()
    sentences = [refusal(stack, module, given) for given in rows]
    assert [given for given, one in zip(rows, sentences, strict=True) if not one] == [], "site takes none"
    assert [given for given in rows if not stack.refused_by_itself(module, given)] == [], "the module takes none"
    written = [one for one in bench.writes(start) if one != "acm:RequestCertificate"]  # a row asks for it
    assert written == []
    entries = catalogue(module)
    met = {entry for entry in entries if any(meant(entry).search(one) for one in sentences)}
    excused = {entry for entry in entries for start in EXCEPTIONS if entry.startswith(start)}
    print(f"\n{module}: {len(rows)} wrong things, {len(met)} of {len(entries)} refusals met, 0 write calls")
    assert sorted(set(entries) - met - excused) == []
    assert sorted(met & excused) == [], "a row provokes it: no exception is needed"
