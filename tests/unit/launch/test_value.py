"""What a group launches: wants completed, compared, and said in AWS's words and back."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from plugins.module_utils._launch import data as _launch_data
from plugins.module_utils._launch import value as _launch
from plugins.module_utils._launch.value import BlockDevice, Launch

WHOLE = Launch(
    image_id="ami-1",
    instance_type="c5.large",
    key_name="ops",
    security_group_ids=("sg-1", "sg-2"),
    instance_profile="wcs",
    user_data=base64.b64encode(b"#!/bin/sh\n").decode(),
    detailed_monitoring=True,
    associate_public_ip=True,
    ebs_optimized=False,
    volumes=(
        BlockDevice("/dev/xvda", size=20, type="gp3", encrypted=True, delete_on_termination=True),
        BlockDevice("/dev/xvdb", virtual_name="ephemeral0"),
        BlockDevice("/dev/xvdc", no_device=True),
    ),
    http_tokens="required",
    http_put_response_hop_limit=1,
)
FOREIGN: dict[str, Any] = {
    "ImageId": "ami-1",
    "InstanceType": "c5.large",
    "CreditSpecification": {"CpuCredits": "standard"},
    "MetadataOptions": {"State": "applied", "HttpTokens": "optional", "HttpEndpoint": "enabled"},
    "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-9"]}, {"DeviceIndex": 1}],
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
}


@pytest.mark.parametrize("launch", [WHOLE, replace(WHOLE, user_data=None, volumes=(), associate_public_ip=None)])
def test_a_template_says_it_and_is_understood(launch: Launch) -> None:
    assert _launch_data.from_template(_launch_data.to_template(launch, "wcs")) == launch


def test_a_configuration_says_it_and_is_understood() -> None:
    args = _launch_data.to_configuration(WHOLE)
    assert args["UserData"] == "#!/bin/sh\n", "botocore makes base64 of it"
    assert _launch_data.from_configuration({**args, "UserData": WHOLE.user_data}) == WHOLE


def test_what_a_foreign_template_says_beside_is_said_again() -> None:
    launch = _launch_data.from_template(FOREIGN)
    assert sorted(launch.rest) == ["CreditSpecification", "MetadataOptions", "NetworkInterfaces", "TagSpecifications"]
    goal = _launch.completed(launch, Launch(instance_type="c5.xlarge", security_group_ids=("sg-1",)))
    data = _launch_data.to_template(goal, "wcs")
    assert data["CreditSpecification"] == FOREIGN["CreditSpecification"]
    assert data["MetadataOptions"] == {"HttpTokens": "optional", "HttpEndpoint": "enabled"}
    assert data["NetworkInterfaces"] == [
        {"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1"]},
        {"DeviceIndex": 1},
    ]
    assert {spec["ResourceType"] for spec in data["TagSpecifications"]} == {"instance", "volume"}
    assert _launch.matches(_launch_data.from_template(data), goal)


def test_tenancy_and_spot_move_from_a_configuration_to_a_template() -> None:
    raw = {"ImageId": "ami-1", "InstanceType": "c5.large", "PlacementTenancy": "dedicated", "SpotPrice": "0.1"}
    launch = _launch_data.from_configuration(raw)
    data = _launch_data.to_template(launch)
    assert data["Placement"] == {"Tenancy": "dedicated"}
    assert data["InstanceMarketOptions"] == {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.1"}}
    assert (
        _launch_data.to_configuration(launch).items() >= {"PlacementTenancy": "dedicated", "SpotPrice": "0.1"}.items()
    )


def test_our_mark_is_in_the_data_and_no_part_of_the_content() -> None:
    ours, bare = _launch_data.to_template(WHOLE, "wcs"), _launch_data.to_template(WHOLE)
    assert _launch_data.bears_mark(ours, "wcs")
    assert not _launch_data.bears_mark(ours, "other")
    assert not _launch_data.bears_mark(bare, "wcs")
    assert _launch_data.from_template(ours) == _launch_data.from_template(bare)


def test_creation_defaults_are_for_creation_only() -> None:
    new = _launch.completed(None, Launch(image_id="ami-1", volumes=(BlockDevice("/dev/xvda", size=8),)))
    assert (new.detailed_monitoring, new.associate_public_ip, new.http_tokens) == (True, True, "required")
    assert new.http_put_response_hop_limit == 1
    assert new.volumes == (BlockDevice("/dev/xvda", size=8, encrypted=True, delete_on_termination=True),)
    there = Launch(image_id="ami-1", detailed_monitoring=False, http_tokens="optional", volumes=())
    kept = _launch.completed(there, Launch(image_id="ami-2"))
    assert kept == replace(there, image_id="ami-2")


def test_of_a_volume_left_out_is_what_is_there() -> None:
    goal = _launch.completed(WHOLE, Launch(volumes=(BlockDevice("/dev/xvda", size=30),)))
    assert goal.volumes == (BlockDevice("/dev/xvda", size=30, type="gp3", encrypted=True, delete_on_termination=True),)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"key_name": None}, True),
        ({"volumes": None}, True),
        ({"volumes": ()}, False),
        ({"volumes": WHOLE.volumes and WHOLE.volumes[:2]}, False),
        ({"instance_type": "c5.xlarge"}, False),
        ({"security_group_ids": ()}, False),
        ({"rest": {"CreditSpecification": {}}}, False),
    ],
)
def test_a_match_is_all_that_the_goal_says(change: dict[str, Any], same: bool) -> None:
    assert _launch.matches(WHOLE, replace(WHOLE, **change)) is same


def test_what_aws_adds_later_is_no_difference() -> None:
    assert _launch.matches(replace(WHOLE, rest={"NewSetting": {"On": True}}), WHOLE)
    assert not _launch.matches(None, WHOLE)


def test_the_digest_is_of_the_content_alone() -> None:
    assert _launch_data.digest(WHOLE) == _launch_data.digest(replace(WHOLE))
    assert _launch_data.digest(WHOLE) != _launch_data.digest(replace(WHOLE, image_id="ami-2"))


@pytest.mark.parametrize("change", [{"image_id": LATER}, {"security_group_ids": (LATER,)}, {"user_data": LATER}])
def test_with_a_value_to_come_the_content_is_open(change: dict[str, Any]) -> None:
    assert _launch_data.open_ended(replace(WHOLE, **change))
    assert not _launch_data.open_ended(WHOLE)


def test_user_data_is_never_shown() -> None:
    shown = _launch.show(WHOLE)
    assert "#!/bin/sh" not in str(shown)
    assert WHOLE.user_data not in str(shown)
    assert "user_data" not in shown
    assert str(WHOLE).count("IyEv") == 0
