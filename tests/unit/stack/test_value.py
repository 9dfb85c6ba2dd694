from __future__ import annotations

from typing import Any

from plugins.module_utils._stack.value import Leftover, Stack, is_alarm_of, is_configuration_of, leftovers, snake


def instance(number: int, **tags: str) -> dict[str, Any]:
    return {"instance_id": f"i-{number}", "tags": tags, "launch_time": f"2026-01-0{number}"}


IMAGE = {"image_id": "ami-1", "block_device_mappings": [{"ebs": {"snapshot_id": "snap-1"}}, {"virtual_name": "none"}]}
GROUP = {"auto_scaling_group_name": "wcs", "instances": [{"instance_id": "i-1"}]}
SEED = instance(2, Name="wcs-seed")


def test_a_whole_stack_has_no_leftovers() -> None:
    stack = Stack(
        "wcs",
        load_balancer={"load_balancer_name": "wcs"},
        group=GROUP,
        launch_templates=[{"launch_template_name": "wcs"}],
        scaling_policies=[{"policy_name": "out"}],
        alarms=[{"alarm_name": "wcs:out:out"}, {"alarm_name": "TargetTracking-wcs-AlarmHigh-1"}],
        instances=[instance(1), SEED],
        images=[IMAGE],
        snapshots=[{"snapshot_id": "snap-1"}],
        security_groups=[{"group_id": "sg-1"}],
        network_interfaces=[{"network_interface_id": "eni-1"}],
    )
    assert leftovers(stack) == []
    assert stack.seed == SEED


def test_what_has_lost_its_owner() -> None:
    stack = Stack(
        "wcs",
        load_balancer={"load_balancer_name": "wcs"},
        group=GROUP,
        scaling_policies=[{"policy_name": "out"}],
        alarms=[{"alarm_name": "wcs:gone:in"}],
        instances=[instance(1), instance(3)],
        images=[IMAGE],
        snapshots=[{"snapshot_id": "snap-1"}, {"snapshot_id": "snap-1", "region": "eu-west-1"}],
    )
    assert leftovers(stack) == [
        Leftover("alarm", "wcs:gone:in", "its policy is gone"),
        Leftover("instance", "i-3", "it is no member of the group"),
        Leftover("snapshot", "snap-1", "its image is gone", "eu-west-1"),
    ]


def test_after_a_teardown_everything_left_is_a_leftover() -> None:
    stack = Stack(
        "wcs",
        launch_templates=[{"launch_template_name": "wcs"}],
        alarms=[{"alarm_name": "wcs:out:out"}],
        images=[IMAGE],
        security_groups=[{"group_id": "sg-1"}],
        network_interfaces=[{"network_interface_id": "eni-1"}],
        roles=[{"role_name": "wcs-node-x"}],
        instance_profiles=[{"instance_profile_name": "wcs-node-x"}],
    )
    kinds = [item.kind for item in leftovers(stack)]
    assert kinds[:5] == ["launch template", "alarm", "network interface", "image", "security group"]
    assert kinds[5:] == ["role", "instance profile"]
    assert [item.kind for item in leftovers(Stack("wcs", instances=[SEED]))] == ["seed"]
    assert leftovers(Stack("wcs")) == []


def test_name_patterns() -> None:
    assert is_alarm_of("wcs", "wcs:cpu-out:out")
    assert not is_alarm_of("wcs", "wcs2:cpu-out:out")
    assert not is_alarm_of("wcs", "wcs:cpu-out")
    assert is_configuration_of("wcs", "wcs-0123456789ab")
    assert not is_configuration_of("wcs", "wcs-2-0123456789ab")


def test_snake() -> None:
    answer = snake(
        {"DNSName": "x", "VPCId": "v", "Tags": [{"Key": "AName", "Value": "b"}], "EbsBlock": [{"VolumeId": 1}]}
    )
    assert answer == {"dns_name": "x", "vpc_id": "v", "tags": {"AName": "b"}, "ebs_block": [{"volume_id": 1}]}
