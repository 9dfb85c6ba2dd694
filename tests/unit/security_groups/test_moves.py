"""Security groups: what is refused, and in which order groups and rules come and go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.module_utils._core.converge import course
from plugins.module_utils._core.step import steps_of
from plugins.module_utils._security_groups import moves as _security_groups
from plugins.module_utils._security_groups.options import wanted
from plugins.module_utils._security_groups.value import (
    GROUP,
    GroupUser,
    SecurityGroup,
    SecurityGroups,
    SecurityRule,
    stack_of,
)

MARK = {"webcallserver.aws:stack": "wcs"}
NAMES = ("wcs-balancer", "wcs-node")


def given(*groups: dict[str, Any], **options: Any) -> Any:
    params = {"groups": list(groups), "tags": None, "vpc_id": None, "purge_rules": True, "purge_tags": True}
    return wanted(params | options)


def there(tags: dict[str, str] = MARK) -> SecurityGroups:
    """Two groups that name each other."""
    groups = {
        name: SecurityGroup(
            name, f"sg-{number}", "vpc-1", name, (SecurityRule("tcp", 22, 22, GROUP, NAMES[1 - number]),), tags=tags
        )
        for number, name in enumerate(NAMES)
    }
    return SecurityGroups(dict.fromkeys(NAMES, "wcs"), groups=groups, vpc_id="vpc-1")


def written(have: SecurityGroups, want: Any) -> list[str]:
    goal = _security_groups.complete(have, want)
    return [f"{step.operation} {step.subject[1]}" for step in steps_of(course(_security_groups, have, goal)[0])]


def test_groups_come_before_the_rules_that_name_them_and_new_rules_before_old_ones_go() -> None:
    mutual = [{"name": name, "rules": [{"ports": [8080], "groups": [other]}]} for name, other in (NAMES, NAMES[::-1])]
    empty = SecurityGroups(dict.fromkeys(NAMES, "wcs"), vpc_id="vpc-1")
    made = [f"CreateSecurityGroup {name}" for name in NAMES]
    opened = [f"AuthorizeSecurityGroupIngress {name}" for name in NAMES]
    assert written(empty, given(*mutual)) == made + opened
    assert written(there(), given(*mutual)) == opened + [f"RevokeSecurityGroupIngress {name}" for name in NAMES]
    assert written(there(), given(*mutual, purge_rules=False)) == opened


def test_groups_that_name_each_other_go() -> None:
    assert written(there(), None) == [
        "RevokeSecurityGroupIngress wcs-balancer",
        "DeleteSecurityGroup wcs-node",
        "DeleteSecurityGroup wcs-balancer",
    ]
    assert written(there({}), None) == [], "without our mark it is left alone"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"ports": [80]}, "has none of cidrs, groups and prefix_list_ids"),
        ({"ports": [80], "from_port": 80, "cidrs": ["::/0"]}, "exclude each other"),
        ({"cidrs": ["::/0"]}, "is for tcp and has neither ports nor from_port"),
        ({"ports": [70000], "cidrs": ["::/0"]}, "has ports that are not between 0 and 65535"),
        ({"from_port": 9, "to_port": 8, "cidrs": ["::/0"]}, "has a from_port above its to_port"),
        ({"ports": [80], "cidrs": ["everybody"]}, "has a network that is not"),
        ({"ports": [80], "groups": ["nobody"]}, "names a group that is neither an ID nor in groups"),
        ({"ports": [80], "prefix_list_ids": ["x"]}, "has a prefix list that is not"),
        ({"proto": "smtp", "cidrs": ["::/0"]}, "has no valid protocol"),
        *(
            ({"proto": proto, **ports, "cidrs": ["::/0"]}, "which has no ports: all would be open")
            for proto in ("all", "-1", "50")
            for ports in ({"ports": [80]}, {"from_port": 80}, {"to_port": 80}, {"from_port": 0, "to_port": 80})
        ),
        ({"proto": "icmp", "ports": [8], "cidrs": ["::/0"]}, "is for icmp, which has types"),
        ({"ports": [80], "cidrs": ["::/0"], "description": "it's"}, "has a description that is not"),
    ],
)
def test_wrong_rules_are_refused(rule: dict[str, Any], reason: str) -> None:
    refusal = _security_groups.refuse(there(), given({"name": NAMES[0], "rules": [rule]}))
    assert refusal is not None
    assert reason in refusal.sentence()


@pytest.mark.parametrize("proto", ["all", "-1", "50", "icmp"])
@pytest.mark.parametrize("ports", [{}, {"ports": []}, {"from_port": -1, "to_port": -1}, {"from_port": None}])
def test_a_protocol_without_ports(proto: str, ports: dict[str, Any]) -> None:
    want = given({"name": NAMES[0], "rules": [{"proto": proto, **ports, "cidrs": ["::/0"]}]})
    assert _security_groups.refuse(there(), want) is None


def test_v1_a_group_without_our_mark_is_refused_unless_adopted() -> None:
    want = given({"name": NAMES[0]})
    refusal = _security_groups.refuse(there({}), want)
    assert refusal is not None
    assert "is not tagged webcallserver.aws:stack" in refusal.reason
    assert _security_groups.refuse(replace(there({}), adopt=True), want) is None


def test_a_group_that_others_use_is_not_removed() -> None:
    user = GroupUser(NAMES[1], "instance i-1", lasting=True)
    refusal = _security_groups.refuse(replace(there(), users=(user,)), None)
    assert refusal is not None
    assert refusal.sentence().startswith("Cannot delete security group 'wcs-node': instance i-1 uses it.")


def test_the_stack_is_in_the_name() -> None:
    assert [stack_of(name, None) for name in (*NAMES, "my-seed", "other")] == ["wcs", "wcs", "my", "other"]
    assert stack_of("x", "wcs") == "wcs"
