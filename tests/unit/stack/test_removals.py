"""What a teardown takes away: all that bears the mark, what is named besides, and what lost its owner."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._stack.removals import removals
from plugins.module_utils._stack.value import Stack

NOTHING: dict[str, Any] = {
    "groups": [],
    "load_balancers": [],
    "node_profiles": [],
    "images": [],
    "security_groups": [],
}
GROUP = {"auto_scaling_group_name": "nodes"}
TEMPLATES = [{"launch_template_name": "nodes"}, {"launch_template_name": "old"}]
IMAGES = [{"name": "a", "image_id": "ami-1", "x": 1}, {"name": "a", "image_id": "ami-2", "region": "r"}]
STACKS: dict[str, tuple[Stack, dict[str, Any], dict[str, Any]]] = {
    "nothing is there": (Stack("wcs"), {}, {}),
    "by the mark, each name once": (
        Stack("wcs", groups=[GROUP], launch_templates=TEMPLATES),
        {},
        {"groups": ["nodes", "old"]},
    ),
    "what is named besides": (
        Stack("wcs", groups=[GROUP]),
        {"group": "mine", "balancer": "front"},
        {"groups": ["nodes", "mine"], "load_balancers": ["front"]},
    ),
    "alarms that lost their group": (Stack("wcs", alarms=[{"alarm_name": "wcs:out:out"}]), {}, {"groups": ["wcs"]}),
    "their group is known": (Stack("wcs", groups=[GROUP], alarms=[{"alarm_name": "a"}]), {}, {"groups": ["nodes"]}),
    "configurations": (Stack("wcs", launch_configurations=[{}]), {}, {"groups": ["wcs"]}),
    "interfaces": (Stack("wcs", network_interfaces=[{}]), {}, {"load_balancers": ["wcs"]}),
    "balancers": (
        Stack("wcs", load_balancers=[{"load_balancer_name": "front"}], network_interfaces=[{}]),
        {"balancer": "front"},
        {"load_balancers": ["front"]},
    ),
    "the profile of the nodes": (
        Stack("wcs", roles=[{"role_name": "n"}], instance_profiles=[{"instance_profile_name": "n"}]),
        {},
        {"node_profiles": ["n"]},
    ),
    "a role alone": (Stack("wcs", roles=[{"role_name": "n"}]), {}, {"node_profiles": ["n"]}),
    "an instance profile alone": (
        Stack("wcs", instance_profiles=[{"instance_profile_name": "n"}]),
        {},
        {"node_profiles": ["n"]},
    ),
    "images of two Regions": (
        Stack(
            "wcs",
            images=[{"name": "a", "image_id": "ami-1", "x": 1}, {"name": "a", "image_id": "ami-2", "region": "r"}],
        ),
        {},
        {
            "images": [
                {"name": "a", "image_id": "ami-1", "region": None},
                {"name": "a", "image_id": "ami-2", "region": "r"},
            ]
        },
    ),
    "security groups of two VPCs": (
        Stack(
            "wcs",
            security_groups=[
                {"group_name": "a", "vpc_id": "vpc-1"},
                {"group_name": "b", "vpc_id": "vpc-2"},
                {"group_name": "c", "vpc_id": "vpc-1"},
            ],
        ),
        {},
        {
            "security_groups": [
                {"vpc_id": "vpc-1", "groups": [{"name": "a"}, {"name": "c"}]},
                {"vpc_id": "vpc-2", "groups": [{"name": "b"}]},
            ]
        },
    ),
}


@pytest.mark.parametrize("case", STACKS)
def test_what_goes_with_a_stack(case: str) -> None:
    stack, named, goes = STACKS[case]
    assert removals(stack, **named) == {**NOTHING, **goes}
