"""H10: a stack is its mark, whatever its parts are called: through site, verify, report and teardown.

One lab; the stories are told in order.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import Played, Stage

NAMES = {"wcs_balancer_name": "front", "wcs_autoscaling_name": "nodes", "wcs_image_family": "builds"}
VARIABLES: dict[str, Any] = {"wcs_autoscaling_min_size": 2, "wcs_verify_hold": 1, "wcs_verify_rate": 100, **NAMES}
MARK = {"Key": "webcallserver.aws:stack", "Value": "wcs"}
LISTENER = {"Protocol": "TCP", "LoadBalancerPort": 8080, "InstanceProtocol": "TCP", "InstancePort": 8080}
RENAMED = {
    "balancer": ("wcs_balancer_name", "wcs-two", "load balancer 'front' is tagged"),
    "balancer-default": ("wcs_balancer_name", "wcs", "load balancer 'front' is tagged"),
    "group and template": ("wcs_autoscaling_name", "wcs-two", "group 'nodes' is tagged"),
    "group-default": ("wcs_autoscaling_name", "wcs", "group 'nodes' is tagged"),
}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    return site_stage


def notes(answer: Played) -> str:
    """All that the run said."""
    return " ".join(str(task.result.get("msg")) for task in answer.tasks)


def test_every_part_bears_the_mark_of_the_stack(lab: Stage) -> None:
    elb, asg, ec2 = (lab.client(service) for service in ("elb", "autoscaling", "ec2"))
    assert MARK in elb.describe_tags(LoadBalancerNames=["front"])["TagDescriptions"][0]["Tags"]
    (group,) = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (group["AutoScalingGroupName"], group["LoadBalancerNames"]) == ("nodes", ["front"])
    rows = ec2.describe_tags(Filters=[{"Name": "key", "Values": [MARK["Key"]]}])["Tags"]
    assert {row["Value"] for row in rows} == {"wcs"}
    kinds = {"image", "snapshot", "launch-template", "instance", "volume", "security-group"}
    assert {row["ResourceType"] for row in rows} >= kinds


def test_site_finds_nothing_left_to_do(lab: Stage) -> None:
    before = len(lab.calls())
    again = lab.play("site", **VARIABLES)
    assert (again.code, again.changed) == (0, []), again.failure
    assert lab.calls()[before:] == []


def test_verify_and_report_find_it(lab: Stage, tmp_path: Path) -> None:
    proven = lab.play("verify", **VARIABLES)
    assert proven.code == 0, proven.failure
    page = tmp_path / "report.html"
    shown = lab.play("report", wcs_report_dest=str(page), wcs_report_probe=True, **VARIABLES)
    assert shown.code == 0, shown.failure or shown.text
    assert shown.said("Show the findings").count("Nothing stands out.") == 1


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["run", "check"])
@pytest.mark.parametrize("part", RENAMED)
def test_h10_another_name_is_refused_before_the_first_write(lab: Stage, part: str, options: tuple[str, ...]) -> None:
    variable, name, words = RENAMED[part]
    before = len(lab.calls())
    refused = lab.play("site", *options, **VARIABLES | {variable: name})
    assert refused.code == 2, refused.text
    assert words in notes(refused)
    assert lab.calls()[before:] == []


def test_another_family_is_a_tag_of_the_same_image(lab: Stage) -> None:
    changed = lab.play("site", "--check", **VARIABLES | {"wcs_image_family": "others"})
    assert changed.code == 0, changed.failure
    assert changed.actions == ["ec2:CreateTags"]


def test_h10_verify_and_report_name_a_second_balancer(lab: Stage, tmp_path: Path) -> None:
    subnets = lab.client("elb").describe_load_balancers()["LoadBalancerDescriptions"][0]["Subnets"]
    groups = lab.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["wcs-balancer"]}])
    lab.client("elb").create_load_balancer(
        LoadBalancerName="wcs-two",
        Listeners=[LISTENER],
        Subnets=subnets,
        SecurityGroups=[groups["SecurityGroups"][0]["GroupId"]],
        Tags=[MARK],
    )
    word = "oad balancer 'wcs-two' is tagged webcallserver.aws:stack=wcs beside 'front'"
    proven = lab.play("verify", **VARIABLES)
    assert proven.code == 0, proven.failure
    assert word in notes(proven)
    page = tmp_path / "report.html"
    shown = lab.play("report", wcs_report_dest=str(page), **VARIABLES)
    assert word in notes(shown)
    assert "wcs-two" in page.read_text()


def test_teardown_says_all_that_others_use_before_it_removes_anything(lab: Stage) -> None:
    asg, ec2 = lab.client("autoscaling"), lab.client("ec2")
    (group,) = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    subnet = group["VPCZoneIdentifier"].split(",")[0]
    image = ec2.describe_images(Owners=["self"], Filters=[{"Name": "tag:" + MARK["Key"], "Values": ["wcs"]}])
    image_id = image["Images"][0]["ImageId"]
    data = {"ImageId": image_id, "InstanceType": "c5.large"}
    ec2.create_launch_template(LaunchTemplateName="shop", LaunchTemplateData=data)
    for name, template, balancers in (("shop", "shop", ["front"]), ("office", "nodes", [])):
        asg.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": template, "Version": "1"},
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=subnet,
            LoadBalancerNames=balancers,
        )
    (node,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["wcs-node"]}])["SecurityGroups"]
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[node["GroupId"]])["NetworkInterface"]
    for options in ((), ("--check",)):
        before = len(lab.calls())
        refused = lab.play("teardown", *options, **VARIABLES)
        assert refused.code == 2
        for words in (
            "Cannot remove group 'nodes': Auto Scaling group 'office' launches from",
            "Cannot delete load balancer 'front': Auto Scaling group 'shop' names it",
            f"launch template 'shop' names {image_id}",
            f"Cannot delete security group 'wcs-node': network interface {interface['NetworkInterfaceId']}",
        ):
            assert words in refused.failure
        assert lab.calls()[before:] == []
    for name in ("shop", "office"):
        asg.delete_auto_scaling_group(AutoScalingGroupName=name)
    ec2.delete_launch_template(LaunchTemplateName="shop")
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])


def test_h10_teardown_removes_all_that_bears_the_mark_without_being_told_the_names(lab: Stage) -> None:
    elb = lab.client("elb")
    subnet = elb.describe_load_balancers()["LoadBalancerDescriptions"][0]["Subnets"][0]
    elb.create_load_balancer(LoadBalancerName="wcs", Listeners=[LISTENER], Subnets=[subnet])  # somebody else's
    gone = lab.play("teardown")
    assert gone.code == 0, gone.failure or gone.text
    assert gone.said("Nothing is left") == "Nothing of the stack is left."
    assert [one["LoadBalancerName"] for one in elb.describe_load_balancers()["LoadBalancerDescriptions"]] == ["wcs"]
    elb.delete_load_balancer(LoadBalancerName="wcs")
    assert lab.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    ec2, mine = lab.client("ec2"), [{"Name": f"tag:{MARK['Key']}", "Values": ["wcs"]}]
    assert ec2.describe_images(Owners=["self"], Filters=mine)["Images"] == []
    assert ec2.describe_launch_templates(Filters=mine)["LaunchTemplates"] == []
    assert ec2.describe_security_groups(Filters=mine)["SecurityGroups"] == []
    again = lab.play("teardown")
    assert (again.code, again.changed) == (0, []), again.failure
