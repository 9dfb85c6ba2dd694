"""`update` and `scale_in` under a crowd of clients in a process of its own: nobody is cut.

One lab; the stories are told in order. The same with a thousand sessions: `tests/long/test_sessions.py`.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.support.capacity import address, recorded, serving, status, traces
from tests.support.crowd import crowd, nobody_was_cut
from tests.support.playbooks import Stage
from tests.support.waiting import until

VARIABLES = {"wcs_autoscaling_min_size": 2, "wcs_verify_hold": 1, "wcs_verify_rate": 100}
FEW, LIVES = 40, {"shortest": 3, "longest": 10}  # sessions, and seconds that they last


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    return site_stage


def test_update_replaces_every_node_and_cuts_no_session(lab, tmp_path):
    before, settings = serving(status(lab)), {"keep_alive.probes": 20}
    with crowd(address(lab), tmp_path / "log", sessions=FEW, **LIVES) as log, recorded(lab) as record:
        right = lab.play("update", wcs_server_settings=settings, wcs_update_surge=2, **VARIABLES)
        assert right.code == 0, right.failure or right.text
    nobody_was_cut(log, FEW)
    assert (record.least, record.most) == (2, 4)
    assert not set(before) & set(serving(status(lab)))
    assert "at most 4 nodes at a time. 2 nodes were replaced. No session was cut." in right.said("Show the result")
    assert traces(lab) == []


def test_other_tags_reach_all_that_is_there_and_replace_nobody(lab):
    before, tags = serving(status(lab)), {"Team": "audio"}
    right = lab.play("update", wcs_server_settings={"keep_alive.probes": 20}, wcs_tags=tags, **VARIABLES)
    assert right.code == 0, right.failure or right.text
    assert "0 nodes were replaced" in right.said("Show the result")
    assert serving(status(lab)) == before
    found = lab.client("ec2").describe_tags(Filters=[{"Name": "key", "Values": ["Team"]}])["Tags"]
    kinds = Counter(one["ResourceType"] for one in found if one["Value"] == "audio")
    many = len(before)
    assert kinds == {
        "image": 1, "snapshot": 1, "instance": many, "volume": many, "launch-template": 1, "security-group": 3
    }  # fmt: skip
    groups = lab.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["wcs"])["AutoScalingGroups"]
    balancers = lab.client("elb").describe_tags(LoadBalancerNames=["wcs"])["TagDescriptions"]
    for bearer in (groups[0], balancers[0]):
        assert {tag["Key"]: tag["Value"] for tag in bearer["Tags"]}["Team"] == "audio"
    again = lab.play("update", "--check", wcs_server_settings={"keep_alive.probes": 20}, wcs_tags=tags, **VARIABLES)
    assert again.code == 0, again.failure
    assert set(again.actions) <= {"ec2:DeleteLaunchTemplateVersions"}, "of versions that no rollout goes back to"
    assert traces(lab) == []


def test_scale_in_tells_who_would_leave_and_cuts_no_session(lab, tmp_path):
    lab.client("autoscaling").set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=3)
    until(lambda: len(serving(status(lab))) == 3, 60, 0.2)
    before = serving(status(lab))
    with crowd(address(lab), tmp_path / "log", sessions=FEW, **LIVES) as log, recorded(lab) as record:
        answer = lab.play("scale_in", "--check")
        assert re.search(
            r"Would drain, in this order, with their sessions now: i-\w+: \d+\.", answer.said("Show the result")
        )
        done = lab.play("scale_in")
        assert done.code == 0, done.failure or done.text
    nobody_was_cut(log, FEW)
    assert (record.least, record.most) == (2, 3)
    (gone,) = set(before) - set(serving(status(lab)))
    assert f"Nodes: {gone}: drained. No session was cut." in done.said("Show the result")
    assert traces(lab) == []
