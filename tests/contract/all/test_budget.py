"""What a whole stack costs in calls, whatever launches its nodes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from tests.contract.all.stack import Stack
from tests.faults.chosen import ALL
from tests.support.decoys import Decoys


@pytest.mark.parametrize("kind", ["template", "configuration"])
def test_calls_of_a_whole_stack(lab: Lab, aws: Callable[..., Any], kind: str) -> None:
    stack = Stack(lab, aws)
    budgets = {  # calls at most: on an account without the stack, with it, changed, and when it goes
        "new": (lambda: stack.deploy(kind=kind), 25),
        "rerun": (lambda: stack.deploy(kind=kind), 10),
        "changed": (lambda: stack.deploy(kind=kind, instance_type="c5.xlarge"), 19),
        "absent": (stack.remove, 28),
        "absent again": (stack.remove, 8),
    }
    checks = {
        "new": lambda: stack.deploy(check=True, kind=kind),
        "rerun": lambda: stack.deploy(check=True, kind=kind),
        "changed": lambda: stack.deploy(check=True, kind=kind, instance_type="c5.xlarge"),
        "absent": lambda: stack.remove(check=True),
        "absent again": lambda: stack.remove(check=True),
    }
    for turn, (run, most) in budgets.items():
        start = len(lab.calls)
        foreseen = checks[turn]()
        assert stack.image.writes(start) == []
        assert len(stack.counted(start)) <= 12, turn
        start = len(lab.calls)
        assert run() == foreseen == stack.image.writes(start), turn
        assert len(stack.counted(start)) <= most, (turn, stack.counted(start))


def test_decoys_of_every_kind_survive(lab: Lab, aws: Callable[..., Any]) -> None:
    decoys = Decoys(aws, lab.account.subnet_ids[0], lab.account.wcs_image_id, 100 if ALL else 10)
    lab.run(60)
    decoys.before = decoys.seen()
    stack = Stack(lab, aws)
    stack.deploy()
    decoys.unharmed()
    stack.deploy(instance_type="c5.xlarge", user_data="#!/bin/sh\n")
    decoys.unharmed()
    stack.remove()
    aws("ec2").terminate_instances(InstanceIds=[stack.seed])
    aws("ec2").delete_security_group(GroupId=stack.security_groups[0])
    lab.run(600)
    decoys.alone()
