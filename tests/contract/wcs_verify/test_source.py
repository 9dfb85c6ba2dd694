"""W6: a group whose launch template was deleted by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.module import Run
from plugins.module_utils._stack.notices_world import launched
from plugins.module_utils._stack.world import read_used
from plugins.modules.wcs_stack_info import look
from tests.support.harness import LabClock

MARK = {"Key": "webcallserver.aws:stack", "Value": "wcs"}


@pytest.fixture
def api(lab: Lab, aws: Callable[..., Any]) -> Aws:
    return Aws(lambda service, region: aws(service, region or lab.region), LabClock(lab), region=lab.region)


def grouped(lab: Lab, aws: Callable[..., Any]) -> None:
    data = {"ImageId": lab.account.wcs_image_id, "InstanceType": "c5.large"}
    aws("ec2").create_launch_template(LaunchTemplateName="wcs", LaunchTemplateData=data)
    aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="wcs",
        LaunchTemplate={"LaunchTemplateName": "wcs", "Version": "$Latest"},
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=lab.account.subnet_ids[0],
        Tags=[{**MARK, "ResourceId": "wcs", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}],
    )


def test_a_template_that_is_gone_is_said(lab: Lab, aws: Callable[..., Any], api: Aws) -> None:
    grouped(lab, aws)
    assert launched(api, read_used(api, "wcs").group) is not None
    assert look({"name": "wcs", "image_regions": []}, Run(api, LabClock(lab)))["notices"] == []
    aws("ec2").delete_launch_template(LaunchTemplateName="wcs")
    assert launched(api, read_used(api, "wcs").group) is None
    (notice,) = look({"name": "wcs", "image_regions": []}, Run(api, LabClock(lab)))["notices"]
    assert notice.startswith("launch template 'wcs' version $Latest of group 'wcs' is gone")


def test_where_there_is_no_group_nothing_is_missing(api: Aws) -> None:
    assert launched(api, None) == {}
