"""Nodes of a whole stack publish their sessions: a policy tracks them, and `verify` names the node that is silent."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from lab.machines import servers
from tests.support.playbooks import Played, Stage, stage
from tests.support.waiting import until

VARIABLES = {
    "wcs_server_metrics": True,
    "wcs_server_metrics_period": 10,
    "wcs_autoscaling_sessions_per_node": 50,
    "wcs_autoscaling_min_size": 2,
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("published") / "lab") as up:
        yield up


def names(lab: Stage) -> tuple[list[str], list[str]]:
    iam = lab.client("iam")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    return roles, [profile["InstanceProfileName"] for profile in iam.list_instance_profiles()["InstanceProfiles"]]


def nodes(lab: Stage) -> list[str]:
    (group,) = lab.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return sorted(one["InstanceId"] for one in group["Instances"])


def plan(played: Played) -> dict[str, Any]:
    """What the end of a run shows."""
    return next(dict(task.result["plan"]) for task in reversed(played.tasks) if "lines" in task.result)


@pytest.mark.long
def test_the_story(lab: Stage) -> None:
    name = f"wcs-node-{lab.env['AWS_REGION']}"

    dry = lab.play("site", "--check", **VARIABLES)
    assert dry.code == 0, dry.failure or dry.text
    assert lab.calls() == []
    things = [(one["thing"], one["name"], one["change"]) for one in plan(dry)["things"]]
    assert {("role", name, "add"), ("instance profile", name, "add")} <= set(things)

    first = lab.play("site", **VARIABLES)
    assert first.code == 0, first.failure or first.text
    of_iam = [call for call in plan(dry)["actions"] if call.startswith("iam:")]
    assert of_iam == [call for call in lab.calls() if call.startswith("iam:")] != []
    assert names(lab) == ([name], [name])
    (policies,) = [task.result["scaling_policies"] for task in first.tasks if task.result.get("scaling_policies")][-1:]
    tracked = {one["name"]: one["metric"] for one in policies}
    assert tracked["cpu"] == "cpu"
    assert (tracked["sessions"]["namespace"], tracked["sessions"]["period"]) == ("WCS", 10)
    table = next(task.result["table"] for task in first.tasks if "table" in task.result)
    assert table[0].endswith("  metric")
    assert all(line.endswith(" s") for line in table[1:])

    before = len(lab.calls())
    again = lab.play("site", **VARIABLES)
    assert (again.code, again.changed) == (0, []), again.failure
    assert [call for call in lab.calls()[before:] if call != "cloudwatch:PutMetricData"] == []

    silent = nodes(lab)[0]
    silence(lab, silent)
    looked: list[Played] = []

    def is_missed() -> bool:
        looked.append(lab.play("verify", **VARIABLES))
        return looked[-1].code != 0

    until(is_missed, 400)
    assert f"{silent} has not published its sessions for" in looked[-1].failure

    gone = lab.play("teardown", **VARIABLES)
    assert gone.code == 0, gone.failure or gone.text
    assert names(lab) == ([], [])


def silence(lab: Stage, node: str) -> None:
    """Ends what publishes on a node."""
    disk = lab.folder / "machines" / node / "disk"
    (pid,) = set(servers.programs(disk)) - set(servers.running(disk))
    os.kill(pid, signal.SIGKILL)


@pytest.mark.long
def test_a_teardown_finds_what_is_left_of_it_and_says_what_it_may_not_ask(lab: Stage) -> None:
    """A run that was killed before it removed the profile: nothing else of the stack is there any more."""
    made = lab.play("site", "--tags", "wcs_node_profile", **VARIABLES)
    assert made.code == 0, made.failure or made.text
    lab.lab("fault", "add", "error-before", "iam:GetRole", "--code", "AccessDenied", "--status", "403", "--count", "2")
    denied = lab.play("teardown")
    assert denied.code == 0, denied.failure or denied.text
    assert "iam:GetRole is denied. Nothing else of the stack is left." in denied.said("Nothing is left")
    assert names(lab) != ([], [])
    gone = lab.play("teardown")
    assert gone.code == 0, gone.failure or gone.text
    assert gone.said("Nothing is left") == "Nothing of the stack is left."
    assert names(lab) == ([], [])


def test_who_may_not_make_the_profile_is_told_the_action(lab: Stage) -> None:
    """Denied, it is named."""
    lab.lab("fault", "add", "error-before", "iam:CreateRole", "--code", "AccessDenied", "--status", "403")
    denied = lab.play("site", "--tags", "wcs_node_profile", **VARIABLES)
    assert denied.code != 0
    assert "CreateRole" in denied.failure
