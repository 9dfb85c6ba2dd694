"""H10: a stack is what bears its mark, whatever its parts are called; and what others use is not removed."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.module import Run
from plugins.module_utils._core.tags import STACK
from plugins.modules import wcs_ami, wcs_asg, wcs_classic_elb, wcs_node_profile, wcs_security_groups, wcs_stack_info
from tests.contract.all.stack import policies
from tests.support.harness import Bench, LabClock, launched, managed

MODULES = Path(__file__).resolve().parents[3] / "plugins" / "modules"
IMAGE = "custom image"
STEP = policies()[1]
LISTENER = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}


class Account:
    """One account, and the modules that have the option `stack`."""

    def __init__(self, lab: Lab, aws: Callable[..., Any]) -> None:
        self.lab, self.aws = lab, aws
        self.subnets = lab.account.subnet_ids
        self.benches = {
            module.__name__.rpartition(".")[2]: Bench(lab, aws, module.ARGUMENTS, managed(module, lab))
            for module in (wcs_ami, wcs_asg, wcs_classic_elb, wcs_node_profile, wcs_security_groups)
        }
        self.balancer, self.group = self.benches["wcs_classic_elb"], self.benches["wcs_asg"]
        self.image, self.security_groups = self.benches["wcs_ami"], self.benches["wcs_security_groups"]

    def options(self, module: str, name: str) -> dict[str, Any]:
        """What makes the module's thing under that name."""
        launch = {"image_id": self.lab.account.wcs_image_id, "instance_type": "c5.large"}
        sizes = {"min_size": 0, "max_size": 1, "subnets": self.subnets, "scaling_policies": [STEP]}
        made: dict[str, Callable[[], dict[str, Any]]] = {
            "wcs_ami": lambda: {"name": name, "family": "builds", "instance_id": launched(self.lab)[0]},
            "wcs_asg": lambda: {"name": name, **sizes, "launch": launch},
            "wcs_classic_elb": lambda: {"name": name, "subnets": self.subnets},
            "wcs_node_profile": lambda: {"name": f"wcs-node-{self.lab.region}"},  # the one under which info looks
            "wcs_security_groups": lambda: {"groups": [{"name": name}], "vpc_id": self.lab.account.vpc_id},
        }
        return made[module]()

    def run(self, module: str, name: str, **more: Any) -> Any:
        return self.benches[module].run(**{**self.options(module, name), **more})

    def info(self, stack: str = "wcs") -> dict[str, Any]:
        """What wcs_stack_info tells."""
        run = Run(self.balancer.api(), LabClock(self.lab))
        return wcs_stack_info.look({"name": stack, "image_regions": []}, run)

    def somebodys_group(self, name: str, **launch: Any) -> None:
        self.aws("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, VPCZoneIdentifier=self.subnets[0], **launch
        )

    def somebodys_template(self, name: str, image: str) -> None:
        data = {"ImageId": image, "InstanceType": "c5.large"}
        self.aws("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)


@pytest.fixture
def account(lab: Lab, aws: Callable[..., Any]) -> Account:
    return Account(lab, aws)


def marked() -> list[str]:
    """The modules that write and have the option `stack`, by their argument specs."""
    found = [path.stem for path in sorted(MODULES.glob("wcs_*.py"))]
    specs = {name: importlib.import_module(f"plugins.modules.{name}").ARGUMENTS for name in found}
    return [name for name, spec in specs.items() if "state" in spec and "adopt" in spec]


def marks(value: Any) -> Iterator[str]:
    """The stacks that the arguments of a call name, in tags and in descriptions of alarms."""
    if isinstance(value, Mapping):
        if value.get("Key") == STACK:
            yield value["Value"]
        if f"({STACK}=" in str(value.get("AlarmDescription")):
            yield value["AlarmDescription"].rpartition("=")[2].rstrip(")")
        for item in value.values():
            yield from marks(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from marks(item)


# The mark is the stack's


@pytest.mark.parametrize("module", marked())
def test_each_module_that_marks_takes_the_stack(account: Account, module: str) -> None:
    assert "stack" in account.benches[module].arguments


@pytest.mark.parametrize("kind", ["template", "configuration"])
@pytest.mark.parametrize("module", marked())
def test_every_call_says_the_stack_whatever_the_part_is_called(account: Account, module: str, kind: str) -> None:
    options = account.options(module, "another")
    if module == "wcs_asg":
        options["launch"]["kind"] = kind
    answer = account.benches[module].exact(**{**options, "stack": "live"})
    found = [mark for step in answer.outcome.steps for mark in marks(step.args)]
    assert found, "nothing bears a mark"
    assert set(found) == {"live"}


def test_all_of_a_stack_is_found_whatever_it_is_called(account: Account) -> None:
    rng = random.Random(10)
    names = {module: f"{module[4:].replace('_', '-')}-{rng.randrange(1000)}" for module in marked()}
    for module, name in names.items():
        account.run(module, name, stack="wcs")
    account.group.run(name=names["wcs_asg"], stack="wcs", load_balancers=[names["wcs_classic_elb"]])
    found = account.info()
    stack = found["stack"]
    assert (found["leftovers"], found["notices"]) == ([], [])
    assert stack["load_balancer"]["load_balancer_name"] == names["wcs_classic_elb"]
    assert stack["group"]["auto_scaling_group_name"] == names["wcs_asg"]
    assert [one["launch_template_name"] for one in stack["launch_templates"]] == [names["wcs_asg"]]
    assert [one["version_number"] for one in stack["launch_template_versions"]] == [1]
    assert [one["policy_name"] for one in stack["scaling_policies"]] == ["out"]
    assert [one["alarm_name"] for one in stack["alarms"]] == [f"{names['wcs_asg']}:out:out"]
    assert [one["name"] for one in stack["images"]] == [names["wcs_ami"]]
    assert len(stack["snapshots"]) == 1
    assert [one["group_name"] for one in stack["security_groups"]] == [names["wcs_security_groups"]]
    assert [one["role_name"] for one in stack["roles"]] == ["wcs-node-us-east-1"]
    assert [one["instance_profile_name"] for one in stack["instance_profiles"]] == ["wcs-node-us-east-1"]
    assert account.info("other")["stack"]["group"] is None


# A second one


KINDS = {"wcs_classic_elb": "load balancer", "wcs_asg": "group"}


@pytest.mark.parametrize(("there", "wanted"), [("wcs", "wcs-two"), ("wcs-two", "wcs")])
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("module", KINDS)
def test_h10_a_stack_gets_no_second_one(account: Account, module: str, check: bool, there: str, wanted: str) -> None:
    account.run(module, there, stack="wcs")
    bench = account.benches[module]
    start = bench.mark()
    refused = bench.fails(check, **{**account.options(module, wanted), "stack": "wcs"})
    assert f"{KINDS[module]} '{there}' is tagged webcallserver.aws:stack=wcs" in str(refused)
    assert f"Set name to '{there}' again" in str(refused)
    assert "teardown" in str(refused)
    assert bench.writes(start) == []
    assert account.run(module, wanted, stack="other").outcome.changed, "another stack is none of its business"
    bench.run(name=there, stack="wcs", state="absent")
    account.run(module, f"{wanted}-3", stack="wcs")


def test_h10_a_second_one_is_named(account: Account) -> None:
    """One that was made beside us, or by an interrupted move."""
    account.run("wcs_classic_elb", "wcs-two", stack="wcs")
    account.run("wcs_asg", "wcs", stack="wcs", load_balancers=["wcs-two"])
    tags = [{"Key": STACK, "Value": "wcs"}]
    subnets = account.subnets[:1]
    for number in range(30):
        account.aws("elb").create_load_balancer(LoadBalancerName=f"x{number}", Listeners=[LISTENER], Subnets=subnets)
    account.aws("elb").create_load_balancer(LoadBalancerName="wcs", Listeners=[LISTENER], Subnets=subnets, Tags=tags)
    found = account.info()
    assert found["stack"]["load_balancer"]["load_balancer_name"] == "wcs-two", "which the group names"
    assert [one["load_balancer_name"] for one in found["stack"]["load_balancers"]] == ["wcs", "wcs-two"]
    assert found["leftovers"] == [
        {"kind": "load balancer", "id": "wcs", "reason": "the stack uses 'wcs-two'", "region": None}
    ]
    (notice,) = found["notices"]
    assert notice.startswith("load balancer 'wcs' is tagged webcallserver.aws:stack=wcs beside 'wcs-two'")


@pytest.mark.parametrize("check", [True, False])
def test_h10_a_stack_gets_no_second_set_of_security_groups_in_another_vpc(account: Account, check: bool) -> None:
    groups = [{"name": "wcs-balancer"}, {"name": "wcs-node"}]
    bench, there = account.security_groups, account.lab.account.vpc_id
    other = account.aws("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    bench.run(groups=groups[:1], stack="wcs", vpc_id=there)
    start = bench.mark()
    refused = bench.fails(check, groups=groups, stack="wcs", vpc_id=other)
    assert f"'wcs-balancer': stack 'wcs' has it in another VPC ({there})" in str(refused)
    assert bench.writes(start) == []
    assert bench.run(groups=groups, stack="other", vpc_id=other).outcome.changed


# What bears another stack's mark


@pytest.mark.parametrize("module", marked())
def test_what_is_another_stacks_is_not_taken_unless_adopted(account: Account, module: str) -> None:
    """As what an earlier version made under a name of its own, whose mark was that name."""
    options = account.options(module, "wcs-two")
    bench = account.benches[module]
    bench.run(**{**options, "stack": "wcs-two"})
    start = bench.mark()
    refused = str(bench.fails(**{**options, "stack": "wcs"}))
    assert f"{STACK}=wcs" in refused
    assert bench.writes(start) == []
    bench.exact(**{**options, "stack": "wcs", "adopt": True})
    bench.exact(**{**options, "stack": "wcs"})
    there = account.info()["stack"]
    parts = ("load_balancer", "group", "images", "security_groups", "instance_profiles")
    assert any(there[part] for part in parts)
    there = account.info("wcs-two")["stack"]
    assert not any(there[part] for part in (*parts, "launch_templates", "roles"))


# What others use


def test_a_balancer_that_somebody_elses_group_names_stays(account: Account) -> None:
    account.run("wcs_classic_elb", "wcs", stack="wcs")
    account.run("wcs_asg", "nodes", stack="wcs", load_balancers=["wcs"])
    assert account.balancer.check(name="wcs", stack="wcs", state="absent").outcome.changed, "its own does not count"
    account.somebodys_template("shop", account.lab.account.wcs_image_id)
    account.somebodys_group("shop", LaunchTemplate={"LaunchTemplateName": "shop"}, LoadBalancerNames=["wcs"])
    for check in (True, False):
        start = account.balancer.mark()
        refused = account.balancer.fails(check, name="wcs", stack="wcs", state="absent")
        assert "Cannot delete load balancer 'wcs': Auto Scaling group 'shop' names it" in str(refused)
        assert account.balancer.writes(start) == []


@pytest.mark.parametrize("kind", ["template", "configuration"])
def test_a_template_that_somebody_elses_group_launches_stays(account: Account, kind: str) -> None:
    options = account.options("wcs_asg", "wcs")
    options["launch"]["kind"] = kind
    launch = account.group.run(**options).returns["launch"]
    named = {"LaunchTemplate": {"LaunchTemplateName": "wcs", "Version": "1"}}
    account.somebodys_group("shop", **(named if kind == "template" else {"LaunchConfigurationName": launch["name"]}))
    for check in (True, False):
        start = account.group.mark()
        refused = account.group.fails(check, name="wcs", state="absent")
        assert "Cannot remove group 'wcs': Auto Scaling group 'shop' launches from its launch" in str(refused)
        assert account.group.writes(start) == []


def test_an_image_that_somebody_elses_template_names_stays(account: Account) -> None:
    image = account.run("wcs_ami", IMAGE, stack="wcs").returns["image"]["image_id"]
    own = account.options("wcs_asg", "nodes")
    own["launch"]["image_id"] = image
    account.group.run(**own, stack="wcs")
    assert account.image.check(name=IMAGE, state="absent").outcome.changed, "the stack's own does not count"
    account.somebodys_template("shop", image)
    for check in (True, False):
        start = account.image.mark()
        refused = account.image.fails(check, image_id=image, state="absent")
        assert f"launch template 'shop' names {image}" in str(refused)
        assert account.image.writes(start) == []


@pytest.mark.parametrize("user", ["load balancer", "network interface"])
def test_a_security_group_that_somebody_else_uses_stays(account: Account, user: str) -> None:
    made = account.run("wcs_security_groups", "wcs-node").returns["security_groups"]
    ids = [made[0]["group_id"]]
    if user == "load balancer":
        account.aws("elb").create_load_balancer(
            LoadBalancerName="shop", Listeners=[LISTENER], Subnets=account.subnets[:1], SecurityGroups=ids
        )
        account.lab.run(60)
    else:
        account.aws("ec2").create_network_interface(SubnetId=account.subnets[0], Groups=ids)
    for check in (True, False):
        start = account.security_groups.mark()
        refused = account.security_groups.fails(check, groups=[{"name": "wcs-node"}], state="absent")
        assert f"Cannot delete security group 'wcs-node': {user} " in str(refused)
        assert account.security_groups.writes(start) == []


def test_a_security_group_waits_for_the_stacks_own_balancer(account: Account) -> None:
    made = account.run("wcs_security_groups", "wcs-balancer").returns["security_groups"]
    account.run("wcs_classic_elb", "front", stack="wcs", security_group_ids=[made[0]["group_id"]])
    account.lab.run(60)
    named = {"groups": [{"name": "wcs-balancer"}], "state": "absent"}
    assert account.security_groups.check(**named).outcome.actions == ["ec2:DeleteSecurityGroup"]
    account.balancer.run(name="front", stack="wcs", state="absent", wait=False)
    account.security_groups.run(**named)
