"""Role and instance profile of the nodes: found by their name and tag, and not known where IAM is not to be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from plugins.module_utils._core.errors import Failure
from plugins.module_utils._core.module import Run
from plugins.modules import wcs_node_profile, wcs_stack_info
from tests.support.harness import Bench, LabClock

NAME = "wcs-node-us-east-1"


@pytest.fixture
def bench(lab: Lab, aws: Callable[..., Any]) -> Bench:
    return Bench(lab, aws, wcs_node_profile.ARGUMENTS, wcs_node_profile.manage)


def info(bench: Bench, stack: str = "wcs") -> dict[str, Any]:
    return wcs_stack_info.look({"name": stack, "image_regions": []}, Run(bench.api(), LabClock(bench.lab)))


KILLED: dict[str, tuple[str, str, list[str]]] = {
    "while it was made": ("present", "iam:CreateInstanceProfile", ["role"]),
    "while it was removed": ("absent", "iam:DeleteRolePolicy", ["role"]),
    "before the role left": ("absent", "iam:RemoveRoleFromInstanceProfile", ["role", "instance profile"]),
}


@pytest.mark.parametrize("case", KILLED)
def test_what_is_left_of_it_alone_is_a_leftover_and_goes(bench: Bench, case: str) -> None:
    state, operation, kinds = KILLED[case]
    if state == "absent":
        bench.run(stack="wcs")
    bench.lab.faults.add("error-before", operation, count=None, code="AccessDenied", status=403)
    bench.fails(stack="wcs", state=state)
    bench.lab.faults.reset()
    found = info(bench)
    assert [(one["kind"], one["id"]) for one in found["leftovers"]] == [(kind, NAME) for kind in kinds]
    assert found["removals"]["node_profiles"] == [NAME]
    assert info(bench, "other")["removals"]["node_profiles"] == []
    bench.run(stack="wcs", name=NAME, state="absent")
    assert (info(bench)["leftovers"], info(bench)["removals"]["node_profiles"]) == ([], [])


def test_what_is_not_tagged_is_nobodys(bench: Bench, aws: Callable[..., Any]) -> None:
    aws("iam").create_instance_profile(InstanceProfileName=NAME)
    found = info(bench)
    assert found["stack"]["instance_profiles"] == found["leftovers"] == found["removals"]["node_profiles"] == []


@pytest.mark.parametrize("operation", ["GetRole", "GetInstanceProfile"])
@pytest.mark.parametrize("there", [True, False])
def test_where_iam_may_not_be_asked_it_is_not_known(bench: Bench, operation: str, there: bool) -> None:
    if there:
        bench.run(stack="wcs")
    bench.lab.faults.add("error-before", f"iam:{operation}", count=None, code="AccessDenied", status=403)
    found = info(bench)
    assert found["stack"]["unread"] == [
        f"It is not known whether role and instance profile '{NAME}' exist: iam:{operation} is denied."
    ]
    assert found["removals"]["node_profiles"] == []


def test_what_else_goes_wrong_is_said(bench: Bench) -> None:
    bench.lab.faults.add("error-before", "iam:GetRole", count=None, code="InvalidClientTokenId", status=403)
    with pytest.raises(Failure, match="Renew the credentials"):
        info(bench)
